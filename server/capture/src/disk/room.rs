//! How much room there is for a snapshot, looked at before and while it is written.
//!
//! What happens then is in [`super::part`].

use std::path::Path;

/// Bytes that stay free on the disk: the program that is captured writes there too, and others.
pub(super) const MIN_FREE: u64 = 16 << 20;
/// Bytes between two looks at the disk; less than [`MIN_FREE`], so that others can write meanwhile.
pub(super) const LOOK_EVERY: u64 = 4 << 20;

/// Bytes that are free for the user where `folder` is, if the system tells.
#[cfg(unix)]
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let disk = rustix::fs::statvfs(here).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// There, a disk is found full by writing to it.
#[cfg(not(unix))]
pub(super) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_room_where_a_folder_is_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(folder.path()).unwrap() > 0);
        assert!(free_bytes(Path::new("")).unwrap() > 0, "the current folder");
        assert_eq!(free_bytes(&folder.path().join("nothing")), None);
    }
}
