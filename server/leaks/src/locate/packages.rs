//! Which files belong to one dependency, by their paths alone; nothing is read.

use std::path::{Component, Path};

/// Whether both are one file, or of one dependency, whose insides are nobody's to mend one by one.
pub(crate) fn is_one_place(one: &Path, two: &Path) -> bool {
    one == two || package_folder(one).is_some_and(|one| package_folder(two) == Some(one))
}

/// The name of the dependency that a file belongs to: `@scope/name`.
pub(crate) fn package_name(file: &Path) -> Option<String> {
    let folder = package_folder(file)?;
    let name = folder.file_name()?.to_string_lossy();
    let scope = folder.parent()?.file_name()?.to_string_lossy();
    Some(if scope.starts_with('@') { format!("{scope}/{name}") } else { name.into_owned() })
}

/// The folder of the dependency that a file belongs to: `node_modules/@scope/name`.
pub(crate) fn package_folder(file: &Path) -> Option<&Path> {
    let is_folder_of_packages = |folder: &&Path| {
        folder.components().next_back() == Some(Component::Normal("node_modules".as_ref()))
    };
    let packages = file.ancestors().skip(1).find(is_folder_of_packages)?;
    let mut inside = file.strip_prefix(packages).ok()?.components();
    let first = inside.next()?.as_os_str();
    let is_scope = first.as_encoded_bytes().starts_with(b"@");
    let names = packages.components().count() + 1 + usize::from(is_scope);
    file.ancestors().find(|folder| folder.components().count() == names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_dependency_are_one_place() {
        let is_one = |one: &str, two: &str| is_one_place(Path::new(one), Path::new(two));
        assert!(is_one("/a/b.js", "/a/b.js"));
        assert!(!is_one("/a/b.js", "/a/c.js"));
        assert!(is_one("/a/node_modules/b/lib/c.js", "/a/node_modules/b/d.js"));
        assert!(!is_one("/a/node_modules/b/c.js", "/a/node_modules/bc/c.js"));
        assert!(!is_one("/a/node_modules/b/c.js", "/a/node_modules/b/node_modules/d/c.js"));
        assert!(is_one("/a/node_modules/@b/c/d.js", "/a/node_modules/@b/c/e/f.js"));
        assert!(!is_one("/a/node_modules/@b/c/d.js", "/a/node_modules/@b/e/d.js"));
        assert!(!is_one("/a/node_modules/b/c.js", "/a/node_modules/d/c.js"));
    }
}
