//! The binding that a person would blame for keeping something, and its name.
//!
//! [`crate::v8::retainer_walk`] climbs the heap and knows no source; [`crate::locate`] knows the source and does
//! not choose. Here the choice is made.

use std::path::Path;

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};
use heapmark_source::{DeclarationKind, Workspace};
use rustc_hash::FxHashSet;

use crate::blame::access_path::property_steps;
use crate::blame::private_field::private_field;
use crate::evidence::Evidence;
use crate::locate::{Holder, Origin};
use crate::report::Place;
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::{BindingPath, Climb, MAX_BINDINGS, Scopes, climb, owners};
use crate::v8::weak_map_entries::is_from_key;

/// The binding to name for something that grows.
pub(crate) struct Blame {
    pub(crate) owner: BindingPath,
    /// Its declaration, if that stands in the workspace.
    pub(crate) holder: Option<Holder>,
    /// The nearest declaration in the user's own code, if the holder's is not.
    pub(crate) user: Option<Holder>,
    /// That one does not hold the thing, it only leads there: many may.
    pub(crate) is_far: bool,
}

/// The binding that a person would blame for keeping `node`: the nearest one whose declaration is
/// known, and if that stands in a dependency, the nearest one in the user's own code too. `None` if
/// only Node or V8 hold it.
pub(crate) fn blame_for(e: &Evidence, node: NodeOrdinal) -> Option<Blame> {
    let owners = owners_but_this(e, node);
    // Of a value in a weak map whose key stays, the map is to blame and not the key.
    let is_by_key = |edge: &Edge| is_from_key(e.heap, edge) && !e.is_new(edge.from);
    let (by_key, others): (Vec<BindingPath>, Vec<BindingPath>) =
        owners.iter().cloned().partition(|owner| owner.edges.iter().any(is_by_key));
    let field = owners.iter().find_map(|owner| in_private_field(e, owner));
    if by_key.is_empty() && field.is_none() {
        return nearest(e, &owners);
    }
    let other = nearest(e, &others).filter(|blame| blame.holder.is_some());
    match (field, other) {
        (Some(field), Some(other)) if other.owner.edges.len() < field.owner.edges.len() => {
            Some(other)
        }
        (Some(field), _) => Some(field),
        (None, Some(other)) => Some(other),
        (None, None) => nearest(e, &owners),
    }
}

/// Every binding that holds `node`, the nearest first; not `this` under another name, which a thousand
/// scopes may have, and of a thousand instances that refer to it one.
fn owners_but_this(e: &Evidence, node: NodeOrdinal) -> Vec<BindingPath> {
    let mut found = Vec::new();
    let mut fields = FxHashSet::default();
    climb(e.bindings(), node, Scopes::End, |owner| {
        let is_told = match &owner.binding {
            Binding::Field { instance, name } if owner.edges.len() == 1 => {
                !fields.insert((e.heap.location(*instance), name.clone()))
            }
            _ => e.locator.stands_for_this(&owner),
        };
        if !is_told {
            found.push(owner);
        }
        if found.len() == MAX_BINDINGS { Climb::End } else { Climb::On }
    });
    found
}

/// The private field on the way from `owner` down, if a compiler made a weak map of it.
fn in_private_field(e: &Evidence, owner: &BindingPath) -> Option<Blame> {
    let (at, edge) = owner.edges.iter().enumerate().rfind(|(_, edge)| is_from_key(e.heap, edge))?;
    let holder = private_field(e, edge)?;
    let name = holder.declaration.name.clone();
    let binding = Binding::Field { instance: edge.from, name };
    let owner = BindingPath { binding, edges: owner.edges[at..].to_vec() };
    // Of a package that was compiled, the user's own code is asked for as ever.
    (e.locator.binding_origin(&owner) == Some(Origin::Own)).then_some(Blame {
        owner,
        holder: Some(holder),
        user: None,
        is_far: false,
    })
}

/// Of owners, the nearest first, the one to blame.
fn nearest(e: &Evidence, owners: &[BindingPath]) -> Option<Blame> {
    let mut found: Option<Blame> = None;
    for owner in owners.iter().cloned() {
        match e.locator.binding_origin(&owner) {
            Some(Origin::Own) => {
                let holder = e.locator.holder(&owner);
                let holder = holder.filter(|holder| !is_held_elsewhere(e, holder, owners));
                let Some(holder) = holder else {
                    // Its name is known, but where it is declared could not be found.
                    found.get_or_insert(Blame { owner, holder: None, user: None, is_far: false });
                    continue;
                };
                return Some(match found {
                    Some(found) if found.is_lent() => {
                        owner_behind_parameter(e, found, Some((owner, holder)))
                    }
                    Some(found) if found.is_of_users() => found,
                    // What the user made and has, others may refer to as well.
                    Some(found) if found.owner.edges.len() == 1 && made(&owner, &holder) => {
                        Blame { owner, holder: Some(holder), user: None, is_far: false }
                    }
                    Some(found) if found.holder.is_some() => Blame { user: Some(holder), ..found },
                    _ => Blame { owner, holder: Some(holder), user: None, is_far: false },
                });
            }
            // Node's own bookkeeping: what it holds is its own business, unless the user's code
            // holds it at least as closely.
            Some(Origin::Builtin)
                if found.is_none() && owner.edges.len() <= 2 && !is_of_instance(e, &owner) =>
            {
                return None;
            }
            Some(Origin::Builtin) => {}
            Some(Origin::Dependency) => {
                let holder = e.locator.holder(&owner);
                let better = found.as_ref().is_none_or(|found| {
                    // A parameter has what somebody has.
                    let is_kept = !matches!(owner.binding, Binding::Variable { .. })
                        && is_as_near(&owner, &found.owner);
                    found.holder.is_none() || found.is_lent() && is_kept
                });
                if better && (found.is_none() || holder.is_some()) {
                    found = Some(Blame { owner, holder, user: None, is_far: false });
                }
            }
            Some(Origin::Elsewhere) | None => {
                found.get_or_insert(Blame { owner, holder: None, user: None, is_far: false });
            }
        }
    }
    let mut found = found
        .map(|blame| if blame.is_lent() { owner_behind_parameter(e, blame, None) } else { blame });
    if let Some(blame) = &mut found
        && blame.user.is_none()
        && !blame.is_of_users()
        && !blame.holder.as_ref().is_some_and(Holder::is_whole_path)
        && e.locator.binding_origin(&blame.owner) == Some(Origin::Dependency)
    {
        blame.user = above_scope(e, &blame.owner);
        blame.is_far = blame.user.is_none();
        if blame.is_far {
            blame.user = nearest_of_user(e, blame.owner.edges[0].from); // an owner has an edge
        }
    }
    found
}

/// Whether a variable was declared with the very thing that it holds: `const ticks = new Subject()`.
fn made(owner: &BindingPath, holder: &Holder) -> bool {
    let value = holder.declaration.initializer;
    owner.edges.len() == 1
        && matches!(owner.binding, Binding::Variable { .. })
        && value.is_some_and(|value| holder.spot.file.range_text(value).starts_with("new "))
}

/// Whether a holder is only the import of what another file of the program holds: that file is to
/// blame, and if nobody knows where in it, no other.
fn is_held_elsewhere(e: &Evidence, holder: &Holder, owners: &[BindingPath]) -> bool {
    if !holder.is_import() {
        return false;
    }
    let exports = owners.iter().filter(|owner| matches!(owner.binding, Binding::Export { .. }));
    let mut exported = exports.filter_map(|owner| e.locator.holder(owner));
    exported.any(|exported| !exported.is_import()) || !e.locator.knows_import(holder)
}

/// Who in the user's own code holds a function that a dependency made and that keeps the variable: of
/// `memoize(render)`, whatever it was assigned to.
fn above_scope(e: &Evidence, owner: &BindingPath) -> Option<Holder> {
    let Binding::Variable { context, .. } = owner.binding else { return None };
    // The scope of a module has no owner: everybody may use it.
    e.locator.holder(owner)?.declaration.in_function?;
    e.locator.closures_in(context).into_iter().find_map(|closure| {
        owners(e.bindings(), closure).into_iter().find_map(|owner| {
            let is_own = e.locator.binding_origin(&owner) == Some(Origin::Own);
            e.locator.holder(&owner).filter(|_| is_own)
        })
    })
}

impl Blame {
    /// Whether the holder stands in the user's own files: what a bundler put around it is nobody's.
    fn is_of_users(&self) -> bool {
        let file = self.holder.as_ref().map(|holder| holder.spot.path());
        file.is_some_and(|file| !Workspace::is_dependency(file))
    }

    /// The nearest declaration in the user's own code, if it tells more than `places` do: that a package
    /// is imported tells nothing beside what is done with it.
    pub(crate) fn telling_user(&self, places: &[Place]) -> Option<&Holder> {
        self.telling_user_beside(places.iter().map(|place| place.file.as_path()))
    }

    /// The same beside places in these files.
    pub(crate) fn telling_user_beside<'a>(
        &self,
        mut files: impl Iterator<Item = &'a Path>,
    ) -> Option<&Holder> {
        let mut is_told = || files.any(|file| !Workspace::is_dependency(file));
        self.user.as_ref().filter(|user| !(user.is_import() && is_told()))
    }

    /// Whether the holder is a parameter: whoever calls the function has what it holds.
    fn is_lent(&self) -> bool {
        let declared = self.holder.as_ref().map(|holder| &holder.declaration);
        declared.is_some_and(|declared| declared.kind == DeclarationKind::Parameter)
    }
}

/// A better holder than a parameter of a function in a dependency: where the user's own code gives
/// the property its value (`app.locals.visits = []`), else a variable of the user's that has the thing
/// as closely.
fn owner_behind_parameter(
    e: &Evidence,
    blame: Blame,
    user: Option<(BindingPath, Holder)>,
) -> Blame {
    let path = property_steps(e, &blame.owner.edges[1..]);
    if let Some(holder) = path.and_then(|path| e.locator.assigned(&path)) {
        return Blame { holder: Some(holder), user: None, ..blame };
    }
    match user {
        Some((owner, holder)) if is_as_near(&owner, &blame.owner) => {
            Blame { owner, holder: Some(holder), user: None, is_far: false }
        }
        Some((_, holder)) => Blame { user: Some(holder), ..blame },
        None => blame,
    }
}

/// Whether a binding leads to the thing by properties alone, and by no more of them than another.
fn is_as_near(owner: &BindingPath, other: &BindingPath) -> bool {
    owner.edges.len() <= other.edges.len()
        && owner.edges[1..].iter().all(|edge| edge.edge_type == EdgeType::Property)
}

/// The nearest declaration in the user's own code through which `node` can be reached: of what a
/// dependency's module keeps, the name by which it was imported.
fn nearest_of_user(e: &Evidence, node: NodeOrdinal) -> Option<Holder> {
    let mut user = None;
    climb(e.bindings(), node, Scopes::LeadOn, |owner| {
        match e.locator.binding_origin(&owner) {
            Some(Origin::Own) => {
                user = e.locator.holder(&owner);
                if user.is_some() { Climb::End } else { Climb::On }
            }
            // Everybody reaches Node's own modules.
            Some(Origin::Builtin) if !matches!(owner.binding, Binding::Field { .. }) => {
                Climb::NotAbove
            }
            _ => Climb::On,
        }
    });
    user
}

/// Whether the binding is a field of an object that the program made of one of Node's classes: an
/// agent, a controller. Its fields are in Node's code, but who made it has to answer for it.
fn is_of_instance(e: &Evidence, owner: &BindingPath) -> bool {
    match owner.binding {
        Binding::Field { instance, .. } => e.heap.name(instance) != "Module",
        _ => false,
    }
}

/// The way from the topmost binding with a name down to the thing, and the declaration where it
/// begins: for a field, from whatever holds the instance.
pub(crate) fn way_from_top(e: &Evidence, below: &Blame) -> (Option<Holder>, Vec<Edge>) {
    if let Binding::Field { instance, .. } = below.owner.binding
        && let Some(above) = blame_for(e, instance)
        && above.holder.is_some()
    {
        let mut edges = above.owner.edges;
        edges.extend(&below.owner.edges);
        return (above.holder, edges);
    }
    (below.holder.clone(), below.owner.edges.clone())
}

#[cfg(test)]
mod tests {
    use heapmark_heap::NodeType;

    use super::*;
    use crate::blame::access_path::name_of;
    use crate::testing::Ran;

    /// The name, holder and user of the only `Marker`, by file and line.
    fn told(main: &str, dependency: &str) -> (String, String, String) {
        let main = format!("globalThis.Marker = class Marker {{}};\n{main}");
        let files = [("main.js", main.as_str()), ("node_modules/dep/index.js", dependency)];
        Ran::modules(&files).ask(|e| {
            let blame = held_marker(e);
            let name = name_of(e, &blame.owner, blame.holder.as_ref());
            (name, place(blame.holder.as_ref()), place(blame.user.as_ref()))
        })
    }

    fn held_marker(e: &Evidence) -> Blame {
        let is_marker = |&node: &NodeOrdinal| {
            e.heap.node_type(node) == NodeType::Object
                && e.heap.name(node) == "Marker"
                && e.heap.child(node, EdgeType::Property, "it").is_some()
        };
        let marker = e.heap.nodes().find(is_marker).expect("it is alive");
        blame_for(e, marker).expect("something holds it")
    }

    fn place(holder: Option<&Holder>) -> String {
        holder.map_or(String::new(), |holder| {
            let file = holder.spot.path().file_name().expect("it has a name");
            let line = holder.spot.name_range.start.line + 1;
            format!("{}:{line}", file.to_string_lossy())
        })
    }

    #[track_caller]
    fn check(main: &str, dependency: &str, name: &str, holder: &str, user: &str) {
        let told = told(main, dependency);
        assert_eq!((&told.0[..], &told.1[..], &told.2[..]), (name, holder, user));
    }

    const MARKER: &str = "Object.assign(new Marker(), { it: {} })";

    #[test]
    fn a_property_is_held_where_the_user_gives_it_its_value() {
        let dependency = "module.exports = (app) => ({ run: init(app) });
            function init(app) { return () => app.locals; }";
        let main = |assign: &str| {
            format!(
                "const serve = require('dep');
const app = {{ locals: {{}} }};
{assign}
const server = serve(app);
globalThis.run = () => server.run();"
            )
        };
        let once = format!("app.locals.visits = {MARKER};");
        check(&main(&once), dependency, "app.locals.visits", "main.js:4", "");
        // In two places: nobody knows which.
        let twice = format!("app.locals.visits = 1; {once}");
        check(&main(&twice), dependency, "app.locals.visits", "index.js:2", "main.js:5");
    }

    #[test]
    fn what_a_dependency_was_given_is_held_by_the_variable_of_the_user() {
        let dependency = "module.exports = (cache) => () => cache;";
        let main = format!(
            "const cache = {MARKER};
globalThis.get = require('dep')(cache);
globalThis.all = () => cache;"
        );
        check(&main, dependency, "cache", "main.js:2", "");
    }

    #[test]
    fn what_a_dependency_only_refers_to_is_held_by_who_has_it() {
        // Of a parameter and a field, the field.
        let dependency = format!(
            "module.exports = class Store {{
                constructor() {{ this.items = {MARKER}; this.each = follow(this.items); }}
            }};
            function follow(items) {{ return () => items; }}"
        );
        let main = "const Store = require('dep');\nconst store = new Store();\nglobalThis.get = () => store;";
        check(main, &dependency, "Store.items", "index.js:2", "main.js:3");
        // `this` under another name, and many that refer to what the user made.
        let dependency = "module.exports = class Marker {
                constructor() { this.it = {}; }
                follow() { const self = this; return new Link(this, () => self); }
            };
            class Link { constructor(hub, each) { this.hub = hub; this.each = each; } }";
        let main = "const Hub = require('dep');
const hub = new Hub();
globalThis.all = Array.from({ length: 60 }, () => hub.follow());
globalThis.follow = () => hub.follow();";
        check(main, dependency, "hub", "main.js:3", "");
    }

    #[test]
    fn the_user_is_found_behind_many_that_refer_to_the_holder() {
        let dependency = format!(
            "module.exports = class Hub {{
                constructor() {{ this.jobs = {MARKER}; }}
                follow() {{ return new Follower(this); }}
            }};
            class Follower {{ constructor(hub) {{ this.hub = hub; }} }}"
        );
        let main = "const Hub = require('dep');
const hub = new Hub();
globalThis.all = Array.from({ length: 60 }, () => hub.follow());
globalThis.follow = () => hub.follow();";
        check(main, &dependency, "Hub.jobs", "index.js:2", "main.js:3");
    }

    /// The holder of the only `Marker` after `main.js` was told of it by `store.js`, which is another
    /// text now, or gone.
    #[track_caller]
    fn check_import(main: &str, store: &str, now: Option<&str>, expected: &str) {
        let main = format!("globalThis.Marker = class Marker {{}};\n{main}");
        let ran = Ran::modules(&[("main.js", &main), ("store.js", store)]);
        match now {
            Some(now) => ran.edit("store.js", now),
            None => ran.delete("store.js"),
        }
        let found = ran.ask(|e| place(held_marker(e).holder.as_ref()));
        assert_eq!(found, expected, "{main}\n{now:?}");
    }

    #[test]
    fn what_evaluated_code_holds_is_held_by_its_variable() {
        let code = "const make = (0, eval)(`(() => {
  const store = { it: Object.assign(new Marker(), { it: {} }) };
  return () => store;
})`);
globalThis.get = make();";
        let main = format!("globalThis.Marker = class Marker {{}};\n{code}");
        Ran::file(&main).ask(|e| {
            let blame = held_marker(e);
            assert_eq!(name_of(e, &blame.owner, None), "store.it");
            assert!(blame.holder.is_none());
            assert_eq!(e.locator.evaluated(&blame.owner).as_deref(), Some("evaluated code:3"));
        });
    }

    #[test]
    fn an_import_does_not_hold_what_another_file_has() {
        let first = "exports.first = () => 1;";
        let store = &format!("{first}\nexports.items = {MARKER};");
        let whole = "const store = require('./store.js');\nglobalThis.get = () => store.items;";
        let one = "const { items } = require('./store.js');\nglobalThis.get = () => items;";
        let star = "const __importStar = (it) => it;
const store = __importStar(require('./store.js'));
globalThis.get = () => store.items;";
        for main in [whole, one, star] {
            check_import(main, store, Some(store), "store.js:2");
            check_import(main, store, Some("exports.items = {};"), "store.js:1");
            check_import(main, store, Some("exports.others = {};"), "");
            check_import(main, store, None, "");
        }
        // What it exported under the name is gone.
        let other = "exports.items = items;\n";
        check_import(whole, &format!("const items = {MARKER};\n{other}\n{first}"), Some(other), "");
        // No function of it is left in the heap, and so no script.
        check_import(whole, &format!("exports.items = {MARKER};"), Some(""), "main.js:2");
        // All that a module exports has no other name.
        let store = &format!("module.exports = {MARKER};\nglobalThis.first = () => 1;");
        let whole = "const store = require('./store.js');\nglobalThis.get = () => store;";
        check_import(whole, store, Some(store), "main.js:2");
        check_import(whole, store, None, "");
    }

    #[test]
    fn what_a_module_keeps_is_reached_by_the_name_that_it_is_imported_by() {
        let dependency =
            format!("const jobs = {MARKER};\nexports.add = (job) => {{ jobs.it[job] = 1; }};");
        let main = "const queue = require('dep');
globalThis.add = (job) => queue.add(job);";
        check(main, &dependency, "jobs", "index.js:1", "main.js:2");
    }
}
