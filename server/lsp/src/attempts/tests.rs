use heapmark_heap::Bytes;

use super::*;

/// No memory is enough.
const FOR_GOOD: Refusal = Refusal { needed: None, budget: 0 };

struct Room {
    folder: tempfile::TempDir,
    attempts: Attempts,
    snapshot: PathBuf,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("a.heapsnapshot");
        fs::write(&snapshot, "{}").unwrap();
        let indexes = IndexFolder::in_folder(folder.path().join("indexes"));
        let attempts = Attempts::beside(Some(&indexes));
        Self { folder, attempts, snapshot }
    }

    fn begin(&self) -> Ends {
        let attempt = self.attempts.attempt();
        attempt.enters(&self.snapshot);
        Ends(Arc::new(attempt))
    }

    fn reason(&self) -> Option<Reason> {
        self.attempts.reason_against(&self.snapshot)
    }

    /// What a process leaves that dies in an analysis.
    fn die(&self) {
        let attempt = self.begin();
        for mark in attempt.0.marks().take().expect("it is not over") {
            assert!(mark.path.exists());
        }
    }

    fn files(&self) -> usize {
        fs::read_dir(self.folder.path().join("indexes")).unwrap().count()
    }
}

#[test]
fn an_analysis_that_ends_leaves_nothing() {
    let room = Room::new();
    drop(room.begin());
    assert_eq!((room.reason(), room.files()), (None, 0));
}

#[test]
fn a_snapshot_that_two_processes_did_not_survive_is_passed_over_until_it_changes() {
    let room = Room::new();
    room.die();
    assert_eq!(room.reason(), None, "one death may have any cause");
    room.die();
    assert_eq!(room.reason(), Some(Reason::Deaths(2)));
    assert_eq!(room.files(), 1, "the last one counts them all");
    fs::write(&room.snapshot, "{ }").unwrap();
    assert_eq!(room.reason(), None);
    room.die();
    assert_eq!(room.reason(), None, "deaths over another state do not count");
}

#[test]
fn an_analysis_that_ends_well_forgets_what_was_before() {
    let room = Room::new();
    room.die();
    room.die();
    room.attempts.refuse(&room.snapshot, FOR_GOOD);
    drop(room.begin());
    room.attempts.forgive(std::slice::from_ref(&room.snapshot));
    assert_eq!((room.reason(), room.files()), (None, 0));
}

#[test]
fn what_was_loaded_and_left_is_not_to_blame() {
    let room = Room::new();
    let good = room.folder.path().join("good.heapsnapshot");
    fs::write(&good, "{}").unwrap();
    for _ in 0..2 {
        let attempt = room.attempts.attempt();
        attempt.enters(&good);
        attempt.leaves(&good);
        attempt.enters(&room.snapshot);
        // It dies.
        drop(attempt.marks().take());
    }
    assert_eq!(room.reason(), Some(Reason::Deaths(2)));
    assert_eq!(room.attempts.reason_against(&good), None);
}

#[test]
fn another_server_at_work_on_it_is_no_death() {
    let room = Room::new();
    let others = [room.begin(), room.begin(), room.begin()];
    assert_eq!(room.reason(), None);
    drop(others);
    assert_eq!(room.files(), 0);
}

#[test]
fn what_was_refused_is_passed_over_until_it_changes() {
    let room = Room::new();
    room.attempts.refuse(&room.snapshot, FOR_GOOD);
    assert_eq!(room.reason(), Some(Reason::Refused));
    fs::write(&room.snapshot, "{ }").unwrap();
    assert_eq!(room.reason(), None);
}

#[test]
fn what_was_refused_for_want_of_memory_is_tried_again_when_there_is_clearly_more() {
    let room = Room::new();
    let attempt = room.attempts.attempt();
    let gigabytes = |count: u64| Bytes(count << 30);
    let oversize = Oversize::Memory { needed: gigabytes(9), budget: gigabytes(8) };
    attempt.refuses(&room.snapshot, oversize);
    for (file, refusal) in attempt.refused() {
        room.attempts.refuse(&file, refusal);
    }
    let with = |memory: Bytes| room.attempts.reason_within(&room.snapshot, || memory.0);
    assert_eq!(with(gigabytes(8)), Some(Reason::Refused));
    assert_eq!(with(gigabytes(9)), Some(Reason::Refused), "what is free changes all the time");
    assert_eq!(with(gigabytes(10)), None);
}

#[test]
fn what_no_memory_is_enough_for_is_not_tried_again_on_any_machine() {
    let room = Room::new();
    let attempt = room.attempts.attempt();
    attempt.refuses(&room.snapshot, Oversize::Always);
    assert_eq!(attempt.refused(), [(room.snapshot.clone(), FOR_GOOD)]);
    room.attempts.refuse(&room.snapshot, FOR_GOOD);
    let reason = room.attempts.reason_within(&room.snapshot, || u64::MAX);
    assert_eq!(reason, Some(Reason::Refused));
}

#[test]
fn what_cannot_be_written_or_read_keeps_nobody_from_trying() {
    let room = Room::new();
    // No folder can be made where a file is.
    let attempts = Attempts { folder: Some(room.snapshot.join("indexes")) };
    for attempts in [attempts, Attempts { folder: None }] {
        let attempt = attempts.attempt();
        attempt.enters(&room.snapshot);
        assert!(attempt.marks().as_ref().is_some_and(Vec::is_empty));
        attempts.refuse(&room.snapshot, FOR_GOOD);
        assert_eq!(attempts.reason_against(&room.snapshot), None);
    }
}

#[test]
fn the_user_is_told_what_was_passed_over_and_what_to_do() {
    let file = |name: &str| PathBuf::from(name);
    let deaths = Reason::Deaths(2);
    insta::assert_snapshot!(sentence(&[(file("a.heapsnapshot"), deaths)]), @"a.heapsnapshot was not analysed: the last 2 times the server was killed over it, perhaps for want of memory. *Analyze Snapshots* tries all the same.");
    let many = ["a", "b", "c", "d", "e"].map(|name| (file(name), Reason::Refused));
    insta::assert_snapshot!(sentence(&many), @"a, b, c and 2 more were not analysed again: they were too large before. By itself that is tried once more when they change, or when there is more memory if that was what it took. *Analyze Snapshots* tries all the same.");
    assert_eq!(sentence(&[]), "");
}
