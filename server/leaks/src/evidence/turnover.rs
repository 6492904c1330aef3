//! How many of those that a holder held are gone.
//!
//! What a cache at its limit, a queue or a window holds comes and goes though its number may rise; what
//! leaks stays. Object ids tell between which snapshots a thing was born, so of each earlier snapshot it is
//! known how many of those of then are still held.

use heapmark_heap::{NodeOrdinal, NodeType};

use crate::evidence::run::Evidence;
use crate::verdict::thresholds::turnover::{MIN_GONE, MIN_KNOWN_SHARE, MIN_THERE};

/// The part of those that were there in earlier snapshots that is gone, from 0 to 1, of all these snapshots
/// together: that the few of the beginning went says little of the many that came later. `counts` are the
/// numbers, oldest first. `None` if nobody knows: numbers and Node's own native objects have no birth, of
/// different processes no birth is known, and where nothing was, nothing can go.
pub(crate) fn gone(e: &Evidence, members: &[NodeOrdinal], counts: &[u64]) -> Option<f64> {
    let (&last, earlier) = counts.split_last()?;
    if !e.one_process {
        return None;
    }
    // Of a map both keys and values may be members; a text may be copied, a thing is itself.
    let is_thing = |node: &NodeOrdinal| {
        !matches!(e.heap.node_type(*node), NodeType::String | NodeType::Hidden | NodeType::Number)
    };
    let births: Vec<usize> =
        members.iter().copied().filter(is_thing).filter_map(|member| e.birth(member)).collect();
    if births.is_empty() || (births.len() as f64) < MIN_KNOWN_SHARE * last as f64 {
        return None;
    }
    let each = births.len() as f64 / last as f64;
    let there = |then: usize| births.iter().filter(|&&birth| birth <= then).count() as f64;
    let expected = |count: u64| count as f64 * each;
    let gone_of = |(then, &count): (usize, &u64)| (expected(count) - there(then)).max(0.0);
    let all: f64 = earlier.iter().map(|&count| expected(count)).sum();
    let gone = earlier.iter().enumerate().map(gone_of).sum::<f64>() / all;
    (all >= MIN_THERE).then_some(if gone < MIN_GONE { 0.0 } else { gone })
}
