//! Which snapshots and which sources the words of `heapmark analyze` mean.
//!
//! Looks at names and folders only; no snapshot is read here.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use heapmark_heap::{LoadError, is_profile_file, is_snapshot_file};
use heapmark_leaks::report::Notice;
use heapmark_leaks::units::plural;
use heapmark_leaks::{AnalyzeError, MAX_IN_GROUP, newest_group};
use heapmark_source::Workspace;

/// The folder in which the snapshots of a workspace lie.
const SNAPSHOTS: &str = ".heapmark";

/// The snapshots to analyse together.
pub(crate) struct Inputs {
    /// The snapshot files, each once.
    pub(crate) files: Vec<PathBuf>,
    /// What of the named folders is not among them.
    pub(crate) notices: Vec<Notice>,
}

impl Inputs {
    /// The named files, and of each named folder the newest snapshots of one process.
    ///
    /// It is an error if a named file cannot be opened, or a folder holds no snapshot. Whether a
    /// file is a snapshot is for the analysis to find out.
    pub(crate) fn named(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut inputs = Inputs { files: Vec::new(), notices: Vec::new() };
        for path in paths {
            if heapmark_files::metadata(path).is_ok_and(|it| it.is_dir()) {
                inputs.add_folder(path)?;
            } else {
                openable(path)?;
                inputs.files.push(path.clone());
            }
        }
        inputs.files.sort();
        let mut seen = HashSet::new();
        // A file has as many names as it has links; one that is no longer there has its own.
        inputs.files.retain(|file| {
            seen.insert(heapmark_files::canonicalize(file).unwrap_or_else(|_| file.clone()))
        });
        Ok(inputs)
    }

    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let entries =
            folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
        let (mut found, mut dead) = (Vec::new(), Vec::new());
        let mut has_profile = false;
        for entry in entries {
            let file = entry?.path();
            has_profile |= is_profile_file(&file);
            if !is_snapshot_file(&file) {
                continue;
            }
            match unreadable(&file) {
                // A file system that does not answer is named itself.
                Some(error) if error.kind() != ErrorKind::TimedOut => dead.push((file, error)),
                _ => found.push(file),
            }
        }
        if let [(file, _), ..] = &dead[..]
            && found.is_empty()
        {
            return Ok(openable(file)?);
        }
        self.notices.extend(dead.iter().map(|(file, error)| about_dead(file, error)));
        let but = if has_profile {
            ", only a .heapprofile: that lists who allocated, not what is alive and held by whom; \
             take a heap snapshot instead"
        } else {
            ""
        };
        anyhow::ensure!(
            !found.is_empty(),
            "there is no .heapsnapshot or .heaptimeline file in {}{but}",
            folder.display()
        );
        let group = newest_group(&found);
        self.notices.extend(left_out(folder, found.len() - group.len(), group.len()));
        self.files.extend(group);
        Ok(())
    }
}

/// Why a link leads to nothing; `None` if it does, or if it is no link or gone by now.
fn unreadable(file: &Path) -> Option<std::io::Error> {
    let error = heapmark_files::metadata(file).err()?;
    file.is_symlink().then_some(error)
}

fn about_dead(link: &Path, error: &std::io::Error) -> Notice {
    let name = link.file_name().unwrap_or_default().to_string_lossy();
    let why = match error.kind() {
        ErrorKind::NotFound => "it is a link that leads nowhere".to_owned(),
        _ => error.to_string(),
    };
    Notice { message: format!("{name} cannot be read: {why}.") }
}

/// The error of an analysis that cannot open its file, before any work is spent on the others.
fn openable(path: &Path) -> Result<(), AnalyzeError> {
    let opened = heapmark_files::metadata(path).and_then(|metadata| {
        // To open a pipe and close it again would take away what comes through it.
        if metadata.is_file() { heapmark_files::open(path).map(drop) } else { Ok(()) }
    });
    opened.map_err(|source| AnalyzeError::Load {
        file: path.to_owned(),
        error: LoadError::Io { path: path.to_owned(), source },
    })
}

fn left_out(folder: &Path, left: usize, taken: usize) -> Option<Notice> {
    let count = u64::try_from(left).ok().filter(|&count| count > 0)?;
    let snapshots = plural(count, "older snapshot", "older snapshots");
    let were = plural(count, "was", "were");
    let folder = folder.display();
    let message = if taken < MAX_IN_GROUP {
        let are = plural(count, "is of another process", "are of other processes");
        let connections = plural(count, "connection", "connections");
        format!("{count} {snapshots} in {folder} {are} or {connections} and {were} not compared.")
    } else {
        format!(
            "{count} {snapshots} in {folder} {were} not compared: of a folder, at most the newest \
             {MAX_IN_GROUP} of one process are. To compare others, name the files."
        )
    };
    Some(Notice { message })
}

/// Where all lies that is read for these files, or folders of files, by their names alone.
pub(crate) fn places(named: &[PathBuf], files: &[PathBuf]) -> Vec<PathBuf> {
    let inside = |it: &PathBuf| if it.ends_with(SNAPSHOTS) { it.join("next") } else { it.clone() };
    let workspaces = workspace_folders(named, &files.iter().map(inside).collect::<Vec<_>>());
    [files, &workspaces].concat()
}

/// The sources: in the folders that were named, or else where the snapshots come from.
///
/// Snapshots in `FOLDER/.heapmark` come from `FOLDER`; of others only the user knows, who mostly
/// stands there: the current folder.
pub(crate) fn workspace(named: &[PathBuf], files: &[PathBuf]) -> anyhow::Result<Workspace> {
    let folders = workspace_folders(named, files).into_iter().map(|folder| {
        let shown = folder.display();
        let real = heapmark_files::canonicalize(&folder).and_then(|real| {
            let metadata = heapmark_files::metadata(&real)?;
            Ok((real, metadata))
        });
        let (real, metadata) =
            real.with_context(|| format!("cannot open the workspace {shown}"))?;
        anyhow::ensure!(metadata.is_dir(), "the workspace {shown} is not a folder");
        Ok(real)
    });
    Ok(Workspace::new(folders.collect::<anyhow::Result<_>>()?))
}

fn workspace_folders(named: &[PathBuf], files: &[PathBuf]) -> Vec<PathBuf> {
    if named.is_empty() {
        captured_in(files).unwrap_or_else(|| vec![PathBuf::from(".")])
    } else {
        named.to_vec()
    }
}

/// The sources of a program whose snapshots are about to be written to `folder`: in the folders that
/// were named, or else where [`workspace`] will look for them.
pub(crate) fn workspace_of(named: &[PathBuf], folder: &Path) -> anyhow::Result<Workspace> {
    let around = std::path::absolute(folder).ok().filter(|folder| folder.ends_with(SNAPSHOTS));
    // One that is made with its parents has no sources yet.
    let exists = around.and_then(|folder| folder.parent().map(Path::is_dir)).unwrap_or(false);
    workspace(named, &exists.then(|| folder.join("next")).into_iter().collect::<Vec<_>>())
}

/// The workspaces in whose `.heapmark` the files lie, if all lie in one.
fn captured_in(files: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = files
        .iter()
        .map(|file| {
            let file = std::path::absolute(file).ok()?;
            let folder = file.parent()?;
            (folder.file_name()? == SNAPSHOTS).then(|| folder.parent().map(Path::to_owned))?
        })
        .collect::<Option<_>>()?;
    folders.sort();
    folders.dedup();
    (!folders.is_empty()).then_some(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_in_a_heapmark_folder_come_from_the_folder_around_it() {
        let root = std::env::temp_dir();
        let file = |path: &str| root.join(path);
        let in_one = [file("app/.heapmark/a.heapsnapshot"), file("app/.heapmark/b.heapsnapshot")];
        assert_eq!(captured_in(&in_one), Some(vec![file("app")]));
        let elsewhere = [file("app/.heapmark/a.heapsnapshot"), file("tmp/b.heapsnapshot")];
        assert_eq!(captured_in(&elsewhere), None);
    }

    #[test]
    fn what_is_read_lies_in_the_named_places_and_in_the_sources() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let of = |named: &[&str], files: &[&str]| places(&paths(named), &paths(files));
        let app = std::path::absolute("app").unwrap();
        assert_eq!(of(&[], &["app/.heapmark"]), [PathBuf::from("app/.heapmark"), app.clone()]);
        assert_eq!(of(&[], &["app/.heapmark/a"]), [PathBuf::from("app/.heapmark/a"), app]);
        assert_eq!(of(&[], &["a", "b"]), paths(&["a", "b", "."]));
        assert_eq!(of(&["src"], &["app/.heapmark"]), paths(&["app/.heapmark", "src"]));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_nowhere_are_told_as_what_they_are() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        symlink("/nonexistent", path("a.heapsnapshot")).unwrap();
        symlink(path("b.heapsnapshot"), path("b.heapsnapshot")).unwrap();
        let named = || Inputs::named(&[folder.path().to_owned()]);
        assert!(named().is_err_and(|it| it.to_string().contains("a.heapsnapshot cannot be read")));
        std::fs::write(path("c.heapsnapshot"), "{}").unwrap();
        let inputs = named().unwrap();
        assert_eq!(inputs.files, [path("c.heapsnapshot")]);
        let mut said: Vec<_> = inputs.notices.into_iter().map(|it| it.message).collect();
        said.sort();
        assert_eq!(said[0], "a.heapsnapshot cannot be read: it is a link that leads nowhere.");
        assert!(said[1].starts_with("b.heapsnapshot cannot be read: Too many"), "{said:?}");
        assert_eq!(said.len(), 2, "and not of another process: {said:?}");
    }

    #[test]
    fn a_folder_is_searched_for_snapshots_of_all_kinds_and_profiles_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let complaint = || match Inputs::named(&[folder.path().to_owned()]) {
            Ok(_) => panic!("there is no snapshot yet"),
            Err(error) => error.to_string(),
        };
        assert!(complaint().starts_with("there is no .heapsnapshot or .heaptimeline file in "));
        std::fs::write(folder.path().join("a.heapprofile"), "{}").unwrap();
        assert!(complaint().ends_with("take a heap snapshot instead"), "{}", complaint());
        let timeline = folder.path().join("a.heaptimeline.zst");
        std::fs::write(&timeline, "").unwrap();
        let inputs = Inputs::named(&[folder.path().to_owned()]).unwrap();
        assert_eq!(inputs.files, [timeline]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_analysed_once_however_often_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.heapsnapshot"), "").unwrap();
        std::fs::write(at("b.heapsnapshot"), "").unwrap();
        std::os::unix::fs::symlink(at("a.heapsnapshot"), at("link.heapsnapshot")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("here")).unwrap();
        let named =
            ["link.heapsnapshot", "b.heapsnapshot", "here/b.heapsnapshot", "a.heapsnapshot"];
        let inputs = Inputs::named(&named.repeat(100).into_iter().map(at).collect::<Vec<_>>());
        assert_eq!(inputs.unwrap().files, [at("a.heapsnapshot"), at("b.heapsnapshot")]);
    }

    #[test]
    fn what_is_left_out_of_a_folder_is_said_with_the_reason() {
        let said = |left, taken| left_out(Path::new(".heapmark"), left, taken).map(|it| it.message);
        assert_eq!(said(0, 3), None);
        assert_eq!(
            said(3, 2).unwrap(),
            "3 older snapshots in .heapmark are of other processes or connections and were not \
             compared."
        );
        assert_eq!(
            said(1, 3).unwrap(),
            "1 older snapshot in .heapmark is of another process or connection and was not compared."
        );
        let full = said(4, MAX_IN_GROUP).unwrap();
        assert!(full.starts_with("4 older snapshots in .heapmark were not compared: "), "{full}");
    }
}
