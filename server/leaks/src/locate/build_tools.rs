//! What built a file, and how to get source maps from it: the table in `build_tools.json`.
//!
//! Which tools there are, how each is recognised and what to set stands in the table alone.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::locate::locator::Locator;

/// A budget: largest `package.json` that is read, in bytes.
const MAX_MANIFEST: u64 = 1 << 20;

static TABLE: LazyLock<Vec<BuildTool>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        tools: Vec<BuildTool>,
    }
    let table: Table = serde_json::from_str(include_str!("build_tools.json"))
        .expect("the table is part of this program, and a test reads it");
    table.tools
});

/// A line of the table.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildTool {
    /// What people call it.
    pub(crate) name: String,
    configs: Vec<String>,
    packages: Vec<String>,
    /// What to do to get source maps, a clause.
    pub(crate) set: String,
}

/// What built a file, by what lies around it in the workspace.
pub(crate) fn of(locator: &Locator, file: &Path) -> Option<&'static BuildTool> {
    let root = locator.folders().find(|folder| file.starts_with(folder))?;
    let around = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let around: Vec<Around> = around.map(|folder| Around::of(locator, folder)).collect();
    // The nearest project that says anything is the one.
    around.iter().find_map(|folder| TABLE.iter().find(|tool| folder.uses(tool)))
}

/// What one folder says of the tools that are used in it.
struct Around<'a> {
    locator: &'a Locator<'a>,
    folder: PathBuf,
    dependencies: Vec<Map<String, Value>>,
}

impl<'a> Around<'a> {
    fn of(locator: &'a Locator<'a>, folder: &Path) -> Self {
        let manifest = locator.read(&folder.join("package.json"), MAX_MANIFEST);
        let manifest: Option<Value> = manifest.and_then(|it| serde_json::from_slice(&it).ok());
        let all = ["dependencies", "devDependencies"].into_iter();
        let dependencies =
            all.filter_map(|key| manifest.as_ref()?.get(key)?.as_object().cloned()).collect();
        Self { locator, folder: folder.to_owned(), dependencies }
    }

    fn uses(&self, tool: &BuildTool) -> bool {
        let has_config = |config: &String| {
            const ENDINGS: [&str; 8] = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".json"];
            ENDINGS
                .iter()
                .any(|it| self.locator.has_file(&self.folder.join(format!("{config}{it}"))))
        };
        let has_package =
            |package: &String| self.dependencies.iter().any(|it| it.contains_key(package));
        tool.configs.iter().any(has_config) || tool.packages.iter().any(has_package)
    }
}

/// The tool of a name.
#[cfg(test)]
pub(crate) fn named(name: &str) -> &'static BuildTool {
    TABLE.iter().find(|it| it.name == name).expect("it is in the table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_the_table_says_how_a_tool_is_recognised_and_what_to_set() {
        for tool in &*TABLE {
            assert!(!(tool.configs.is_empty() && tool.packages.is_empty()), "{}", tool.name);
            assert!(!tool.set.is_empty() && !tool.set.ends_with('.'), "{}", tool.name);
        }
    }
}
