//! Which subject of a changed text is which of the text before.
//!
//! All of them are laid beside each other, not only the watched ones: what has its own counterpart
//! cannot be taken for another.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::outline::Item;
use super::subject::Role;

/// For each item of `before` its counterpart in `after`, by index. `lost` are items of earlier
/// texts that had none so far, for the last part of the result; they come back only as they were.
pub(super) fn counterparts(before: &[Item], lost: &[Item], after: &[Item]) -> Vec<Option<usize>> {
    let mut matching = Matching {
        before: before.iter().chain(lost).collect(),
        current: before.len(),
        after,
        found: vec![None; before.len() + lost.len()],
        taken: vec![false; after.len()],
    };
    let kind = |item: &Item| (item.kind, item.role);
    // As it was.
    matching.pass(false, true, |item| {
        Some((kind(item), item.around.clone(), item.title.clone(), item.print))
    });
    // Changed inside.
    matching.pass(false, true, |item| Some((kind(item), item.around.clone(), item.title.clone())));
    // Written as another kind of thing: a function as an arrow function in a variable.
    matching.pass(false, false, |item| {
        (item.role == Role::Name).then(|| (item.around.clone(), item.title.clone()))
    });
    // Moved to another place, wrapped, taken out of something.
    matching.pass(false, false, |item| Some((kind(item), item.title.clone(), item.print)));
    // Pasted, or undone. What looks like much else counts only where it was.
    let telling = |item: &Item| item.print.is_telling();
    matching.pass(true, false, |item| {
        let around = (!telling(item)).then(|| item.around.clone());
        Some((kind(item), item.title.clone(), item.print, around))
    });
    // Renamed, which tells only if there is something in it.
    matching.pass(false, false, |item| {
        telling(item).then(|| (kind(item), item.around.clone(), item.print))
    });
    matching.pass(false, false, |item| telling(item).then_some((kind(item), item.print)));
    matching.found
}

struct Matching<'a> {
    /// The items of the text before, then the lost ones.
    before: Vec<&'a Item>,
    current: usize,
    after: &'a [Item],
    found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Matching<'_> {
    /// Ties what has the same key: one with one, or with `in_order` as many as there are on both
    /// sides.
    fn pass<K: Hash + Eq>(
        &mut self,
        with_lost: bool,
        in_order: bool,
        key: impl Fn(&Item) -> Option<K>,
    ) {
        let mut groups: FxHashMap<K, (Vec<usize>, Vec<usize>)> = FxHashMap::default();
        let end = if with_lost { self.before.len() } else { self.current };
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
            if before.len() == after.len() && (in_order || before.len() == 1) {
                for (before, after) in before.into_iter().zip(after) {
                    self.found[before] = Some(after);
                    self.taken[after] = true;
                }
            }
        }
    }
}
