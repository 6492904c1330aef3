//! Another file each time: what is written and then required or imported once. Told as module-reload, at the
//! statement that loads a file that is found out as the program runs; without one it may be anything.
//!
//! ```text
//! Module ─children→ Array → Module, Module, …
//! LoadCache (a Map of Node's own) → { javascript: ModuleJob } → ModuleWrap
//! ```

use std::time::Duration;

use heapmark_heap::{EdgeType, NodeOrdinal};
use rustc_hash::FxHashSet;

use crate::blame::retaining_path::Step;
use crate::evidence::{Evidence, GrowingCollection};
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::Leak;
use crate::rules::module_reload::facts::{Loaded, ModulePlace, RULE, ReloadedModules};
use crate::rules::module_reload::loading::Loading;
use crate::rules::scene::Scene;
use crate::v8::members::all_members;
use crate::v8::module_copies::{imported, without_query};
use crate::verdict::thresholds::is_most;
use crate::verdict::{Access, Bound, What};

/// Node's classes for the map of imported modules: before version 20, and since.
const IMPORTED: [&str; 2] = ["ModuleMap", "LoadCache"];

/// What is loaded so. Copies of one file were `told`.
pub(super) fn find(scene: &mut Scene, told: &[Leak]) -> Vec<Leak> {
    let e = scene.e;
    let known: FxHashSet<NodeOrdinal> =
        told.iter().flat_map(|leak| leak.accumulators.iter().copied()).collect();
    let mut leaks = Vec::new();
    scene.collections.retain(|collection| match Files::of(e, collection, &known) {
        Some(files) => match files.leak(e, collection) {
            Some(leak) => {
                leaks.push(leak);
                false
            }
            None => true,
        },
        None => true,
    });
    leaks
}

/// Modules of many files.
struct Files {
    loaded: Loaded,
    /// The file that requires them.
    parent: Option<String>,
    /// The modules that are new, as Node keeps them.
    nodes: Vec<NodeOrdinal>,
    /// The files of these, as V8 names them.
    names: Vec<String>,
}

impl Files {
    /// The modules in a list or map of Node's, if they are not `known`.
    fn of(
        e: &Evidence,
        collection: &GrowingCollection,
        known: &FxHashSet<NodeOrdinal>,
    ) -> Option<Self> {
        if e.snapshots() < 2 {
            return None;
        }
        let files = Self::required(e, collection).or_else(|| Self::imported(e, collection))?;
        let told = files.nodes.iter().filter(|node| known.contains(node)).count();
        let is_told = is_most(told as u64, files.nodes.len() as u64);
        (!files.nodes.is_empty() && !is_told).then_some(files)
    }

    fn required(e: &Evidence, collection: &GrowingCollection) -> Option<Self> {
        let children = |name: &str| name == "children";
        let mut holders = e.heap.retainers(collection.node).filter(|edge| {
            edge.edge_type == EdgeType::Property && children(&e.heap.edge_name(edge).to_string())
        });
        let parent = holders.find(|edge| e.heap.name(edge.from) == "Module")?.from;
        let file = e.heap.child(parent, EdgeType::Property, "filename");
        let members = all_members(e.heap, collection.node).into_iter();
        let nodes = members.filter(|&node| e.heap.name(node) == "Module" && e.is_new(node));
        let nodes: Vec<NodeOrdinal> = nodes.collect();
        let name = |node: NodeOrdinal| e.heap.child(node, EdgeType::Property, "filename");
        let names = nodes.iter().filter_map(|&node| Some(e.heap.name(name(node)?).into_owned()));
        let names = names.collect();
        let parent = file.map(|file| e.heap.name(file).into_owned());
        Some(Self { loaded: Loaded::Required, parent, nodes, names })
    }

    fn imported(e: &Evidence, collection: &GrowingCollection) -> Option<Self> {
        if !IMPORTED.contains(&&*e.heap.name(collection.node)) {
            return None;
        }
        let mut files: Vec<(String, Vec<NodeOrdinal>)> = imported(e.heap).into_iter().collect();
        files.retain(|(_, nodes)| nodes.iter().any(|&node| e.is_new(node)));
        let names: FxHashSet<&str> = files.iter().map(|(url, _)| without_query(url)).collect();
        // Copies of a few are told where they are counted.
        if is_most((files.len() - names.len()) as u64, files.len() as u64) {
            return None;
        }
        let (names, nodes): (Vec<String>, Vec<Vec<NodeOrdinal>>) = files.into_iter().unzip();
        let nodes = nodes.into_iter().flatten().collect();
        Some(Self { loaded: Loaded::Imported, parent: None, nodes, names })
    }

    /// Whether all are files that somebody had written before anybody looked: there are as many as that, and each
    /// is loaded when it is first needed.
    fn are_written(&self, e: &Evidence) -> bool {
        // The time between snapshots is known to the second.
        let looked = Duration::from_secs(e.seconds + 1);
        let is_written = |name: &String| e.locator.is_written_before(without_query(name), looked);
        !self.names.is_empty() && self.names.iter().all(is_written)
    }

    fn leak(self, e: &Evidence, collection: &GrowingCollection) -> Option<Leak> {
        let loading = Loading::of_files(e, self.parent.as_deref())?;
        let retained = e.retained_by(&self.nodes);
        let counts = collection.counts.clone();
        let what = What::Collection(Access::ByKey);
        let mut features = loading.statements().features(what, collection.seen);
        let are_written = self.are_written(e);
        if are_written {
            features.source.bound = Some(Bound::Limit);
        }
        let key = fingerprint(RULE, &[&loading.file(e), "files"]);
        let facts = ReloadedModules {
            trend: collection.seen,
            loaded: self.loaded,
            are_other_files: true,
            are_written,
            retained,
            modules: Vec::new(),
            places: vec![loading.place(ModulePlace::Loads)],
        };
        Some(Leak {
            shallow_size: self.nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
            retained_size: retained,
            steps: vec![Step::Node(self.loaded.keeper())],
            accumulators: self.nodes.clone(),
            members: self.nodes,
            ..Leak::new(RULE, features, key, counts, facts)
        })
    }
}
