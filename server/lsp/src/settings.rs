//! What the user may set: the `heapmark` section of the editor's settings.
//!
//! It comes in `initializationOptions`, later in `workspace/didChangeConfiguration`. A setting that
//! is missing has its default, and so has one that makes no sense, which is said.

use std::path::{Component, Path, PathBuf};

use heapmark_heap::{IndexFolder, RelativeFolder};
use heapmark_leaks::suppress::ACCEPTED_FILE;
use heapmark_source::PathMapping;
use serde_json::{Map, Value};

/// How the names of settings begin where they stand among those of others.
const OURS: &str = "heapmark.";

/// The settings that the server reads. Others belong to the client and are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `analyzeOnOpen`: analyse the newest snapshots when a folder is opened and when a new one
    /// appears.
    pub(crate) analyze_on_open: bool,
    /// `snapshots.exclude`: globs in the manner of `.gitignore` of snapshots to pass over.
    pub(crate) exclude: Vec<String>,
    /// `pathMappings`: an object that says for paths of other machines, or URLs, which folder here
    /// they stand for.
    pub(crate) path_mappings: Vec<PathMapping>,
    /// `acceptedFile`: the project's list of accepted leaks, relative to the first folder of the
    /// workspace and inside of it.
    pub(crate) accepted_file: PathBuf,
    /// `index`: where analyses are kept.
    pub(crate) index: Index,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            analyze_on_open: true,
            exclude: Vec::new(),
            path_mappings: Vec::new(),
            accepted_file: PathBuf::from(ACCEPTED_FILE),
            index: Index::default(),
        }
    }
}

/// Whether, where and in how much space analyses are kept, so that a snapshot opens at once the next
/// time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// `index.enabled`.
    enabled: bool,
    /// `index.folder`: none is the user's folder for caches.
    folder: Option<PathBuf>,
    /// `index.maxSize`, here in bytes.
    max_bytes: Option<u64>,
}

impl Default for Index {
    fn default() -> Self {
        Self { enabled: true, folder: None, max_bytes: None }
    }
}

impl Index {
    /// The folder, unless the user wants none.
    pub(crate) fn folder(&self) -> Result<Option<IndexFolder>, RelativeFolder> {
        let folder = match &self.folder {
            _ if !self.enabled => None,
            Some(folder) => Some(IndexFolder::in_folder(folder)),
            None => IndexFolder::of_user()?,
        };
        Ok(folder.map(|folder| match self.max_bytes {
            Some(most) => folder.of_at_most(most),
            None => folder,
        }))
    }
}

impl Settings {
    /// Reads the section itself, or an object that holds it under `heapmark`, or one whose keys have
    /// dots: `heapmark.snapshots.exclude`; also if all that stands under `settings`. With a sentence
    /// for each setting that makes no sense. `None` if there is nothing to read: the client wants to
    /// be asked.
    pub(crate) fn read(value: &Value) -> Option<(Self, Vec<String>)> {
        let value = value.get("settings").unwrap_or(value);
        let is_dotted =
            |fields: &Map<String, Value>| fields.keys().any(|key| key.starts_with(OURS));
        let prefix = match value.get(OURS.trim_end_matches('.')) {
            _ if value.as_object().is_some_and(is_dotted) => OURS,
            Some(Value::Null) => return None,
            Some(_) => OURS,
            None if value.is_null() => return None,
            None => "",
        };
        let mut settings = Self::default();
        let mut problems = Vec::new();
        let mut read = |name: &str, wanted: &str, take: &mut dyn FnMut(&Value) -> bool| {
            let value = find(value, &format!("{prefix}{name}"));
            if let Some(value) = value.filter(|it| !it.is_null())
                && !take(value)
            {
                problems.push(format!("heapmark.{name} must be {wanted}, not {value}."));
            }
        };
        read("analyzeOnOpen", "true or false", &mut |value| {
            value.as_bool().map(|on| settings.analyze_on_open = on).is_some()
        });
        read("snapshots.exclude", "a list of patterns", &mut |value| {
            strings(value).map(|patterns| settings.exclude = patterns).is_some()
        });
        read("pathMappings", "an object of paths", &mut |value| {
            mappings(value).map(|mappings| settings.path_mappings = mappings).is_some()
        });
        read("acceptedFile", "a path inside the workspace", &mut |value| {
            let path = value.as_str().map(Path::new).filter(|path| is_inside(path));
            path.map(|path| path.clone_into(&mut settings.accepted_file)).is_some()
        });
        let index = &mut settings.index;
        read("index.enabled", "true or false", &mut |value| {
            value.as_bool().map(|on| index.enabled = on).is_some()
        });
        read("index.folder", "an absolute path", &mut |value| {
            let path = value.as_str().map(PathBuf::from);
            // Editors show an empty text where there is no setting.
            let path = path.filter(|path| path.is_absolute() || path.as_os_str().is_empty());
            path.map(|it| index.folder = Some(it).filter(|it| it.is_absolute())).is_some()
        });
        read("index.maxSize", "a number of megabytes", &mut |value| {
            let megabytes = value.as_u64();
            megabytes.map(|it| index.max_bytes = Some(it.saturating_mul(1_000_000))).is_some()
        });
        Some((settings, problems))
    }
}

/// The value of a setting. Each dot of its name may stand in a key, or for an object in an object.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).or_else(|| {
        let mut dots = name.match_indices('.');
        dots.find_map(|(dot, _)| find(value.get(&name[..dot])?, &name[dot + 1..]))
    })
}

/// Whether a path leads to something below the folder that it counts from.
fn is_inside(path: &Path) -> bool {
    let goes_down = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    path.components().all(goes_down) && path.file_name().is_some()
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn mappings(value: &Value) -> Option<Vec<PathMapping>> {
    let pairs = value.as_object()?.iter();
    pairs.map(|(from, to)| Some(PathMapping::new(from, to.as_str()?))).collect()
}

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn read(value: &Value) -> Settings {
        let (settings, problems) = Settings::read(value).expect("there is something to read");
        assert_eq!(problems, Vec::<String>::new());
        settings
    }

    #[test]
    fn a_setting_that_is_missing_has_its_default() {
        assert_eq!(read(&json!({})), Settings::default());
        assert!(Settings::default().analyze_on_open);
        let settings = read(&json!({ "snapshots": { "exclude": ["old/"] }, "server": {} }));
        assert_eq!(settings, Settings { exclude: vec!["old/".to_owned()], ..Settings::default() });
    }

    #[test]
    fn paths_of_other_machines_are_mapped() {
        let settings = read(&json!({ "pathMappings": { "/app": ".", "C:\\build": "api" } }));
        let expected = [PathMapping::new("/app", "."), PathMapping::new("C:\\build", "api")];
        assert_eq!(settings.path_mappings, expected);
        for value in [json!(["/app"]), json!({ "/app": 1 })] {
            let (_, problems) = Settings::read(&json!({ "pathMappings": value })).unwrap();
            assert_eq!(
                problems,
                [format!("heapmark.pathMappings must be an object of paths, not {value}.")]
            );
        }
    }

    #[test]
    fn the_list_of_accepted_leaks_is_in_the_workspace() {
        assert_eq!(Settings::default().accepted_file, Path::new("heapmark-accepted.json"));
        let settings = read(&json!({ "acceptedFile": "config/leaks.json" }));
        assert_eq!(settings.accepted_file, Path::new("config/leaks.json"));
        for outside in ["../leaks.json", "/etc/leaks.json", "", "a/../../b"] {
            let (settings, problems) =
                Settings::read(&json!({ "acceptedFile": outside })).expect("there is something");
            assert_eq!(settings, Settings::default());
            assert!(problems[0].contains("must be a path inside the workspace"), "{problems:?}");
        }
    }

    #[test]
    fn the_section_may_come_in_the_settings_of_the_whole_editor() {
        assert!(!read(&json!({ "heapmark": { "analyzeOnOpen": false } })).analyze_on_open);
    }

    /// As Sublime Text, Helix and Neovim have them in their files, and send them.
    #[test]
    fn dots_may_stand_in_keys_or_for_objects() {
        let expected = Settings {
            analyze_on_open: false,
            exclude: vec!["old/".to_owned()],
            path_mappings: vec![PathMapping::new("/app.v2", ".")],
            ..Settings::default()
        };
        for value in [
            json!({ "heapmark.analyzeOnOpen": false, "heapmark.snapshots": { "exclude": ["old/"] },
                "heapmark.pathMappings": { "/app.v2": "." }, "editor.fontSize": 12 }),
            json!({ "heapmark.analyzeOnOpen": false, "heapmark.snapshots.exclude": ["old/"],
                "heapmark": { "pathMappings": { "/app.v2": "." } } }),
            json!({ "analyzeOnOpen": false, "snapshots.exclude": ["old/"],
                "pathMappings": { "/app.v2": "." } }),
            json!({ "heapmark": { "analyzeOnOpen": false, "snapshots.exclude": ["old/"],
                "pathMappings": { "/app.v2": "." } } }),
        ] {
            assert_eq!(read(&value), expected, "{value}");
            assert_eq!(read(&json!({ "settings": value })), expected, "{value}");
        }
        let (_, problems) = Settings::read(&json!({ "heapmark.index.maxSize": "much" })).unwrap();
        assert_eq!(
            problems,
            ["heapmark.index.maxSize must be a number of megabytes, not \"much\"."]
        );
    }

    #[test]
    fn nothing_is_not_the_same_as_the_defaults() {
        assert_eq!(Settings::read(&json!(null)), None);
        assert_eq!(Settings::read(&json!({ "heapmark": null })), None);
        assert_eq!(Settings::read(&json!({ "settings": null })), None);
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named_and_the_others_count() {
        let value = json!({ "analyzeOnOpen": "yes", "snapshots": { "exclude": ["a"] } });
        let (settings, problems) = Settings::read(&value).unwrap();
        assert_eq!(settings, Settings { exclude: vec!["a".to_owned()], ..Settings::default() });
        assert_eq!(problems, ["heapmark.analyzeOnOpen must be true or false, not \"yes\"."]);
        let (_, problems) = Settings::read(&json!({ "snapshots": { "exclude": [1] } })).unwrap();
        assert_eq!(problems, ["heapmark.snapshots.exclude must be a list of patterns, not [1]."]);
        assert_eq!(Settings::read(&json!([1, 2])).unwrap(), (Settings::default(), Vec::new()));
    }

    #[test]
    fn analyses_are_kept_where_the_user_wants_them() {
        let folder = |index: &Value| {
            read(&json!({ "index": index })).index.folder().expect("an absolute one")
        };
        let here = std::env::temp_dir();
        let kept = folder(&json!({ "folder": here, "maxSize": 100 })).expect("a folder");
        assert_eq!(kept.folder(), here);
        assert!(folder(&json!({ "enabled": false, "folder": here })).is_none());
        assert_eq!(read(&json!({ "index": { "folder": "" } })), Settings::default());
        let value = json!({ "index": { "folder": "here", "maxSize": "much" } });
        let (settings, problems) = Settings::read(&value).unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(
            problems,
            [
                "heapmark.index.folder must be an absolute path, not \"here\".",
                "heapmark.index.maxSize must be a number of megabytes, not \"much\"."
            ]
        );
    }
}
