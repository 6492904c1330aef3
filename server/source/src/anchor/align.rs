//! Laying the functions of a script that ran beside those of a file whose text may be another.
//!
//! First the places that hold as they are, if the file begins as the script did; then, of those that
//! do not, the names that there are once on both sides.

use rustc_hash::{FxHashMap, FxHashSet};

use super::found::{Anchors, Item, Outcome};
use super::ran::Ran;
use crate::file::SourceFile;
use crate::text::position::Position;

/// Minifiers make names of so many letters.
const SHORTEST_NAME: usize = 3;

/// A function or class of the file.
struct Candidate<'a> {
    item: Item,
    /// V8's name; `None` fits nothing but its very place.
    name: Option<&'a str>,
}

/// `begins_alike`: the text may be the one that ran, as far as anybody knows.
pub(super) fn align(file: &SourceFile, ran: &Ran, begins_alike: bool) -> Anchors {
    let mut alignment = Alignment::new(file, ran);
    let is_whole = begins_alike && alignment.keep_exact();
    if !is_whole {
        alignment.match_unique_names();
    }
    let sites = ran.sites.iter().map(|(position, _)| *position);
    let outcomes = sites.zip(alignment.outcomes);
    let outcomes = outcomes.filter_map(|(site, found)| Some((site, found?))).collect();
    Anchors { outcomes, is_whole }
}

struct Alignment<'a> {
    file: &'a SourceFile,
    ran: &'a Ran,
    candidates: Vec<Candidate<'a>>,
    by_item: FxHashMap<Item, usize>,
    /// What became of each site.
    outcomes: Vec<Option<Outcome>>,
}

impl<'a> Alignment<'a> {
    fn new(file: &'a SourceFile, ran: &'a Ran) -> Self {
        let candidates = candidates(file);
        let by_item = candidates.iter().enumerate().map(|(index, it)| (it.item, index)).collect();
        Self { file, ran, by_item, candidates, outcomes: vec![None; ran.sites.len()] }
    }

    /// Every place where a function of that name stands. From the first on that does not fit, the text
    /// was edited, and only names count. Returns whether all fit.
    fn keep_exact(&mut self) -> bool {
        let mut is_same_text = true;
        for (site, (position, name)) in self.ran.sites.iter().enumerate() {
            let item = self.file.item_at(*position);
            let candidate = item.and_then(|item| self.by_item.get(&item).copied());
            // V8's own function that sets fields: `<instance_members_initializer>`, since V8 12 called as
            // the class or not at all.
            let is_initializer = name.starts_with('<');
            let is_nameless = name.is_empty() && self.file.sets_class_at(*position);
            let candidate = candidate.map(|index| &self.candidates[index]).filter(|candidate| {
                is_initializer || is_nameless || candidate.name.is_none_or(|found| found == name)
            });
            is_same_text &= is_initializer || candidate.is_some();
            if let Some(candidate) = candidate.filter(|_| is_same_text || !name.is_empty()) {
                self.outcomes[site] = Some(Outcome::Exact(candidate.item));
            }
        }
        is_same_text
    }

    /// Names that one site and one candidate have.
    fn match_unique_names(&mut self) {
        let mut sites: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (site, (_, name)) in self.ran.sites.iter().enumerate() {
            sites.entry(name).or_default().push(site);
        }
        let mut candidates: FxHashMap<&str, Vec<Item>> = FxHashMap::default();
        for candidate in &self.candidates {
            candidates.entry(candidate.name.unwrap_or_default()).or_default().push(candidate.item);
        }
        for (name, sites) in sites {
            let Some(&[item]) = candidates.get(name).map(Vec::as_slice) else { continue };
            // A class with fields has two places: its constructor, and what sets the fields.
            let is_class = matches!(item, Item::Class(_));
            if name.len() >= SHORTEST_NAME && (sites.len() == 1 || is_class) {
                for site in sites {
                    self.outcomes[site].get_or_insert(Outcome::Moved(item));
                }
            }
        }
    }
}

/// All functions and classes. A class stands for its constructor.
fn candidates(file: &SourceFile) -> Vec<Candidate<'_>> {
    let classes = file.index.classes.iter().map(|class| Candidate {
        item: Item::Class(class.index),
        name: class.runtime_name.as_deref(),
    });
    let taken: FxHashSet<Position> = file.index.classes.iter().map(|it| it.anchor).collect();
    let functions = file.index.functions.iter().filter(|it| !taken.contains(&it.anchor));
    let functions = functions.map(|function| Candidate {
        item: Item::Function(function.index),
        name: function.runtime_name.as_deref(),
    });
    classes.chain(functions).collect()
}
