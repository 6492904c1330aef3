//! The workspace as one program saw it: its files with the texts that ran.
//!
//! A snapshot is of a moment, and files go on. Whoever asks what stands where V8 points, who mentions
//! a variable or who adds to a collection asks here, and is answered in the text of that moment;
//! what is to be shown is carried over to the text of now in the end ([`AsItRan::now`]).
//!
//! The texts come from those who know them: what was written down when the snapshot was taken, V8's
//! own source of a script, the source map that ran. Of a file that nobody knows anything of, the text
//! of now has to do; of one that is known to be another text by now, only the names.

pub(crate) mod behind;
mod by_content;
pub(crate) mod fit;
pub(crate) mod importers;
pub(crate) mod ran_script;
pub(crate) mod thing;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashMap;

use crate::anchor::Ran;
use crate::error::SourceError;
use crate::file::SourceFile;
use crate::memo::{Memo, lock};
use crate::ran::ran_script::RanScript;
use crate::revision::Revision;
use crate::text::Span;
use crate::text::limits::{LARGEST_FILE, check_size};
use crate::text::position::Range;
use crate::workspace::module_path::find;
use crate::workspace::{Resolution, Workspace};

/// A view of a workspace for one snapshot. The workspace itself is shared and stays as it is.
#[derive(Debug)]
pub struct AsItRan<'w> {
    workspace: &'w Workspace,
    /// What was written to later is not known to be what ran.
    ran_before: Option<SystemTime>,
    /// Behind one lock: what is learnt of a text takes back what was read of another one. It is not
    /// held while a file is read or parsed.
    seen: Mutex<Seen>,
    /// Of the files that were asked for and have another text now.
    revisions: Memo<PathBuf, Option<Arc<Revision>>>,
    /// What may be read to find files by what they say.
    to_compare: by_content::Budget,
}

/// What is known by now of the files and of their texts.
#[derive(Debug, Default)]
struct Seen {
    /// The texts that ran, where they are known.
    texts: FxHashMap<PathBuf, Arc<str>>,
    /// Files whose text is another by now, and nobody knows which it was; with the stretches of it that stand
    /// there as they ran.
    unknown: FxHashMap<PathBuf, Arc<[Span]>>,
    /// What was handed out.
    files: FxHashMap<PathBuf, Arc<SourceFile>>,
    /// What cannot be read as source, and why: it is not tried again.
    refused: BTreeMap<PathBuf, Refusal>,
}

/// What is known of one file's text before it is read.
#[derive(PartialEq)]
struct Basis {
    text: Option<Arc<str>>,
    /// What stands as it ran, of a text that is another by now.
    kept: Option<Arc<[Span]>>,
}

impl Seen {
    fn basis(&self, path: &Path) -> Basis {
        Basis { text: self.texts.get(path).cloned(), kept: self.unknown.get(path).cloned() }
    }

    /// What came of reading a file, if that is known: it is not tried again.
    fn known(&self, path: &Path) -> Option<Result<Arc<SourceFile>, SourceError>> {
        let file = self.files.get(path).map(|file| Ok(Arc::clone(file)));
        file.or_else(|| self.refused.get(path).map(|refusal| Err(refusal.error(path))))
    }

    /// Remembers what cannot be read as source.
    fn note<T>(&mut self, path: &Path, result: &Result<T, SourceError>) {
        if let Some(refusal) = result.as_ref().err().and_then(Refusal::of) {
            self.refused.insert(path.to_owned(), refusal);
        }
    }
}

/// Why a text is not read as source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is larger than [`LARGEST_FILE`], or than [`MAX_BUILT_FILE`](crate::maps::MAX_BUILT_FILE) if it was
    /// built; its size in bytes.
    TooLarge(u64),
    /// It is nested too deeply, or takes too long.
    TooComplex,
    /// The system does not give it, for this reason; it is there.
    Unreadable(ErrorKind),
}

impl Refusal {
    fn of(error: &SourceError) -> Option<Self> {
        match error {
            SourceError::TooLarge { bytes, .. } => Some(Refusal::TooLarge(*bytes)),
            SourceError::TooComplex { .. } => Some(Refusal::TooComplex),
            SourceError::Unreadable { source, .. } if source.kind() != ErrorKind::NotFound => {
                Some(Refusal::Unreadable(source.kind()))
            }
            _ => None,
        }
    }

    fn error(self, path: &Path) -> SourceError {
        let path = path.to_owned();
        match self {
            Refusal::TooLarge(bytes) => SourceError::TooLarge { path, bytes, limit: LARGEST_FILE },
            Refusal::TooComplex => SourceError::TooComplex { path },
            Refusal::Unreadable(kind) => SourceError::Unreadable { path, source: kind.into() },
        }
    }
}

/// What became of a range of a text that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// The text is the same, and so is the range.
    Same,
    /// It stands here in the text of now.
    At(Range),
    /// It is gone, or nothing tells where it is.
    Gone,
}

impl<'w> AsItRan<'w> {
    /// The workspace as it is: nothing is known of other texts yet.
    pub fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            ran_before: None,
            seen: Mutex::default(),
            revisions: Memo::default(),
            to_compare: by_content::Budget::default(),
        }
    }

    /// The workspace itself, for what does not change with a text.
    pub fn workspace(&self) -> &'w Workspace {
        self.workspace
    }

    /// The program had read its files by then: when its snapshot was written.
    pub fn ran_before(&mut self, time: SystemTime) {
        self.ran_before = Some(time);
    }

    /// Which file a script of V8's name is: by its name, or else by what it says.
    pub(crate) fn resolve(&self, ran: &RanScript, sites: &Ran) -> Resolution {
        let by_name = self.workspace.resolve(&ran.name);
        by_content::resolve(self.workspace, &self.to_compare, ran, sites, by_name)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// Whether nobody wrote to a file in the last so long before the snapshot, nor since.
    pub fn is_older(&self, path: &Path, than: Duration) -> bool {
        let modified = heapmark_files::metadata(path).and_then(|metadata| metadata.modified());
        let age = self.ran_before.zip(modified.ok()).map(|(ran, it)| ran.duration_since(it));
        age.is_some_and(|age| age.is_ok_and(|age| age >= than))
    }

    /// Whether somebody wrote to a file since.
    pub(crate) fn is_later(&self, path: &Path) -> bool {
        let modified =
            || heapmark_files::metadata(path).and_then(|metadata| metadata.modified()).ok();
        self.ran_before.is_some_and(|ran| modified().is_some_and(|modified| modified > ran))
    }

    /// A file had this text, by its path on the machine where the program ran. Paths that lead out of
    /// the workspace, or that fit several files, say nothing.
    pub fn recorded(&self, path: &str, text: &str) {
        if let Resolution::File(path) = self.workspace.resolve(path) {
            self.learn(&path, text);
        }
    }

    /// A file of the workspace had this text. Returns whether that is the one that it is read with:
    /// who comes first decides.
    pub(crate) fn learn(&self, path: &Path, text: &str) -> bool {
        let mut seen = self.seen();
        if let Some(known) = seen.texts.get(path) {
            return is_same_text(known, text);
        }
        seen.texts.insert(path.to_owned(), text.into());
        seen.files.remove(path);
        seen.refused.remove(path);
        true
    }

    /// The text of a file is another by now, and nobody knows which it was. What was `kept` stands there as it
    /// ran.
    pub(crate) fn distrust(&self, path: &Path, kept: &[Span]) {
        let mut seen = self.seen();
        if !seen.texts.contains_key(path) && !seen.unknown.contains_key(path) {
            seen.unknown.insert(path.to_owned(), kept.into());
            seen.files.remove(path);
        }
    }

    /// Whether the text of a file is another by now, and nobody knows which it was.
    pub fn is_lost(&self, path: &Path) -> bool {
        let seen = self.seen();
        seen.unknown.contains_key(path) && !seen.texts.contains_key(path)
    }

    /// Whether the text that ran is known.
    pub(crate) fn is_known(&self, path: &Path) -> bool {
        self.seen().texts.contains_key(path)
    }

    /// Whether the file that `importer` asks for as `name` is there as it ran, as far as anybody
    /// knows.
    pub fn knows_import(&self, importer: &Path, name: &str) -> bool {
        let is_unknown = |path: &Path| self.seen().unknown.contains_key(path);
        let is_lost = |path: &Path| is_unknown(path) || !heapmark_files::is_file(path);
        let is_there = |path: &Path| self.is_known(path) || !is_lost(path);
        importer.parent().is_some_and(|folder| find(folder, name, is_there).is_some())
    }

    /// The file that an import of `name` in the file `importer` means, if the program has it.
    pub fn imported(&self, importer: &Path, name: &str) -> Option<PathBuf> {
        let is_there = |path: &Path| self.is_known(path) || heapmark_files::is_file(path);
        find(importer.parent()?, name, is_there)
    }

    /// A file of the workspace like [`AsItRan::file`], if its text has one of these words: only then is it
    /// parsed.
    pub fn file_that_has(&self, path: &Path, words: &[String]) -> Option<Arc<SourceFile>> {
        let text = self.read(path, LARGEST_FILE).ok()?;
        let text = String::from_utf8_lossy(&text);
        let has = |word: &String| text.contains(word.as_str());
        if words.iter().any(has) { self.file(path).ok() } else { None }
    }

    /// The files whose texts are known.
    pub(crate) fn known(&self) -> Vec<PathBuf> {
        self.seen().texts.keys().cloned().collect()
    }

    /// A file of the workspace with the text that ran, parsed.
    pub fn file(&self, path: &Path) -> Result<Arc<SourceFile>, SourceError> {
        loop {
            let basis = {
                let seen = self.seen();
                if let Some(known) = seen.known(path) {
                    return known;
                }
                seen.basis(path)
            };
            let read = self.read_file(path, &basis);
            let mut seen = self.seen();
            // Another thread may have learnt since that it was another text, which happens once a file.
            if seen.basis(path) == basis {
                seen.note(path, &read);
                let file = read?;
                return Ok(Arc::clone(seen.files.entry(path.to_owned()).or_insert(file)));
            }
        }
    }

    fn read_file(&self, path: &Path, basis: &Basis) -> Result<Arc<SourceFile>, SourceError> {
        let now = self.workspace.file(path);
        Ok(match &basis.text {
            Some(text) if !now.as_ref().is_ok_and(|now| is_same_text(text, now.text())) => {
                Arc::new(parse(path, text)?)
            }
            None => match &basis.kept {
                Some(kept) => Arc::new(parse(path, now?.text())?.with_names_and(kept)),
                None => now?,
            },
            Some(_) => now?,
        })
    }

    /// A text that a file of the workspace has or had, parsed. Unlike [`AsItRan::file`], it is not
    /// kept.
    pub(crate) fn parse(&self, path: &Path, text: &str) -> Result<SourceFile, SourceError> {
        self.noted(path, parse(path, text))
    }

    /// A file of the workspace cannot be read, and that is why nothing is known of what ran.
    pub(crate) fn refuse(&self, path: &Path, error: SourceError) {
        self.seen().note::<()>(path, &Err(error));
    }

    /// Remembers what cannot be read as source.
    fn noted<T>(&self, path: &Path, result: Result<T, SourceError>) -> Result<T, SourceError> {
        self.seen().note(path, &result);
        result
    }

    /// The files that were asked for and cannot be read as source; sorted.
    pub fn refused(&self) -> Vec<(PathBuf, Refusal)> {
        self.seen().refused.iter().map(|(path, &refusal)| (path.clone(), refusal)).collect()
    }

    /// The bytes of any file of the workspace as they were, if they are at most `most`.
    pub(crate) fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, SourceError> {
        let known = self.seen().texts.get(path).cloned();
        let Some(text) = known else { return self.workspace.read(path, most) };
        check_size(path, text.len() as u64, most)?;
        Ok(text.as_bytes().to_vec())
    }

    /// Where what stood at a range of a file that was handed out stands now.
    pub fn now(&self, path: &Path, range: Range) -> Now {
        let (then, is_refused) = {
            let seen = self.seen();
            (seen.files.get(path).cloned(), seen.refused.contains_key(path))
        };
        let Some(then) = then else { return Now::Same };
        if is_refused {
            return Now::Gone;
        }
        let Ok(now) = self.noted(path, self.workspace.file(path)) else { return Now::Gone };
        if is_same_text(then.text(), now.text()) {
            return Now::Same;
        }
        let between = || Revision::between(path, then.text(), now.text()).ok().map(Arc::new);
        let revision = self.revisions.get_or_find(path.to_owned(), between);
        let found = revision.as_ref().and_then(|revision| {
            let found = revision.carry(range)?;
            revision.means_the_same((&then, range), (&now, found)).then_some(found)
        });
        found.map_or(Now::Gone, Now::At)
    }

    /// The files that [`AsItRan::now`] was asked for and whose text is not the one that ran; sorted.
    pub fn changed_files(&self) -> Vec<PathBuf> {
        let mut changed = self.revisions.asked();
        changed.sort_unstable();
        changed
    }
}

/// A text of a file, parsed if it is not too large.
pub(crate) fn parse(path: &Path, text: &str) -> Result<SourceFile, SourceError> {
    check_size(path, text.len() as u64, LARGEST_FILE)?;
    SourceFile::parse(path, text.to_owned())
}

/// The same but for the ends of lines and a byte order mark.
pub(crate) fn is_same_text(one: &str, two: &str) -> bool {
    let unmarked = |text| str::strip_prefix(text, '\u{feff}').unwrap_or(text);
    let (one, two) = (unmarked(one), unmarked(two));
    let plain = |text: &str| text.len() - text.matches("\r\n").count();
    one == two || plain(one) == plain(two) && one.lines().eq(two.lines())
}
