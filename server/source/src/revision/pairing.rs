//! Which piece of one text is which of the other.
//!
//! From the outside in: what stands in a function is looked for in the function that this one is now,
//! and nowhere else; only what has a name and tells enough by itself is found in another place.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::piece::{Content, Piece};
use super::uses::Uses;
use crate::syntax::print::Print;
use crate::syntax::subject::Role;

/// For each piece of `then` the one of `now` that it is, by index.
pub(super) fn pairs(then: &Content, now: &Content) -> Vec<Option<u32>> {
    let mut pairing = Pairing {
        found: vec![None; then.pieces.len()],
        taken: vec![false; now.pieces.len()],
        then: Side::of(then),
        now: Side::of(now),
    };
    pairing.pair_within(vec![(None, None)]);
    pairing.find_moved();
    pairing.found
}

/// What makes two pieces of the same surroundings alike.
type Alike = (Role, u16, u64, Print);

struct Side<'a> {
    pieces: &'a [Piece],
    uses: &'a Uses,
    /// What stands directly in each piece, and last in the file itself.
    within: Vec<Vec<u32>>,
}

impl<'a> Side<'a> {
    fn of(content: &'a Content) -> Self {
        let Content { pieces, uses } = content;
        let mut within = vec![Vec::new(); pieces.len() + 1];
        for (index, piece) in pieces.iter().enumerate() {
            within[piece.within.map_or(pieces.len(), |it| it as usize)].push(index as u32);
        }
        Self { pieces, uses, within }
    }

    fn within(&self, surroundings: Option<u32>) -> &[u32] {
        &self.within[surroundings.map_or(self.pieces.len(), |it| it as usize)]
    }

    fn alike(&self, index: u32) -> Alike {
        let piece = &self.pieces[index as usize];
        (piece.role, piece.kind, piece.label, piece.print)
    }
}

struct Pairing<'a> {
    then: Side<'a>,
    now: Side<'a>,
    found: Vec<Option<u32>>,
    taken: Vec<bool>,
}

impl Pairing<'_> {
    /// Pairs what stands in surroundings that are paired, and so on inwards.
    fn pair_within(&mut self, mut open: Vec<(Option<u32>, Option<u32>)>) {
        while let Some((then, now)) = open.pop() {
            let then = self.then.within(then).to_vec();
            let now = self.now.within(now).to_vec();
            if then.is_empty() || now.is_empty() {
                continue;
            }
            let others = self.used_as_others(&then, &now);
            let known: Vec<u32> = then.iter().copied().filter(|it| !others.contains(it)).collect();
            self.pair_alike(&known, &now);
            self.pair_named(&then, &now, &others);
            self.pair_called_for(&then, &now);
            open.extend(
                then.iter().filter_map(|&it| Some((Some(it), Some(self.found[it as usize]?)))),
            );
        }
    }

    /// The variables and fields whose name another one took: what was done with them is done with one
    /// of other names now.
    fn used_as_others(&self, then: &[u32], now: &[u32]) -> FxHashSet<u32> {
        let is_value = |piece: &Piece| piece.is_named() && !piece.is_code();
        let now = now.iter().map(|&it| &self.now.pieces[it as usize]);
        let names: FxHashSet<u64> = now.filter(|it| is_value(it)).map(|it| it.name).collect();
        let is_another = |it: &u32| {
            let piece = &self.then.pieces[*it as usize];
            is_value(piece)
                && !piece.print.is_telling()
                && self.then.uses.are_of_another(self.now.uses, piece.name, &names)
        };
        then.iter().copied().filter(is_another).collect()
    }

    fn pair(&mut self, then: u32, now: u32) {
        self.found[then as usize] = Some(now);
        self.taken[now as usize] = true;
    }

    /// What is written alike: as many as there were, in their order; else those that stand between
    /// the same neighbours.
    fn pair_alike(&mut self, then: &[u32], now: &[u32]) {
        let groups =
            Groups::of(then, now, |it| Some(self.then.alike(it)), |it| Some(self.now.alike(it)));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (then, now) in groups.0.into_values() {
            if then.len() == now.len() {
                then.into_iter().zip(now).for_each(|(then, now)| self.pair(then, now));
            } else {
                before.extend(then);
                after.extend(now);
            }
        }
        if before.is_empty() || after.is_empty() {
            return;
        }
        let (of_then, of_now) = (neighbours(&self.then, then), neighbours(&self.now, now));
        let groups = Groups::of(
            &before,
            &after,
            |it| Some((self.then.alike(it), of_then[&it])),
            |it| Some((self.now.alike(it), of_now[&it])),
        );
        groups.singles().for_each(|(then, now)| self.pair(then, now));
    }

    /// What has a name: the only one of the name here, whatever changed in it; or the only function or
    /// class with that in it, if its old name is gone and its new one is new. One that both say of different
    /// things is neither.
    fn pair_named(&mut self, then: &[u32], now: &[u32], others: &FxHashSet<u32>) {
        let name = |side: &Side<'_>, it: u32| {
            let piece = &side.pieces[it as usize];
            piece.is_named().then_some((piece.role, piece.label))
        };
        let content = |side: &Side<'_>, it: u32| {
            let piece = &side.pieces[it as usize];
            let tells = piece.role == Role::Name && piece.is_code() && piece.print.is_telling();
            tells.then_some((piece.kind, piece.print))
        };
        let by_name = Groups::of(then, now, |it| name(&self.then, it), |it| name(&self.now, it));
        let by_content =
            Groups::of(then, now, |it| content(&self.then, it), |it| content(&self.now, it));
        let is_gone = |key| by_name.0.get(&key).is_none_or(|(_, now)| now.is_empty());
        let is_new = |key| by_name.0.get(&key).is_none_or(|(then, _)| then.is_empty());
        let same_name: FxHashMap<u32, u32> = by_name.singles().collect();
        let same_content: FxHashMap<u32, u32> = by_content.singles().collect();
        let claimed: FxHashMap<u32, u32> =
            same_content.iter().map(|(&then, &now)| (now, then)).collect();
        // What was written so stands elsewhere now, though nobody knows which of several it is.
        let is_elsewhere = |it: u32, named: u32| {
            let same = content(&self.then, it).and_then(|key| by_content.0.get(&key));
            let mut same = same.into_iter().flat_map(|(_, now)| now);
            same.any(|&now| now != named && !self.taken[now as usize])
        };
        let elsewhere: FxHashSet<u32> = same_name
            .iter()
            .filter(|&(&then, &now)| is_elsewhere(then, now))
            .map(|(&then, _)| then)
            .collect();
        for &it in then {
            if self.found[it as usize].is_some() {
                continue;
            }
            let found = match (same_name.get(&it), same_content.get(&it)) {
                (Some(&named), None)
                    if !elsewhere.contains(&it)
                        && claimed.get(&named).is_none_or(|&other| other == it)
                        && self.is_of_one_kind(it, named)
                        && !others.contains(&it) =>
                {
                    named
                }
                (Some(named), Some(same)) if named == same => *named,
                (None, Some(&same)) => {
                    let renamed = name(&self.then, it).is_some_and(is_gone)
                        && name(&self.now, same).is_some_and(is_new);
                    if !renamed {
                        continue;
                    }
                    same
                }
                _ => continue,
            };
            if !self.taken[found as usize] {
                self.pair(it, found);
            }
        }
    }

    /// Whether both are functions, or classes, or neither, in whatever form.
    fn is_of_one_kind(&self, then: u32, now: u32) -> bool {
        self.then.pieces[then as usize].nature == self.now.pieces[now as usize].nature
    }

    /// What has no name: the only one here that is called for so, whatever changed in it.
    fn pair_called_for(&mut self, then: &[u32], now: &[u32]) {
        let key = |side: &Side<'_>, it: u32| {
            let piece = &side.pieces[it as usize];
            (!piece.is_named()).then_some((piece.role, piece.kind, piece.label))
        };
        let groups = Groups::of(then, now, |it| key(&self.then, it), |it| key(&self.now, it));
        for (then, now) in groups.singles().collect::<Vec<_>>() {
            if self.found[then as usize].is_none() && !self.taken[now as usize] {
                self.pair(then, now);
            }
        }
    }

    /// A function or class that was moved to other surroundings as it was: with its name, and the only
    /// one in either text. A variable in other surroundings is another.
    fn find_moved(&mut self) {
        let key = |side: &Side<'_>, it: u32| {
            let piece = &side.pieces[it as usize];
            let tells = piece.role == Role::Name && piece.is_code() && piece.print.is_telling();
            tells.then(|| side.alike(it))
        };
        let then: Vec<u32> = (0..self.then.pieces.len() as u32).collect();
        let now: Vec<u32> = (0..self.now.pieces.len() as u32).collect();
        let groups = Groups::of(&then, &now, |it| key(&self.then, it), |it| key(&self.now, it));
        for (then, now) in groups.singles().collect::<Vec<_>>() {
            if self.found[then as usize].is_none() && !self.taken[now as usize] {
                self.pair(then, now);
                self.pair_within(vec![(Some(then), Some(now))]);
            }
        }
    }
}

/// What stands before and behind each of the pieces of the same surroundings, and neither in it nor
/// around it.
fn neighbours(side: &Side<'_>, all: &[u32]) -> FxHashMap<u32, [Option<Alike>; 2]> {
    let whole = |it: u32| side.pieces[it as usize].whole;
    let each = all.iter().enumerate().map(|(at, &it)| {
        let (start, end) = whole(it);
        let before = all[..at].iter().rev().copied().find(|&other| whole(other).1 <= start);
        let behind = all.partition_point(|&other| whole(other).0 < end);
        let behind = all.get(behind.max(at + 1)).copied();
        (it, [before, behind].map(|other| other.map(|other| side.alike(other))))
    });
    each.collect()
}

/// The pieces of both texts by something that they have in common.
struct Groups<K>(FxHashMap<K, (Vec<u32>, Vec<u32>)>);

impl<K: Hash + Eq> Groups<K> {
    fn of(
        then: &[u32],
        now: &[u32],
        of_then: impl Fn(u32) -> Option<K>,
        of_now: impl Fn(u32) -> Option<K>,
    ) -> Self {
        let mut groups: FxHashMap<K, (Vec<u32>, Vec<u32>)> = FxHashMap::default();
        for &it in then {
            if let Some(key) = of_then(it) {
                groups.entry(key).or_default().0.push(it);
            }
        }
        for &it in now {
            if let Some(key) = of_now(it) {
                groups.entry(key).or_default().1.push(it);
            }
        }
        Self(groups)
    }

    /// Where there is one of each.
    fn singles(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.values().filter_map(|(then, now)| match (&then[..], &now[..]) {
            (&[then], &[now]) => Some((then, now)),
            _ => None,
        })
    }
}
