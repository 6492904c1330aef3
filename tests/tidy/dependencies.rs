//! What other people's crates may be: the table is deny.toml, which cargo-deny reads too.
//!
//! Not its `[advisories]`: those need a database that only cargo-deny fetches.

use std::collections::BTreeSet;
use std::process::Command;

use serde::Deserialize;
use spdx::{Expression, LicenseReq, Licensee, ParseMode};

use crate::files::files;
use crate::{expect_nothing, read, repository};

/// deny.toml, as far as it is held here.
#[derive(Deserialize)]
struct Table {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// What cargo says of the packages that are built on any platform.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    license: Option<String>,
    /// None: a package of this repository.
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    path: Option<String>,
}

/// A Cargo.lock; other packages than the workspace have their own.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    source: Option<String>,
}

impl Table {
    fn read() -> Self {
        toml::from_str(&read("deny.toml")).expect("deny.toml has the keys that are held here")
    }

    /// Whether one of the alternatives of each package's licence is allowed, and each allowed one needed.
    fn licenses(&self, packages: &[Package]) -> Vec<String> {
        let mut wrong = Vec::new();
        let allowed: Vec<Licensee> = self.licenses.allow.iter().map(|it| licensee(it)).collect();
        let mut needed = BTreeSet::new();
        for Package { name, license, .. } in packages {
            // Old packages write `MIT/Apache-2.0`.
            let parsed = license.as_ref().map(|it| Expression::parse_mode(it, ParseMode::LAX));
            let Some(Ok(expression)) = parsed else {
                wrong.push(format!("{name} has no licence that can be read: {license:?}"));
                continue;
            };
            let is_allowed = |of: &LicenseReq| allowed.iter().any(|one| one.satisfies(of));
            if !expression.evaluate(is_allowed) {
                wrong.push(format!("{name} has the licence {expression}: deny.toml allows none"));
            }
            let which = |of: &LicenseReq| allowed.iter().find(|one| one.satisfies(of));
            needed.extend(expression.requirements().filter_map(|it| which(&it.req)));
        }
        let unneeded = allowed.iter().filter(|it| !needed.contains(it));
        wrong.extend(unneeded.map(|it| format!("deny.toml allows {it}, which no package has")));
        wrong
    }

    /// Packages that are banned, and our own that take any version of another.
    fn bans(&self, packages: &[Package]) -> Vec<String> {
        let mut wrong = Vec::new();
        for package in packages {
            let name = &package.name;
            if let Some(banned) = self.bans.deny.iter().find(|banned| banned.name == *name) {
                wrong.push(format!("{name} is among our dependencies: {}", banned.reason));
            }
            let ours = if package.source.is_none() { &package.dependencies[..] } else { &[] };
            let any = ours.iter().filter(|it| it.req == "*" && it.path.is_none());
            wrong
                .extend(any.map(|it| format!("{name} takes any version of {}: name one", it.name)));
        }
        wrong
    }

    /// Packages of a lock file that come from elsewhere than the registries allowed.
    fn sources(&self, file: &str, lock: &str) -> Vec<String> {
        let lock: Lock = toml::from_str(lock).unwrap_or_else(|error| panic!("{file}: {error}"));
        let is_allowed = |source: &str| {
            let registry = source.strip_prefix("registry+").unwrap_or_default();
            self.sources.allow_registry.iter().any(|allowed| allowed == registry)
        };
        let sources = lock.package.iter().filter_map(|it| Some((&it.name, it.source.as_ref()?)));
        let others = sources.filter(|(_, source)| !is_allowed(source));
        others.map(|(name, source)| format!("{file} takes {name} from {source}")).collect()
    }
}

fn licensee(name: &str) -> Licensee {
    Licensee::parse(name).unwrap_or_else(|error| panic!("deny.toml allows {name}: {error}"))
}

/// All packages of the workspace and all that these need, on whatever platform.
fn packages() -> Vec<Package> {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(repository())
        .output()
        .expect("cargo, which built this, can be started");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let metadata: Metadata = serde_json::from_slice(&asked.stdout).expect("cargo's form 1");
    assert!(metadata.packages.len() > 100, "only {} packages", metadata.packages.len());
    metadata.packages
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    expect_nothing(&Table::read().licenses(&packages()));
}

#[test]
fn no_dependency_is_banned_or_of_any_version() {
    expect_nothing(&Table::read().bans(&packages()));
}

#[test]
fn every_dependency_comes_from_crates_io() {
    let table = Table::read();
    let locks = files().into_iter().filter(|file| file.ends_with("Cargo.lock"));
    let locks: Vec<String> = locks.collect();
    assert!(locks.len() > 1, "the fuzz targets have lock files of their own");
    let wrong = locks.iter().flat_map(|file| table.sources(file, &read(file)));
    expect_nothing(&wrong.collect::<Vec<_>>());
}

#[test]
fn what_a_dependency_may_not_be_is_seen() {
    let table: Table = toml::from_str(
        r#"
        licenses.allow = ["MIT", "Apache-2.0"]
        bans.deny = [{ crate = "openssl-sys", reason = "nothing is sent anywhere" }]
        sources.allow-registry = ["https://github.com/rust-lang/crates.io-index"]
        "#,
    )
    .expect("the table is right");

    let licences = |theirs: &[Option<&str>]| {
        let package = |license| package("them", license, Some("a registry"), &[]);
        table.licenses(&theirs.iter().copied().map(package).collect::<Vec<_>>())
    };
    assert_eq!(licences(&[Some("MIT"), Some("Apache-2.0 OR GPL-3.0-only")]), [""; 0]);
    assert_eq!(licences(&[Some("MIT/Apache-2.0"), Some("Apache-2.0 AND MIT")]), [""; 0]);
    for (license, said) in [
        (Some("GPL-3.0-only"), "them has the licence GPL-3.0-only: deny.toml allows none"),
        (Some("MIT AND MPL-2.0"), "them has the licence MIT AND MPL-2.0: deny.toml allows none"),
        (Some("mine"), "them has no licence that can be read: Some(\"mine\")"),
        (None, "them has no licence that can be read: None"),
    ] {
        assert_eq!(licences(&[Some("MIT OR Apache-2.0"), license]), [said]);
    }
    assert_eq!(licences(&[Some("MIT")]), ["deny.toml allows Apache-2.0, which no package has"]);

    let bans = |package: Package| table.bans(&[package]);
    let theirs = package("openssl-sys", None, Some("a registry"), &[]);
    assert_eq!(bans(theirs), ["openssl-sys is among our dependencies: nothing is sent anywhere"]);
    let ours = package("ours", None, None, &[("serde", "*", None), ("heap", "*", Some("heap"))]);
    assert_eq!(bans(ours), ["ours takes any version of serde: name one"]);
    let ours = package("ours", None, None, &[("serde", "^1.0", None)]);
    assert_eq!(bans(ours), [""; 0]);

    let source = |source: &str| {
        let lock = format!("[[package]]\nname = \"them\"\nversion = \"1.0.0\"\n{source}");
        table.sources("Cargo.lock", &lock)
    };
    assert_eq!(source(""), [""; 0], "one of ours");
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    assert_eq!(source(registry), [""; 0]);
    let git = "source = \"git+https://example.org/them#1234\"";
    assert_eq!(source(git), ["Cargo.lock takes them from git+https://example.org/them#1234"]);
    let other = "source = \"registry+https://example.org/index\"";
    assert_eq!(source(other), ["Cargo.lock takes them from registry+https://example.org/index"]);
}

/// A package; its dependencies are name, requirement and path.
fn package(
    name: &str,
    license: Option<&str>,
    source: Option<&str>,
    dependencies: &[(&str, &str, Option<&str>)],
) -> Package {
    let dependencies = dependencies.iter().map(|&(name, req, path)| Dependency {
        name: name.to_owned(),
        req: req.to_owned(),
        path: path.map(str::to_owned),
    });
    Package {
        name: name.to_owned(),
        license: license.map(str::to_owned),
        source: source.map(str::to_owned),
        dependencies: dependencies.collect(),
    }
}
