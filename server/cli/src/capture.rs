//! `heapmark capture`: finds or starts a program, takes its snapshots, and says what to type next.
//!
//! Only asks and shows; the work is done by the capture crate.

use std::{io, num::NonZeroU32, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use heapmark_capture::{
    CaptureError, CaptureOptions, Captured, Launched, Session, Target, discover, human_bytes,
    plain, targets_of,
};
use heapmark_lsp::files_behind_scripts_in;
use tokio::sync::mpsc;

use crate::inputs;
use crate::leave::{Held, Interrupts, leave};
use crate::series::{self, Naming};
use crate::terminal::{note, print};
use crate::watch::Watch;

/// A server that was just started is still loading its code.
const AFTER_LAUNCH: Duration = Duration::from_secs(3);

#[derive(Args)]
pub(crate) struct CaptureArgs {
    /// Where the inspector listens: PORT, HOST:PORT or a ws:// URL; without it, the program that
    /// listens on one of the usual ports, 9229 to 9249
    #[arg(value_name = "HOST:PORT", conflicts_with = "command")]
    address: Option<String>,

    /// The file's name in the folder; without it, a series is called baseline, target and final, and
    /// a single snapshot by the time and the process id. A series whose names are taken gets a number
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Where to write the snapshot; an existing file is kept, and the new one gets a number
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "folder"])]
    output: Option<PathBuf>,

    /// The folder for snapshots, private to you and ignored by git
    #[arg(long, value_name = "DIR", default_value = ".heapmark")]
    folder: PathBuf,

    /// The folder with the program's sources: beside each snapshot is written from which of its files
    /// the program was made; may be given several times. Without it, the folder around `--folder
    /// .heapmark`, or else the current one
    #[arg(long, value_name = "DIR")]
    workspace: Vec<PathBuf>,

    /// How many snapshots to take; three tell what grows. Those of separate runs of this command
    /// cannot be compared: V8 renumbers all objects when an inspector leaves
    #[arg(long, value_name = "N", default_value = "1", value_parser = count)]
    count: NonZeroU32,

    /// How long the program runs between two snapshots: 500ms, 10s, 2m
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    every: Duration,

    /// Waits for Enter before each snapshot: exercise the program meanwhile
    #[arg(long, conflicts_with = "every")]
    ask: bool,

    /// How long it runs before the first snapshot; 3s for a command that is started here
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    after: Option<Duration>,

    /// Starts this command, captures it, and ends it
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn run(args: CaptureArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let left = runtime.block_on(async move {
        let mut interrupts = Interrupts::listen();
        let mut held = Held::default();
        let mut done = Done::default();
        let outcome = tokio::select! {
            biased;
            () = interrupts.next() => None,
            outcome = capture(&args, &mut held, &mut done) => Some(outcome),
        };
        let outcome = outcome.unwrap_or_else(|| Err(done.cancelled(args.count.get())));
        leave(held, outcome, &mut interrupts).await
    });
    // A disk that does not answer must not hold who has left.
    runtime.shutdown_background();
    left
}

/// How far a capture has come, for when it is interrupted.
#[derive(Default)]
struct Done {
    files: Vec<PathBuf>,
    /// Whether V8 is at work on the next one.
    is_taking: bool,
}

impl Done {
    fn cancelled(&self, count: u32) -> anyhow::Error {
        if self.files.is_empty() {
            if self.is_taking {
                return CaptureError::Cancelled.into();
            }
            return anyhow!("cancelled before the first snapshot");
        }
        let kept = self.files.len();
        let files: Vec<_> = self.files.iter().map(|file| file.to_string_lossy()).collect();
        let unfinished = if self.is_taking { ", nothing of the unfinished one" } else { "" };
        anyhow!("cancelled; kept {kept} of {count} snapshots{unfinished}: {}", files.join(", "))
    }
}

async fn capture(args: &CaptureArgs, held: &mut Held, done: &mut Done) -> anyhow::Result<()> {
    let naming =
        Naming { name: args.name.as_deref(), output: args.output.as_ref(), folder: &args.folder };
    let behind = files_behind_scripts_in(inputs::workspace_of(&args.workspace, &args.folder)?);
    let watch = Watch::new();
    let target = if args.command.is_empty() {
        let target = choose(args.address.as_deref()).await?;
        tokio::time::sleep(args.after.unwrap_or_default()).await;
        target
    } else {
        watch.say("starting the command".to_owned());
        let folder = std::env::current_dir().context("cannot tell the current folder")?;
        let launched = held.launched.insert(Launched::start(&args.command, &folder).await?);
        let after = args.after.unwrap_or(AFTER_LAUNCH);
        watch.say(format!("letting it run for {after:?}"));
        tokio::time::sleep(after).await;
        launched.target().await?
    };
    // One session for all: the ids of objects that two snapshots are compared by live as long.
    let session = held.session.insert(Session::connect_watched(&target, &watch).await?);
    let count = args.count.get();
    let (mut workers, mut children) = (0, 0);
    let mut git_warning = None;
    let mut enter = if args.ask { lines() } else { mpsc::unbounded_channel().1 };
    for (number, planned) in (1..).zip(series::reserve(&naming, count)?) {
        let taken = async {
            if args.ask {
                let title = if count == 1 { String::new() } else { series::title(number, count) };
                watch.suspend(|| {
                    let what = format!("snapshot {number} of {count} {title}");
                    note(format_args!("press Enter for {}", what.trim_end()));
                });
                session.wait_for(enter.recv()).await?.context("the input ended before it")?;
            } else if number > 1 {
                watch.say(format!("snapshot {number} of {count} in {:?}", args.every));
                session.wait(args.every).await?;
            }
            let mut options = CaptureOptions::new(planned.destination);
            options.role = planned.role;
            options.files_behind = Some(behind.clone());
            done.is_taking = true;
            Ok(session.take_snapshot(&options, &watch, std::future::pending()).await?)
        };
        let taken: anyhow::Result<Captured> = taken.await;
        let captured = match taken {
            Err(error) if count > 1 => {
                return Err(error.context(format!("snapshot {number} of {count} failed")));
            }
            taken => taken?,
        };
        watch.suspend(|| report(&captured))?;
        workers = workers.max(captured.workers.unwrap_or_default());
        children = children.max(captured.children.unwrap_or_default());
        git_warning = git_warning.or_else(|| captured.git_warning());
        done.files.push(captured.file);
        done.is_taking = false;
    }
    drop(watch);
    if workers > 0 {
        note(about_workers(workers));
    }
    if children > 0 {
        note(about_children(children));
    }
    if let Some(warning) = git_warning {
        note(format_args!("warning: {warning}"));
    }
    what_next(args, &done.files);
    Ok(())
}

/// What a person must know who looks for a leak that may be in one of them.
fn about_workers(workers: u32) -> String {
    let (threads, have) = if workers == 1 {
        ("thread", "has a heap of its own")
    } else {
        ("threads", "have heaps of their own")
    };
    format!("note: {workers} worker {threads} ran, which {have}: only the main thread was captured")
}

/// As of workers, but these may be no Node.js at all.
fn about_children(children: u32) -> String {
    let (processes, which) = if children == 1 {
        ("process", "which is a program of its own and was")
    } else {
        ("processes", "which are programs of their own and were")
    };
    format!(
        "note: {children} child {processes} ran, {which} not captured; one that is Node.js and runs with \
         --inspect can be, by its own address"
    )
}

fn what_next(args: &CaptureArgs, files: &[PathBuf]) {
    let words: Vec<_> = files.iter().map(|file| shell_word(&file.to_string_lossy())).collect();
    note(format_args!("next: heapmark analyze {}", words.join(" ")));
    if files.len() == 1 {
        note(format_args!("to see what grows, take a series in one go: {}", series_of(args)));
    }
}

/// The command that takes a series where a single snapshot was taken: another single one later
/// could not be compared with it.
fn series_of(args: &CaptureArgs) -> String {
    let mut words = vec!["heapmark capture --count 3 --ask".to_owned()];
    words.extend(args.address.as_deref().map(shell_word));
    if !args.command.is_empty() {
        words.push("--".to_owned());
        words.extend(args.command.iter().map(|word| shell_word(word)));
    }
    words.join(" ")
}

/// The one program that can be meant, else an error that says how to mean one.
async fn choose(address: Option<&str>) -> anyhow::Result<Target> {
    let mut targets = match address {
        Some(address) => targets_of(address).await?,
        None => discover().await,
    };
    match targets.len() {
        0 => bail!(
            "no inspector listens on ports 9229 to 9249: start the program with \
             `node --inspect app.js`, or let heapmark start it: `heapmark capture -- node app.js`"
        ),
        1 => Ok(targets.remove(0)),
        many => {
            for target in &targets {
                let alone = targets.iter().filter(|other| other.port == target.port).count() == 1;
                let address = if alone { target.address() } else { target.websocket_url.clone() };
                let version = target.version.as_deref().unwrap_or_default();
                note(format_args!("{address}  {}  {version}", target.name()));
            }
            bail!("{many} programs can be captured: say which, `heapmark capture {}`", {
                let first = &targets[0];
                if address.is_some() { first.websocket_url.clone() } else { first.address() }
            })
        }
    }
}

/// The lines of standard input. They are read on a thread of their own, which nobody waits for: a
/// read cannot be taken back.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        for line in lines {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn report(captured: &Captured) -> io::Result<()> {
    print(format_args!(
        "{}  {}  {:.1} s",
        plain(&captured.file.to_string_lossy()),
        human_bytes(captured.bytes),
        captured.elapsed.as_secs_f32()
    ))
}

/// Text as one word of a shell's command line.
fn shell_word(word: &str) -> String {
    let text = plain(word);
    let harmless = |c: char| c.is_alphanumeric() || "/.-_:+@\\".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn count(text: &str) -> Result<NonZeroU32, String> {
    let number: u32 = text.parse().map_err(|_| "write how many: 1, 3, 10".to_owned())?;
    NonZeroU32::new(number).ok_or_else(|| "at least one snapshot is to be taken".to_owned())
}

/// `500ms`, `10s`, `2m`
fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err("write a number and a unit: 500ms, 10s, 2m".to_owned()),
    };
    let number: f64 = number.trim().parse().map_err(|_| "this is no number".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("1.5s").unwrap(), Duration::from_millis(1_500));
        assert_eq!(duration("2m").unwrap(), Duration::from_secs(2 * 60));
        for wrong in ["", "10", "s", "-1s", "1e400s", "10 parsecs", "NaNs"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_command_can_be_pasted() {
        assert_eq!(shell_word(".heapmark/a-1.heapsnapshot"), ".heapmark/a-1.heapsnapshot");
        assert_eq!(shell_word("it's here"), r"'it'\''s here'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn a_count_is_at_least_one() {
        assert_eq!(count("3").unwrap().get(), 3);
        assert_eq!(count("0").unwrap_err(), "at least one snapshot is to be taken");
        assert_eq!(count("-1").unwrap_err(), "write how many: 1, 3, 10");
    }

    #[test]
    fn an_interruption_says_what_was_kept() {
        let said = |files: &[&str], is_taking| {
            let files = files.iter().map(PathBuf::from).collect();
            Done { files, is_taking }.cancelled(3).to_string()
        };
        assert_eq!(said(&[], false), "cancelled before the first snapshot");
        assert_eq!(said(&[], true), "cancelled, nothing was kept of the unfinished snapshot");
        assert_eq!(said(&["a", "b"], false), "cancelled; kept 2 of 3 snapshots: a, b");
        assert_eq!(
            said(&["a"], true),
            "cancelled; kept 1 of 3 snapshots, nothing of the unfinished one: a"
        );
    }
}
