//! The real binary beside a file system that does not answer. The command has users and mounts of its own
//! for that, so that nobody else sees it.

use std::path::Path;
use std::process::Command;

/// Where a file system is mounted that never answers: a FUSE program that serves nothing.
pub fn heapmark_beside_silent_mount(mount: &Path) -> Command {
    let mut command = mounting("exec \"$@\"");
    command.arg(mount);
    with_binary(command)
}

/// The same with one that refuses whatever it is asked, and says nothing any more once it was asked so many
/// times how full it is, as Heapmark does to see whether it answers.
pub fn heapmark_beside_mount_that_falls_silent(mount: &Path, answers: u32) -> Command {
    // The binary has the device open, too: it is not closed when this ends.
    let serve = "{ node \"$1\" \"$2\" </dev/null >/dev/null & } && shift 2 && exec \"$@\"";
    let mut command = mounting(serve);
    command.arg(mount).arg(crate::tests_folder().join("support/falls_silent.cjs"));
    command.arg(answers.to_string());
    with_binary(command)
}

/// A shell that mounts what its first argument names, and goes on with the script.
fn mounting(then: &str) -> Command {
    const MOUNT: &str = "exec 3<>/dev/fuse && mount -i -t fuse \
        -o fd=3,rootmode=40000,user_id=0,group_id=0 silent \"$0\"";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    command.arg(format!("{MOUNT} && {then}"));
    command
}

fn with_binary(mut command: Command) -> Command {
    command.arg(crate::heapmark_binary()).env("HEAPMARK_INDEX", "off");
    command
}
