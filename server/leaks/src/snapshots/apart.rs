//! Whether V8 calls the same objects by the same ids in two snapshots.

use crate::census::apart::Apart;
use crate::snapshots::member::Member;

/// Why two snapshots cannot be compared by id, if so. What was written down when they were taken
/// decides; where nothing was, their names may, and else the objects themselves.
pub(super) fn apart(one: &Member, two: &Member) -> Option<Apart> {
    if let (Some(one), Some(two)) = (&one.identity, &two.identity) {
        return (one != two).then_some(Apart::Companions);
    }
    if let (Some(one), Some(two)) = (one.name, two.name)
        && one.contradicts(two)
    {
        let is_thread = one.is_other_thread(two);
        return Some(if is_thread { Apart::ThreadNames } else { Apart::Names });
    }
    let (here, there) = (&one.census, &two.census);
    let are_two =
        !here.sample.same_process(&there.sample) || here.identities.contradicts(&there.identities);
    let is_thread = one.is_worker || two.is_worker;
    are_two.then_some(if is_thread { Apart::ThreadIds } else { Apart::Ids })
}
