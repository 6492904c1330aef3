//! What is known about a case: `truth.json`.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// One case of the corpus.
#[derive(Debug, Deserialize)]
pub(crate) struct Truth {
    pub(crate) name: String,
    /// A healthy program: a warning is a false alarm.
    #[serde(default)]
    pub(crate) control: bool,
    #[serde(default)]
    root_causes: Vec<Blame>,
    #[serde(default)]
    also_acceptable: Vec<Blame>,
}

/// A line that may be blamed.
#[derive(Debug, Deserialize)]
pub(crate) struct Blame {
    pub(crate) file: String,
    /// Counted from 1.
    pub(crate) line: u32,
    symbol: String,
    /// Names what leaks rather than what keeps it.
    #[serde(default)]
    weak: bool,
    /// The same line in the package's own source, if its map leads there.
    original: Option<Original>,
}

#[derive(Debug, Deserialize)]
struct Original {
    source: String,
    line: u32,
}

impl Truth {
    pub(crate) fn read(case: &Path) -> anyhow::Result<Self> {
        let file = case.join("truth.json");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a truth", file.display()))
    }

    /// The lines that count when they are blamed.
    pub(crate) fn blames(&self) -> impl Iterator<Item = &Blame> {
        self.root_causes.iter().chain(&self.also_acceptable).filter(|blame| !blame.weak)
    }
}

impl Blame {
    /// Whether `line` of `file` is this one, give or take one.
    pub(crate) fn is_at(&self, file: &str, line: u32) -> bool {
        self.lines_in(file).any(|own| own.abs_diff(line) <= 1)
    }

    /// Whether this one stands in `file`.
    pub(crate) fn is_in(&self, file: &str) -> bool {
        self.lines_in(file).next().is_some()
    }

    /// Its lines in `file`: none, or one.
    fn lines_in(&self, file: &str) -> impl Iterator<Item = u32> {
        let here = (self.file == file).then_some(self.line);
        let original = self.original.as_ref().filter(|original| {
            let source = original.source.trim_start_matches("../");
            file.ends_with(source)
        });
        here.into_iter().chain(original.map(|original| original.line))
    }

    /// The last word of what is blamed: `instances` of `createDebug.instances`.
    pub(crate) fn word(&self) -> &str {
        let last = self.symbol.rsplit(['.', ' ']).next();
        last.unwrap_or(&self.symbol)
    }
}
