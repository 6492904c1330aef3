//! When an object was born: between which two snapshots of its process.

use crate::ordinals::NodeId;

/// Between which snapshots the object with this id was born. `highest` are the
/// [highest object ids](crate::Snapshot::highest_object_id) of the snapshots, ascending: the process
/// hands out ids in order. 0 is before the first snapshot, 1 between the first and the second…, and
/// as many as there are snapshots: after the last. An object that was made where a dead one lay may have
/// that one's id, and then seems older than it is.
///
/// `None` for native objects: they get another id with each snapshot. A few objects that V8 makes up
/// for the snapshot itself (numbers as nodes) are always new.
///
/// ```
/// use heapmark_heap::{NodeId, birth_interval};
///
/// let highest = [NodeId(101), NodeId(201)];
/// assert_eq!(birth_interval(NodeId(101), &highest), Some(0));
/// assert_eq!(birth_interval(NodeId(103), &highest), Some(1));
/// assert_eq!(birth_interval(NodeId(203), &highest), Some(2));
/// assert_eq!(birth_interval(NodeId(102), &highest), None);
/// ```
pub fn birth_interval(id: NodeId, highest: &[NodeId]) -> Option<usize> {
    id.is_js_object().then(|| highest.partition_point(|&highest| highest < id))
}
