//! `heapmark capture`: finds or starts a program, takes its snapshots, and says what to type next.
//!
//! Only asks and shows; the work is done by the capture crate.

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use heapmark_capture::{
    CaptureError, CaptureMonitor, CaptureOptions, Captured, Destination, Launched, Phase, Session,
    Target, discover, human_bytes, plain, targets_of,
};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

/// A server that was just started is still loading its code.
const AFTER_LAUNCH: Duration = Duration::from_secs(3);

#[derive(Args)]
pub(crate) struct CaptureArgs {
    /// Where the inspector listens: PORT, HOST:PORT or a ws:// URL; without it, the program that
    /// listens on one of the usual ports, 9229 to 9249
    #[arg(value_name = "HOST:PORT", conflicts_with = "command")]
    address: Option<String>,

    /// The file's name in the folder; without it, a series is called baseline, target and final, and
    /// a single snapshot by the time and the process id
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Where to write the snapshot; an existing file is kept, and the new one gets a number
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "folder"])]
    output: Option<PathBuf>,

    /// The folder for snapshots, private to you and ignored by git
    #[arg(long, value_name = "DIR", default_value = ".heapmark")]
    folder: PathBuf,

    /// How many snapshots to take; three tell what grows. Those of separate runs of this command
    /// cannot be compared: V8 renumbers all objects when an inspector leaves
    #[arg(long, value_name = "N", default_value = "1")]
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
    runtime.block_on(async move {
        let mut launched = None;
        let outcome = tokio::select! {
            biased;
            () = interrupted() => Err(CaptureError::Cancelled.into()),
            outcome = capture(&args, &mut launched) => outcome,
        };
        if let Some(launched) = launched {
            launched.stop().await;
        }
        outcome
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn capture(args: &CaptureArgs, launched: &mut Option<Launched>) -> anyhow::Result<()> {
    let watch = Watch::new();
    let target = if args.command.is_empty() {
        let target = choose(args.address.as_deref()).await?;
        tokio::time::sleep(args.after.unwrap_or_default()).await;
        target
    } else {
        watch.say("starting the command".to_owned());
        let folder = std::env::current_dir().context("cannot tell the current folder")?;
        let launched = launched.insert(Launched::start(&args.command, &folder).await?);
        let after = args.after.unwrap_or(AFTER_LAUNCH);
        watch.say(format!("letting it run for {after:?}"));
        tokio::time::sleep(after).await;
        launched.target().await?
    };
    // One session for all: the ids of objects that two snapshots are compared by live as long.
    let mut session = Session::connect(&target).await?;
    let count = args.count.get();
    let mut enter = if args.ask { lines() } else { mpsc::unbounded_channel().1 };
    let mut files = Vec::new();
    for number in 1..=count {
        let taken = async {
            if args.ask {
                let role = role(args, number).unwrap_or_default();
                watch.line.suspend(|| {
                    let what = format!("snapshot {number} of {count} {role}");
                    anstream::eprintln!("press Enter for {}", what.trim_end());
                });
                session.wait_for(enter.recv()).await?.context("the input ended before it")?;
            } else if number > 1 {
                watch.say(format!("snapshot {number} of {count} in {:?}", args.every));
                session.wait(args.every).await?;
            }
            let options = options(args, number);
            Ok(session.take_snapshot(&options, &watch, std::future::pending()).await?)
        };
        let taken: anyhow::Result<Captured> = taken.await;
        let captured = match taken {
            Err(error) if count > 1 => {
                return Err(error.context(format!("snapshot {number} of {count} failed")));
            }
            taken => taken?,
        };
        watch.line.suspend(|| report(&captured));
        files.push(captured.file);
    }
    session.close().await;
    drop(watch);
    let files: Vec<_> = files.iter().map(|file| shell_word(file)).collect();
    anstream::eprintln!("next: heapmark analyze {}", files.join(" "));
    Ok(())
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
                anstream::eprintln!("{address}  {}  {version}", target.name());
            }
            bail!("{many} programs can be captured: say which, `heapmark capture {}`", {
                let first = &targets[0];
                if address.is_some() { first.websocket_url.clone() } else { first.address() }
            })
        }
    }
}

/// What to take as snapshot `number`, counted from 1.
fn options(args: &CaptureArgs, number: u32) -> CaptureOptions {
    let count = args.count.get();
    let numbered = |name: &str| {
        let name = name.strip_suffix(".heapsnapshot").unwrap_or(name);
        if count == 1 { name.to_owned() } else { format!("{name}-{number}") }
    };
    let destination = match &args.output {
        Some(file) => match file.file_name() {
            Some(name) => Destination::File(file.with_file_name(numbered(&name.to_string_lossy()))),
            None => Destination::File(file.clone()),
        },
        None => Destination::Folder {
            folder: args.folder.clone(),
            name: args.name.as_deref().map(numbered).or_else(|| role(args, number)),
        },
    };
    let mut options = CaptureOptions::new(destination);
    options.role = role(args, number);
    options
}

/// What a snapshot is in its series: the first is the baseline, the last the final one.
fn role(args: &CaptureArgs, number: u32) -> Option<String> {
    match number {
        _ if args.count.get() == 1 => args.name.clone(),
        1 => Some("baseline".to_owned()),
        last if last == args.count.get() => Some("final".to_owned()),
        _ => Some("target".to_owned()),
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

fn report(captured: &Captured) {
    anstream::println!(
        "{}  {}  {:.1} s",
        plain(&captured.file.to_string_lossy()),
        human_bytes(captured.bytes),
        captured.elapsed.as_secs_f32()
    );
}

/// A path as a word of a shell's command line.
fn shell_word(path: &Path) -> String {
    let text = plain(&path.to_string_lossy());
    let harmless = |c: char| c.is_alphanumeric() || "/.-_:+@\\".contains(c);
    if text.chars().all(harmless) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
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

/// Completes when the user or the system asks us to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let asked = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
        if let (Ok(mut terminate), Ok(mut hangup)) = asked {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    // Without a handler the system ends us as it always did.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// One line of progress on standard error, on a terminal only.
struct Watch {
    line: ProgressBar,
    template: Mutex<&'static str>,
}

const SPINNER: &str = "{spinner} {msg}";
const BAR: &str = "{msg:20} {bar:40.cyan/dim} {percent:>3} %";

impl Watch {
    fn new() -> Self {
        // indicatif draws nothing when standard error is no terminal.
        Self { line: ProgressBar::new_spinner(), template: Mutex::new("") }
    }

    /// What is being waited for.
    fn say(&self, message: String) {
        self.show(SPINNER, message);
        self.line.enable_steady_tick(Duration::from_millis(100));
    }

    fn show(&self, template: &'static str, message: String) {
        let mut shown = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown != template {
            *shown = template;
            let style = ProgressStyle::with_template(template);
            self.line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        }
        self.line.set_message(message);
    }
}

impl CaptureMonitor for Watch {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        match phase {
            Phase::Taking if total > 0 => {
                self.line.set_length(total);
                self.line.set_position(done.min(total));
                self.show(BAR, phase.to_string());
            }
            Phase::Writing => self.show(SPINNER, format!("{phase}, {}", human_bytes(done))),
            _ => self.show(SPINNER, phase.to_string()),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
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
        assert_eq!(
            shell_word(Path::new(".heapmark/a-1.heapsnapshot")),
            ".heapmark/a-1.heapsnapshot"
        );
        assert_eq!(shell_word(Path::new("it's here")), r"'it'\''s here'");
    }
}
