//! Where listeners pile up: the statement that registers them, the emitter, the function that is called, and
//! where that is handed over. What is said there is for [`crate::words`].

use heapmark_heap::NodeOrdinal;

use crate::blame::holding::Blame;
use crate::blame::payload::kept_by;
use crate::evidence::Evidence;
use crate::locate::Spot;
use crate::report::Role;
use crate::rules::growing_listeners::listener_lists::Registration;
use crate::rules::growing_listeners::registering::Registering;
use crate::rules::leak::At;
use crate::v8::sites::Kind;

/// What stands at a place of [`crate::rules::growing_listeners::PiledUpListeners`].
#[derive(Clone, Copy)]
pub(crate) enum ListenerPlace {
    /// The statement that registers them. Only the first place is one.
    Adds,
    /// The declaration of the emitter.
    Emitter,
    /// The function that is called, and how many of it are alive.
    Listener(u64),
    /// Where the emitter's class declares its list.
    List,
    /// The user's own function that is called in the end.
    CalledInTheEnd,
    /// Where that one is handed over.
    HandsOver,
    /// The user's own declaration that leads to the emitter.
    User,
}

/// Where it happens; `closures` are those of the listener.
pub(super) fn places(
    e: &Evidence,
    at: &Registration,
    listener: Option<&Spot>,
    closures: &[NodeOrdinal],
    emitter: Option<&Blame>,
    registering: Option<&Registering>,
) -> Vec<At<ListenerPlace>> {
    let mut places: Vec<At<ListenerPlace>> = Vec::new();
    if let Some(Registering { spot, statement, .. }) = registering {
        places.push(At::statement(spot, statement, ListenerPlace::Adds));
    }
    if let Some(holder) = emitter.and_then(|blame| blame.holder.as_ref()) {
        places.push(At::name_of(Role::Holder, &holder.spot, ListenerPlace::Emitter));
    }
    if let Some(spot) = listener {
        let alive = closures.len() as u64;
        places.push(At::name_of(Role::Leaked, spot, ListenerPlace::Listener(alive)));
    }
    if let Some(list) = &at.list {
        places.push(At::name_of(Role::Holder, &list.spot, ListenerPlace::List));
    }
    places.extend(handed_over(e, listener, closures, &places));
    let files = places.iter().map(|at| at.spotted.file.as_path());
    if let Some(user) = emitter.and_then(|blame| blame.telling_user(files)) {
        places.push(At::name_of(Role::User, &user.spot, ListenerPlace::User));
    }
    places
}

/// Where the user's own function is handed over that is called in the end, if the listener itself is
/// one that a dependency wraps around it; and that function. Only what is not `known`.
fn handed_over(
    e: &Evidence,
    listener: Option<&Spot>,
    closures: &[NodeOrdinal],
    known: &[At<ListenerPlace>],
) -> Vec<At<ListenerPlace>> {
    let own = kept_by(e, closures, &[Kind::Closure]).and_then(|kept| e.locator.site(kept.site));
    let Some(spot) = own.as_ref().or(listener) else { return Vec::new() };
    let inner = At::name_of(Role::Leaked, spot, ListenerPlace::CalledInTheEnd);
    let call = spot.file.handed_over(spot.range);
    let call = call.map(|call| At::statement(spot, &call.into(), ListenerPlace::HandsOver));
    let is_new = |at: &At<ListenerPlace>| !known.iter().any(|it| it.spotted.is_at(&at.spotted));
    [Some(inner), call].into_iter().flatten().filter(is_new).collect()
}
