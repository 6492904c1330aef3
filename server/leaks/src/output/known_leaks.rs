//! The leaks of public packages that their makers know of and have mended: the table in
//! `known_leaks.json`, and whether a finding is one of them.
//!
//! A finding is one of them if the table names its rule and its places, and the version that is installed
//! is from before the fix. It decides neither whether something leaks nor how sure that is.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::locate::packages::{package_folder, package_name};
use crate::report::{KnownLeak, Place};

/// Which files, names and versions there are is the packages' own affair, so it stands in no code.
static TABLE: LazyLock<Vec<Known>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        leaks: Vec<Known>,
    }
    let table: Table = serde_json::from_str(include_str!("known_leaks.json"))
        .expect("the table is part of this program, and a test reads it");
    table.leaks
});

/// A line of the table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Known {
    package: String,
    /// The first version that has it, as far as anybody looked.
    since: Version,
    fixed_in: Version,
    rule: String,
    /// All of them must be among the places of a finding.
    places: Vec<Spot>,
    issue: String,
}

/// A place by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spot {
    /// The path in the package, with `/`.
    file: String,
    name: String,
}

/// The leak of a package that a finding of a rule is, if the package has it in this version.
pub(crate) fn find(
    rule: &str,
    places: &[Place],
    package: &str,
    version: &str,
) -> Option<KnownLeak> {
    let version = Version::try_from(version.to_owned()).ok()?;
    let is_it = |known: &&Known| {
        known.package == package
            && known.rule == rule
            && (&known.since..&known.fixed_in).contains(&&version)
            && known.places.iter().all(|spot| places.iter().any(|at| spot.is(package, at)))
    };
    let known = TABLE.iter().find(is_it)?;
    Some(KnownLeak {
        package: known.package.clone(),
        issue: known.issue.clone(),
        fixed_in: known.fixed_in.to_string(),
    })
}

impl Spot {
    fn is(&self, package: &str, place: &Place) -> bool {
        let inside = || {
            let folder = package_folder(&place.file)?;
            let inside = place.file.strip_prefix(folder).ok()?;
            Some(inside.to_string_lossy().replace('\\', "/"))
        };
        place.name == self.name
            && package_name(&place.file).as_deref() == Some(package)
            && inside().as_deref() == Some(&*self.file)
    }
}

/// A version of semantic versioning, as far as it is compared with released ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct Version {
    numbers: [u64; 3],
    /// What comes before a release is older than it.
    is_released: bool,
}

impl fmt::Display for Version {
    /// Its numbers: what comes before a release is not told apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// It does not begin with three numbers.
#[derive(Debug, thiserror::Error)]
#[error("it is no version, which has three numbers: 4.3.0")]
struct NoVersion;

impl TryFrom<String> for Version {
    type Error = NoVersion;

    fn try_from(written: String) -> Result<Self, NoVersion> {
        let (version, _build) = written.split_once('+').unwrap_or((&written, ""));
        let (numbers, is_released) = match version.split_once('-') {
            Some((numbers, _before)) => (numbers, false),
            None => (version, true),
        };
        let numbers: Result<Vec<u64>, _> = numbers.split('.').map(str::parse).collect();
        let numbers = numbers.ok().and_then(|it| it.try_into().ok()).ok_or(NoVersion)?;
        Ok(Self { numbers, is_released })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: &str) -> Version {
        version.to_owned().try_into().expect("it is a version")
    }

    #[test]
    fn every_line_of_the_table_of_known_leaks_can_match() {
        assert!(!TABLE.is_empty());
        for known in TABLE.iter() {
            assert!(crate::rule(&known.rule).is_some(), "{known:?}");
            assert!(!known.places.is_empty(), "{known:?}");
            assert!(known.since < known.fixed_in, "{known:?}");
            assert!(known.since.is_released && known.fixed_in.is_released, "{known:?}");
            assert!(known.issue.starts_with("https://"), "{known:?}");
        }
    }

    #[test]
    fn versions_of_known_leaks_are_compared_by_their_numbers() {
        assert!(version("4.1.1") < version("4.3.0"));
        assert!(version("4.9.0") < version("4.10.0"));
        assert!(version("9.9.9") < version("10.0.0"));
        assert!(version("4.3.0-rc.1") < version("4.3.0"));
        assert!(version("4.2.9") < version("4.3.0-rc.1"));
        assert_eq!(version("4.3.0+build.5"), version("4.3.0"));
        for none in
            ["", "4", "4.3", "4.3.0.1", "v4.3.0", "4.x.0", "latest", "4.3.99999999999999999999"]
        {
            assert!(Version::try_from(none.to_owned()).is_err(), "{none}");
        }
    }
}
