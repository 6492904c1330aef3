//! What an expression such as `this.entries`, `state.pending[key]` or `Cache.all` refers to.

use tree_sitter::Node;

use crate::syntax::scope::ScopeIndex;
use crate::syntax::{arguments, span, string_value, unwrapped};
use crate::text::{Span, Text};

/// Longest chain of properties that is followed; a longer one names nothing that is looked for.
const LONGEST_PATH: usize = 8;

/// What `this` means at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum This {
    /// An instance of the class with this index.
    Instance(u32),
    /// The class with this index itself, in static methods and blocks.
    Class(u32),
    /// Whatever the function with this index is called on; an instance, if it is a constructor.
    Function(u32),
    /// The object literal that begins at this byte, in its methods.
    Literal(u32),
    /// Something that the text alone does not tell.
    #[default]
    Unknown,
}

/// What an expression starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// A variable, by name; the scope of the place tells which.
    Variable { name: Span, scope: ScopeIndex },
    /// `this`.
    This(This),
    /// What another module exports, by the name it is asked for: `require("./store")`.
    Module(Span),
    /// Any other value.
    Other,
}

/// One step from a value to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A named property.
    Property(Span),
    /// What a module exports by default, under whatever name.
    Default,
    /// To an instance, from what makes it: `new Store()`.
    New,
    /// Something that a collection holds: `x.get(key)`, `x[this.key]`.
    Element,
    /// The same under what a variable holds: `x[key]`.
    Key(Span),
}

/// How [`Step::New`] is said among the names of a path; no property is called so.
pub(crate) const NEW: &str = "new ()";

impl Step {
    /// Whether it leads to something that a collection holds.
    pub(crate) fn is_element(&self) -> bool {
        matches!(self, Step::Element | Step::Key(_))
    }
}

/// An expression, as a base and the steps from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receiver {
    pub(crate) base: Base,
    pub(crate) steps: Vec<Step>,
}

/// The module that `require("./store")` or `import("./store")` asks for.
fn module_of(call: Node<'_>, function: Node<'_>, text: &Text) -> Option<Span> {
    let asks = function.kind() == "import" || text.slice(span(function)) == "require";
    let name = *arguments(call).first().filter(|_| asks)?;
    string_value(name, text).map(|_| (span(name).0 + 1, span(name).1 - 1))
}

/// The weak map that a compiler made of a private field, where it is read:
/// `__classPrivateFieldGet(this, _Queue_items, "f")` is TypeScript's for `this.#items`.
fn private_field<'tree>(call: Node<'tree>, function: Node<'_>, text: &Text) -> Option<Node<'tree>> {
    let reads = text.slice(span(function)).ends_with("__classPrivateFieldGet");
    arguments(call).get(1).copied().filter(|_| reads)
}

impl Receiver {
    /// Reads an expression; `None` if it is none that names a place in memory.
    pub(crate) fn of(
        node: Node<'_>,
        text: &Text,
        scope: ScopeIndex,
        this: This,
    ) -> Option<Receiver> {
        let mut steps = Vec::new();
        let mut node = unwrapped(node);
        let base = loop {
            if steps.len() > LONGEST_PATH {
                return None;
            }
            match node.kind() {
                "identifier"
                | "shorthand_property_identifier"
                | "shorthand_property_identifier_pattern" => {
                    break Base::Variable { name: span(node), scope };
                }
                // What `super.set(…)` changes is the same object.
                "this" | "super" => break Base::This(this),
                "member_expression" => {
                    steps.push(Step::Property(span(node.child_by_field_name("property")?)));
                    node = unwrapped(node.child_by_field_name("object")?);
                }
                "subscript_expression" => {
                    let index = node.child_by_field_name("index")?;
                    steps.push(match string_value(index, text) {
                        Some(_) => Step::Property((span(index).0 + 1, span(index).1 - 1)),
                        None if index.kind() == "identifier" => Step::Key(span(index)),
                        None => Step::Element,
                    });
                    node = unwrapped(node.child_by_field_name("object")?);
                }
                "await_expression" => node = unwrapped(node.named_child(0)?),
                // What `x.get(key)` gives is held by `x`.
                "call_expression" => {
                    let function = unwrapped(node.child_by_field_name("function")?);
                    if let Some(module) = module_of(node, function, text) {
                        break Base::Module(module);
                    }
                    if let Some(field) = private_field(node, function, text) {
                        steps.push(Step::Element);
                        node = unwrapped(field);
                        continue;
                    }
                    let method = function.child_by_field_name("property");
                    if method.is_none_or(|method| text.slice(span(method)) != "get") {
                        break Base::Other;
                    }
                    steps.push(Step::Element);
                    node = unwrapped(function.child_by_field_name("object")?);
                }
                // `(x[key] ??= []).push(value)`
                "assignment_expression" | "augmented_assignment_expression" => {
                    node = unwrapped(node.child_by_field_name("left")?);
                }
                // `(x.get(key) ?? []).push(value)`
                "binary_expression" => {
                    let operator = node.child_by_field_name("operator")?.kind();
                    if !matches!(operator, "??" | "||") {
                        break Base::Other;
                    }
                    node = unwrapped(node.child_by_field_name("left")?);
                }
                _ => break Base::Other,
            }
        };
        steps.reverse();
        Some(Receiver { base, steps })
    }

    /// What is reached from `other` by some steps.
    pub(crate) fn beyond(other: &Receiver, steps: &[Step]) -> Option<Receiver> {
        Receiver { base: Base::Other, steps: steps.to_vec() }.based_on(other)
    }

    /// What this is if its base stands for `other`. `None` if that is too long to name anything.
    pub(crate) fn based_on(&self, other: &Receiver) -> Option<Receiver> {
        let steps = [other.steps.as_slice(), &self.steps].concat();
        (steps.len() <= LONGEST_PATH).then(|| Receiver { base: other.base.clone(), steps })
    }
}
