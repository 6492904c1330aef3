//! The kinds of leaks by name, and how loudly they are said.

/// A kind of leak. Which there are stands in the [registry](crate::rules()).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rule {
    name: &'static str,
    finds: &'static str,
}

impl Rule {
    /// Its name in kebab-case, and what it finds, as lists of rules say it.
    pub(crate) const fn new(name: &'static str, finds: &'static str) -> Self {
        Self { name, finds }
    }

    /// The rule's name as it stands in diagnostics, reports and the docs: kebab-case.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What it finds, in a few words without a full stop.
    pub fn finds(self) -> &'static str {
        self.finds
    }
}

/// How loudly a finding is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Growth was seen: two or more snapshots of one process.
    Warning,
    /// Suspicious, but one snapshot cannot prove it.
    Information,
}

impl Severity {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}
