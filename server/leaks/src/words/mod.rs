//! What several kinds of findings say in the same words.

/// What to add when something grew and then stayed.
pub(crate) const ONLY_FILLED: &str =
    " If the program went on working before the last snapshot, it may only have been filled.";
