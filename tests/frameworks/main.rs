//! `cargo xtask frameworks`: small applications in real frameworks, each with two leaks, installed from npm, built,
//! started and driven as people do; what is said of them, and whether nothing is said once they are mended.
//!
//! It downloads hundreds of packages, so it is no test of the ordinary kind: it makes a table. The applications are
//! the folders beside this file; what `run.json` in them may say stands in [`app`].
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod app;
mod judged;
mod served;
mod site;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use app::{App, Way};
use judged::{Judged, Seen};
use served::Served;
use site::{Edition, Site};
use table::Row;

#[derive(Parser)]
#[command(name = "cargo xtask frameworks")]
struct Arguments {
    /// Only those whose program, mode or maps contain this: nest, "next development". May be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// The heapmark to ask; a fresh release build if left out
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,

    /// Where programs are installed, and the snapshots of the last run of each are kept
    #[arg(long, value_name = "DIR", default_value = "target/frameworks")]
    work: PathBuf,

    /// Print every finding and notice, or all that is known of a failure
    #[arg(long)]
    explain: bool,

    /// Write the table to docs/frameworks.md too
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    ensure!(
        !arguments.write || arguments.only.is_empty(),
        "the table in {} is about all programs: leave --only out",
        table::DOCUMENT
    );
    let apps = App::all()?;
    let repository = heapmark_tests::tests_folder().parent().expect("tests is a folder of it");
    let binary = match &arguments.binary {
        Some(binary) => binary.canonicalize().with_context(|| {
            format!("there is no {}: say with --binary where it is", binary.display())
        })?,
        None => heapmark_tests::build(repository, &["--release"])?,
    };
    let work = repository.join(&arguments.work);
    let mut rows = Vec::new();
    for (app, ways) in &asked(&apps, &arguments.only)? {
        let site = Site::of(app, &work)?;
        for way in ways {
            let (row, said) = row(&site, way, &binary)
                .unwrap_or_else(|error| (Row::failed(&site, way, &error), lines(&error)));
            println!("{}", row.text());
            if arguments.explain {
                for line in said {
                    println!("      {line}");
                }
            }
            rows.push(row);
        }
    }
    let text = table::text(&rows);
    println!("\n{text}");
    if arguments.write {
        table::write(repository, &text)?;
    }
    let is_good = rows.iter().all(Row::is_good);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An error with what the program that failed has written.
fn lines(error: &anyhow::Error) -> Vec<String> {
    format!("{error:#}").lines().map(str::to_owned).collect()
}

/// The applications that were asked for, each with the ways that were.
fn asked<'a>(apps: &'a [App], only: &[String]) -> Result<Vec<(&'a App, Vec<&'a Way>)>> {
    let is_asked = |app: &App, way: &Way| {
        let name = format!("{} {} {}", app.name, way.mode, way.maps);
        only.is_empty() || only.iter().any(|part| name.contains(part))
    };
    let ways = |app: &'a App| app.run.ways.iter().filter(|way| is_asked(app, way)).collect();
    let mut asked: Vec<(&App, Vec<&Way>)> = apps.iter().map(|app| (app, ways(app))).collect();
    asked.retain(|(_, ways)| !ways.is_empty());
    let names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
    ensure!(
        !asked.is_empty(),
        "no program, mode or maps contain {}: the programs are {}",
        only.join(" or "),
        names.join(", ")
    );
    Ok(asked)
}

/// A program as it leaks and as it is mended, both built and driven in one way; and all that was said of the first.
fn row(site: &Site<'_>, way: &Way, binary: &Path) -> Result<(Row, Vec<String>)> {
    // The leaking one last, so that it stays where it is, for those who want to look at its snapshots.
    let mended = judged(site, way, Edition::Mended, binary)?;
    let leaking = judged(site, way, Edition::Leaking, binary)?;
    let seen = Seen::of(site.app, way, &leaking.report, &site.folder());
    let mut said = leaking.report.said();
    if mended.has_leak {
        said.extend(mended.report.said().into_iter().map(|line| format!("mended: {line}")));
    }
    Ok((Row::new(site, way, seen, &mended), said))
}

fn judged(site: &Site<'_>, way: &Way, edition: Edition, binary: &Path) -> Result<Judged> {
    site.fill(edition)?;
    site.build(way)?;
    let files = Served::start(site, way, edition)?.captured(&site.app.run.drive)?;
    Judged::by(binary, &site.opened(way), &files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_program_mode_or_maps_says_what_is_asked_for() -> Result<()> {
        let apps = App::all()?;
        let names = |only: &str| -> Result<Vec<(&str, usize)>> {
            let asked = asked(&apps, &[only.to_owned()])?;
            Ok(asked.iter().map(|(app, ways)| (app.name.as_str(), ways.len())).collect())
        };
        assert_eq!(names("next development")?, [("next", 1)]);
        assert_eq!(names("nest")?, [("nest", 4)]);
        let unknown = names("angular").expect_err("there is none");
        insta::assert_snapshot!(unknown, @"no program, mode or maps contain angular: the programs are jest, lambda, monorepo, nest, next, react-router");
        Ok(())
    }
}
