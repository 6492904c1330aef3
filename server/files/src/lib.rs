//! Opening and reading files of the user's, each of which may be anything: a named pipe that blocks
//! whoever opens it, a device without end, a folder, a link to one of these.
//!
//! Every file that Heapmark reads is opened here: without waiting, and only if it turns out to be a
//! regular file, and not in a file system that is known to hang. Not here: which files to read, what is
//! in them, and writing. A file system that begins to hang (a network mount that goes) still blocks:
//! such work belongs on a thread that may be abandoned.

mod canonical;
mod silent;

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

pub use canonical::canonicalize;
pub use silent::{SilentMount, ask_mounts, is_silent, silent_mounts};

/// Why a file was not opened although it is there. The source of an [`io::Error`] of the kind
/// [`io::ErrorKind::InvalidInput`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {0}, not a regular file")]
pub struct NotRegular(&'static str);

/// Why a file was not read to its end. The source of an [`io::Error`] of the kind
/// [`io::ErrorKind::FileTooLarge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is longer than {limit} bytes")]
pub struct TooLong {
    /// How many bytes were allowed.
    pub limit: u64,
}

/// Opens a regular file for reading; links are followed. Anything else is an error that says what
/// it is, and never blocks.
///
/// # Errors
///
/// As [`File::open`], and [`NotRegular`].
pub fn open(path: &Path) -> io::Result<File> {
    open_with_metadata(path).map(|(file, _)| file)
}

/// As [`open`], with what the file system says of the very file that was opened.
///
/// # Errors
///
/// As [`open`].
pub fn open_with_metadata(path: &Path) -> io::Result<(File, Metadata)> {
    // Merely opening some devices has effects: look first. What counts is the second look, since the
    // file may be another one by then.
    regular(&metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Makes no difference to regular files, and a terminal must not become ours.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    Ok((file, metadata))
}

/// As [`std::fs::metadata`], but of what lies in a file system that does not answer it is an error.
///
/// # Errors
///
/// As [`std::fs::metadata`], and [`io::ErrorKind::TimedOut`].
pub fn metadata(path: &Path) -> io::Result<Metadata> {
    answers(path)?;
    std::fs::metadata(path)
}

/// Whether it is a regular file, also through links; false of what lies in a file system that does not
/// answer.
pub fn is_file(path: &Path) -> bool {
    metadata(path).is_ok_and(|it| it.is_file())
}

fn answers(path: &Path) -> io::Result<()> {
    if is_silent(path) {
        let why = "its file system does not answer";
        return Err(io::Error::new(io::ErrorKind::TimedOut, why));
    }
    Ok(())
}

/// The bytes of a regular file that has at most `limit` of them.
///
/// # Errors
///
/// As [`open`], and [`TooLong`].
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_with_metadata(path)?;
    let too_long = || io::Error::new(io::ErrorKind::FileTooLarge, TooLong { limit });
    if metadata.len() > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // It may have grown since.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
}

/// The text of a regular file that has at most `limit` bytes.
///
/// # Errors
///
/// As [`read`], and [`io::ErrorKind::InvalidData`] if it is not UTF-8.
pub fn read_to_string(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, NotRegular(name_of(kind))))
}

fn name_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn said(error: &io::Error) -> String {
        error.to_string()
    }

    #[test]
    fn a_regular_file_is_read_also_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(read_to_string(&file, 4).unwrap(), "text");
        #[cfg(unix)]
        {
            let link = folder.path().join("b");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert_eq!(read(&link, 100).unwrap(), b"text");
        }
    }

    #[test]
    fn a_file_past_its_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "text").unwrap();
        let error = read(&file, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(said(&error), "it is longer than 3 bytes");
    }

    #[test]
    fn what_is_not_utf_8_is_no_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, b"a\xff").unwrap();
        assert_eq!(read_to_string(&file, 9).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(folder.path()).unwrap_err();
        assert_eq!(said(&error), "it is a folder, not a regular file");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let path = PathBuf::from("there is no such file");
        assert_eq!(open(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_a_socket_and_a_device_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert_eq!(said(&open(&pipe).unwrap_err()), "it is a named pipe, not a regular file");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(said(&open(&socket).unwrap_err()), "it is a socket, not a regular file");
        let zero = Path::new("/dev/zero");
        assert_eq!(said(&open(zero).unwrap_err()), "it is a device, not a regular file");
    }
}
