//! Which edges of the heap are names in the source: variables, fields, statics, exports, globals.
//!
//! Who of those that hold a thing is near is told in [`crate::v8::retainer_walk`]; where they are declared, in
//! [`crate::locate`].

use heapmark_heap::{Analysis, Edge, EdgeType, NodeOrdinal, NodeType, ScriptId};

use crate::v8::layouts::Shapes;
use crate::v8::module_exports::{Modules, WEBPACK_MODULES};

/// A budget: so many of those that refer to an object are asked whether it is their prototype; its class is among
/// the first, which was there before instances were.
const MAX_CLASSES: usize = 64;
/// A name in the source that holds something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Binding {
    /// A variable that closures share.
    Variable {
        /// The scope on the heap.
        context: NodeOrdinal,
        /// The variable.
        name: String,
    },
    /// A property of a class or function itself.
    Static {
        /// The class.
        class: NodeOrdinal,
        /// The property.
        name: String,
    },
    /// A property of the prototype of a class, which all instances share.
    Prototype {
        /// The class.
        class: NodeOrdinal,
        /// The property.
        name: String,
    },
    /// A property of an instance of a class.
    Field {
        /// The instance.
        instance: NodeOrdinal,
        /// The property.
        name: String,
    },
    /// What a module exports under a name.
    Export {
        /// The module's script.
        script: ScriptId,
        /// The exported name.
        name: String,
    },
    /// A property of the global object.
    Global {
        /// The property.
        name: String,
    },
}

impl Binding {
    /// The bare name in the source.
    pub(crate) fn name(&self) -> &str {
        match self {
            Binding::Variable { name, .. }
            | Binding::Static { name, .. }
            | Binding::Prototype { name, .. }
            | Binding::Field { name, .. }
            | Binding::Export { name, .. }
            | Binding::Global { name } => name,
        }
    }
}

/// What tells which names hold things in one heap.
#[derive(Clone, Copy)]
pub(crate) struct Bindings<'a> {
    pub(crate) heap: &'a Analysis,
    pub(crate) shapes: &'a Shapes<'a>,
    pub(crate) modules: &'a Modules,
    pub(crate) blocks: &'a dyn BlockNames,
}

/// Tells variables of a block apart where the heap alone does not.
pub(crate) trait BlockNames {
    /// The name of the variable of a block that a link of its scope leads from: where it is certain.
    fn name_in_block(&self, link: &Edge) -> Option<String>;
}

pub(crate) fn binding(bindings: Bindings<'_>, edge: &Edge) -> Option<Binding> {
    let Bindings { heap, shapes, modules, blocks } = bindings;
    let name = || heap.edge_name(edge).to_string();
    match edge.edge_type {
        EdgeType::Context | EdgeType::Hidden if shapes.is_context(edge.from) => {
            let name = match edge.edge_type {
                EdgeType::Context => name(),
                // The variables of a block: V8 has their names elsewhere.
                _ => blocks.name_in_block(edge)?,
            };
            // `this` and `arguments` are no declarations, and a table of modules is not the user's.
            (name != "this"
                && name != "arguments"
                && name != WEBPACK_MODULES
                && !name.starts_with('.'))
            .then_some(Binding::Variable { context: edge.from, name })
        }
        EdgeType::Property => match heap.node_type(edge.from) {
            NodeType::Closure => Some(Binding::Static { class: edge.from, name: name() }),
            NodeType::Object if shapes.is_global(edge.from) => {
                Some(Binding::Global { name: name() })
            }
            // Its methods hold nothing.
            NodeType::Object
                if heap.node_type(edge.to) != NodeType::Closure
                    && let Some(class) = class_with_prototype(heap, shapes, edge.from) =>
            {
                Some(Binding::Prototype { class, name: name() })
            }
            NodeType::Object if heap.location(edge.from).is_some() => {
                Some(Binding::Field { instance: edge.from, name: name() })
            }
            _ => exported(heap, modules, edge),
        },
        EdgeType::Internal => exported(heap, modules, edge),
        _ => None,
    }
}

/// The class or constructor function that an object is the prototype of.
fn class_with_prototype(
    heap: &Analysis,
    shapes: &Shapes,
    node: NodeOrdinal,
) -> Option<NodeOrdinal> {
    let is_its = |&class: &NodeOrdinal| {
        heap.node_type(class) == NodeType::Closure
            && heap.location(class).is_some()
            && shapes.prototype(class) == Some(node)
    };
    let constructor = shapes.constructor(node).filter(is_its);
    // An instance that serves as a prototype is an instance first.
    let is_literal = heap.location(node).is_none();
    let refers = |edge: &Edge| edge.edge_type == EdgeType::Property;
    let others = || {
        let classes = heap.retainers(node).take(MAX_CLASSES).filter(refers);
        classes.map(|edge| edge.from).find(is_its)
    };
    constructor.or_else(|| is_literal.then(others).flatten())
}

fn exported(heap: &Analysis, modules: &Modules, edge: &Edge) -> Option<Binding> {
    modules.export(heap, edge).map(|(script, name)| Binding::Export { script, name })
}
