//! What a heap tells about a script whose text is not at hand.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::text::position::Position;

/// A function, class or instance of a script, as a heap has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RanSite {
    /// V8's location.
    pub position: Position,
    /// The name of the node: of a closure V8's name of the function, empty if it has none
    /// (`onTick`, `get size`); of an instance that of its constructor.
    pub name: String,
    /// Whether it is an instance. A closure of the same place knows the name better.
    pub is_instance: bool,
}

/// The functions and classes of a script that ran, in the order of its text.
#[derive(Debug, Clone, Default)]
pub struct Ran {
    /// Each place once, with its name.
    pub(super) sites: Vec<(Position, String)>,
    /// How the text began.
    pub(super) source_prefix: Option<String>,
}

impl Ran {
    /// Takes all located closures and instances of one script, in any order and any number, and
    /// how its text began (at most 1024 UTF-16 units of it are in a snapshot).
    pub fn new(sites: impl IntoIterator<Item = RanSite>, source_prefix: Option<&str>) -> Ran {
        let mut names: BTreeMap<Position, (u8, String)> = BTreeMap::new();
        for site in sites {
            // The best name of a place: a closure's, an instance's, and last what V8 calls its own
            // function that sets fields, `<instance_members_initializer>`.
            let is_initializer = site.name.starts_with('<');
            let rank = if is_initializer { 2 } else { u8::from(site.is_instance) };
            match names.entry(site.position) {
                Entry::Vacant(place) => {
                    place.insert((rank, site.name));
                }
                Entry::Occupied(mut place) if rank < place.get().0 => {
                    place.insert((rank, site.name));
                }
                Entry::Occupied(_) => {}
            }
        }
        // The function that Node wraps around a CommonJS module is not in the file.
        let wrapper = (Position::default(), String::new());
        let sites = names.into_iter().map(|(position, (_, name))| (position, name));
        let sites = sites.filter(|site| *site != wrapper).collect();
        Ran { sites, source_prefix: source_prefix.map(str::to_owned) }
    }

    /// Each place once with its name, in the order of the text that ran.
    pub fn sites(&self) -> impl Iterator<Item = (Position, &str)> {
        self.sites.iter().map(|(position, name)| (*position, name.as_str()))
    }

    /// The name of what stands at a place, if it has one.
    pub(crate) fn name(&self, position: Position) -> Option<&str> {
        let site = self.sites.binary_search_by_key(&position, |(site, _)| *site).ok()?;
        Some(self.sites[site].1.as_str()).filter(|name| !name.is_empty())
    }

    /// Whether a minifier gave many of the names: they mean other things in every build.
    pub(crate) fn is_minified(&self) -> bool {
        let named = self.sites().filter(|(_, name)| !name.is_empty());
        let (short, all) = named.fold((0, 0), |(short, all), (_, name)| {
            (short + usize::from(name.len() <= 2), all + 1)
        });
        short * 4 > all
    }
}
