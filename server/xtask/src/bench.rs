//! `cargo xtask bench`: our engine and its peers on the same files in the same run.
//!
//! Each engine is a process of its own that does what a first look at a snapshot needs: load,
//! dominators, retained sizes, classes (ours and DevTools' also distances). What is measured is the
//! whole process: its time on the clock and its peak memory. Absolute times depend on the machine
//! and on what else it does; the ratios hold.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use wait4::Wait4;
use xshell::{Shell, cmd};

/// More old space than any of the peers needs for 500 MB, in MB.
const OLD_SPACE: &str = "--max-old-space-size=16000";
/// Ours runs this often, and the best counts: it is so short that noise would tell.
const OUR_RUNS: u32 = 3;
/// An engine that takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(120);

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Snapshots to measure on; without any, they are made with Node.js
    files: Vec<PathBuf>,

    /// The sizes of the snapshots to make, in MB
    #[arg(long, value_delimiter = ',', default_value = "100,500")]
    sizes: Vec<u32>,

    /// The versions of Node.js that make them (from npm)
    #[arg(long, value_delimiter = ',', default_value = "20,24")]
    node: Vec<u32>,

    /// Only our own engine
    #[arg(long)]
    alone: bool,

    /// Write the table to docs/benchmarks.md too
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(shell: &Shell, args: &BenchArgs) -> anyhow::Result<()> {
    crate::require(shell, "node", "the snapshots are made with it, and two peers run in it")?;
    cmd!(shell, "cargo build --profile dist --package heapmark").run()?;
    let files = if args.files.is_empty() { make_files(shell, args)? } else { args.files.clone() };
    let engines = if args.alone { vec![Engine::Ours] } else { all_engines(shell)? };

    let mut rows = vec![
        "| snapshot | engine | seconds | times ours | peak MB | bytes a byte |".to_owned(),
        "|---|---|---:|---:|---:|---:|".to_owned(),
    ];
    for file in &files {
        let bytes = file.metadata().with_context(|| format!("no {}", file.display()))?.len();
        let mut ours = None;
        for engine in &engines {
            let runs = if matches!(engine, Engine::Ours) { OUR_RUNS } else { 1 };
            let row = match best(engine, file, runs) {
                Ok(cost) => {
                    let base = *ours.get_or_insert(cost.seconds);
                    row(file, bytes, engine, &cost, base)
                }
                Err(error) => {
                    format!("| {} | {} | {error} | | | |", title(file, bytes), engine.name())
                }
            };
            println!("{row}");
            rows.push(row);
        }
    }
    let table = rows.join("\n");
    println!("\n{table}");
    if args.write {
        let text = format!("{}\n{table}\n", introduction(shell)?);
        shell.write_file("docs/benchmarks.md", text)?;
    }
    Ok(())
}

enum Engine {
    Ours,
    DevTools,
    Memlab,
    V8HeapParser { binary: PathBuf },
}

/// What one run took.
struct Cost {
    seconds: f64,
    peak_bytes: u64,
}

impl Engine {
    fn name(&self) -> &'static str {
        match self {
            Engine::Ours => "**Heapmark**",
            Engine::DevTools => "Chrome DevTools 1.0.1705227",
            Engine::Memlab => "memlab 2.0.5",
            Engine::V8HeapParser { .. } => "v8-heap-parser 1.1.0",
        }
    }

    fn command(&self, file: &Path) -> Command {
        let top = crate::repository();
        let node = |script: &str| {
            let mut command = Command::new("node");
            command.arg(OLD_SPACE).arg(top.join("tests/bench").join(script)).arg(file);
            command
        };
        match self {
            Engine::Ours => {
                let name = format!("target/dist/heapmark{}", std::env::consts::EXE_SUFFIX);
                let mut command = Command::new(top.join(name));
                command.args(["export", "--table", "classes"]).arg(file);
                command
            }
            Engine::DevTools => node("devtools.mjs"),
            Engine::Memlab => node("memlab.cjs"),
            Engine::V8HeapParser { binary } => {
                let mut command = Command::new(binary);
                command.arg(file);
                command
            }
        }
    }
}

/// Ours and all peers, set up.
fn all_engines(shell: &Shell) -> anyhow::Result<Vec<Engine>> {
    {
        let _parity = shell.push_dir("tests/parity");
        cmd!(shell, "npm ci --no-audit --no-fund").quiet().run()?;
        cmd!(shell, "node bundle.mjs").quiet().run()?;
    }
    {
        let _bench = shell.push_dir("tests/bench");
        cmd!(shell, "npm ci --no-audit --no-fund").quiet().run()?;
    }
    let target = crate::repository().join("target/bench");
    let manifest = "tests/bench/v8-heap-parser/Cargo.toml";
    cmd!(shell, "cargo build --release --locked --manifest-path {manifest} --target-dir {target}")
        .quiet()
        .run()?;
    let binary = target.join("release/heapmark-bench-v8-heap-parser");
    Ok(vec![Engine::Ours, Engine::DevTools, Engine::Memlab, Engine::V8HeapParser { binary }])
}

fn best(engine: &Engine, file: &Path, runs: u32) -> anyhow::Result<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..runs {
        let cost = measure(engine.command(file))?;
        if best.as_ref().is_none_or(|best| cost.seconds < best.seconds) {
            best = Some(cost);
        }
    }
    best.context("no run")
}

fn measure(mut command: Command) -> anyhow::Result<Cost> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut process = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    let watchdog = Watchdog::over(process.id());
    let ended = process.wait4()?;
    anyhow::ensure!(!watchdog.has_bitten(), "not done after {} s", LIMIT.as_secs());
    anyhow::ensure!(ended.status.success(), "failed ({})", ended.status);
    Ok(Cost { seconds: started.elapsed().as_secs_f64(), peak_bytes: ended.rusage.maxrss })
}

/// Ends a process that takes too long: some engines need hours for a long linked list.
struct Watchdog {
    done: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<bool>,
}

impl Watchdog {
    fn over(process: u32) -> Self {
        let (done, waiting) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let late = waiting.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout);
            if late {
                // If it has just ended by itself, there is nothing to end.
                let _ = Command::new("kill").args(["-9", &process.to_string()]).status();
            }
            late
        });
        Self { done, thread }
    }

    fn has_bitten(self) -> bool {
        // The thread may have ended, and its end of the channel with it.
        let _ = self.done.send(());
        self.thread.join().unwrap_or(false)
    }
}

fn row(file: &Path, bytes: u64, engine: &Engine, cost: &Cost, ours: f64) -> String {
    format!(
        "| {} | {} | {:.2} | {:.1} | {:.0} | {:.2} |",
        title(file, bytes),
        engine.name(),
        cost.seconds,
        cost.seconds / ours,
        cost.peak_bytes as f64 / 1e6,
        cost.peak_bytes as f64 / bytes as f64,
    )
}

fn title(file: &Path, bytes: u64) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}, {:.0} MB", bytes as f64 / 1e6)
}

/// One snapshot for each version of Node.js and each size, kept in `target/bench`.
fn make_files(shell: &Shell, args: &BenchArgs) -> anyhow::Result<Vec<PathBuf>> {
    let folder = crate::repository().join("target/bench");
    shell.create_dir(&folder)?;
    let mut files = Vec::new();
    for &version in &args.node {
        let node = node_of(shell, &folder, version)?;
        for &size in &args.sizes {
            let file = folder.join(format!("node{version}-{size}.heapsnapshot"));
            if !file.exists() {
                println!("making {}", file.display());
                let part = file.with_extension("part");
                let customers = (f64::from(size) / megabytes_a_thousand(version)).to_string();
                let script = "tests/bench/service.js";
                cmd!(shell, "{node} {OLD_SPACE} {script} {part} {customers}").quiet().run()?;
                std::fs::rename(&part, &file)?;
            }
            files.push(file);
        }
    }
    Ok(files)
}

/// How large a snapshot of a thousand customers is: newer versions write no line ends.
fn megabytes_a_thousand(node: u32) -> f64 {
    if node < 24 { 3.7 } else { 3.2 }
}

/// A Node.js of that version, from the npm package `node`.
fn node_of(shell: &Shell, folder: &Path, version: u32) -> anyhow::Result<PathBuf> {
    let prefix = folder.join(format!("node-{version}"));
    let node = prefix.join("node_modules/node/bin/node");
    if !node.exists() {
        shell.create_dir(&prefix)?;
        let package = format!("node@{version}");
        cmd!(shell, "npm install --no-audit --no-fund --prefix {prefix} {package}")
            .quiet()
            .run()?;
    }
    Ok(node)
}

fn introduction(shell: &Shell) -> anyhow::Result<String> {
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = cmd!(shell, "rustc --version").quiet().read()?;
    let node = cmd!(shell, "node --version").quiet().read()?;
    Ok(format!(
        "# Benchmarks\n\n\
         Made by `cargo xtask {command}` on {} {} with {cores} cores, {rustc}, Node.js {node}.\n\n\
         Each engine is a process of its own that loads the snapshot and computes what a first look\n\
         needs: dominators, retained sizes and classes; Heapmark and DevTools also distances. Measured\n\
         are the time on the clock and the peak memory of the whole process. Heapmark's is the best of\n\
         {OUR_RUNS} runs, the others run once. Times vary from run to run; ratios hold.\n",
        std::env::consts::OS,
        std::env::consts::ARCH,
    ))
}
