//! Modules that are loaded more than once.
//!
//! CommonJS: one of Node's `Module` objects each time, though V8 may use one script for all of them
//! (Node 22 and later). ES modules: a script each time, because only another URL loads one anew
//! (`import("./rules.mjs?1")`).

use heapmark_heap::{Analysis, EdgeType, NodeOrdinal, NodeType, Snapshot};
use rustc_hash::FxHashMap;

/// The `Module` objects or scripts of each module that is loaded more than once, by its file or URL.
pub(crate) fn copies(snapshot: &Snapshot) -> FxHashMap<String, Vec<NodeOrdinal>> {
    let mut modules: FxHashMap<String, Vec<NodeOrdinal>> = FxHashMap::default();
    if let Some(name) = snapshot.find_string("Module") {
        let instances = snapshot.nodes().filter(|&node| {
            snapshot.name_index(node) == name && snapshot.node_type(node) == NodeType::Object
        });
        for module in instances {
            if let Some(file) = snapshot.child(module, EdgeType::Property, "filename") {
                modules.entry(snapshot.name(file).into_owned()).or_default().push(module);
            }
        }
    }
    let mut scripts: FxHashMap<String, Vec<NodeOrdinal>> = FxHashMap::default();
    for script in snapshot.scripts() {
        scripts.entry(without_query(&script.name).to_owned()).or_default().push(script.node);
    }
    for (name, scripts) in scripts {
        let known = modules.entry(name).or_default();
        if known.len() < scripts.len() {
            *known = scripts;
        }
    }
    modules.retain(|name, copies| !name.is_empty() && copies.len() > 1);
    modules
}

/// Where a `Module` object says that it was loaded from, by the file of the module that asked for it.
pub(crate) fn parent_file(heap: &Analysis, module: NodeOrdinal) -> Option<String> {
    // Node 14 and later keep the parent under a symbol.
    let parent = PARENT.iter().find_map(|name| heap.child(module, EdgeType::Property, name))?;
    let file = heap.child(parent, EdgeType::Property, "filename")?;
    Some(heap.name(file).into_owned())
}

const PARENT: [&str; 3] = ["<symbol node:module_parent>", "<symbol kModuleParent>", "parent"];

/// Every ES module of the heap by its URL, as Node and V8 have it: Node's wrapper and job, and V8's own
/// record, on which all hangs that the module declares.
pub(crate) fn imported(heap: &Analysis) -> FxHashMap<String, Vec<NodeOrdinal>> {
    let mut modules: FxHashMap<String, Vec<NodeOrdinal>> = FxHashMap::default();
    let Some(name) = heap.find_string("ModuleWrap") else { return modules };
    let is_wrapper = |&node: &NodeOrdinal| {
        heap.name_index(node) == name && heap.node_type(node) == NodeType::Object
    };
    for wrapper in heap.nodes().filter(is_wrapper) {
        let Some(url) = heap.child(wrapper, EdgeType::Property, "url") else { continue };
        let records = heap.edges(wrapper).map(|edge| edge.to);
        let records =
            records.filter(|&node| heap.name(node).starts_with("system / SourceTextModule"));
        let jobs = heap.retainers(wrapper).map(|edge| edge.from);
        let jobs = jobs.filter(|&node| heap.name(node) == "ModuleJob");
        let known = modules.entry(heap.name(url).into_owned()).or_default();
        known.extend(std::iter::once(wrapper).chain(records).chain(jobs));
    }
    modules
}

/// The URL without what makes it another one for Node: `?v=2`, `#1`.
pub(crate) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
