//! No file where one is expected: a pipe that nobody writes to, a folder, a link to nowhere, to itself,
//! to a device or out of the workspace, a socket, a giant, one that may not be read.

use std::fs::{self, File};
use std::path::Path;

use anyhow::Result;

use crate::scene::Held;
use crate::soak::Soak;

/// Larger than any file that the server should read in one go; nothing of it is on the disk.
const GIANT: u64 = 400_000_000;

/// Files that the server reads. Some are there to begin with.
const PLACES: [&str; 18] = [
    ".heapmark/final.heapsnapshot",
    ".heapmark/target.heapsnapshot",
    ".heapmark/impostor.heapsnapshot",
    ".heapmark/impostor.heapsnapshot.gz",
    ".heapmark/final.scripts.json",
    ".heapmark/baseline.scripts.json",
    ".heapmark/impostor.scripts.json",
    ".heapmark",
    "heapmark-accepted.json",
    ".gitignore",
    ".ignore",
    ".git/info/exclude",
    ".git",
    "package.json",
    "tsconfig.json",
    "src/pages.js",
    "src/visits.js",
    "src",
];

const THINGS: [&str; 10] = [
    "a pipe",
    "a pipe that is held open",
    "a folder",
    "a link to nowhere",
    "a link to itself",
    "a link to a device without end",
    "a link out of the workspace",
    "a socket",
    "a giant",
    "a file that may not be read",
];

pub(super) fn in_place_of_a_file(soak: &mut Soak) -> Result<String> {
    let place = Path::new(soak.random.pick(&PLACES));
    let thing = soak.random.pick(&THINGS);
    put(soak, place, thing)?;
    if soak.random.percent(80) {
        soak.tell(place, 1);
    }
    Ok(format!("{thing} as {}", place.display()))
}

#[cfg(unix)]
fn put(soak: &mut Soak, place: &Path, thing: &str) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    let secret = soak.scene.outside().join("secret");
    let mut held = None;
    soak.scene.put(place, |path| match thing {
        "a pipe" => make_pipe(path),
        "a pipe that is held open" => {
            make_pipe(path)?;
            // With both its ends, so that opening it does not wait for anybody; reading it does.
            held = Some(Held::Pipe(File::options().read(true).write(true).open(path)?));
            Ok(())
        }
        "a folder" => fs::create_dir(path),
        "a link to nowhere" => symlink(path.with_extension("nowhere"), path),
        "a link to itself" => symlink(path, path),
        "a link to a device without end" => symlink("/dev/zero", path),
        "a link out of the workspace" => symlink(secret, path),
        "a socket" => {
            held = Some(Held::Socket(UnixListener::bind(path)?));
            Ok(())
        }
        "a giant" => File::create(path)?.set_len(GIANT),
        _ => {
            fs::write(path, "{}")?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o0))
        }
    })?;
    if let Some(held) = held {
        soak.scene.hold(held);
    }
    Ok(())
}

#[cfg(unix)]
fn make_pipe(path: &Path) -> std::io::Result<()> {
    let made = std::process::Command::new("mkfifo").arg(path).status()?;
    if made.success() { Ok(()) } else { Err(std::io::Error::other("mkfifo fails")) }
}

/// Without pipes and links there are still folders and giants.
#[cfg(not(unix))]
fn put(soak: &mut Soak, place: &Path, thing: &str) -> Result<()> {
    soak.scene.put(place, |path| match thing {
        "a folder" => fs::create_dir(path),
        _ => File::create(path)?.set_len(GIANT),
    })
}
