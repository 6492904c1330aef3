//! Where the map of a script is, and reading it.
//!
//! Asked in turn: the URL that the script carried when it ran (a map in the URL itself is the very
//! one), the comment at the end of the file as it is now, and the file with `.map` behind its name.
//! Only files of the workspace are read, as they were when the script ran as far as that is known;
//! nothing comes over the network.

use std::path::{Path, PathBuf};

use super::comment::source_map_url;
use super::decode::LARGEST_MAP;
use super::{MapError, SourceMap, data_url, decode};
use crate::ran::AsItRan;
use crate::workspace::Resolution;

/// Of longer strings V8 writes only the beginning, in UTF-16 units.
const LONGEST_IN_SNAPSHOT: usize = 1024;

/// A map that was found.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) map: SourceMap,
    /// The folder that its sources are relative to, with `/`.
    pub(crate) folder: String,
    /// Where it was read; `None` if it came with the script that ran.
    pub(crate) file: Option<PathBuf>,
}

/// A map that cannot be used: where it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    /// A path or URL, to show.
    pub(crate) place: String,
    pub(crate) error: MapError,
}

/// The script whose map is wanted.
pub(crate) struct Wanted<'a> {
    /// The folder of the script, with `/`.
    pub(crate) folder: &'a str,
    /// The URL that the script carried when it ran. Long ones may be cut.
    pub(crate) url: Option<&'a str>,
    /// The script's file as it is now, and its text.
    pub(crate) file: Option<(&'a Path, &'a str)>,
}

/// Finds and decodes the map. `None` if there is none.
pub(crate) fn locate(view: &AsItRan<'_>, wanted: &Wanted<'_>) -> Option<Result<Located, Unusable>> {
    let mut failed = None;
    let comment = wanted.file.and_then(|(_, text)| source_map_url(text));
    let urls = [(wanted.url, true), (comment, false)];
    for (url, ran) in urls.into_iter().filter_map(|(url, ran)| Some((url?, ran))) {
        let found = if url.starts_with("data:") {
            let file = wanted.file.map(|(path, _)| path.to_path_buf()).filter(|_| !ran);
            data_url::bytes(url).and_then(|bytes| decode(&bytes)).map(|map| Located {
                map,
                folder: wanted.folder.to_owned(),
                file,
            })
        } else {
            external(view, wanted.folder, url)
        };
        match found {
            Ok(found) => return Some(Ok(found)),
            // The snapshot has only the beginning of a long URL; the file may have it whole.
            Err(_) if ran && url.encode_utf16().count() == LONGEST_IN_SNAPSHOT => {}
            Err(error) => {
                let place = if url.starts_with("data:") { "the map in the script" } else { url };
                failed.get_or_insert(Unusable { place: place.chars().take(200).collect(), error });
            }
        }
    }
    if let Some((path, _)) = wanted.file {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".map");
        let beside = PathBuf::from(beside);
        if view.is_known(&beside) || heapmark_files::is_file(&beside) {
            match read(view, &beside) {
                Ok(found) => return Some(Ok(found)),
                Err(error) => {
                    let place = view.workspace().relative(&beside);
                    failed.get_or_insert(Unusable { place, error });
                }
            }
        }
    }
    // A URL that was cut is no failure: nobody could have read it.
    failed.filter(|failed| failed.error != MapError::DataUrl).map(Err)
}

fn external(view: &AsItRan<'_>, folder: &str, url: &str) -> Result<Located, MapError> {
    if url.starts_with("http:") || url.starts_with("https:") {
        return Err(MapError::Remote(url.chars().take(200).collect()));
    }
    match view.workspace().resolve_source(folder, url) {
        Resolution::File(path) => read(view, &path),
        Resolution::Ambiguous(_) => Err(MapError::Unreadable("several files fit".to_owned())),
        Resolution::NotInWorkspace | Resolution::Builtin => {
            Err(MapError::Unreadable("it is not in the workspace".to_owned()))
        }
    }
}

fn read(view: &AsItRan<'_>, path: &Path) -> Result<Located, MapError> {
    let bytes = view.read(path, LARGEST_MAP).map_err(|error| match error {
        crate::error::SourceError::TooLarge { limit, .. } => MapError::TooLarge { limit },
        other => MapError::Unreadable(other.to_string()),
    })?;
    let folder = path.parent().unwrap_or(path).to_string_lossy().replace('\\', "/");
    Ok(Located { map: decode(&bytes)?, folder, file: Some(path.to_path_buf()) })
}
