//! A command of the user's, started with the inspector open, and ended with all its children.
//!
//! `node app.js` gets `--inspect` as an argument. Anything else (`npm start`, `tsx app.ts`) gets
//! it through `NODE_OPTIONS`, which every Node.js below it obeys: each prints its own address, and
//! the user's program is told from the tools around it by its script.

#[cfg(unix)]
mod watchdog;

#[cfg(unix)]
use self::watchdog::Watchdog;
use crate::{
    error::CaptureError,
    inspector::{Target, targets_at},
    text::plain,
};
use std::{
    ffi::OsString,
    net::IpAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::watch,
    time::{sleep, timeout},
};

/// Port 0: the system picks a free one, also for each child.
const INSPECT: &str = "--inspect=127.0.0.1:0";
/// `npm start` on a cold disk is slow.
const MAX_OPENING_TIME: Duration = Duration::from_secs(30);
/// A tool that starts the user's program does so within this time after it opened its own
/// inspector, or it is taken for the program itself.
const MAX_SETTLING_TIME: Duration = Duration::from_secs(5);
const MAX_ENDING_TIME: Duration = Duration::from_secs(3);
/// Longer lines of a program are passed on in pieces.
const MAX_LINE: u64 = 64 << 10;
const MAX_INSPECTORS: usize = 256;

/// A running command with an inspector. It and all its children are killed when this is dropped, and on
/// Unix also when our process is killed.
#[derive(Debug)]
pub struct Launched {
    child: Child,
    started: Instant,
    /// The command line, for messages.
    command: String,
    /// WebSocket URLs in the order in which the processes printed them.
    inspectors: watch::Receiver<Vec<String>>,
    /// The first Node.js is the program: the user named it.
    is_direct: bool,
    /// The process group of the command and its children, also after the command itself has ended.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    /// Ends the group if we cannot.
    #[cfg(unix)]
    _watchdog: Option<Watchdog>,
}

impl Launched {
    /// Starts `command` in `folder` and waits until a Node.js in it listens for an inspector.
    ///
    /// What the command prints, on both of its outputs, goes to this process's standard error, but
    /// for the inspector's own lines; its standard input stays open and empty.
    pub async fn start(command: &[String], folder: &Path) -> Result<Self, CaptureError> {
        let shown = plain(&command.join(" "));
        let failed = |reason| CaptureError::Launch { command: shown.clone(), reason };
        let Some((program, arguments)) = command.split_first() else {
            return Err(failed(std::io::ErrorKind::InvalidInput.into()));
        };
        let is_direct = is_node(program);
        let mut process = Command::new(program);
        if is_direct {
            process.arg(INSPECT);
        } else {
            process.env("NODE_OPTIONS", with_inspector(std::env::var_os("NODE_OPTIONS")));
        }
        process
            .args(arguments)
            .current_dir(folder)
            // Development servers take the end of their input for the end of their terminal.
            .stdin(Stdio::piped())
            // Our own output is for results alone, and may be a language server's connection.
            .stdout(std::io::stderr())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        process.process_group(0);
        #[cfg(unix)]
        let mut watchdog = Watchdog::start();
        let mut child = process.spawn().map_err(failed)?;
        #[cfg(unix)]
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        #[cfg(unix)]
        if let (Some(watchdog), Some(group)) = (&mut watchdog, group) {
            watchdog.watch(group);
        }
        let (found, inspectors) = watch::channel(Vec::new());
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(pass_on(stderr, found));
        }
        let mut launched = Self {
            #[cfg(unix)]
            group,
            #[cfg(unix)]
            _watchdog: watchdog,
            child,
            started: Instant::now(),
            command: shown,
            inspectors,
            is_direct,
        };
        launched.wait_for_inspector().await?;
        Ok(launched)
    }

    /// The program to capture: of all inspectors in this command that still answer, the one that
    /// runs a script of the user's rather than of a dependency or package manager.
    pub async fn target(&mut self) -> Result<Target, CaptureError> {
        let started = Instant::now();
        loop {
            let best = self.best_target().await;
            match best {
                Some((likeness, target))
                    if likeness == Likeness::Program || started.elapsed() > MAX_SETTLING_TIME =>
                {
                    return Ok(target);
                }
                None => self.still_runs()?,
                Some(_) => {}
            }
            if started.elapsed() > MAX_OPENING_TIME {
                return Err(self.no_inspector());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Fails with [`CaptureError::EndedEarly`] if the command has ended.
    pub fn still_runs(&mut self) -> Result<(), CaptureError> {
        match self.child.try_wait() {
            Ok(Some(status)) => Err(CaptureError::EndedEarly {
                command: self.command.clone(),
                status: status.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// The process id of the command itself, which need not be the captured program's.
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks the command and its children to end, and kills what is left after three seconds.
    pub async fn stop(mut self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::TERM);
        #[cfg(unix)]
        let _ = timeout(MAX_ENDING_TIME, self.child.wait()).await;
        // The rest is Drop's.
    }

    async fn wait_for_inspector(&mut self) -> Result<(), CaptureError> {
        let mut inspectors = self.inspectors.clone();
        match timeout(MAX_OPENING_TIME, inspectors.wait_for(|urls| !urls.is_empty())).await {
            Ok(Ok(_)) => Ok(()),
            // All of the command has closed its standard error: it has ended, or is a daemon.
            Ok(Err(_)) => {
                let _ = timeout(Duration::from_secs(1), self.child.wait()).await;
                self.still_runs()?;
                Err(self.no_inspector())
            }
            Err(_) => Err(self.no_inspector()),
        }
    }

    async fn best_target(&self) -> Option<(Likeness, Target)> {
        let urls = self.inspectors.borrow().clone();
        let mut best: Option<(Likeness, Target)> = None;
        for url in urls {
            let Ok(printed) = Target::from_websocket_url(&url) else { continue };
            let Ok(listed) = targets_at(&printed.host, printed.port).await else { continue };
            let Some(target) = listed.into_iter().find(|target| target.id == printed.id) else {
                continue;
            };
            let likeness = if self.is_direct { Likeness::Program } else { likeness(&target.url) };
            // Of several alike the last one: who starts another is around it.
            if best.as_ref().is_none_or(|(so_far, _)| likeness >= *so_far) {
                best = Some((likeness, target));
            }
        }
        best
    }

    fn no_inspector(&self) -> CaptureError {
        CaptureError::NoInspector { command: self.command.clone(), waited: self.started.elapsed() }
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(group) = self.group {
            // The group may have ended by itself.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        #[cfg(windows)]
        if let Some(id) = self.child.id() {
            // With its tree: Tokio kills only the first process.
            let _ = std::process::Command::new("taskkill")
                .args(["/T", "/F", "/PID", &id.to_string()])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// How much a script looks like the user's program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// A package manager, which only starts others.
    Manager,
    /// A runner or another dependency, such as the server of a framework.
    Tool,
    /// `node -e`, `node -p`: no script.
    Nameless,
    Program,
}

fn likeness(url: &str) -> Likeness {
    let path = url.strip_prefix("file://").unwrap_or(url);
    let managers = [
        "/node_modules/npm/",
        "/node_modules/pnpm/",
        "/node_modules/yarn/",
        "/corepack/",
        "/.yarn/releases/",
        "/pnpm.cjs",
    ];
    let is_any_of = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    if path.is_empty() {
        Likeness::Nameless
    } else if is_any_of(&managers) {
        Likeness::Manager
    } else if is_any_of(&["/node_modules/", "/.pnpm/"]) {
        Likeness::Tool
    } else {
        Likeness::Program
    }
}

fn is_node(program: &str) -> bool {
    Path::new(program).file_stem().is_some_and(|stem| stem == "node")
}

/// `options` of the user's with the inspector's added. Later options win.
fn with_inspector(options: Option<OsString>) -> OsString {
    let mut options = options.unwrap_or_default();
    if !options.is_empty() {
        options.push(" ");
    }
    options.push(INSPECT);
    options
}

/// Passes on what the command prints on standard error, and collects the addresses in it.
async fn pass_on(stderr: impl AsyncRead + Unpin, found: watch::Sender<Vec<String>>) {
    let mut reader = BufReader::new(stderr);
    let mut ours = tokio::io::stderr();
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        match read_line(&line) {
            Line::Address(url) => found.send_modify(|urls| {
                if urls.len() < MAX_INSPECTORS {
                    urls.push(url);
                }
            }),
            Line::Noise => {}
            Line::Theirs => {
                // Nobody reads our standard error: that is no reason to stop.
                let _ = ours.write_all(&line).await;
                let _ = ours.flush().await;
            }
        }
    }
}

/// A line on the command's standard error.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// An inspector on this machine listens at this WebSocket URL.
    Address(String),
    /// Something else that Node.js says about its inspector.
    Noise,
    /// The program's own.
    Theirs,
}

fn read_line(line: &[u8]) -> Line {
    let Ok(line) = std::str::from_utf8(line).map(str::trim_end) else { return Line::Theirs };
    if let Some(url) = line.strip_prefix("Debugger listening on ") {
        return match Target::from_websocket_url(url) {
            Ok(target) if is_here(&target.host) => Line::Address(target.websocket_url),
            _ => Line::Theirs,
        };
    }
    let noise = line == "Debugger attached."
        || line == "Waiting for the debugger to disconnect..."
        || line.starts_with("Debugger ending on ws://")
        || line.starts_with("For help, see: https://nodejs.org/");
    if noise { Line::Noise } else { Line::Theirs }
}

fn is_here(host: &str) -> bool {
    host.parse().is_ok_and(|host: IpAddr| host.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_program_is_told_from_the_tools_around_it() {
        let of = likeness;
        assert_eq!(of("file:///app/server.js"), Likeness::Program);
        assert_eq!(of("file://"), Likeness::Nameless);
        for tool in [
            "file:///app/node_modules/tsx/dist/cli.mjs",
            "file:///app/node_modules/next/dist/server/lib/start-server.js",
        ] {
            assert_eq!(of(tool), Likeness::Tool, "{tool}");
        }
        for manager in [
            "file:///usr/lib/node_modules/npm/bin/npm-cli.js",
            "file:///home/u/.cache/node/corepack/v1/pnpm/9.0.0/bin/pnpm.cjs",
            "file:///app/.yarn/releases/yarn-4.0.0.cjs",
        ] {
            assert_eq!(of(manager), Likeness::Manager, "{manager}");
        }
    }

    #[test]
    fn the_inspectors_lines_are_kept_from_the_user_and_his_own_are_not() {
        let listening = "Debugger listening on ws://127.0.0.1:4711/0f-1\n";
        let url = "ws://127.0.0.1:4711/0f-1".to_owned();
        assert_eq!(read_line(listening.as_bytes()), Line::Address(url));
        assert_eq!(read_line(b"Debugger attached.\r\n"), Line::Noise);
        assert_eq!(read_line(b"Debugger listening on ws://evil.example:80/x\n"), Line::Theirs);
        assert_eq!(read_line(b"Debugger listening on the moon\n"), Line::Theirs);
        assert_eq!(read_line(b"\xff\xfe\n"), Line::Theirs);
    }

    #[test]
    fn options_of_the_user_stay() {
        assert_eq!(with_inspector(None), INSPECT);
        let both = with_inspector(Some("--max-old-space-size=4096".into()));
        assert_eq!(both, format!("--max-old-space-size=4096 {INSPECT}").as_str());
    }

    #[test]
    fn node_is_known_by_its_file_name() {
        assert!(is_node("node") && is_node("/usr/bin/node") && is_node("node.exe"));
        assert!(!is_node("npm") && !is_node("nodemon") && !is_node("./node/run.sh"));
    }
}
