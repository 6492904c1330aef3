//! Paths with symbolic links followed. Not here: what may be read.

use std::io;
use std::path::{Path, PathBuf};

/// The path with all symbolic links followed and without `.` and `..`, exactly as
/// [`std::fs::canonicalize`], which asks the system about each folder on the way. Nearly all paths
/// are canonical already, and Linux says so in one call.
///
/// # Errors
///
/// As [`std::fs::canonicalize`], and [`io::ErrorKind::TimedOut`] in a file system that does not answer.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    crate::answers(path)?;
    #[cfg(target_os = "linux")]
    if is_canonical(path) {
        return Ok(path.to_path_buf());
    }
    std::fs::canonicalize(path)
}

/// Whether the path leads to something, and no link is on the way. Old systems and sandboxes do not
/// say: no.
#[cfg(target_os = "linux")]
fn is_canonical(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};

    let Some(below) = path.as_os_str().as_bytes().strip_prefix(b"/") else { return false };
    let is_plain = |segment: &[u8]| !matches!(segment, b"" | b"." | b"..");
    below.split(|&byte| byte == b'/').all(is_plain)
        // A place in the tree: what is there is not opened.
        && openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_SYMLINKS)
            .is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn it_is_what_the_standard_library_says() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "").unwrap();
        symlink(root.join("a/b"), root.join("to-folder")).unwrap();
        symlink("b/file", root.join("a/to-file")).unwrap();
        symlink("/etc", root.join("a/out")).unwrap();
        symlink("nowhere", root.join("a/broken")).unwrap();
        symlink("circle", root.join("circle")).unwrap();
        for below in [
            "",
            "a",
            "a/",
            "a//b",
            "a/./b",
            "a/b/..",
            "a/b/file",
            "a/b/file/",
            "a/b/file/more",
            "to-folder",
            "to-folder/file",
            "to-folder/../to-file",
            "a/to-file",
            "a/out/passwd",
            "a/broken",
            "circle",
            "missing",
            "a/mis\0sing",
        ] {
            let path = PathBuf::from(format!("{}/{below}", root.display()));
            let expected = std::fs::canonicalize(&path);
            let found = canonicalize(&path);
            assert_eq!(found.as_ref().ok(), expected.as_ref().ok(), "{below}");
            let kind = |it: &io::Result<PathBuf>| it.as_ref().err().map(io::Error::kind);
            assert_eq!(kind(&found), kind(&expected), "{below}");
        }
        for path in ["", ".", "src", "/", "/.."] {
            let [found, expected] = [canonicalize(path.as_ref()), Path::new(path).canonicalize()];
            assert_eq!(found.ok(), expected.ok(), "{path}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_without_links_takes_one_call() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        symlink(&root, root.join("link")).unwrap();
        assert!(is_canonical(&root));
        assert!(!is_canonical(&root.join("link")));
    }
}
