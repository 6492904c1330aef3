//! What must hold after each episode: what is shown is what a fresh server shows, and the memory is
//! what it was.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::{Client, QUIET};
use crate::scene::Scene;

/// How long the server may take until it shows what a fresh one shows, from when the fresh one does.
const CATCH_UP: Duration = Duration::from_secs(60);
/// How long the server rests before its memory is measured: threads without work, and the memory that
/// each keeps at hand, go after 10 s.
const REST: Duration = Duration::from_secs(12);
/// How much more memory the later half of a run may take than the earlier one, as a median: a tenth of
/// it, and as many bytes. In an hour of some thousands of actions a leak of ten kilobytes in each is more.
const MORE_SHARE: f64 = 0.10;
const MORE_BYTES: u64 = 24_000_000;
/// Of a run with fewer rests only an avalanche can be told: one of them may come right after the worst
/// of episodes, of which the allocator keeps as many bytes at hand.
const FEW_RESTS: usize = 20;
const MORE_BYTES_OF_FEW: u64 = 400_000_000;

/// An account tells at most so many measurements, from the first to the last.
const MOST_TOLD: usize = 16;

/// What a user sees: diagnostics, the hovers at all of them, and the verdict.
#[derive(Debug, PartialEq)]
struct Picture {
    diagnostics: BTreeMap<String, Value>,
    hovers: Vec<Value>,
    verdict: Value,
}

impl Picture {
    fn of(client: &mut Client) -> Result<Self> {
        let diagnostics = client.shown.clone();
        let mut hovers = Vec::new();
        for (uri, diagnostics) in &diagnostics {
            for diagnostic in diagnostics.as_array().into_iter().flatten() {
                let params = json!({
                    "textDocument": { "uri": uri },
                    "position": diagnostic["range"]["start"],
                });
                let hover = client.ask("textDocument/hover", params)?;
                let hover = hover.map_err(|error| anyhow::anyhow!("a hover fails: {error}"))?;
                hovers.push(without_age(hover));
            }
        }
        Ok(Self { diagnostics, hovers, verdict: client.status.clone() })
    }
}

/// The last line tells how old the snapshot is, which goes on meanwhile.
fn without_age(mut hover: Value) -> Value {
    if let Some(text) = hover["contents"]["value"].as_str() {
        let lines = text.rsplit_once('\n');
        let cut = lines.and_then(|(text, last)| Some((text, last.rsplit_once(", ")?)));
        if let Some((text, (file, age))) = cut
            && (age.ends_with(" ago") || age == "just now")
        {
            hover["contents"]["value"] = format!("{text}\n{file}").into();
        }
    }
    hover
}

/// Starts a server beside it, and waits until both show the same.
pub(crate) fn compare_with_a_fresh_one(client: &mut Client, scene: &Scene) -> Result<()> {
    let indexes = scene.outside().join("indexes of fresh ones");
    let mut fresh = Client::open(scene.folder(), &indexes).context("a fresh server")?;
    fresh.be_idle().context("a fresh server")?;
    let wanted = Picture::of(&mut fresh).context("a fresh server")?;
    fresh.finish().context("a fresh server")?;
    if wanted.diagnostics.is_empty() {
        bail!("a fresh server finds nothing: {}", wanted.verdict);
    }
    let until = Instant::now() + CATCH_UP;
    loop {
        client.be_idle()?;
        let shown = Picture::of(client)?;
        if shown == wanted {
            return Ok(());
        }
        if Instant::now() > until {
            bail!("it shows\n{shown:#?}\nand a fresh one\n{wanted:#?}");
        }
        client.listen(QUIET)?;
    }
}

/// How much memory the server had, in bytes, whenever it was measured.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    bytes: Vec<u64>,
    measured: Option<Instant>,
}

impl Memory {
    pub(crate) fn count(&self) -> usize {
        self.bytes.len()
    }

    /// Lets the server rest, and looks how much it has then.
    pub(crate) fn measure(&mut self, client: &mut Client) -> Result<()> {
        client.listen(REST)?;
        self.bytes.push(resident(client.process())?);
        self.measured = Some(Instant::now());
        Ok(())
    }

    /// How long ago that was.
    pub(crate) fn age(&self) -> Duration {
        self.measured.map_or(Duration::MAX, |at| at.elapsed())
    }

    /// The first time is left out: some things are made when they are first needed.
    pub(crate) fn ensure_flat(&self) -> Result<()> {
        let settled = self.bytes.get(1..).unwrap_or_default();
        let (earlier, later) = settled.split_at(settled.len() / 2);
        let (earlier, later) = (median(earlier), median(later));
        let more = if self.count() < FEW_RESTS { MORE_BYTES_OF_FEW } else { MORE_BYTES };
        let most = (earlier as f64 * (1.0 + MORE_SHARE)) as u64 + more;
        if later > most {
            bail!(
                "memory grows: {} MB in the later half, {} MB in the earlier",
                later / 1_000_000,
                earlier / 1_000_000
            );
        }
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "memory at {} rests, in MB:", self.count())?;
        let told = self.count().min(MOST_TOLD);
        for number in 0..told {
            let at = number * (self.count() - 1) / (told - 1).max(1);
            write!(f, " {}", self.bytes[at] / 1_000_000)?;
        }
        Ok(())
    }
}

fn median(numbers: &[u64]) -> u64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

/// Memory of a process that is really there, in bytes.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("the system does not say how much memory")?.parse()?;
    Ok(kilobytes * 1024)
}

/// Only Linux tells it in a file.
#[cfg(not(target_os = "linux"))]
fn resident(_process: u32) -> Result<u64> {
    bail!("the memory of a server is measured on Linux only: run the soak there")
}

#[test]
fn memory_that_grows_all_along_is_not_flat() {
    let run =
        |bytes: fn(u64) -> u64| Memory { bytes: (0..60).map(bytes).collect(), measured: None };
    assert!(run(|at| 100_000_000 + at % 3 * 9_000_000).ensure_flat().is_ok());
    assert!(run(|at| 100_000_000 + at * 2_000_000).ensure_flat().is_err());
}
