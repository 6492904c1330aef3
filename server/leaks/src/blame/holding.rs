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
use crate::locate::packages::package_name;
use crate::locate::{Holder, Origin};
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::{BindingPath, Climb, MAX_BINDINGS, Scopes, climb, owners};
use crate::v8::weak_map_entries::is_from_key;
use crate::verdict::Unread;

/// The binding to name for something that grows.
pub(crate) struct Blame {
    pub(crate) owner: BindingPath,
    /// Its declaration, if that stands in the workspace.
    pub(crate) holder: Option<Holder>,
    /// The nearest declaration in the user's own code, if the holder's is not.
    pub(crate) user: Option<Holder>,
    /// That one does not hold the thing, it only leads there: many may.
    pub(crate) is_far: bool,
    /// Something nearer holds it, of which the code is not at hand.
    pub(crate) is_unread: bool,
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
        return nearest(e, &owners).map(|blame| by_variable(e, blame, &owners));
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

/// Of a property that an object got by a name that is made elsewhere (`span[CHILDREN]`) its class says
/// nothing: then a variable that has the very object is to blame.
fn by_variable(e: &Evidence, blame: Blame, owners: &[BindingPath]) -> Blame {
    if !blame.holder.as_ref().is_some_and(Holder::is_only_a_class) {
        return blame;
    }
    let has_object = |owner: &&BindingPath| {
        matches!(owner.binding, Binding::Variable { .. })
            && owner.edges.get(1..) == Some(&blame.owner.edges[..])
            && e.locator.binding_origin(owner) == Some(Origin::Own)
    };
    let found = owners.iter().filter(has_object).find_map(|owner| {
        let holder = e.locator.holder(owner).filter(|holder| !holder.is_import())?;
        Some(Blame::new(owner.clone(), Some(holder)))
    });
    found.unwrap_or(blame)
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
    (e.locator.binding_origin(&owner) == Some(Origin::Own))
        .then_some(Blame::new(owner, Some(holder)))
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
                    found.get_or_insert(Blame::new(owner, None));
                    continue;
                };
                return Some(match found {
                    Some(found) if found.is_lent() => {
                        owner_behind_parameter(e, found, Some((owner, holder)))
                    }
                    Some(found) if found.is_of_users() => found,
                    // The user's own code made the object and holds it directly. Other references to it do not
                    // matter.
                    Some(found) if found.owner.edges.len() == 1 && made(&owner, &holder) => {
                        Blame::new(owner, Some(holder))
                    }
                    Some(found) if found.holder.is_some() => Blame { user: Some(holder), ..found },
                    found => {
                        Blame { is_unread: found.is_some(), ..Blame::new(owner, Some(holder)) }
                    }
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
                    // The argument for a parameter is also held by the caller: a nearer lasting binding is better.
                    let is_kept = !matches!(owner.binding, Binding::Variable { .. })
                        && is_as_near(&owner, &found.owner);
                    found.holder.is_none() || found.is_lent() && is_kept
                });
                if better && (found.is_none() || holder.is_some()) {
                    found = Some(Blame::new(owner, holder));
                }
            }
            Some(Origin::Elsewhere) | None => {
                found.get_or_insert(Blame::new(owner, None));
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
        if blame.user.is_none() {
            let file = blame.holder.as_ref().map(|holder| holder.spot.path());
            let package = file.and_then(package_name);
            blame.user = package.and_then(|package| e.locator.import_of_package(&package));
        }
    }
    if let Some(blame) = &mut found
        && let Some(user) = &blame.user
        && let Some(behind) = e.locator.behind_import(user)
    {
        blame.user = Some(behind);
    }
    found
}

/// Whether a variable was declared with the very thing that it holds: `const ticks = new Subject()`.
fn made(owner: &BindingPath, holder: &Holder) -> bool {
    let value = holder.declaration.initializer;
    owner.edges.len() == 1
        && matches!(owner.binding, Binding::Variable { .. })
        && value.is_some_and(|value| holder.spot.file.is_new(value))
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
    /// A binding by itself, with its declaration if that is known.
    pub(crate) fn new(owner: BindingPath, holder: Option<Holder>) -> Self {
        Self { owner, holder, user: None, is_far: false, is_unread: false }
    }

    /// Why the code that holds the thing was not read, if it was not.
    pub(crate) fn unread(&self, e: &Evidence) -> Option<Unread> {
        match self.holder {
            None => Some(e.locator.why_unread(&self.owner)),
            Some(_) => self.is_unread.then_some(Unread::Elsewhere),
        }
    }

    /// Whether the holder stands in the user's own files: what a bundler put around it is nobody's.
    fn is_of_users(&self) -> bool {
        let file = self.holder.as_ref().map(|holder| holder.spot.path());
        file.is_some_and(|file| !Workspace::is_dependency(file))
    }

    /// The nearest declaration in the user's own code, if it tells more than `places` do: that a package
    /// is imported tells nothing beside what is done with it.
    pub(crate) fn telling_user<'p>(
        &self,
        places: impl IntoIterator<Item = &'p Path>,
    ) -> Option<&Holder> {
        let is_own = |file: &Path| !Workspace::is_dependency(file);
        let user = self.user.as_ref()?;
        (!(user.is_import() && places.into_iter().any(is_own))).then_some(user)
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
            Blame::new(owner, Some(holder))
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
pub(crate) fn nearest_of_user(e: &Evidence, node: NodeOrdinal) -> Option<Holder> {
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
mod tests;
