//! Whether a file is of what runs programs for whoever develops or tests them: the table in `development.json`.
//!
//! Which packages and files these are stands in the table alone; what it means for a leak is for
//! [`crate::verdict`].

use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::locate::packages::package_name;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("development.json"))
        .expect("the table is part of this program, and a test reads it")
});

#[derive(Deserialize)]
struct Table {
    packages: Vec<String>,
    files: Vec<String>,
}

/// Whether a file of a dependency is none of what is shipped.
pub(crate) fn is_of_development(file: &Path) -> bool {
    let Some(package) = package_name(file) else { return false };
    let is_it = |known: &String| match known.strip_suffix('*') {
        Some(first) => package.starts_with(first),
        None => package == *known,
    };
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    TABLE.packages.iter().any(is_it) || TABLE.files.iter().any(|end| name.ends_with(end.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_for_development_and_runners_of_tests_are_known() {
        for file in [
            "/shop/node_modules/vite/dist/node/chunks/config.js",
            "/shop/node_modules/.pnpm/jest-circus@30.0.0/node_modules/jest-circus/build/runner.js",
            "/shop/node_modules/@vitest/runner/dist/index.js",
            "/shop/node_modules/next/dist/compiled/next-server/app-page-turbo.runtime.dev.js",
        ] {
            assert!(is_of_development(Path::new(file)), "{file}");
        }
        for file in [
            "/shop/node_modules/vite-node-less/index.js",
            "/shop/node_modules/next/dist/server/lib/start-server.js",
            "/shop/vite/config.js",
            "/shop/src/audit.dev.js",
        ] {
            assert!(!is_of_development(Path::new(file)), "{file}");
        }
    }
}
