//! module-reload: modules that are loaded again and again, one module under the same name or another file
//! each time. Node keeps each: the module that asked for it has it among its children, or the map of
//! imported modules has it, with all that it declares.
//!
//! Seen by Node's own objects for modules, or by scripts: one file, many of them. Many files:
//! [`another_file`].

mod another_file;
pub(crate) mod facts;
mod loading;

use std::collections::BTreeMap;

use heapmark_heap::{NodeOrdinal, ScriptId};
use heapmark_source::{Position, Range};
use rustc_hash::FxHashSet;

use crate::blame::retaining_path::Step;
use crate::evidence::Evidence;
use crate::locate::{Origin, Spot};
use crate::report::Role;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::file_name;
use crate::rules::leak::{At, Leak, Spotted};
pub(crate) use crate::rules::module_reload::facts::RULE;
use crate::rules::module_reload::facts::{Loaded, ModulePlace, ReloadedModules};
use crate::rules::module_reload::loading::Loading;
use crate::rules::scene::Scene;
use crate::v8::module_copies::{copies, imported, parent_file, without_query};
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::What;
use crate::verdict::thresholds::module_reload::MIN_IN_ONE;
use crate::verdict::trend::{Trend, seen};

/// A budget of words: so many modules of one leak are shown.
const MAX_MODULES: usize = 5;

/// Everything that is loaded more and more often. If it has a script for each copy, what these made is a
/// part of the leak.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    // What one file requires is one leak, and what is imported is another one.
    let mut together: BTreeMap<(Loaded, Option<String>), Vec<Copies>> = BTreeMap::new();
    for (name, nodes) in copies(e.heap) {
        let Some(copies) = Copies::of(e, name, nodes) else { continue };
        if copies.scripts.len() > 1 {
            scene.reloaded.extend(&copies.scripts);
        }
        let parent = match copies.loaded {
            Loaded::Required => parent_file(e.heap, copies.nodes[0]), // at least one was found
            Loaded::Imported => None,
        };
        together.entry((copies.loaded, parent)).or_default().push(copies);
    }
    let mut leaks: Vec<Leak> = together
        .into_iter()
        .filter_map(|((_, parent), copies)| leak(e, parent.as_deref(), copies))
        .collect();
    leaks.extend(another_file::find(scene, &leaks));
    leaks
}

fn scripts(e: &Evidence, module: &str) -> FxHashSet<ScriptId> {
    let scripts = e.heap.scripts().iter();
    scripts.filter(|it| without_query(&it.name) == module).map(|it| it.id).collect()
}

/// The copies of one module.
struct Copies {
    name: String,
    nodes: Vec<NodeOrdinal>,
    counts: Vec<u64>,
    loaded: Loaded,
    scripts: FxHashSet<ScriptId>,
    /// The first line of its file.
    place: Spotted,
}

impl Copies {
    /// Those of a module that is loaded more and more often.
    fn of(e: &Evidence, name: String, nodes: Vec<NodeOrdinal>) -> Option<Self> {
        let counts: Vec<u64> = e
            .censuses
            .iter()
            .map(|census| census.modules.get(&name).copied().unwrap_or_default())
            .collect();
        match e.snapshots() {
            1 if counts[0] < MIN_IN_ONE => return None,
            1 => {}
            _ => {
                seen(&counts)?;
            }
        }
        let scripts = scripts(e, &name);
        // Any function of it leads to the file.
        let inside = e.heap.locations().iter().map(|&(_, location)| location);
        let spot =
            inside.filter(|location| scripts.contains(&location.script)).find_map(|location| {
                let origin = e.locator.origin(location);
                let is_there = matches!(origin, Origin::Own | Origin::Dependency);
                let site = SiteKey { kind: Kind::Closure, location };
                is_there.then(|| e.locator.site(site)).flatten()
            })?;
        let loaded = Loaded::of(e, &nodes);
        Some(Self { name, nodes, counts, loaded, scripts, place: first_line(&spot) })
    }
}

/// Copies that one file loads.
fn leak(e: &Evidence, parent: Option<&str>, mut copies: Vec<Copies>) -> Option<Leak> {
    let copies_now = |it: &Copies| it.counts.last().copied().unwrap_or(0);
    copies.sort_by(|one, two| {
        copies_now(two).cmp(&copies_now(one)).then_with(|| one.name.cmp(&two.name))
    });
    let first = copies.first()?;
    let counts: Vec<u64> =
        (0..e.snapshots()).map(|at| copies.iter().map(|it| it.counts[at]).sum()).collect();
    let trend = if e.snapshots() == 1 { Trend::Once } else { seen(&counts)? };
    let loaded = first.loaded;
    let nodes = kept_with(e, loaded, &copies);
    let retained = e.retained_by(&nodes);
    let names: Vec<&str> = copies.iter().map(|it| it.name.as_str()).collect();
    let loading = Loading::of_copies(e, parent, &names);
    let statements = loading.as_ref().map(Loading::statements).unwrap_or_default();
    let features = statements.features(What::Modules, trend);
    let key = match (&copies[..], &loading) {
        ([_, _, ..], Some(loading)) => fingerprint(RULE, &[&loading.file(e), "modules"]),
        _ => fingerprint(RULE, &[&e.locator.relative(&first.place.file)]),
    };
    let mut places: Vec<At<ModulePlace>> = Vec::new();
    places.extend(loading.map(|it| it.place(ModulePlace::Loads)));
    let modules = copies
        .iter()
        .take(MAX_MODULES)
        .map(|it| At { spotted: it.place.clone(), is: ModulePlace::Module(copies_now(it)) });
    places.extend(modules);
    let steps = vec![Step::Node(loaded.keeper()), Step::named(&*first.place.name)];
    let modules = copies.iter().map(|it| (it.place.name.clone(), copies_now(it))).collect();
    let facts = ReloadedModules {
        trend,
        loaded,
        are_other_files: false,
        are_written: false,
        retained,
        modules,
        places,
    };
    Some(Leak {
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        steps,
        accumulators: nodes,
        ..Leak::new(RULE, features, key, counts, facts)
    })
}

/// The nodes with which the copies would go.
fn kept_with(e: &Evidence, loaded: Loaded, copies: &[Copies]) -> Vec<NodeOrdinal> {
    let mut nodes: Vec<NodeOrdinal> = copies.iter().flat_map(|it| &it.nodes).copied().collect();
    if loaded == Loaded::Imported {
        let names: FxHashSet<&str> = copies.iter().map(|it| it.name.as_str()).collect();
        let modules = imported(e.heap).into_iter();
        let of_these = modules.filter(|(url, _)| names.contains(without_query(url)));
        nodes.extend(of_these.flat_map(|(_, nodes)| nodes));
    }
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// The beginning of the file of a function.
fn first_line(spot: &Spot) -> Spotted {
    let end = spot.file.line_text(0).encode_utf16().count() as u32;
    Spotted {
        role: Role::Leaked,
        name: file_name(spot.path()),
        file: spot.path().to_owned(),
        range: Range { start: Position::new(0, 0), end: Position::new(0, end) },
        matched: spot.matched,
        generated: None,
    }
}

#[cfg(test)]
mod drawn_tests;
