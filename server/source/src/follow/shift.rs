//! How stretches of bytes follow a replacement of other bytes: the rules of editors for their own
//! squiggles, with one addition: what is replaced within a stretch, or as a whole, stays its own.

use crate::text::Span;

/// One replacement, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) start: u32,
    /// Where the replaced text ended, before.
    pub(super) old_end: u32,
    /// Where the new text ends, after.
    pub(super) new_end: u32,
}

impl Splice {
    /// Where a stretch stands afterwards; `None` if it was replaced together with text around it.
    ///
    /// A stretch that was replaced exactly becomes what replaced it, so that a name can be typed
    /// over; an empty one, what was typed there.
    pub(super) fn follow(self, (start, end): Span) -> Option<Span> {
        if start <= self.start && self.old_end <= end && (start == end || self.start < end) {
            let is_before = self.start == start && self.old_end == start && start < end;
            return Some(if is_before {
                (self.shift(start), self.shift(end))
            } else {
                (start, self.shift(end))
            });
        }
        if end <= self.start {
            return Some((start, end));
        }
        if start >= self.old_end {
            return Some((self.shift(start), self.shift(end)));
        }
        // They overlap: what is left of the stretch.
        if start < self.start {
            Some((start, self.start))
        } else if end > self.old_end {
            Some((self.new_end, self.shift(end)))
        } else {
            None
        }
    }

    /// Where a byte at or behind the replaced text stands afterwards.
    fn shift(self, offset: u32) -> u32 {
        offset - self.old_end + self.new_end
    }
}

/// The part of a text that a number of replacements changed, as a stretch before and one after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) before: Span,
    pub(super) after: Span,
}

impl Changed {
    pub(super) fn by(splice: Splice) -> Changed {
        Changed { before: (splice.start, splice.old_end), after: (splice.start, splice.new_end) }
    }

    /// With one more replacement, of the text as the others left it.
    pub(super) fn and(self, splice: Splice) -> Changed {
        // What of the next replacement lies outside of the part so far was unchanged until now.
        let ahead = self.after.0.saturating_sub(splice.start);
        let behind = splice.old_end.saturating_sub(self.after.1);
        let before = (self.before.0 - ahead, self.before.1 + behind);
        let after = (self.after.0.min(splice.start), self.after.1.max(splice.old_end));
        Changed { before, after: (after.0, after.1 - splice.old_end + splice.new_end) }
    }
}

/// Whether two stretches have a byte in common, or touch.
pub(super) fn touch(left: Span, right: Span) -> bool {
    left.0 <= right.1 && right.0 <= left.1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Marks each byte of the stretch, replaces, and looks which marked ones are left; what was put
    /// within the stretch, or instead of all of it, is marked as well.
    fn twin(length: u32, stretch: Span, splice: Splice) -> Option<Span> {
        let within = stretch.0 <= splice.start
            && splice.old_end <= stretch.1
            && splice.start < stretch.1
            && (splice.old_end > stretch.0 || splice.start > stretch.0);
        let mut marks: Vec<bool> =
            (0..length).map(|at| stretch.0 <= at && at < stretch.1).collect();
        let added = vec![within; (splice.new_end - splice.start) as usize];
        marks.splice(splice.start as usize..splice.old_end as usize, added);
        let first = marks.iter().position(|&mark| mark);
        let last = marks.iter().rposition(|&mark| mark);
        match (first, last) {
            (Some(first), Some(last)) => Some((first as u32, last as u32 + 1)),
            _ => within.then_some((splice.start, splice.start)),
        }
    }

    proptest! {
        #[test]
        fn stretches_follow_as_their_bytes_do(
            length in 1u32..24,
            added in 0u32..5,
            cuts in proptest::array::uniform4(any::<prop::sample::Index>()),
        ) {
            let mut at = cuts.map(|cut| cut.index(length as usize + 1) as u32);
            at[..2].sort_unstable();
            at[2..].sort_unstable();
            let [start, end, from, to] = at;
            prop_assume!(start < end && (from < to || added > 0));
            let splice = Splice { start: from, old_end: to, new_end: from + added };
            prop_assert_eq!(splice.follow((start, end)), twin(length, (start, end), splice));
        }

        #[test]
        fn the_changed_part_has_all_that_differs(
            old in "[abc]{0,20}",
            edits in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..4, "[xyz]{0,3}"), 1..5),
        ) {
            let mut new = old.clone();
            let mut changed: Option<Changed> = None;
            for (at, length, text) in edits {
                let start = at.index(new.len() + 1);
                let end = (start + length).min(new.len());
                new.replace_range(start..end, &text);
                let splice = Splice {
                    start: start as u32,
                    old_end: end as u32,
                    new_end: (start + text.len()) as u32,
                };
                changed = Some(changed.map_or(Changed::by(splice), |changed| changed.and(splice)));
            }
            let Changed { before, after } = changed.expect("there is an edit");
            prop_assert_eq!(&old[..before.0 as usize], &new[..after.0 as usize]);
            prop_assert_eq!(&old[before.1 as usize..], &new[after.1 as usize..]);
        }
    }

    #[test]
    fn what_is_typed_over_a_name_is_the_name() {
        let over = Splice { start: 5, old_end: 8, new_end: 9 };
        assert_eq!(over.follow((5, 8)), Some((5, 9)));
        let emptied = Splice { start: 5, old_end: 8, new_end: 5 };
        assert_eq!(emptied.follow((5, 8)), Some((5, 5)));
        let typed = Splice { start: 5, old_end: 5, new_end: 6 };
        assert_eq!(typed.follow((5, 5)), Some((5, 6)));
        assert_eq!(typed.follow((5, 8)), Some((6, 9)));
        assert_eq!(typed.follow((2, 5)), Some((2, 5)));
    }
}
