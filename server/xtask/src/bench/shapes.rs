//! Programs that are large by their code: thousands of functions in one scope, of files of one name.
//!
//! What is measured is `heapmark analyze` on three snapshots with the sources beside them, by the
//! megabyte, next to a plain program whose heap is as large. Each program of [`ONE_SCOPE`] comes at half
//! and at full size: where time grows with the square, the second takes twice as long a megabyte.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use xshell::{Shell, cmd};

use super::files;
use super::measure::{Cost, measure};

/// Kinds of `tests/bench/shapes.cjs`, and how many of what each is made of.
const ONE_SCOPE: [(&str, u32); 6] = [
    ("functions", 6_000),
    ("classes", 5_000),
    ("one-line", 6_000),
    ("scripts", 5_000),
    ("nested-scopes", 3_000),
    ("escapes", 85_000),
];

/// What people build: one file of 500 modules, and 20,000 files of which nearly all have one name.
const TYPESCRIPT: [(&str, u32); 2] = [("modules", 500), ("files", 20_000)];

/// Records in every program, in thousands: some 30 MB in each snapshot.
const RECORDS: f64 = 60.0;
/// A plain program is made as large as the one beside it, within this part.
const TOLERANCE: f64 = 0.1;
const TRIES: usize = 4;
/// The best of so many runs counts.
const RUNS: usize = 3;
/// Builds the TypeScript.
const ESBUILD: &str = "0.28.2";

/// A program, and what its analysis took.
struct Measured {
    title: String,
    megabytes: f64,
    outcome: anyhow::Result<Cost>,
    /// What the plain program of that size took.
    plain: Option<(f64, Cost)>,
}

/// Measures the programs with everything in one scope.
pub(super) fn one_scope(
    shell: &Shell,
    folder: &Path,
    node: u32,
    limit: Duration,
) -> anyhow::Result<String> {
    let sizes = ONE_SCOPE.into_iter().flat_map(|(kind, count)| [(kind, count / 2), (kind, count)]);
    table(shell, folder, node, limit, &sizes.collect::<Vec<_>>())
}

/// Measures the programs in TypeScript.
pub(super) fn typescript(
    shell: &Shell,
    folder: &Path,
    node: u32,
    limit: Duration,
) -> anyhow::Result<String> {
    table(shell, folder, node, limit, &TYPESCRIPT)
}

fn table(
    shell: &Shell,
    folder: &Path,
    version: u32,
    limit: Duration,
    programs: &[(&str, u32)],
) -> anyhow::Result<String> {
    let node = files::node(shell, folder, version)?;
    let heapmark = crate::cargo::build(shell, &["--release", "--package", "heapmark"])?;
    let esbuild = esbuild(shell, folder)?;
    let folder = folder.join("shapes");
    let mut results = Vec::new();
    for &(kind, count) in programs {
        let program = folder.join(format!("{kind}-{count}"));
        make(shell, &node, &program, (kind, count), &esbuild, RECORDS)?;
        let megabytes = megabytes(&program)?;
        let plain = folder.join("plain");
        make_plain(shell, &node, &plain, megabytes)?;
        let outcome = analyze(&heapmark, &program, &folder, limit);
        let plain_size = self::megabytes(&plain)?;
        let plain = analyze(&heapmark, &plain, &folder, limit).ok().map(|it| (plain_size, it));
        let title = format!("{kind}, {count}");
        results.push(Measured { title, megabytes, outcome, plain });
    }
    Ok(rows(&results))
}

/// A program and its snapshots.
fn make(
    shell: &Shell,
    node: &Path,
    program: &Path,
    (kind, count): (&str, u32),
    esbuild: &Path,
    records: f64,
) -> anyhow::Result<()> {
    println!("making {}", program.display());
    let script = crate::repository().join("tests/bench/shapes.cjs");
    let memory = files::OLD_SPACE;
    let (count, records) = (count.to_string(), format!("{records:.3}"));
    shell.remove_path(program)?;
    cmd!(shell, "{node} {script} make {kind} {count} {program} {esbuild}").quiet().run()?;
    // A scope of very many functions is deep for V8's own parser.
    let flags = ["--expose-gc", memory, "--stack-size=4000"];
    cmd!(shell, "{node} {flags...} {script} run {program} {records}").quiet().run()?;
    Ok(())
}

/// A program of nothing but records, with snapshots of so many megabytes.
fn make_plain(shell: &Shell, node: &Path, plain: &Path, wanted: f64) -> anyhow::Result<()> {
    let mut records = RECORDS;
    for _ in 0..TRIES {
        make(shell, node, plain, ("plain", 0), Path::new(""), records)?;
        let made = megabytes(plain)?;
        if (made / wanted - 1.0).abs() <= TOLERANCE {
            return Ok(());
        }
        records *= wanted / made;
    }
    anyhow::bail!("{} is not getting near {wanted:.0} MB", plain.display())
}

/// The sizes of a program's snapshots, in all.
fn megabytes(program: &Path) -> anyhow::Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(program.join(".heapmark"))? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / 1e6)
}

fn analyze(
    heapmark: &Path,
    program: &Path,
    folder: &Path,
    limit: Duration,
) -> anyhow::Result<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..RUNS {
        let mut command = Command::new(heapmark);
        command.args(["analyze", "--format", "json", "--no-index", "--workspace"]);
        command.arg(program).arg(program.join(".heapmark"));
        let cost = measure(command, limit, folder)?;
        best = best.filter(|best| best.seconds <= cost.seconds).or(Some(cost));
    }
    best.context("no run")
}

/// The package from npm.
fn esbuild(shell: &Shell, folder: &Path) -> anyhow::Result<PathBuf> {
    let prefix = folder.join(format!("esbuild-{ESBUILD}"));
    let package = prefix.join("node_modules/esbuild");
    if !package.exists() {
        crate::require(shell, "npm", "esbuild comes from there")?;
        shell.create_dir(&prefix)?;
        let wanted = format!("esbuild@{ESBUILD}");
        cmd!(shell, "npm install --no-audit --no-fund --prefix {prefix} {wanted}").quiet().run()?;
    }
    Ok(package)
}

fn rows(results: &[Measured]) -> String {
    let mut rows = "\
        | program | MB | seconds | CPU seconds | seconds per 100 MB | times plain | peak MB |\n\
        |---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for Measured { title, megabytes, outcome, plain } in results {
        let figures = match outcome {
            Ok(cost) => {
                let each = cost.seconds / megabytes;
                let times = plain.as_ref().map_or(String::new(), |(megabytes, plain)| {
                    format!("{:.2}", each / (plain.seconds / megabytes))
                });
                let Cost { seconds, cpu_seconds, peak_bytes, .. } = cost;
                let peak = *peak_bytes as f64 / 1e6;
                let each = 100.0 * each;
                format!("{seconds:.2} | {cpu_seconds:.2} | {each:.2} | {times} | {peak:.0}")
            }
            Err(reason) => format!("{reason} | | | |"),
        };
        writeln!(rows, "| {title} | {megabytes:.0} | {figures} |")
            .expect("a string takes everything");
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_an_analysis_beside_that_of_a_plain_program() {
        let cost =
            |seconds| Cost { seconds, cpu_seconds: seconds, peak_bytes: 50_000_000, nodes: None };
        let results = [
            Measured {
                title: "functions, 6000".to_owned(),
                megabytes: 50.0,
                outcome: Ok(cost(1.0)),
                plain: Some((100.0, cost(1.0))),
            },
            Measured {
                title: "classes, 5000".to_owned(),
                megabytes: 50.0,
                outcome: Err(anyhow::anyhow!("not done after 60 s")),
                plain: None,
            },
        ];
        let rows = rows(&results);
        let rows: Vec<&str> = rows.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| functions, 6000 | 50 | 1.00 | 1.00 | 2.00 | 2.00 | 50 |",
                "| classes, 5000 | 50 | not done after 60 s | | | | |",
            ]
        );
    }
}
