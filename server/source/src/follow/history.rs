//! Texts that there were before, with the places as they were in them.
//!
//! An undo leads to a text that was known already. Where its places are need not be found again: it was
//! known better then.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::state::State;

/// So many texts are remembered besides the first.
const MAX_MOMENTS: usize = 40;

/// Where the places were in earlier texts.
#[derive(Debug, Clone)]
pub(super) struct History {
    /// The first one is that of the beginning.
    moments: Vec<Moment>,
    /// Which of them is now.
    now: usize,
}

#[derive(Debug, Clone)]
struct Moment {
    text: Key,
    /// Of the places that were watched then.
    places: Vec<State>,
}

/// Tells one text from another, without keeping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    bytes: usize,
    hash: u64,
}

impl Key {
    fn of(text: &str) -> Self {
        let mut hasher = FxHasher::default();
        text.hash(&mut hasher);
        Self { bytes: text.len(), hash: hasher.finish() }
    }
}

impl History {
    /// Begins with a text in which nothing is watched yet.
    pub(super) fn of(text: &str) -> Self {
        Self { moments: vec![Moment { text: Key::of(text), places: Vec::new() }], now: 0 }
    }

    /// One more place is watched in the text as it is now.
    pub(super) fn watched(&mut self, places: &[State]) {
        let known = &mut self.moments[self.now].places;
        known.extend_from_slice(places.get(known.len()..).unwrap_or_default());
    }

    /// Where all `count` places were in a text, if there was one in which all of them were watched.
    pub(super) fn places_in(&self, text: &str, count: usize) -> Option<Vec<State>> {
        let text = Key::of(text);
        let moment = self.moments.iter().find(|moment| moment.text == text)?;
        (moment.places.len() == count).then(|| moment.places.clone())
    }

    /// The text is this now, and the places are thought to be here: of a text that there was before,
    /// they are where they were.
    pub(super) fn arrive(&mut self, text: &str, places: &mut [State]) {
        let text = Key::of(text);
        if let Some(known) = self.moments.iter().position(|moment| moment.text == text) {
            self.now = known;
            for (place, then) in places.iter_mut().zip(&self.moments[known].places) {
                place.clone_from(then);
            }
        } else {
            if self.moments.len() > MAX_MOMENTS {
                self.moments.remove(1);
            }
            self.now = self.moments.len();
            self.moments.push(Moment { text, places: places.to_vec() });
        }
    }
}
