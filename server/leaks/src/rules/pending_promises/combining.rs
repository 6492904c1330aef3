//! The calls of `Promise.race` and its like that leave reactions at a promise. Theirs are functions of V8's own,
//! which stand nowhere: who left them is told by the names in the calls.

use heapmark_source::Call;

use crate::evidence::Evidence;
use crate::locate::statements::Statement;
use crate::locate::{Holder, Spot};
use crate::rules::leak::At;
use crate::rules::pending_promises::ReactionPlace;

/// Methods that leave a reaction at each of several promises.
const COMBINE: [&str; 4] = ["race", "all", "any", "allSettled"];
/// A budget of words: so many calls of them are shown.
const MAX_CALLS: usize = 3;

/// What may have left the reactions.
#[derive(Default)]
pub(super) struct Combining {
    /// The only call that names the promise.
    pub(super) adds: Option<(Spot, Statement)>,
    /// Calls that may be the ones, if there is no such call.
    pub(super) may_add: Vec<At<ReactionPlace>>,
}

impl Combining {
    /// The calls that name the promise of this declaration; where none does, all in its file.
    pub(super) fn of(e: &Evidence, holder: &Holder) -> Self {
        let all = COMBINE.iter().flat_map(|name| e.locator.own_calls(&format!("Promise.{name}")));
        let mut naming: Vec<(Spot, Call)> =
            all.filter(|(spot, call)| names(e, spot, call, holder)).collect();
        if naming.len() == 1 {
            let adds = naming.pop().map(|(spot, call)| (spot, call.into()));
            return Self { adds, may_add: Vec::new() };
        }
        if naming.is_empty() {
            let in_file = holder.spot.file.calls(&COMBINE).into_iter();
            naming = in_file.map(|call| (holder.spot.clone(), call)).collect();
        }
        let may_add = naming
            .into_iter()
            .take(MAX_CALLS)
            .map(|(spot, call)| At::statement(&spot, &call.into(), ReactionPlace::Combines));
        Self { adds: None, may_add: may_add.collect() }
    }
}

/// Whether what a call is given has the promise by its name.
fn names(e: &Evidence, spot: &Spot, call: &Call, holder: &Holder) -> bool {
    let text = spot.file.range_text(call.range);
    let arguments = text.strip_prefix(&*call.callee).unwrap_or(text);
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '.');
    let mut named = arguments.split(|c| !is_of_name(c)).map(|it| it.trim_matches('.'));
    named.any(|name| {
        !name.is_empty() && e.locator.stands_for(&spot.file, call.range.start, name, holder)
    })
}
