//! Modules that are loaded more than once.
//!
//! CommonJS: one of Node's `Module` objects each time, though V8 may use one script for all of them
//! (Node 22 and later). ES modules: a script each time, because only another URL loads one anew
//! (`import("./rules.mjs?1")`).

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType, Snapshot};
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

/// The URL without what makes it another one for Node: `?v=2`, `#1`.
pub(crate) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
