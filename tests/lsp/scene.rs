//! What the tests are played with: copies of the bundled programs, and snapshots of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use heapmark_capture::{CaptureOptions, Destination, Session, Target, Unmonitored};
use heapmark_tests::{Program, Running, Workspace};

/// A program's folder as a user has it open, after some snapshots were taken.
pub(crate) struct Scene {
    pub(crate) program: Program,
    workspace: Workspace,
}

impl Scene {
    /// A copy of the program, without snapshots.
    pub(crate) fn new(program: &str) -> Self {
        let program = Program::named(program).expect("the program is there");
        let workspace = program.copy().expect("it can be copied");
        Self { program, workspace }
    }

    /// A copy of the program with `count` snapshots in `.heapmark`, two rounds of work apart.
    pub(crate) fn with_snapshots(program: &str, count: usize) -> Self {
        let scene = Self::new(program);
        scene.capture(count);
        scene
    }

    /// Takes `count` snapshots in one go: a warm-up first, and two rounds of work between them.
    pub(crate) fn capture(&self, count: usize) -> Vec<PathBuf> {
        self.capture_as("step", count)
    }

    /// The same, under names of their own.
    pub(crate) fn capture_as(&self, name: &str, count: usize) -> Vec<PathBuf> {
        let mut running = self.run();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let target = Target::from_websocket_url(running.websocket_url()).expect("it is a URL");
        let mut session = runtime.block_on(Session::connect(&target)).expect("node listens");
        let folder = self.snapshots();
        (1..=count)
            .map(|number| {
                running.round().and_then(|()| running.round()).expect("the program works");
                let name = Some(format!("{name}-{number}"));
                let options =
                    CaptureOptions::new(Destination::Folder { folder: folder.clone(), name });
                let never = std::future::pending();
                runtime
                    .block_on(session.take_snapshot(&options, &Unmonitored, never))
                    .expect("node gives a snapshot")
                    .file
            })
            .collect()
    }

    /// Starts the program.
    pub(crate) fn run(&self) -> Running {
        Running::start(&self.program, self.folder()).expect("the program starts")
    }

    /// The folder that the editor opens.
    pub(crate) fn folder(&self) -> &Path {
        self.workspace.path()
    }

    /// Where captures go.
    pub(crate) fn snapshots(&self) -> PathBuf {
        heapmark_capture::default_folder(self.folder())
    }

    /// A file of the program.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The text of a file of the program.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("the file is there")
    }

    /// The 0-based line that is marked with `rule` and `role`.
    pub(crate) fn marked_line(&self, rule: &str, role: &str) -> u32 {
        let mark = self.program.marks.iter().find(|mark| mark.rule == rule && mark.role == role);
        mark.unwrap_or_else(|| panic!("no mark {rule} {role}")).line - 1
    }

    /// The 0-based position of the first `needle` in a file.
    pub(crate) fn position(&self, file: &str, needle: &str) -> (u32, u32) {
        position(&self.text(file), needle)
    }
}

/// The 0-based position of the first `needle` in an ASCII text.
pub(crate) fn position(text: &str, needle: &str) -> (u32, u32) {
    let at = text.find(needle).unwrap_or_else(|| panic!("no {needle:?} in the text"));
    let line = text[..at].matches('\n').count();
    let column = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}

/// Makes a file look as if it had been written long ago: nobody waits for more of it.
pub(crate) fn make_old(file: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    File::options().write(true).open(file).and_then(|file| file.set_modified(long_ago)).unwrap();
}
