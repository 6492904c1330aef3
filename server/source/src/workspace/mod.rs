//! The user's folders: which file a script's name means, and reading files.
//!
//! Nothing outside the folders is ever read, whatever a snapshot names: a path is followed through
//! symbolic links first and compared then. Text that the editor holds unsaved wins over the disk.
//! All methods take `&self`; files are parsed once and shared.

mod ignored;
mod listing;
pub(crate) mod module_path;
pub(crate) mod path_mapping;
mod resolve;
pub(crate) mod script_name;
mod walk;

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use heapmark_files::{NotRegular, SilentMount, ask_mounts};
use rustc_hash::FxHashMap;

use crate::error::SourceError;
use crate::file::SourceFile;
use crate::text::limits::{LARGEST_FILE, check_size};
use listing::Listing;
use path_mapping::PathMapping;
pub use resolve::Resolution;
use walk::Without;

/// Text in bytes of all parsed files that are kept at once; more starts afresh.
const CACHE_LIMIT: usize = 64 << 20;

/// The workspace folders with everything read from them.
#[derive(Debug, Default)]
pub struct Workspace {
    folders: Vec<Folder>,
    documents: RwLock<FxHashMap<PathBuf, Document>>,
    files: RwLock<Cache>,
    listing: RwLock<Option<Arc<Listing>>>,
    built: RwLock<Option<Arc<Listing>>>,
    path_mappings: Vec<PathMapping>,
    silent: Vec<SilentMount>,
}

#[derive(Debug)]
struct Folder {
    /// As the editor names it; paths are given out below this one.
    shown: PathBuf,
    /// With symbolic links followed, as Node names its scripts.
    real: PathBuf,
}

#[derive(Debug)]
struct Document {
    text: Arc<str>,
    version: u64,
}

#[derive(Debug, Default)]
struct Cache {
    files: FxHashMap<PathBuf, (Stamp, Arc<SourceFile>)>,
    bytes: usize,
    /// Counts documents, so that no two texts of a path share a stamp.
    versions: u64,
}

/// Tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamp {
    Disk { modified: Option<SystemTime>, bytes: u64 },
    Document { version: u64 },
}

impl Workspace {
    /// The workspace of these folders; those that do not exist have no files.
    pub fn new(folders: Vec<PathBuf>) -> Workspace {
        let shown = folders
            .into_iter()
            .map(|folder| std::path::absolute(&folder).map_or(folder, |path| normalised(&path)));
        let shown: Vec<PathBuf> = shown.collect();
        // Before anything in them is touched.
        let mut silent = ask_mounts(&shown);
        let folders: Vec<Folder> = shown
            .into_iter()
            .map(|shown| {
                let real = heapmark_files::canonicalize(&shown).unwrap_or_else(|_| shown.clone());
                Folder { shown, real }
            })
            .collect();
        if folders.iter().any(|folder| folder.real != folder.shown) {
            silent
                .extend(ask_mounts(&folders.iter().map(|it| it.real.clone()).collect::<Vec<_>>()));
            silent.sort();
            silent.dedup();
        }
        Workspace { folders, silent, ..Workspace::default() }
    }

    /// File systems in the folders, or that these are in, that do not answer: nothing in them is read.
    pub fn silent(&self) -> &[SilentMount] {
        &self.silent
    }

    /// The same workspace, in which names that begin as a mapping says are looked for where it says.
    #[must_use]
    pub fn with_path_mappings(mut self, mut mappings: Vec<PathMapping>) -> Workspace {
        mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.precision()));
        self.path_mappings = mappings;
        self
    }

    /// The folders, as absolute paths.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().map(|folder| folder.shown.as_path())
    }

    /// Takes the text that the editor shows for a file, which wins over the disk until
    /// [`Workspace::close_document`].
    pub fn set_document(&self, path: &Path, text: String) {
        let version = {
            let mut cache = write(&self.files);
            cache.versions += 1;
            cache.versions
        };
        let document = Document { text: text.into(), version };
        write(&self.documents).insert(self.real_path(path), document);
    }

    /// The editor no longer shows the file; the disk counts again.
    pub fn close_document(&self, path: &Path) {
        write(&self.documents).remove(&self.real_path(path));
    }

    /// Files were created, deleted or renamed: the listing behind [`Workspace::resolve`] is made
    /// anew when next needed. Changes inside files are noticed without this.
    pub fn files_changed(&self) {
        *write(&self.listing) = None;
        *write(&self.built) = None;
    }

    /// The script files in the folders that Git does not ignore, without `node_modules`; sorted
    /// within each folder.
    pub fn files(&self) -> Vec<PathBuf> {
        self.listing().files().iter().map(|path| self.shown(path)).collect()
    }

    /// Whether Git ignores a file of the workspace, or it lies in a hidden folder: no person wrote it.
    pub fn is_ignored(&self, path: &Path) -> bool {
        self.inside(path).is_ok_and(|real| !self.listing().has(&real))
    }

    /// A file of the workspace, parsed. Unchanged files come from memory.
    pub fn file(&self, path: &Path) -> Result<Arc<SourceFile>, SourceError> {
        let real = self.real_path(path);
        let document = {
            let documents = read(&self.documents);
            documents.get(&real).map(|open| (Arc::clone(&open.text), open.version))
        };
        if let Some((text, version)) = document {
            check_size(path, text.len() as u64, LARGEST_FILE)?;
            let stamp = Stamp::Document { version };
            return self
                .cached(&real, stamp, || SourceFile::parse(self.shown(&real), text.to_string()));
        }

        let real = self.inside(path)?;
        let unreadable = |source| SourceError::Unreadable { path: path.to_path_buf(), source };
        let metadata = heapmark_files::metadata(&real).map_err(unreadable)?;
        let stamp = Stamp::Disk { modified: metadata.modified().ok(), bytes: metadata.len() };
        self.cached(&real, stamp, || {
            let bytes = self.read(path, LARGEST_FILE)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            SourceFile::parse(self.shown(&real), text)
        })
    }

    /// The path below its folder, with `/`, for reports; with several folders, the folder's name
    /// comes first. A path outside the folders is given back as it is.
    pub fn relative(&self, path: &Path) -> String {
        let path = normalised(path);
        let below = self.folders.iter().find_map(|folder| {
            let below =
                path.strip_prefix(&folder.shown).or_else(|_| path.strip_prefix(&folder.real));
            below.ok().map(|below| (folder, below))
        });
        let Some((folder, below)) = below else { return path.display().to_string() };
        let name = folder.shown.file_name().filter(|_| self.folders.len() > 1);
        let segments = name.into_iter().chain(below.iter());
        segments.map(|segment| segment.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Whether a file belongs to a dependency: it lies below a `node_modules`.
    pub fn is_dependency(path: &Path) -> bool {
        path.components().any(|component| component.as_os_str() == "node_modules")
    }

    fn cached(
        &self,
        path: &Path,
        stamp: Stamp,
        parse: impl FnOnce() -> Result<SourceFile, SourceError>,
    ) -> Result<Arc<SourceFile>, SourceError> {
        if let Some((known, file)) = read(&self.files).files.get(path)
            && *known == stamp
        {
            return Ok(Arc::clone(file));
        }
        // Without the lock: other files can be read meanwhile.
        let file = Arc::new(parse()?);
        let mut cache = write(&self.files);
        if cache.bytes + file.text().len() > CACHE_LIMIT {
            cache.files.clear();
            cache.bytes = 0;
        }
        cache.bytes += file.text().len();
        if let Some((_, old)) = cache.files.insert(path.to_path_buf(), (stamp, Arc::clone(&file))) {
            cache.bytes -= old.text().len();
        }
        Ok(file)
    }

    fn listing(&self) -> Arc<Listing> {
        self.listed(&self.listing, Without::Ignored)
    }

    /// Also files that Git ignores. Takes longer, and is seldom needed.
    fn built(&self) -> Arc<Listing> {
        self.listed(&self.built, Without::Nothing)
    }

    fn listed(&self, listing: &RwLock<Option<Arc<Listing>>>, without: Without) -> Arc<Listing> {
        if let Some(listing) = &*read(listing) {
            return Arc::clone(listing);
        }
        let folders: Vec<_> = self.folders.iter().map(|folder| folder.real.clone()).collect();
        let made = Arc::new(Listing::of(&folders, without));
        *write(listing) = Some(Arc::clone(&made));
        made
    }

    /// The text of any file of the workspace, as the disk has it, if it has at most `most` bytes.
    pub fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, SourceError> {
        let real = self.inside(path)?;
        heapmark_files::read(&real, most).map_err(|source| {
            let path = path.to_path_buf();
            if source.get_ref().and_then(|it| it.downcast_ref::<NotRegular>()).is_some() {
                return SourceError::NotAFile { path };
            }
            if source.kind() == ErrorKind::FileTooLarge {
                let bytes = heapmark_files::metadata(&real).map_or(most, |metadata| metadata.len());
                return SourceError::TooLarge { path, bytes, limit: most };
            }
            SourceError::Unreadable { path, source }
        })
    }

    /// Whether a file of the workspace is there.
    pub fn has(&self, path: &Path) -> bool {
        self.size(path).is_some()
    }

    /// The bytes of a file of the workspace on the disk.
    pub(crate) fn size(&self, path: &Path) -> Option<u64> {
        let metadata = heapmark_files::metadata(&self.inside(path).ok()?).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// The real path of a file, if it lies inside a folder.
    fn inside(&self, path: &Path) -> Result<PathBuf, SourceError> {
        let outside = || SourceError::OutsideWorkspace { path: path.to_path_buf() };
        let real = self.real_path(path);
        if !self.folders.iter().any(|folder| real.starts_with(&folder.real)) {
            return Err(outside());
        }
        Ok(real)
    }

    /// The path with symbolic links followed; of a file that does not exist, as far as it goes.
    fn real_path(&self, path: &Path) -> PathBuf {
        if let Ok(real) = heapmark_files::canonicalize(path) {
            return real;
        }
        let path = normalised(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        let below = |folder: &Folder| {
            path.strip_prefix(&folder.shown).ok().map(|below| folder.real.join(below))
        };
        self.folders.iter().find_map(below).unwrap_or(path)
    }

    /// A real path as the editor names it.
    fn shown(&self, real: &Path) -> PathBuf {
        let below = |folder: &Folder| {
            real.strip_prefix(&folder.real).ok().map(|below| folder.shown.join(below))
        };
        self.folders.iter().find_map(below).unwrap_or_else(|| real.to_path_buf())
    }
}

/// The path without `.` and `..`, by its text alone.
pub fn normalised(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// A panic elsewhere leaves these maps whole: each change to them is one insertion or removal.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
