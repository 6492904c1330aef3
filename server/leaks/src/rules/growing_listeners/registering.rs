//! The statement that registers listeners.
//!
//! Which listeners pile up is told in [`crate::rules::growing_listeners`].

use heapmark_source::{Call, Leaves};

use crate::evidence::Evidence;
use crate::locate::handing_over::hands_over;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Holder, Spot, is_plain_name};
use crate::rules::growing_listeners::listener_lists::Registration;
use crate::v8::events::{DEREGISTER, REGISTER};

/// What registers listeners.
pub(super) struct Registering {
    /// In the file that was looked at.
    pub(super) spot: Spot,
    pub(super) statement: Statement,
    /// The event gets its name at run time.
    pub(super) is_event_made: bool,
}

impl Registering {
    /// `bus.on("tick", …)` in the file of the listener.
    pub(super) fn of_function(at: &Registration, function: &Spot) -> Option<Self> {
        let event = at.event.as_deref();
        let registers = |call: &Call| {
            let named = call.first_string.as_deref();
            let fits = named.is_none_or(|named| event.is_none_or(|event| event == named));
            fits && hands_over(call, function)
        };
        let call = function.file.calls(&REGISTER).into_iter().find(registers)?;
        let is_event_made = call.first_string.is_none();
        Some(Self { spot: function.clone(), statement: call.into(), is_event_made })
    }

    /// What takes such a listener away again, in the file of the listener: `bus.off("tick", onTick)`.
    pub(super) fn undone(at: &Registration, function: &Spot) -> Vec<Statement> {
        let event = at.event.as_deref();
        let undoes = |call: &Call| {
            let named = call.first_string.as_deref();
            let fits = named.is_none_or(|named| event.is_none_or(|event| event == named));
            fits && (hands_over(call, function) || call.name == "removeAllListeners")
        };
        let calls = function.file.calls(&DEREGISTER).into_iter();
        calls.filter(undoes).map(Call::into).collect()
    }

    /// When a listener goes by itself, as it is registered here.
    pub(super) fn leaves(&self) -> Option<Leaves> {
        let is_there = self.statement.file == self.spot.path();
        self.spot.file.leaves_by_itself(self.statement.range).filter(|_| is_there)
    }

    /// What adds to an emitter, of whose declaration `statements` are.
    pub(super) fn of_emitter(holder: &Holder, statements: &Statements) -> Option<Self> {
        Some(Self::of(holder, statements.adds.first()?))
    }

    /// A statement that adds to an emitter.
    pub(super) fn of(holder: &Holder, statement: &Statement) -> Self {
        Self { spot: holder.spot.clone(), statement: statement.clone(), is_event_made: false }
    }

    /// The first call of this name in the user's own code that is the one.
    pub(super) fn of_call(e: &Evidence, name: &str, is_it: impl Fn(&Call) -> bool) -> Option<Self> {
        let mut calls = e.locator.own_calls(name).into_iter();
        let (spot, call) = calls.find(|(_, call)| is_it(call))?;
        Some(Self { spot, statement: call.into(), is_event_made: false })
    }

    /// The call of this name, if there is only one in the user's own code.
    pub(super) fn of_only_call(e: &Evidence, name: &str) -> Option<Self> {
        let mut calls = e.locator.own_calls(name).into_iter();
        let (spot, call) = calls.next().filter(|_| calls.next().is_none())?;
        Some(Self { spot, statement: call.into(), is_event_made: false })
    }
}

/// What a method is called on, if that has a name: of `bus.on`, `bus`.
pub(super) fn receiver(callee: &str) -> Option<String> {
    let (receiver, _) = callee.rsplit_once('.')?;
    (is_plain_name(receiver) && receiver != "this").then(|| receiver.to_owned())
}
