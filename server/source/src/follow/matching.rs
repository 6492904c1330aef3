//! Which subject of a changed text is which of the text before.
//!
//! All of them are laid beside each other, not only the watched ones: what has its own counterpart
//! cannot be taken for another.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::outline::Item;
use crate::syntax::subject::Role;

/// By what a counterpart was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By what stands in it.
    Content,
    /// By its name and what is around it alone: somebody else outside of the changed part may be
    /// called so, too.
    Name,
}

/// For each item of `before` its counterpart in `after`, by index. `lost` are items of earlier
/// texts that had none so far, for the last part of the result; they come back only as they were.
pub(super) fn counterparts(
    before: &[Item],
    lost: &[Item],
    after: &[Item],
) -> Vec<Option<(usize, By)>> {
    let mut matching = Matching {
        before: before.iter().chain(lost).collect(),
        current: before.len(),
        after,
        found: vec![None; before.len() + lost.len()],
        taken: vec![false; after.len()],
    };
    let kind = |item: &Item| (item.kind, item.role);
    let telling = |item: &Item| item.print.is_telling();
    // As it was.
    matching.pass(Pass::IN_ORDER, |item| {
        Some((kind(item), item.around, item.title.clone(), item.print))
    });
    // Moved to another place, wrapped, taken out of something.
    matching.pass(Pass::ONE, |item| Some((kind(item), item.title.clone(), item.print)));
    // Pasted, or undone. What looks like much else counts only where it was.
    matching.pass(Pass::WITH_LOST, |item| {
        let around = (!telling(item)).then_some(item.around);
        Some((kind(item), item.title.clone(), item.print, around))
    });
    // Renamed, which tells only if there is something in it.
    matching.pass(Pass::ONE, |item| telling(item).then_some((kind(item), item.around, item.print)));
    matching.pass(Pass::ONE, |item| telling(item).then_some((kind(item), item.print)));
    // Changed inside.
    matching.pass(Pass::BY_NAME, |item| Some((kind(item), item.around, item.title.clone())));
    // Written as another kind of thing: a function as an arrow function in a variable.
    matching.pass(Pass::BY_NAME, |item| {
        (item.role == Role::Name).then(|| (item.around, item.title.clone()))
    });
    matching.found
}

struct Matching<'a> {
    /// The items of the text before, then the lost ones.
    before: Vec<&'a Item>,
    current: usize,
    after: &'a [Item],
    found: Vec<Option<(usize, By)>>,
    taken: Vec<bool>,
}

/// How a pass ties what has the same key.
#[derive(Debug, Clone, Copy)]
struct Pass {
    by: By,
    /// Also items of earlier texts.
    with_lost: bool,
    /// As many as there are on both sides, not only one with one.
    in_order: bool,
}

impl Pass {
    const ONE: Pass = Pass { by: By::Content, with_lost: false, in_order: false };
    const IN_ORDER: Pass = Pass { in_order: true, ..Pass::ONE };
    const WITH_LOST: Pass = Pass { with_lost: true, ..Pass::ONE };
    const BY_NAME: Pass = Pass { by: By::Name, ..Pass::ONE };
}

impl Matching<'_> {
    fn pass<K: Hash + Eq>(&mut self, pass: Pass, key: impl Fn(&Item) -> Option<K>) {
        let mut groups: FxHashMap<K, (Vec<usize>, Vec<usize>)> = FxHashMap::default();
        let end = if pass.with_lost { self.before.len() } else { self.current };
        for index in (0..end).filter(|&index| self.found[index].is_none()) {
            if let Some(key) = key(self.before[index]) {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for index in (0..self.after.len()).filter(|&index| !self.taken[index]) {
            if let Some(key) = key(&self.after[index]) {
                groups.entry(key).or_default().1.push(index);
            }
        }
        for (before, after) in groups.into_values() {
            if before.len() == after.len() && (pass.in_order || before.len() == 1) {
                for (before, after) in before.into_iter().zip(after) {
                    self.found[before] = Some((after, pass.by));
                    self.taken[after] = true;
                }
            }
        }
    }
}
