//! The calls of `Promise.race` and its like that leave reactions at a promise. Theirs are functions of V8's own,
//! which stand nowhere: who left them is told by the names in the calls.

use heapmark_source::Call;

use crate::evidence::Evidence;
use crate::locate::statements::Statement;
use crate::locate::{Holder, Spot};

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
    pub(super) may_add: Vec<(Spot, Statement)>,
}

impl Combining {
    /// The calls that name the promise that is `known` so below this declaration; where none does, all in its file.
    pub(super) fn of(e: &Evidence, holder: &Holder, known: &str) -> Self {
        let all = COMBINE.iter().flat_map(|name| e.locator.own_calls(&format!("Promise.{name}")));
        let naming = all.filter(|(spot, call)| names(e, spot, call, holder, known));
        let mut may_add: Vec<(Spot, Statement)> =
            naming.map(|(spot, call)| (spot, call.into())).collect();
        if may_add.len() == 1 {
            return Self { adds: may_add.pop(), may_add };
        }
        if may_add.is_empty() {
            let in_file = holder.spot.file.calls(&COMBINE).into_iter();
            may_add = in_file.map(|call| (holder.spot.clone(), call.into())).collect();
        }
        may_add.truncate(MAX_CALLS);
        Self { adds: None, may_add }
    }
}

/// Whether what a call is given has the promise by its name.
fn names(e: &Evidence, spot: &Spot, call: &Call, holder: &Holder, known: &str) -> bool {
    let text = spot.file.range_text(call.range);
    let arguments = text.strip_prefix(&*call.callee).unwrap_or(text);
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '.');
    let mut named = arguments.split(|c| !is_of_name(c)).map(|it| it.trim_matches('.'));
    let is_holder = |name| e.locator.stands_for(&spot.file, call.range.start, name, holder);
    named.any(|name| {
        let of_holder = name.split_once('.').filter(|_| name == known);
        !name.is_empty() && (is_holder(name) || of_holder.is_some_and(|(of, _)| is_holder(of)))
    })
}
