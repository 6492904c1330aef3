//! What is said of a finding that a package of others is to blame for: which package it is, and which
//! version is mended. Which package that is, and what is known of it, is found elsewhere.

use crate::report::text::{Text, name, text};
use crate::report::{Finding, KnownLeak, Package};

impl Package {
    /// How what is said of a finding in it begins: `` In `debug@4.1.1`:  ``.
    pub(crate) fn head(&self) -> Text {
        text!["In ", name(self.to_string()), ": "]
    }
}

impl Finding {
    /// Its title without the package that it may begin with.
    pub(crate) fn bare_title(&self) -> Text {
        let head = self.package.as_ref().map(Package::head);
        head.and_then(|head| self.title.after(&head)).unwrap_or_else(|| self.title.clone())
    }
}

/// Puts a package at the head of what is said: `` In `debug@4.1.1`: … ``.
pub(crate) fn name_package(finding: &mut Finding, package: &Package) {
    for told in [&mut finding.title, &mut finding.message] {
        *told = text![package.head(), &*told];
    }
}

/// What others have mended, nobody need mend again.
pub(crate) fn tell_of_fix(finding: &mut Finding, known: &KnownLeak) {
    let fixed = format!("{}@{}", known.package, known.fixed_in);
    finding.help = text!["fixed in ", name(fixed), ": upgrade (", &known.issue, ")"];
}
