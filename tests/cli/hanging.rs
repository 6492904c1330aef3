//! File systems that do not answer: the command line names them, and goes on with the rest.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use heapmark_tests::{heapmark_beside_mount_that_falls_silent, heapmark_beside_silent_mount};

use super::{Recorded, recorded, run};

/// How long it may take to see that nothing comes, twice, and to analyse what is left, in a debug build on a
/// busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program with its snapshots, and a folder in its sources for a file system.
fn with_mount_point() -> (Recorded, PathBuf) {
    let leak = recorded("map-cache");
    let mount = leak.workspace.path().join("src/far away");
    fs::create_dir_all(&mount).expect("a folder");
    (leak, mount.canonicalize().expect("it was just made"))
}

/// Before the work begins, and when it looks at the sources, it answers still; then it holds whoever goes in.
#[test]
fn a_file_system_that_falls_silent_during_an_analysis_is_named_and_the_rest_is_analysed() {
    let (leak, mount) = with_mount_point();
    let began = Instant::now();
    let mut command = heapmark_beside_mount_that_falls_silent(&mount, 2);
    command.args(["analyze", "--workspace"]).arg(leak.workspace.path()).args(&leak.files);
    let said = run(&mut command);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("`cards` keeps growing"), "{}", said.out);
    let named = format!("{} does not answer", mount.display());
    assert_eq!(said.out.matches(&named).count(), 1, "{}", said.out);
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

#[test]
fn a_snapshot_in_a_file_system_that_does_not_answer_is_an_error() {
    let (leak, mount) = with_mount_point();
    let workspace = leak.workspace.path().as_os_str().to_owned();
    let file = mount.join("a.heapsnapshot").into_os_string();
    let analyze = ["analyze".into(), "--workspace".into(), workspace, file.clone()];
    let export = ["export".into(), "--table".into(), "classes".into(), file];
    for arguments in [&analyze[..], &export[..]] {
        let said = run(heapmark_beside_silent_mount(&mount).args(arguments));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
        assert!(said.err.contains("a.heapsnapshot cannot be read"), "{}", said.err);
        assert!(said.err.contains("its file system does not answer"), "{}", said.err);
    }
}

#[test]
fn a_workspace_in_a_file_system_that_does_not_answer_is_an_error() {
    let (leak, mount) = with_mount_point();
    let mut command = heapmark_beside_silent_mount(&mount);
    command.args(["analyze", "--workspace"]).arg(mount.join("app")).args(&leak.files);
    let said = run(&mut command);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert!(said.err.contains("app: its file system does not answer"), "{}", said.err);
}
