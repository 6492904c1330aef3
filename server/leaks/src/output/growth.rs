//! By what the heap grew, class by class, and who holds what came: for those who look on where findings do not
//! explain it. It decides nothing about leaks.

use std::cmp::Reverse;

use heapmark_heap::NodeOrdinal;
use heapmark_source::AsItRan;
use rustc_hash::FxHashMap;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for};
use crate::census::classes::Class;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::locate::packages::package_folder;
use crate::output::packages::package_at;
use crate::output::to_current_text::carried;
use crate::output::walks::{Thing, Walks, can_be_told};
use crate::report::{Finding, Growth, GrowthRow, HeldBy, HopPlace, Things};
use crate::v8::bindings::Binding;
use crate::verdict::thresholds::growth::{MIN_EXPLAINED, MIN_HELD_SHARE, MIN_SHARE};
use crate::verdict::thresholds::notices::{UNEXPLAINED_GROWTH, UNEXPLAINED_SHARE};

/// A budget of words: nobody reads more rows.
const MAX_ROWS: usize = 15;
/// A budget: so many things of a row, spread over all of them, are asked who holds them; each costs a climb.
const ASKED: usize = 8;
/// A budget: so many objects around a thing are climbed before somebody holds them all: `cache.lists.newest`.
const MAX_FIELDS: usize = 3;

/// What grew, if the heap did, as seen beside the findings; of snapshots of one process.
pub(crate) fn growth(
    e: &Evidence,
    past: &AsItRan<'_>,
    findings: &[Finding],
    walks: &Walks,
) -> Option<Growth> {
    if !can_be_told(e) {
        return None;
    }
    let totals = (e.censuses[0].total_size, e.newest_census().total_size);
    let bytes = totals.1.checked_sub(totals.0).filter(|&bytes| bytes > 0)?;
    let mut rows = rows(e, bytes, &walks.grown);
    rows.retain(|row| row.row.growth() as f64 >= MIN_SHARE * bytes as f64);
    // Their order does not depend on that in which classes are met.
    rows.sort_by_cached_key(|row| (Reverse(row.row.growth()), format!("{:?}", row.row)));
    rows.truncate(MAX_ROWS);
    let rows = rows.into_iter().map(|Asked { new, row }| {
        let is_folded = matches!(row.what, Things::OfNode | Things::OfEngine);
        let holder = if is_folded { None } else { holder(e, new) };
        let place = row.place.and_then(|place| carried(past, place));
        GrowthRow { place, holder: holder.map(|it| carried_holder(past, it)), ..row }
    });
    let explained = findings.iter().map(|it| u64::try_from(it.growth).unwrap_or(0)).sum::<u64>();
    let explained = explained.min(bytes);
    let sizes: Vec<u64> = e.censuses.iter().map(|it| it.total_size).collect();
    let is_unexplained =
        needs_explanation(&sizes) && (explained as f64) < MIN_EXPLAINED * bytes as f64;
    Some(Growth { bytes, explained, is_unexplained, rows: rows.collect() })
}

/// Whether heaps of these sizes grew from each to the next, and by much.
pub(crate) fn needs_explanation(sizes: &[u64]) -> bool {
    let (Some(&first), Some(&last)) = (sizes.first(), sizes.last()) else { return false };
    let goes_on = sizes.windows(2).all(|pair| pair[1] > pair[0]);
    let growth = last.saturating_sub(first);
    let much = growth >= UNEXPLAINED_GROWTH && growth as f64 >= UNEXPLAINED_SHARE * first as f64;
    goes_on && much
}

/// A row, and what came since the first snapshot.
struct Asked<'w> {
    row: GrowthRow,
    new: &'w [NodeOrdinal],
}

/// All classes that grew; Node's own and V8's own are one each. Those that grew by too little for a row of
/// their own are left out before anybody reads their files.
fn rows<'w>(e: &Evidence, bytes: u64, things: &'w FxHashMap<Class, Thing>) -> Vec<Asked<'w>> {
    let mut classes: Vec<Class> = things.keys().copied().collect();
    classes.sort_unstable();
    let mut rows: Vec<Asked> = Vec::new();
    for class in classes {
        let Thing { example: Some(example), new } = &things[&class] else { continue };
        let example = *example;
        let of = |number: fn(&crate::census::classes::Tally) -> u64| -> Vec<u64> {
            e.censuses.iter().map(|it| it.classes.get(&class).map_or(0, number)).collect()
        };
        let (counts, sizes) = (of(|it| it.count), of(|it| it.bytes));
        let growth = sizes[sizes.len() - 1].saturating_sub(sizes[0]);
        if (growth as f64) < MIN_SHARE * bytes as f64 && !may_be_folded(e, class, example) {
            continue;
        }
        let (what, place) = describe(e, class, example);
        let is_folded = matches!(what, Things::OfNode | Things::OfEngine);
        match rows.iter_mut().find(|it| is_folded && it.row.what == what) {
            Some(known) => {
                add(&mut known.row.counts, &counts);
                add(&mut known.row.sizes, &sizes);
            }
            None => {
                rows.push(Asked {
                    row: GrowthRow { what, place, counts, sizes, holder: None },
                    new,
                });
            }
        }
    }
    rows
}

fn add(series: &mut [u64], more: &[u64]) {
    for (number, more) in series.iter_mut().zip(more) {
        *number += more;
    }
}

/// Whether a class may be Node's own or V8's own, by the name of its script alone.
fn may_be_folded(e: &Evidence, class: Class, example: NodeOrdinal) -> bool {
    match class {
        Class::Engine | Class::Natives => true,
        Class::Instances(_) | Class::Closures(_) => e.heap.location(example).is_some_and(|it| {
            e.heap.script(it.script).is_none_or(|script| script.name.starts_with("node:"))
        }),
        _ => false,
    }
}

/// What people call a class, of which this is one, and where it stands.
fn describe(e: &Evidence, class: Class, example: NodeOrdinal) -> (Things, Option<HopPlace>) {
    let is_builtin = || {
        let location = e.heap.location(example);
        location.is_some_and(|it| e.locator.origin(it) == Origin::Builtin)
    };
    let what = match class {
        Class::Instances(_) | Class::Closures(_) if is_builtin() => return (Things::OfNode, None),
        Class::Natives => Things::OfNode,
        Class::Engine => Things::OfEngine,
        Class::Strings => Things::Strings,
        Class::Stores => Things::Stores,
        Class::Buffers => Things::Buffers,
        Class::Scopes => Things::Scopes,
        Class::Instances(_) => {
            let place = e.locator.node(example).map(|spot| spot.hop_place());
            return (Things::Instances(e.heap.name(example).into_owned()), place);
        }
        Class::Closures(_) => {
            let spot = e.locator.node(example);
            let name = match &spot {
                Some(spot) if spot.is_named() => spot.short_name().to_owned(),
                _ => e.heap.name(example).into_owned(),
            };
            return (Things::Closures(name), spot.map(|spot| spot.hop_place()));
        }
    };
    (what, None)
}

/// Who holds most of the things.
fn holder(e: &Evidence, things: &[NodeOrdinal]) -> Option<HeldBy> {
    let stride = things.len().div_ceil(ASKED).max(1);
    let asked: Vec<NodeOrdinal> = things.iter().copied().step_by(stride).collect();
    let mut answers: Vec<(HeldBy, usize)> = Vec::new();
    for &thing in &asked {
        let Some(answer) = held_by(e, thing) else { continue };
        match answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, count)) => *count += 1,
            None => answers.push((answer, 1)),
        }
    }
    let (answer, count) = answers.into_iter().rev().max_by_key(|&(_, count)| count)?;
    (count as f64 >= MIN_HELD_SHARE * asked.len() as f64).then_some(answer)
}

/// Who holds a thing, as far as code of the program's does.
pub(crate) fn held_by(e: &Evidence, thing: NodeOrdinal) -> Option<HeldBy> {
    holding(e, thing).map(|(_, holder)| holder)
}

/// The same with how it is bound.
pub(crate) fn holding(e: &Evidence, thing: NodeOrdinal) -> Option<(Binding, HeldBy)> {
    let blame = above_fields(e, blame_for(e, thing)?);
    let holder = blame.holder.as_ref()?;
    let user = blame.user.as_ref().filter(|_| !blame.is_far);
    let held_by = HeldBy {
        name: name_of(e, &blame.owner, Some(holder)),
        place: Some(holder.spot.hop_place()),
        package: package_at(holder.spot.path()),
        user: user.map(|user| user.spot.hop_place()),
    };
    Some((blame.owner.binding.clone(), held_by))
}

/// Of what stands in a field of one of the user's own classes, who holds the instance: that all texts are in
/// `Item.text` tells nothing of who has the items.
fn above_fields(e: &Evidence, mut blame: Blame) -> Blame {
    for _ in 0..MAX_FIELDS {
        let Binding::Field { instance, .. } = blame.owner.binding else { break };
        let holder = blame.holder.as_ref();
        if holder.is_some_and(|holder| package_folder(holder.spot.path()).is_some()) {
            break;
        }
        match blame_for(e, instance).filter(|above| above.holder.is_some()) {
            Some(above) => blame = above,
            None => break,
        }
    }
    blame
}

/// Who holds something, where that stands now.
pub(crate) fn carried_holder(past: &AsItRan<'_>, holder: HeldBy) -> HeldBy {
    let carry = |place: Option<HopPlace>| place.and_then(|place| carried(past, place));
    HeldBy { place: carry(holder.place), user: carry(holder.user), ..holder }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;
    use crate::output::walks::things_that_grew;
    use crate::testing::ask_of_drawn;

    #[test]
    fn what_grew_is_told_with_its_numbers_in_each_snapshot() {
        let heap = |pages: std::ops::Range<u32>| {
            let page = |id: u32| {
                let link = format!("list --element {id}--> p{id}");
                format!("{link}\np{id}: object Page 100\np{id}: @{}\n", 2 * id + 101)
            };
            let pages: String = pages.map(page).collect();
            let list = "root --element 1--> list\nlist: object Array 16\nlist: @1\n";
            Sketch::parse(&format!("{list}{pages}"))
        };
        let series = [heap(1..11), heap(1..31), heap(11..41)];
        ask_of_drawn(&[&series[0], &series[1], &series[2]], |e| {
            let things = things_that_grew(e);
            let rows = rows(e, 1, &things);
            let [Asked { row, new }] = &rows[..] else { panic!("one class grew") };
            assert_eq!(row.what, Things::Instances("Page".to_owned()));
            assert_eq!(
                (&row.counts[..], &row.sizes[..]),
                (&[10, 30, 30][..], &[1000, 3000, 3000][..])
            );
            assert_eq!((row.growth(), new.len()), (2000, 30));
        });
    }
}
