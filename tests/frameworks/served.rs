//! An application that runs: started with its inspector open, driven, captured three times, and ended with all its
//! children.

use std::fs::{self, File};
use std::net::TcpListener;
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use heapmark_tests::{Recorder, get};

use crate::app::{Drive, Way};
use crate::site::{Edition, Site};

/// How long it may take until the first answer: a development server compiles before that.
const PATIENCE: Duration = Duration::from_secs(180);
/// Requests between two snapshots.
const REQUESTS: u32 = 200;
/// Between the last request and a snapshot, so that what a request has left to do is done.
const REST: Duration = Duration::from_millis(500);
/// What Node.js writes when an inspector can connect.
const INSPECTOR: &str = "Debugger listening on ";
/// What a program writes that is not asked for anything, when it begins.
const AT_WORK: &str = "at work";
/// Lines of the program's own that are shown when it fails.
const MAX_LINES_SHOWN: usize = 12;

/// A running application; ended when dropped.
pub(crate) struct Served {
    program: Group,
    /// The service that it asks.
    _beside: Option<Group>,
    log: PathBuf,
    /// `127.0.0.1:PORT`, where it answers.
    address: String,
    workspace: PathBuf,
    snapshots: PathBuf,
}

impl Served {
    pub(crate) fn start(site: &Site<'_>, way: &Way, edition: Edition) -> Result<Self> {
        let [port, inspector, service] = [free_port()?, free_port()?, free_port()?];
        let words = way.start.replace("{port}", &port.to_string());
        let words = words.replace("{inspector}", &format!("127.0.0.1:{inspector}"));
        let log = site.log();
        let output = File::create(&log)?;
        let started = |words: &str| -> Result<Group> {
            let mut command = site.command(words, &way.environment)?;
            command.env("PORT", port.to_string()).env("SERVICE", service.to_string());
            command.stderr(output.try_clone()?).stdout(output.try_clone()?);
            Group::of(command).with_context(|| format!("cannot start `{words}`"))
        };
        let beside = site.app.run.beside.as_deref().map(started).transpose()?;
        let program = started(&words)?;
        let address = format!("127.0.0.1:{port}");
        let (workspace, snapshots) = (site.opened(way), site.snapshots(edition));
        Ok(Self { program, _beside: beside, log, address, workspace, snapshots })
    }

    /// Three snapshots, with the same work before each.
    pub(crate) fn captured(mut self, drive: &Drive) -> Result<Vec<PathBuf>> {
        let mut asked = 0;
        self.wait_for("an inspector", |it| Ok(it.inspector()?.is_some()))?;
        match drive {
            Drive::Requests(paths) => {
                let first = next_path(paths, &mut asked);
                self.wait_for("an answer", |it| Ok(get(&it.address, &first).is_ok()))?;
            }
            Drive::Seconds(_) => self.wait_for("work", |it| Ok(it.written(AT_WORK)?.is_some()))?,
        }
        let url = self.inspector()?.context("it listened a moment ago")?;
        let mut recorder = Recorder::connect(&url, &self.workspace)?;
        let mut files = Vec::new();
        for role in ["baseline", "target", "final"] {
            match drive {
                Drive::Requests(paths) => {
                    for _ in 0..REQUESTS {
                        let path = next_path(paths, &mut asked);
                        get(&self.address, &path)
                            .with_context(|| self.said(&format!("GET {path} failed")))?;
                    }
                    recorder.wait(REST)?;
                }
                Drive::Seconds(seconds) => recorder.wait(Duration::from_secs(*seconds))?,
            }
            let file = recorder.take(&self.snapshots, role);
            files.push(file.with_context(|| self.said("it cannot be captured"))?);
        }
        recorder.close();
        Ok(files)
    }

    fn wait_for(&mut self, what: &str, is_there: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !is_there(self)? {
            if let Some(status) = self.program.0.try_wait()? {
                bail!(self.said(&format!("it ended ({status}) before there was {what}")));
            }
            ensure!(
                Instant::now() < until,
                self.said(&format!("after {} s there is not {what}", PATIENCE.as_secs()))
            );
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Where the inspector listens, once it does.
    fn inspector(&self) -> Result<Option<String>> {
        self.written(INSPECTOR)
    }

    /// What follows `marker` on the first line that has it.
    fn written(&self, marker: &str) -> Result<Option<String>> {
        let log = String::from_utf8_lossy(&fs::read(&self.log)?).into_owned();
        // A line that is not ended yet may lack half of the address.
        let lines = log.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let mut found = lines.filter_map(|line| Some(line.split_once(marker)?.1.trim().to_owned()));
        Ok(found.next())
    }

    /// What went wrong, and the last that the program has said.
    fn said(&self, what: &str) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(MAX_LINES_SHOWN)..];
        format!("{what}; {} ends with:\n{}", self.log.display(), last.join("\n"))
    }
}

/// A command and its children; killed when dropped.
struct Group(Child);

impl Group {
    fn of(mut command: Command) -> Result<Self> {
        // Development servers take the end of their input for the end of their terminal.
        command.stdin(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        Ok(Self(command.spawn()?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.0.id().cast_signed()) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The path whose turn it is, with the next number in it.
fn next_path(paths: &[String], asked: &mut u32) -> String {
    let path = &paths[*asked as usize % paths.len()];
    *asked += 1;
    path.replace("{n}", &asked.to_string())
}

/// A port that nobody listened on a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
