//! module-reload: a module that is loaded again and again. Node keeps each copy: the module that asked
//! for it has it among its children, with all that it declares.
//!
//! Seen by Node's own objects for modules, or by scripts: one file, many of them.

use heapmark_heap::{NodeOrdinal, NodeType, ScriptId};
use heapmark_source::{Position, Range};
use rustc_hash::FxHashSet;

use crate::blame::retaining_path::{NodeKeeps, Step};
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::file_name;
use crate::report::{Role, Rule};
use crate::rules::leak::{Leak, Spotted};
use crate::rules::scene::Scene;
use crate::v8::module_copies::{copies, without_query};
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::What;
use crate::verdict::thresholds::module_reload::MIN_IN_ONE;
use crate::verdict::trend::{Trend, seen};

pub(crate) const RULE: Rule = Rule::new("module-reload", "A module that is loaded again and again");

/// Every file of the program's that is loaded more and more often. If it has a script for each copy, what
/// these made is a part of the leak.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let mut copies: Vec<(String, Vec<NodeOrdinal>)> = copies(e.heap).into_iter().collect();
    copies.sort_unstable();
    let mut leaks = Vec::new();
    for (name, nodes) in copies {
        let scripts = scripts(e, &name);
        if let Some(leak) = leak(e, &name, nodes, &scripts) {
            leaks.push(leak);
            if scripts.len() > 1 {
                scene.reloaded.extend(scripts);
            }
        }
    }
    leaks
}

fn scripts(e: &Evidence, module: &str) -> FxHashSet<ScriptId> {
    let scripts = e.heap.scripts().iter();
    scripts.filter(|it| without_query(&it.name) == module).map(|it| it.id).collect()
}

/// A module that is loaded more and more often.
pub(crate) struct ReloadedModule {
    pub(crate) trend: Trend,
    pub(crate) loaded: Loaded,
    /// Bytes of all copies.
    pub(crate) retained: u64,
    /// The first line of its file, under the file's name.
    pub(crate) place: Spotted,
}

/// Looks at the copies of one module.
fn leak(
    e: &Evidence,
    name: &str,
    nodes: Vec<NodeOrdinal>,
    scripts: &FxHashSet<ScriptId>,
) -> Option<Leak> {
    let counts: Vec<u64> = e
        .censuses
        .iter()
        .map(|census| census.modules.get(name).copied().unwrap_or_default())
        .collect();
    let trend = match e.snapshots() {
        1 if counts[0] < MIN_IN_ONE => return None,
        1 => Trend::Once,
        _ => seen(&counts)?,
    };
    // Any function of it leads to the file.
    let inside = e.heap.locations().iter().map(|&(_, location)| location);
    let spot =
        inside.filter(|location| scripts.contains(&location.script)).find_map(|location| {
            let origin = e.locator.origin(location);
            let is_there = matches!(origin, Origin::Own | Origin::Dependency);
            let site = SiteKey { kind: Kind::Closure, location };
            is_there.then(|| e.locator.site(site)).flatten()
        })?;
    let retained = e.retained_by(&nodes);
    let loaded = Loaded::of(e, &nodes);
    let place = first_line(&spot);
    let statements = Statements::default();
    let features = e.features(What::Modules, trend, &statements);
    let key = fingerprint(RULE, &[&e.locator.relative(spot.path())]);
    Some(Leak {
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        steps: vec![Step::Node(loaded.keeper()), Step::named(&*place.name)],
        accumulators: nodes,
        ..Leak::new(RULE, features, key, counts, ReloadedModule { trend, loaded, retained, place })
    })
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

/// How the copies were loaded.
#[derive(Clone, Copy)]
pub(crate) enum Loaded {
    /// Each is one of Node's `Module` objects.
    Required,
    /// Each is a script with a URL of its own.
    Imported,
}

impl Loaded {
    fn of(e: &Evidence, copies: &[NodeOrdinal]) -> Self {
        let is_object = |&copy: &NodeOrdinal| e.heap.node_type(copy) == NodeType::Object;
        if copies.iter().any(is_object) { Loaded::Required } else { Loaded::Imported }
    }

    fn keeper(self) -> NodeKeeps {
        match self {
            Loaded::Required => NodeKeeps::ModuleChildren,
            Loaded::Imported => NodeKeeps::ImportedModules,
        }
    }
}

#[cfg(test)]
mod drawn_tests;
