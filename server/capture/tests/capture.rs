//! Captures from a real Node.js that was started with `--inspect`.

mod support;

use heapmark_capture::{
    CaptureError, CaptureOptions, Destination, Phase, Session, SessionKeeper, Target, Unmonitored,
    default_folder, discover, targets_at, targets_of,
};
use std::{
    future::pending,
    sync::Mutex,
    time::{Duration, Instant},
};
use support::{Node, Watch, names_in, objects, program, runs, sidecar, signal, to_folder};
use tokio::sync::Notify;

/// Enough objects for a snapshot of some 18 MB, far more than sockets buffer.
const A_LOT: &str = "100000";

#[tokio::test]
async fn a_running_program_is_captured_without_its_garbage() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let captured = session
        .take_snapshot(&to_folder(folder.path(), "first"), &Unmonitored, pending())
        .await
        .unwrap();

    assert_eq!(captured.file, folder.path().join("first.heapsnapshot"));
    assert_eq!(captured.bytes, captured.file.metadata().unwrap().len());
    assert_eq!(captured.process_id, Some(node.child.id()));
    assert_eq!(objects(&captured.file, "KeptForGood").len(), 1);
    assert_eq!(objects(&captured.file, "LetGo").len(), 0);
    assert_eq!(objects(&captured.file, "HeldUntilFinalized").len(), 0, "finalizers ran before");
    assert_eq!(names_in(folder.path()), ["first.heapsnapshot", "first.scripts.json"]);
}

#[tokio::test]
async fn without_collecting_first_what_waits_for_a_finalizer_is_still_there() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let mut options = to_folder(folder.path(), "a");
    options.collect_garbage = false;
    let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    assert_eq!(objects(&captured.file, "HeldUntilFinalized").len(), 1);
}

#[tokio::test]
async fn the_sidecar_tells_what_only_the_live_process_knows() {
    let node = Node::start("keeper.js", &["0", "an argument"]);
    let target = targets_at("127.0.0.1", node.target.port).await.unwrap().remove(0);
    assert_eq!(target.name(), "keeper.js");
    let folder = tempfile::tempdir().unwrap();
    let mut options = to_folder(folder.path(), "a");
    options.role = Some("baseline".to_owned());
    let mut session = Session::connect(&target).await.unwrap();
    let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();

    let sidecar = sidecar(&captured.scripts_file);
    assert_eq!((sidecar.version, sidecar.bytes), (1, captured.bytes));
    assert_eq!(sidecar.role.as_deref(), Some("baseline"));
    assert_eq!(sidecar.identity, captured.identity);
    assert_eq!(sidecar.target.name, "keeper.js");
    let process = sidecar.process.unwrap();
    assert_eq!(process.pid, Some(node.child.id()));
    assert!(process.node.unwrap().starts_with('v'));
    assert!(process.v8.unwrap().contains('.'));
    assert_eq!(process.argv.unwrap().last().unwrap(), "an argument");
    assert_eq!(process.cwd.unwrap(), std::env::current_dir().unwrap().to_str().unwrap());
    let url = url::Url::from_file_path(program("keeper.js")).unwrap();
    let script = sidecar.scripts.iter().find(|script| script.url == url.as_str()).unwrap();
    let length = std::fs::read_to_string(program("keeper.js")).unwrap().encode_utf16().count();
    assert!(script.length as usize >= length, "all of the file, and CommonJS's wrapper if any");
    assert_eq!(script.hash.len(), 64);
    assert!(sidecar.scripts.iter().any(|script| script.url.starts_with("node:")));
}

#[tokio::test]
async fn progress_goes_from_garbage_through_the_heap_to_the_file() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::new(|| {});
    let mut session = Session::connect(&node.target).await.unwrap();
    let captured =
        session.take_snapshot(&to_folder(folder.path(), "a"), &watch, pending()).await.unwrap();

    let said = watch.said();
    let mut phases: Vec<_> = said.iter().map(|(phase, ..)| *phase).collect();
    phases.dedup();
    assert_eq!(phases, [Phase::CollectingGarbage, Phase::Taking, Phase::Writing]);
    let (_, done, total) = *said.iter().rfind(|(phase, ..)| *phase == Phase::Taking).unwrap();
    assert!(done > 0 && done == total, "{done} of {total}");
    assert_eq!(said.last(), Some(&(Phase::Writing, captured.bytes, 0)));
}

#[tokio::test]
async fn snapshots_of_one_session_share_their_ids() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let mut taken = Vec::new();
    for name in ["a", "b"] {
        let options = to_folder(folder.path(), name);
        taken.push(session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap());
    }
    assert_eq!(taken[0].identity, taken[1].identity);
    assert_eq!(objects(&taken[0].file, "KeptForGood"), objects(&taken[1].file, "KeptForGood"));
}

/// Why sessions stay open, and what `identity` is for: this is V8's rule, not ours.
#[tokio::test]
async fn v8_forgets_all_ids_when_any_session_ends() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let options = to_folder(folder.path(), "a");
    let before = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    Session::connect(&node.target).await.unwrap().close().await;
    // Node ends a session on another thread, some time after the connection has closed.
    session.wait(Duration::from_millis(500)).await.unwrap();
    let after = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    assert_ne!(before.identity, after.identity, "nobody may compare them by id");
}

#[tokio::test]
async fn a_keeper_holds_the_session_between_captures() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let keeper = SessionKeeper::default();
    let options = to_folder(folder.path(), "a");
    let take = || keeper.take_snapshot(&node.target, &options, &Unmonitored, pending());
    let (first, second) = (take().await.unwrap(), take().await.unwrap());
    assert_eq!(first.identity, second.identity);
    assert_eq!(objects(&first.file, "KeptForGood"), objects(&second.file, "KeptForGood"));
    keeper.release_all().await;
    let third = take().await.unwrap();
    assert_ne!(second.identity, third.identity);
}

#[tokio::test]
async fn a_program_that_ends_is_let_go() {
    // Node.js does not exit as long as an inspector is attached.
    let mut node = Node::start("brief.js", &["2000"]);
    let folder = tempfile::tempdir().unwrap();
    let keeper = SessionKeeper::default();
    let options = to_folder(folder.path(), "a");
    keeper.take_snapshot(&node.target, &options, &Unmonitored, pending()).await.unwrap();
    ends_within(&mut node, Duration::from_secs(10)).await;

    let mut node = Node::start("brief.js", &["1000"]);
    let mut session = Session::connect(&node.target).await.unwrap();
    let gone = session.wait(Duration::from_secs(60)).await.unwrap_err();
    assert!(gone.to_string().ends_with("has gone: the program ended or closed its inspector"));
    drop(session);
    ends_within(&mut node, Duration::from_secs(10)).await;
}

async fn ends_within(node: &mut Node, limit: Duration) {
    let started = Instant::now();
    while node.child.try_wait().expect("it is our child").is_none() {
        assert!(started.elapsed() < limit, "the program still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn cancelling_half_way_leaves_no_file_and_a_session_that_works() {
    let node = Node::start("keeper.js", &[A_LOT]);
    let folder = tempfile::tempdir().unwrap();
    let half_way = Notify::new();
    let watch = Watch::new(|| half_way.notify_one());
    let mut session = Session::connect(&node.target).await.unwrap();
    let options = to_folder(folder.path(), "a");
    let error = session.take_snapshot(&options, &watch, half_way.notified()).await.unwrap_err();
    assert!(matches!(error, CaptureError::Cancelled), "{error}");
    assert_eq!(names_in(folder.path()), [""; 0]);

    // The chunks of the cancelled one still come: they must not end up in the next.
    let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    assert_eq!(objects(&captured.file, "KeptForGood").len(), 1);
}

#[tokio::test]
async fn a_dropped_capture_leaves_no_file() {
    let node = Node::start("keeper.js", &[A_LOT]);
    let folder = tempfile::tempdir().unwrap();
    let half_way = Notify::new();
    let watch = Watch::new(|| half_way.notify_one());
    let mut session = Session::connect(&node.target).await.unwrap();
    let options = to_folder(folder.path(), "a");
    tokio::select! {
        biased;
        () = half_way.notified() => {}
        taken = session.take_snapshot(&options, &watch, pending()) => panic!("{taken:?}"),
    }
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[tokio::test]
async fn of_a_program_that_ended_during_its_snapshot_no_other_one_is_taken() {
    let mut node = Node::start("keeper.js", &[A_LOT]);
    let (target, process_id) = (node.target.clone(), node.child.id());
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::new(|| assert!(signal("-TERM", process_id)));
    let mut session = Session::connect(&target).await.unwrap();
    session.take_snapshot(&to_folder(folder.path(), "a"), &watch, pending()).await.unwrap();
    // Node.js waits for us now. What there is to see then is what the end has left.
    let gone = session.wait(Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(gone, CaptureError::TargetGone { received: None, .. }), "{gone:?}");
    let options = to_folder(folder.path(), "b");
    let again = session.take_snapshot(&options, &Unmonitored, pending());
    assert!(matches!(again.await, Err(CaptureError::TargetGone { received: None, .. })));
    drop(session);
    ends_within(&mut node, Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_target_that_is_killed_half_way_leaves_no_file_and_a_clear_error() {
    let mut node = Node::start("keeper.js", &[A_LOT]);
    let target = node.target.clone();
    let folder = tempfile::tempdir().unwrap();
    let child = Mutex::new(&mut node.child);
    let watch = Watch::new(|| child.lock().unwrap().kill().unwrap());
    let mut session = Session::connect(&target).await.unwrap();
    let error =
        session.take_snapshot(&to_folder(folder.path(), "a"), &watch, pending()).await.unwrap_err();
    assert!(matches!(error, CaptureError::TargetGone { received: Some(1..), .. }), "{error:?}");
    assert!(error.to_string().contains("went away while the snapshot was taken"), "{error}");
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[tokio::test]
async fn an_existing_file_is_not_overwritten() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.heapsnapshot"), "mine").unwrap();
    let options = CaptureOptions::new(Destination::File(folder.path().join("a.heapsnapshot")));
    let mut session = Session::connect(&node.target).await.unwrap();
    let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    assert_eq!(captured.file, folder.path().join("a-2.heapsnapshot"));
    assert_eq!(captured.scripts_file, folder.path().join("a-2.scripts.json"));
    assert_eq!(std::fs::read(folder.path().join("a.heapsnapshot")).unwrap(), b"mine");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_user_can_read_what_is_written_and_git_does_not_see_it() {
    use std::os::unix::fs::PermissionsExt;

    let node = Node::start("keeper.js", &[]);
    let workspace = tempfile::tempdir().unwrap();
    let folder = default_folder(workspace.path());
    let destination = Destination::Folder { folder: folder.clone(), name: None };
    let mut session = Session::connect(&node.target).await.unwrap();
    let captured = session
        .take_snapshot(&CaptureOptions::new(destination), &Unmonitored, pending())
        .await
        .unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(folder, workspace.path().join(".heapmark"));
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&captured.file), 0o600);
    assert_eq!(mode(&captured.scripts_file), 0o600);
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
    let name = captured.file.file_name().unwrap().to_str().unwrap();
    assert!(name.ends_with(&format!("Z-pid{}.heapsnapshot", node.child.id())), "{name}");
}

#[tokio::test]
async fn a_program_that_never_returns_to_its_event_loop_is_captured_too() {
    let node = Node::start("busy.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let mut options = to_folder(folder.path(), "a");
    // V8 does not get round to collecting garbage there: that is not waited for forever.
    options.silence_limit = Duration::from_secs(5);
    let watch = Watch::new(|| {});
    session.take_snapshot(&options, &watch, pending()).await.unwrap();
    let [(reason, limit)] = &*watch.waits() else { panic!("it says once that it waits") };
    assert!(reason.contains("it is busy, or held by --inspect-brk"), "{reason}");
    assert_eq!(*limit, options.silence_limit);
}

#[tokio::test]
async fn a_stopped_program_is_reported_as_unresponsive() {
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    assert!(signal("-STOP", node.child.id()));
    let mut options = to_folder(folder.path(), "a");
    options.silence_limit = Duration::from_secs(1);
    let error = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap_err();
    assert!(error.to_string().contains("does not answer: no reply to"), "{error}");
    assert_eq!(names_in(folder.path()), [""; 0]);
    assert!(runs(node.child.id()), "it is left alone");
}

#[tokio::test]
async fn nothing_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let expected = format!(
        "nothing listens at 127.0.0.1:{port}: start the program with `node --inspect app.js`, or \
         open the inspector of a running one with `kill -USR1 PID`"
    );
    assert_eq!(targets_of(&port.to_string()).await.unwrap_err().to_string(), expected);
    let target = Target::from_websocket_url(&format!("ws://127.0.0.1:{port}/x")).unwrap();
    assert_eq!(Session::connect(&target).await.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn the_url_of_an_earlier_process_is_refused() {
    let node = Node::start("keeper.js", &[]);
    let url = format!("ws://{}/00000000-0000-0000-0000-000000000000", node.target.address());
    let target = Target::from_websocket_url(&url).unwrap();
    let error = Session::connect(&target).await.unwrap_err();
    assert!(error.to_string().contains("may have been restarted"), "{error}");
}

#[tokio::test]
async fn a_program_on_a_usual_port_is_discovered() {
    let node = (9229..=9249)
        .find_map(|port| Node::start_at(port, "keeper.js", &[]))
        .expect("one of the usual ports is free");
    let found = discover().await;
    let ours = found.iter().find(|target| target.port == node.target.port).unwrap();
    assert_eq!((ours.name(), &ours.id), ("keeper.js", &node.target.id));
    assert!(ours.version.as_ref().unwrap().starts_with("node.js/v"));
}

#[tokio::test]
async fn captures_can_run_on_any_thread() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let node = Node::start("keeper.js", &[]);
    let folder = tempfile::tempdir().unwrap();
    let keeper = SessionKeeper::default();
    let options = to_folder(folder.path(), "a");
    is_send(keeper.take_snapshot(&node.target, &options, &Unmonitored, pending())).await.unwrap();
}
