//! What the user may set: the `heapmark` section of the editor's settings.
//!
//! It comes in `initializationOptions`, later in `workspace/didChangeConfiguration`. A setting that
//! is missing has its default; one of the wrong type is said so and has no effect.

use serde::Deserialize;
use serde_json::Value;

/// The settings that the server reads. Others belong to the client and are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    /// Analyse the newest snapshots when a folder is opened and when a new one appears.
    pub(crate) analyze_on_open: bool,
    /// Which snapshots to find.
    pub(crate) snapshots: SnapshotSettings,
}

/// Which snapshots to find.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SnapshotSettings {
    /// Globs in the manner of `.gitignore` of what to pass over.
    pub(crate) exclude: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { analyze_on_open: true, snapshots: SnapshotSettings::default() }
    }
}

impl Settings {
    /// Reads the section itself, or an object that holds it under `heapmark`. `Ok(None)` if there
    /// is nothing to read: the client wants to be asked.
    pub(crate) fn read(value: &Value) -> Result<Option<Self>, serde_json::Error> {
        let section = value.get("heapmark").unwrap_or(value);
        if section.is_null() {
            return Ok(None);
        }
        Self::deserialize(section).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_that_is_missing_has_its_default() {
        assert_eq!(Settings::read(&json!({})).unwrap(), Some(Settings::default()));
        assert!(Settings::default().analyze_on_open);
        let read = Settings::read(&json!({ "snapshots": { "exclude": ["old/"] } })).unwrap();
        assert_eq!(read.unwrap().snapshots.exclude, ["old/"]);
    }

    #[test]
    fn the_section_may_come_in_the_settings_of_the_whole_editor() {
        let read = Settings::read(&json!({ "heapmark": { "analyzeOnOpen": false } })).unwrap();
        assert!(!read.unwrap().analyze_on_open);
    }

    #[test]
    fn nothing_is_not_the_same_as_the_defaults() {
        assert_eq!(Settings::read(&json!(null)).unwrap(), None);
        assert_eq!(Settings::read(&json!({ "heapmark": null })).unwrap(), None);
    }

    #[test]
    fn a_setting_of_the_wrong_type_is_an_error_that_names_it() {
        let error = Settings::read(&json!({ "analyzeOnOpen": "yes" })).unwrap_err();
        assert!(error.to_string().contains("expected a boolean"), "{error}");
    }
}
