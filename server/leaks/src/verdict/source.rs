//! What the source says of whoever holds a leak, as far as a verdict depends on it.

/// What adds to the holder, what takes from it, and what keeps it small.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Source {
    pub(crate) adds: Adds,
    pub(crate) removes: Removes,
    /// Why it will not grow for ever, if the source says so.
    pub(crate) bound: Option<Bound>,
    /// Why nobody has read the code that holds it, or not all that is about it.
    pub(crate) unread: Option<Unread>,
}

/// Why code was not read as it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It stands outside the workspace, or is not at hand.
    Elsewhere,
    /// It has changed since, and nobody knows which text it had: only what stands as it ran was read.
    Changed,
    /// It was compiled in memory, and no source map of that is known.
    Compiled,
}

/// What adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Adds {
    #[default]
    Nothing,
    /// Whatever adds writes to a place that it names: `ring[at] = item`.
    ByIndex,
    /// Something that makes it longer.
    Something,
}

/// What takes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Removes {
    #[default]
    Nothing,
    /// Nothing that was read; but it is handed to code that was not.
    Elsewhere,
    /// Only what nobody calls: a `clear()` for tests.
    Uncalled,
    Something,
}

/// Why a collection will not grow for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// There may be so many, and there are fewer.
    Limit,
    /// Something looks at its size, or cuts it; how many there may be is not known.
    Size,
    /// Each entry has its time: a timer of its own takes it out, or one sweeps those that are old.
    Expiry,
}

impl Source {
    /// Whether something adds.
    pub(crate) fn adds(self) -> bool {
        self.adds != Adds::Nothing
    }

    /// What is true of two that hold the same things.
    pub(crate) fn together(self, other: Self) -> Self {
        let removes = self.removes.max(other.removes);
        let unread = self.unread.filter(|_| other.unread.is_some());
        Self { removes, bound: self.bound.or(other.bound), unread, ..self }
    }

    /// Whether something bounds it.
    pub(crate) fn is_bounded(self) -> bool {
        self.bound.is_some()
    }
}
