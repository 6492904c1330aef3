//! What chrome-devtools-mcp says of two snapshots: its comparison by class, which is where its own guide lets an
//! agent begin. It names no holder and no line, and calls nothing a leak; told is the row in which the class that
//! leaks stands, and how much an agent has to read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use heapmark_tests::cases::{Subject, ways};
use heapmark_tests::{node_of, output_of, tests_folder};
use serde::{Deserialize, Serialize};

/// It needs Node.js 22 and newer.
const NODE: u32 = 24;

/// What it said, by program.
pub(crate) type Answers = BTreeMap<String, Answer>;

#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// The row of the class that leaks, from 1.
    pub(crate) row: Option<usize>,
    /// Of the whole answer.
    pub(crate) characters: usize,
}

#[derive(Serialize)]
struct Question {
    older: PathBuf,
    newer: PathBuf,
    class: String,
}

#[derive(Deserialize)]
struct Truth {
    leaked_class: Option<String>,
}

/// Asks it about the leaks of the corpus: before the work and after it. `beside` is the folder with the corpus,
/// `store` the one with the snapshots.
pub(crate) fn ask(subjects: &[Subject], beside: &Path, store: &Path) -> Result<Answers> {
    let mut programs = Vec::new();
    let mut questions = Vec::new();
    for subject in subjects.iter().filter(|it| it.name.starts_with("corpus/")) {
        let truth = fs::read_to_string(beside.join(&subject.name).join("truth.json"))?;
        let Some(class) = serde_json::from_str::<Truth>(&truth)?.leaked_class else { continue };
        let case = subject.case(store)?;
        let Some(two) = case.series.iter().find(|it| it.way == ways::TWO) else { continue };
        let [older, newer] = &two.files[..] else { continue };
        programs.push(subject.name.clone());
        questions.push(Question { older: older.clone(), newer: newer.clone(), class });
    }
    let answers: Vec<Answer> = serde_json::from_str(&answers(&questions, store)?)?;
    ensure!(answers.len() == programs.len(), "each question has an answer");
    Ok(programs.into_iter().zip(answers).collect())
}

fn answers(questions: &[Question], store: &Path) -> Result<String> {
    let folder = tests_folder().join("verdicts/devtools-mcp");
    let mut npm = Command::new("npm");
    output_of(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))
        .context("chrome-devtools-mcp comes from the npm registry")?;
    let mut asking = Command::new(node_of(NODE)?)
        .arg("compare.mjs")
        .arg(store.canonicalize()?)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let input = asking.stdin.take().context("it has a standard input")?;
    (&input).write_all(&serde_json::to_vec(questions)?)?;
    drop(input);
    let said = asking.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&said.stderr);
    ensure!(said.status.success(), "chrome-devtools-mcp cannot be asked: {complaint}");
    Ok(String::from_utf8(said.stdout)?)
}
