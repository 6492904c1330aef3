//! Names the packages that findings are in, with the versions that are installed, and whether they are
//! leaks that those packages are known for.
//!
//! It reads each package's `package.json` and nothing else. What is said of a package stands in `words`,
//! which files are one package's in `locate::packages`.

use std::path::Path;

use crate::locate::packages::{package_folder, package_name};
use crate::output::known_leaks;
use crate::report::{Finding, Match, Package, Place, Role};
use crate::words::packages::{name_package, tell_of_fix};

/// Bytes of a `package.json` that is read. The largest of the npm registry, with thousands of
/// dependencies, have less.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// Characters of a version, as in npm's own `semver`.
const MAX_VERSION_CHARS: usize = 256;

/// Names the package that each finding is in, and the version of one that is mended.
pub(crate) fn name_packages(findings: &mut [Finding]) {
    for finding in findings {
        finding.known = finding.places.iter().filter_map(package_of).find_map(|package| {
            let version = package.version.as_deref()?;
            known_leaks::find(finding.rule.name(), &finding.places, &package.name, version)
        });
        // Who has what a package made stands first, and is not what leaks.
        let leaks = finding.places.iter().find(|place| place.role != Role::User);
        finding.package = leaks.and_then(package_of);
        if let Some(package) = finding.package.clone() {
            name_package(finding, &package);
        }
        if let Some(known) = finding.known.clone() {
            tell_of_fix(finding, &known);
        }
    }
}

fn package_of(place: &Place) -> Option<Package> {
    let name = package_name(&place.file)?;
    // Files of a package change when another version is installed, which is not the one that ran.
    let ran = place.matched == Match::Exact;
    Some(Package { name, version: ran.then(|| version(package_folder(&place.file)?)).flatten() })
}

/// The package of others that a file of the program belongs to.
pub(crate) fn package_at(file: &Path) -> Option<Package> {
    let version = package_folder(file).and_then(version);
    Some(Package { name: package_name(file)?, version })
}

/// What the `package.json` of a folder says, if it looks like a version at all.
fn version(folder: &Path) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        version: String,
    }
    let manifest = heapmark_files::read(&folder.join("package.json"), MAX_MANIFEST_BYTES).ok()?;
    let Manifest { version } = serde_json::from_slice(&manifest).ok()?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let begins = version.starts_with(|c: char| c.is_ascii_digit());
    (begins && version.len() <= MAX_VERSION_CHARS && version.chars().all(is_part))
        .then_some(version)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::Text;
    use crate::report::samples;
    use crate::report::text::text;

    /// A finding whose places are names in files of a folder, the first of them primary.
    fn found(folder: &Path, places: &[(&str, &str)]) -> Finding {
        let mut finding = samples::finding("a", "jobs", 3);
        let place = finding.places.remove(0);
        let at = |&(file, name): &(&str, &str)| Place {
            file: folder.join(file),
            name: name.to_owned(),
            ..place.clone()
        };
        finding.places = places.iter().map(at).collect();
        let title = Text::from("`jobs` keeps growing");
        finding.message = text![&title, ". Nothing removes any."];
        finding.title = title;
        finding
    }

    /// Writes a `package.json` into a folder of packages.
    fn install(folder: &Path, package: &str, manifest: &str) {
        let folder = folder.join(package);
        fs::create_dir_all(&folder).expect("the folder is writable");
        fs::write(folder.join("package.json"), manifest).expect("the folder is writable");
    }

    fn name(finding: Finding) -> Finding {
        let mut findings = [finding];
        name_packages(&mut findings);
        let [finding] = findings;
        finding
    }

    #[test]
    fn a_finding_in_a_package_names_it_with_its_version() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let named = |file: &str| name(found(folder.path(), &[(file, "jobs")])).title.to_string();

        install(folder.path(), "node_modules/queue", r#"{ "version": "3.0.2" }"#);
        let title = named("node_modules/queue/lib/a.js");
        assert_eq!(title, "In `queue@3.0.2`: `jobs` keeps growing");

        let store = "node_modules/.pnpm/queue@2.0.0/node_modules/queue";
        install(folder.path(), store, r#"{ "version": "2.0.0" }"#);
        assert_eq!(named(&format!("{store}/a.js")), "In `queue@2.0.0`: `jobs` keeps growing");

        let inner = "node_modules/queue/node_modules/@of/list";
        install(folder.path(), inner, r#"{ "version": "1.0.0-rc.1+5" }"#);
        let title = named(&format!("{inner}/a.js"));
        assert_eq!(title, "In `@of/list@1.0.0-rc.1+5`: `jobs` keeps growing");

        assert_eq!(named("src/a.js"), "`jobs` keeps growing");
    }

    #[test]
    fn a_package_without_a_good_version_has_a_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let version = |manifest: &str| {
            install(folder.path(), "node_modules/queue", manifest);
            let named = name(found(folder.path(), &[("node_modules/queue/a.js", "jobs")]));
            assert!(named.title.to_string().starts_with("In `queue"), "{}", named.title);
            named.package.expect("it is in a package").version
        };
        assert_eq!(version(r#"{ "version": "1.2.3" }"#).as_deref(), Some("1.2.3"));
        assert_eq!(version("{ \"version\": \"1.2"), None);
        assert_eq!(version("[]"), None);
        assert_eq!(version(r#"{ "version": 1 }"#), None);
        assert_eq!(version(r#"{ "version": "1.2.3` and \u001b[31m" }"#), None);
        assert_eq!(version(&format!(r#"{{ "version": "1.{}" }}"#, "0".repeat(300))), None);
        let large = format!(r#"{{ "version": "1.2.3", "x": "{}" }}"#, "x".repeat(1 << 20));
        assert_eq!(version(&large), None);

        let nowhere = name(found(folder.path(), &[("node_modules/stack/a.js", "jobs")]));
        assert_eq!(nowhere.title.to_string(), "In `stack`: `jobs` keeps growing");
    }

    #[test]
    fn the_version_of_a_package_that_was_changed_since_is_not_that_which_ran() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        install(folder.path(), "node_modules/queue", r#"{ "version": "3.0.2" }"#);
        let mut changed = found(folder.path(), &[("node_modules/queue/a.js", "jobs")]);
        changed.places[0].matched = Match::Moved;
        assert_eq!(name(changed).title.to_string(), "In `queue`: `jobs` keeps growing");
    }

    #[test]
    fn what_its_message_says_beside_its_title_stays_the_same() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let named = name(found(folder.path(), &[("node_modules/queue/a.js", "jobs")]));
        let message = named.message.to_string();
        assert_eq!(message, "In `queue`: `jobs` keeps growing. Nothing removes any.");
        let beyond = named.beyond_title().map(|it| it.to_string());
        assert_eq!(beyond.as_deref(), Some("Nothing removes any."));
    }

    #[test]
    fn a_known_leak_says_which_version_is_mended() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let of = |version: &str, file: &str, name_of_place: &str| {
            let manifest = format!(r#"{{ "version": "{version}" }}"#);
            install(folder.path(), "node_modules/debug", &manifest);
            let file = format!("node_modules/debug/{file}");
            let named = name(found(folder.path(), &[(&file, name_of_place)]));
            (named.known.map(|known| known.fixed_in), named.help.to_string())
        };
        let (file, holder) = ("src/common.js", "createDebug.instances");
        let help = "fixed in `debug@4.3.0`: upgrade (https://github.com/debug-js/debug/issues/678)";
        assert_eq!(of("4.1.1", file, holder), (Some("4.3.0".to_owned()), help.to_owned()));

        let unknown = (None, String::new());
        assert_eq!(of("4.3.0", file, holder), unknown);
        assert_eq!(of("4.3.4", file, holder), unknown);
        assert_eq!(of("10.0.0", file, holder), unknown);
        assert_eq!(of("4.1.1", "src/node.js", holder), unknown);
        assert_eq!(of("4.1.1", file, "createDebug.names"), unknown);
        assert_eq!(of("latest", file, holder), unknown);
    }

    #[test]
    fn a_known_leak_may_show_in_code_that_holds_what_a_package_made() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let manifest = r#"{ "version": "6.4.2" }"#;
        install(folder.path(), "node_modules/eventemitter2", manifest);
        let listener = "node_modules/eventemitter2/lib/eventemitter2.js";
        let places = [("src/bus.js", "bus"), (listener, "EventEmitter.waitFor > listener")];
        let mut finding = found(folder.path(), &places);
        finding.places[1].role = Role::Leaked;
        finding.rule = crate::rule("growing-listeners").expect("it is a rule");

        let named = name(finding);
        assert_eq!(named.package, None);
        let known = named.known.expect("it is known");
        assert_eq!((&*known.package, &*known.fixed_in), ("eventemitter2", "6.4.3"));
        assert!(named.help.to_string().starts_with("fixed in `eventemitter2@6.4.3`: upgrade"));
        assert_eq!(named.title.to_string(), "`jobs` keeps growing");
    }
}
