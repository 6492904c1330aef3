//! How long the fuzzer runs, from which seed, and what it does: from the environment.
//!
//! - `HEAPMARK_SOAK`: how long, such as `90s`, `10m` or `1h`; a minute and its end if it is not set.
//! - `HEAPMARK_SOAK_SEED`: a number. The same one gives the same actions in the same order; how they
//!   meet the server is up to the machine. If it is not set, the short form has always the same one, so
//!   that nobody's commit fails for what it did not touch, and a longer one another each time.
//! - `HEAPMARK_SOAK_KINDS`: names of [`Kind`]s with commas between them; all if it is not set.

use std::env;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

/// Long enough for some episodes, short enough to be among the tests that one runs before a commit.
const SHORT: Duration = Duration::from_secs(60);
const SHORT_SEED: u64 = 1;

/// What an action plays with. Each can be left out to find out which one does harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Requests as an editor sends them, right ones and odd ones, and cancels of them.
    Requests,
    /// Texts that are opened, edited, saved and closed.
    Documents,
    /// Settings, folders, and how the editor answers.
    Settings,
    /// Messages that are none.
    Malformed,
    /// Snapshots and what lies beside them, and sources on disk.
    Files,
    /// Pipes, folders, links and giants where a file is expected.
    Impostors,
    /// Captures of a running program.
    Captures,
}

const KINDS: [(Kind, &str); 7] = [
    (Kind::Requests, "requests"),
    (Kind::Documents, "documents"),
    (Kind::Settings, "settings"),
    (Kind::Malformed, "malformed"),
    (Kind::Files, "files"),
    (Kind::Impostors, "impostors"),
    (Kind::Captures, "captures"),
];

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) duration: Duration,
    pub(crate) seed: u64,
    kinds: Vec<Kind>,
}

impl Plan {
    pub(crate) fn from_environment() -> Result<Self> {
        let duration = match env::var("HEAPMARK_SOAK") {
            Ok(text) => parse_duration(&text).context("HEAPMARK_SOAK")?,
            Err(_) => SHORT,
        };
        let seed = match env::var("HEAPMARK_SOAK_SEED") {
            Ok(text) => text.parse().context("HEAPMARK_SOAK_SEED must be a number")?,
            Err(_) if duration == SHORT => SHORT_SEED,
            // What a fixed one does not find it never will.
            Err(_) => SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64,
        };
        let kinds = match env::var("HEAPMARK_SOAK_KINDS") {
            Ok(text) => text.split(',').map(parse_kind).collect::<Result<_>>()?,
            Err(_) => KINDS.iter().map(|(kind, _)| *kind).collect(),
        };
        Ok(Self { duration, seed, kinds })
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// What to type to do the same again.
    pub(crate) fn command(&self) -> String {
        let mut command =
            format!("HEAPMARK_SOAK={}s HEAPMARK_SOAK_SEED={}", self.duration.as_secs(), self.seed);
        if self.kinds.len() < KINDS.len() {
            let names = KINDS.iter().filter(|(kind, _)| self.has(*kind)).map(|(_, name)| *name);
            let names: Vec<&str> = names.collect();
            command = format!("{command} HEAPMARK_SOAK_KINDS={}", names.join(","));
        }
        format!("{command} cargo xtask test soak")
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.command())
    }
}

fn parse_duration(text: &str) -> Result<Duration> {
    let seconds = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        _ => bail!("a duration is a number with s, m or h behind it, not `{text}`"),
    };
    let number: u64 = text[..text.len() - 1].parse().with_context(|| format!("in `{text}`"))?;
    Ok(Duration::from_secs(number * seconds))
}

fn parse_kind(name: &str) -> Result<Kind> {
    let kind = KINDS.iter().find(|(_, known)| *known == name.trim());
    let known = KINDS.map(|(_, name)| name).join(", ");
    kind.map(|(kind, _)| *kind).with_context(|| format!("the kinds are {known}, not `{name}`"))
}

#[test]
fn durations_are_read_as_people_write_them() {
    assert_eq!(parse_duration("90s").unwrap(), Duration::from_secs(90));
    assert_eq!(parse_duration("1h").unwrap(), Duration::from_secs(3600));
    assert!(parse_duration("60").is_err());
    assert!(parse_duration("").is_err());
}
