//! The statement that loads modules again and again: `require(file)` or `import(url)`, if it is certain which
//! one it is.

use std::path::Path;

use heapmark_source::Call;

use crate::evidence::Evidence;
use crate::locate::Spot;
use crate::locate::statements::{Statement, Statements};
use crate::rules::leak::At;

/// What loads a module while a program runs. TypeScript makes the one of the other.
const LOAD: [&str; 2] = ["require", "import"];

/// A statement that loads modules.
pub(super) struct Loading {
    spot: Spot,
    statement: Statement,
}

impl Loading {
    /// What loads copies of these files: it names one of them, or a file that is found out as it runs.
    pub(super) fn of_copies(e: &Evidence, parent: Option<&str>, modules: &[&str]) -> Option<Self> {
        let stems: Vec<&str> = modules.iter().filter_map(|module| stem(module)).collect();
        let names_one = |call: &Call| {
            let named = call.first_string.as_deref().and_then(stem);
            named.is_some_and(|named| stems.contains(&named)) && call.in_function.is_some()
        };
        only(e, parent, names_one).or_else(|| Self::of_files(e, parent))
    }

    /// What loads a file that is found out as it runs.
    pub(super) fn of_files(e: &Evidence, parent: Option<&str>) -> Option<Self> {
        only(e, parent, |call| call.first_string.is_none())
    }

    pub(super) fn statements(&self) -> Statements {
        Statements { adds: vec![self.statement.clone()], ..Statements::default() }
    }

    /// The file in which it stands, as reports show it.
    pub(super) fn file(&self, e: &Evidence) -> String {
        e.locator.relative(self.spot.path())
    }

    pub(super) fn place<K>(&self, is: K) -> At<K> {
        At::statement(&self.spot, &self.statement, is)
    }
}

/// The one call that loads in this way, in the file that loads if that is known.
fn only(e: &Evidence, parent: Option<&str>, is_it: impl Fn(&Call) -> bool) -> Option<Loading> {
    let calls = LOAD.iter().flat_map(|name| e.locator.own_calls(name));
    // `loader.import(…)` is whatever the loader is.
    let calls = calls.filter(|(_, call)| call.callee == call.name && is_it(call));
    let is_in = |parent: &str, spot: &Spot| spot.path() == Path::new(parent);
    let (of_parent, others): (Vec<_>, Vec<_>) =
        calls.partition(|(spot, _)| parent.is_some_and(|parent| is_in(parent, spot)));
    let mut found = if of_parent.is_empty() { others } else { of_parent }.into_iter();
    let (spot, call) = found.next().filter(|_| found.next().is_none())?;
    Some(Loading { spot, statement: call.into() })
}

/// A file's name without folders, ending and query: `rules` of `./rules.mjs?v=2`.
fn stem(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next()?;
    Path::new(path).file_stem()?.to_str()
}
