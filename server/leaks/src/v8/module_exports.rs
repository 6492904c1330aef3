//! What a module exports, as Node and V8 keep it.
//!
//! CommonJS: Node's `Module` object has the file's name and the `exports` object. ES modules: V8
//! keeps each exported variable in a cell, and the module's table says under which name:
//!
//! ```text
//! system / SourceTextModule ─hidden→ table ─3→ "cache"
//!                                          ─4→ system / Cell ─value→ the Map
//! ```
//!
//! webpack, where each module is evaluated as a script of its own: a variable of webpack's has a table of
//! objects with their `exports`, by the names that the scripts have behind `webpack-internal:///`.

use heapmark_heap::{Analysis, Edge, EdgeName, EdgeType, NodeOrdinal, NodeType, ScriptId};
use rustc_hash::{FxHashMap, FxHashSet};

/// How far a module's script is from the module: module → generator → function → shared → script.
const MAX_SCRIPT: usize = 5;

/// The variable in which webpack keeps its modules.
pub(crate) const WEBPACK_MODULES: &str = "__webpack_module_cache__";

/// The scripts of a snapshot, for finding the one of a module.
pub(crate) struct Modules {
    by_name: FxHashMap<String, ScriptId>,
    /// By webpack's name of the module.
    evaluated: FxHashMap<String, ScriptId>,
    by_node: FxHashMap<NodeOrdinal, ScriptId>,
}

impl Modules {
    pub(crate) fn of(heap: &Analysis) -> Self {
        let scripts = heap.scripts();
        let by_node = scripts.iter().map(|script| (script.node, script.id)).collect();
        let mut evaluated = FxHashMap::default();
        for script in scripts {
            let mut names = [Some(&script.name), script.source_url.as_ref()].into_iter().flatten();
            let module = names.find_map(|name| name.strip_prefix("webpack-internal:///"));
            if let Some(module) = module {
                // Of one that was loaded anew, the last.
                let last = evaluated.entry(module.to_owned()).or_insert(script.id);
                *last = script.id.max(*last);
            }
        }
        let by_name = scripts.iter().map(|script| (script.name.clone(), script.id)).collect();
        Self { by_name, evaluated, by_node }
    }

    /// The exported name that `edge` stands for, and the script of its module.
    pub(crate) fn export(&self, heap: &Analysis, edge: &Edge) -> Option<(ScriptId, String)> {
        match edge.edge_type {
            EdgeType::Property => self.common_js(heap, edge).or_else(|| self.webpack(heap, edge)),
            EdgeType::Internal => self.ecma_script(heap, edge),
            _ => None,
        }
    }

    /// `exports.name = …`: a property of the object that a `Module` has as its `exports`.
    fn common_js(&self, heap: &Analysis, edge: &Edge) -> Option<(ScriptId, String)> {
        let module = heap.retainers(edge.from).find(|above| {
            above.edge_type == EdgeType::Property
                && heap.node_type(above.from) == NodeType::Object
                && heap.name(above.from) == "Module"
                && above.is_named(heap, "exports")
        })?;
        let file = heap.child(module.from, EdgeType::Property, "filename")?;
        let script = *self.by_name.get(heap.name(file).as_ref())?;
        Some((script, heap.edge_name(edge).to_string()))
    }

    /// `exports.name = …` in a module that webpack evaluates.
    fn webpack(&self, heap: &Analysis, edge: &Edge) -> Option<(ScriptId, String)> {
        if self.evaluated.is_empty() {
            return None;
        }
        let is_property = |above: &Edge| above.edge_type == EdgeType::Property;
        let module = heap
            .retainers(edge.from)
            .find(|above| is_property(above) && above.is_named(heap, "exports"))?;
        let is_table = |node: NodeOrdinal| {
            heap.retainers(node).any(|above| {
                above.edge_type == EdgeType::Context && above.is_named(heap, WEBPACK_MODULES)
            })
        };
        let entry = heap.retainers(module.from).find(|it| is_property(it) && is_table(it.from))?;
        let script = *self.evaluated.get(&heap.edge_name(&entry).to_string())?;
        Some((script, heap.edge_name(edge).to_string()))
    }

    /// A cell in the table of a module: the name stands one place before it.
    fn ecma_script(&self, heap: &Analysis, edge: &Edge) -> Option<(ScriptId, String)> {
        if heap.name(edge.to) != "system / Cell" {
            return None;
        }
        let slot = slot(heap, edge)?;
        let is_module = |node| heap.name(node).starts_with("system / SourceTextModule");
        let module = heap.retainers(edge.from).find(|above| is_module(above.from))?.from;
        let name = heap
            .edges(edge.from)
            .find(|other| {
                slot.checked_sub(1).is_some_and(|before| self::slot(heap, other) == Some(before))
            })
            .filter(|name| heap.node_type(name.to) == NodeType::String)?;
        Some((self.script_of(heap, module)?, heap.name(name.to).into_owned()))
    }

    fn script_of(&self, heap: &Analysis, module: NodeOrdinal) -> Option<ScriptId> {
        let mut level = vec![module];
        let mut seen = FxHashSet::from_iter([module]);
        for _ in 0..MAX_SCRIPT {
            let mut next = Vec::new();
            for &node in &level {
                if let Some(&script) = self.by_node.get(&node) {
                    return Some(script);
                }
                let leads_there = |edge: &Edge| {
                    // Not into other modules, and not into what the module holds.
                    matches!(edge.edge_type, EdgeType::Hidden | EdgeType::Internal)
                        && matches!(heap.node_type(edge.to), NodeType::Code | NodeType::Closure)
                        || edge.is_named(heap, "function")
                        || heap.name(edge.to) == "Generator"
                };
                next.extend(heap.edges(node).filter(leads_there).map(|edge| edge.to));
            }
            next.retain(|&node| seen.insert(node));
            level = next;
        }
        level.iter().find_map(|node| self.by_node.get(node).copied())
    }
}

/// The place of an element in V8's internal arrays, whose edges are named by number.
fn slot(heap: &Analysis, edge: &Edge) -> Option<u32> {
    match heap.edge_name(edge) {
        EdgeName::Name(name) => name.parse().ok(),
        EdgeName::Index(index) => Some(index),
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    #[test]
    fn a_module_that_webpack_evaluates_exports_by_its_script() {
        let sketch = Sketch::parse(
            "root --element 1--> scope
             scope: object \"system / Context\" 32
             scope --context __webpack_module_cache__--> table
             table: object Object 24
             table --property ./src/bus.ts--> module
             module: object Object 24
             module --property exports--> exports
             exports: object Object 24
             exports --property bus--> emitter
             emitter: object EventEmitter 24",
        );
        let heap = sketch.analysis();
        let evaluated = FxHashMap::from_iter([("./src/bus.ts".to_owned(), ScriptId(7))]);
        let modules = Modules { evaluated, ..Modules::of(&heap) };
        let exported: Vec<_> = heap
            .nodes()
            .flat_map(|node| heap.edges(node))
            .filter_map(|edge| modules.export(&heap, &edge))
            .collect();
        assert_eq!(exported, [(ScriptId(7), "bus".to_owned())]);
    }
}
