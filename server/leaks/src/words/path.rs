//! The retaining path in plain words: `module scope of cache.js → entries → [key] → RenderedPage`.

use crate::blame::retaining_path::{NodeKeeps, Step};
use crate::locate::DeclaredIn;

/// Characters of a name in a path: a longer one hides the path.
const MAX_NAME: usize = 60;

/// A path, step by step; empty if nothing is known of it.
pub(crate) fn path(steps: &[Step]) -> String {
    steps.iter().map(step).collect::<Vec<_>>().join(" → ")
}

fn step(step: &Step) -> String {
    match step {
        Step::Named(name) => clipped(name),
        Step::In(declared_in) => clipped(&scope(declared_in)),
        Step::Anonymous => "anonymous function".to_owned(),
        Step::ItsScope => "its scope".to_owned(),
        Step::Element => "[…]".to_owned(),
        Step::GlobalObject => "the global object".to_owned(),
        Step::Key(None) => "[key]".to_owned(),
        Step::Key(Some(name)) => format!("[key {}]", clipped(name)),
        Step::Node(keeps) => node(keeps),
    }
}

fn scope(declared_in: &DeclaredIn) -> String {
    match declared_in {
        DeclaredIn::Module(file) => format!("module scope of {file}"),
        DeclaredIn::Function(function) => format!("scope of {function}"),
        DeclaredIn::Class(class) => format!("class {class}"),
        DeclaredIn::Prototype(class) => format!("prototype of {class}"),
        DeclaredIn::Exports(file) => format!("exports of {file}"),
        DeclaredIn::File(file) => file.clone(),
        DeclaredIn::GlobalObject => "global object".to_owned(),
    }
}

/// A name as long as names are; keys may be whole texts.
fn clipped(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn node(keeps: &NodeKeeps) -> String {
    match keeps {
        NodeKeeps::Timers => "Node's list of timers".to_owned(),
        NodeKeeps::Storages => "Node's list of storages".to_owned(),
        NodeKeeps::ModuleChildren => "Node's list of children of a module".to_owned(),
        NodeKeeps::ImportedModules => "Node's imported modules".to_owned(),
        NodeKeeps::Registry { noun, adds } => format!("Node's own {noun} of `{adds}`"),
        NodeKeeps::OpenHandles => "Node's open handles".to_owned(),
        NodeKeeps::Object(class) => format!("Node's {class}"),
    }
}
