//! The words for a cache of a package: which of its options would bound it, and what stands there.

use crate::locate::known_caches::{CacheBound, Unbounded, WhyUnbounded};
use crate::report::Text;
use crate::report::text::{name, text};

/// `` `max` is not given: nothing bounds it.``
pub(super) fn sentence(unbounded: &Unbounded) -> Text {
    let Some(option) = &unbounded.option else {
        return text![name(&unbounded.callee), " has no limit: nothing bounds it."];
    };
    let stands = match &unbounded.why {
        WhyUnbounded::NotGiven => " is not given".into(),
        WhyUnbounded::Zero { is_default: false } => " is 0, which is no limit".into(),
        WhyUnbounded::Zero { is_default: true } => {
            " is 0 if nothing else is set, which is no limit".into()
        }
        WhyUnbounded::NoLimit(written) => text![" is ", name(written), ", which is no limit"],
    };
    let lazy = unbounded.lazy.as_ref();
    let lazy =
        lazy.map(|lazy| text![", and ", name(lazy), " takes out only what is asked for again"]);
    text![name(option), stands, lazy, ": nothing bounds it."]
}

pub(super) fn help(unbounded: &Unbounded) -> Text {
    match &unbounded.option {
        Some(option) => text![
            "give ",
            name(option),
            " a number, delete entries when they are done, or use a key that repeats"
        ],
        None => {
            "use a cache with a limit, delete entries when they are done, or use a key that repeats"
                .into()
        }
    }
}

/// What to do about one that is bounded: nothing, if so many are meant.
pub(super) fn help_if_bounded(bound: &CacheBound) -> Option<Text> {
    let option = match bound {
        CacheBound::AtMost { option, .. }
        | CacheBound::Lifetime { option, .. }
        | CacheBound::Size { option, .. } => option,
        CacheBound::Nothing(_) => return None,
    };
    Some(text!["lower ", name(option), " if that is more than it should keep"])
}
