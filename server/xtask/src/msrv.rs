//! Whether the version of Rust that Cargo.toml states is one that can build Heapmark: no dependency
//! may need a newer one.
//!
//! That our own code needs none is clippy's concern (`incompatible_msrv`), which reads the same line.

use anyhow::Context;
use serde::Deserialize;
use xshell::{Shell, cmd};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    rust_version: Option<String>,
}

/// Major, minor and patch.
type Version = [u32; 3];

/// # Errors
/// If a dependency needs a newer Rust than the one stated.
pub(crate) fn check(shell: &Shell) -> anyhow::Result<()> {
    let metadata = cmd!(shell, "cargo metadata --format-version 1 --locked").quiet().read()?;
    let metadata = serde_json::from_str(&metadata)
        .context("what cargo says about the workspace cannot be read: try a newer cargo")?;
    compare(&metadata)
}

fn compare(metadata: &Metadata) -> anyhow::Result<()> {
    let mut needed: Option<(Version, &Package)> = None;
    for package in &metadata.packages {
        let Some(version) = version(package)? else { continue };
        if needed.as_ref().is_none_or(|(most, _)| *most < version) {
            needed = Some((version, package));
        }
    }
    let (needed, by) = needed.context("no package says which Rust it needs")?;
    for package in &metadata.packages {
        if !metadata.workspace_members.contains(&package.id) {
            continue;
        }
        let name = &package.name;
        let stated = version(package)?
            .with_context(|| format!("{name} states no rust-version: let it be the workspace's"))?;
        let needs = by.rust_version.as_deref().unwrap_or_default();
        anyhow::ensure!(
            stated >= needed,
            "{} {} needs Rust {needs}: state that as rust-version in Cargo.toml, or take a version of it \
             that needs less",
            by.name,
            by.version,
        );
    }
    Ok(())
}

fn version(package: &Package) -> anyhow::Result<Option<Version>> {
    let Some(text) = &package.rust_version else { return Ok(None) };
    let mut version = [0; 3];
    for (part, text) in version.iter_mut().zip(text.split('.')) {
        let number = text.split(['-', '+']).next().unwrap_or(text).parse();
        *part = number.with_context(|| format!("{} needs a Rust {text}", package.name))?;
    }
    Ok(Some(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(ours: &str, theirs: &str) -> String {
        let package = |name: &str, rust_version: &str| Package {
            id: format!("id of {name}"),
            name: name.to_owned(),
            version: "9.0.0".to_owned(),
            rust_version: (!rust_version.is_empty()).then(|| rust_version.to_owned()),
        };
        let packages = vec![package("ours", ours), package("theirs", theirs), package("old", "")];
        let workspace_members = vec!["id of ours".to_owned()];
        let compared = compare(&Metadata { packages, workspace_members });
        compared.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn no_dependency_may_need_more() {
        for ours in ["1.95", "1.95.0", "1.100", "2.0"] {
            assert_eq!(said(ours, "1.95.0"), "", "{ours}");
        }
        assert_eq!(said("1.90", ""), "");
        let expected = "theirs 9.0.0 needs Rust 1.95.0: state that as rust-version in Cargo.toml, or take a \
                        version of it that needs less";
        assert_eq!(said("1.90", "1.95.0"), expected);
        assert_eq!(
            said("1.95.0", "1.95.1").split(':').next(),
            Some("theirs 9.0.0 needs Rust 1.95.1")
        );
        assert!(said("", "1.60").starts_with("ours states no rust-version"));
    }
}
