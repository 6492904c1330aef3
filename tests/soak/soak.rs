//! The run: one action after the other, a check after each episode, and an account of it all when
//! something is wrong.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use heapmark_tests::{Random, Running, uri};
use serde_json::json;

use crate::actions::{self, Action};
use crate::checks::{Memory, compare_with_a_fresh_one};
use crate::client::Client;
use crate::plan::{Kind, Plan};
use crate::scene::Scene;

/// Actions between two checks: at least so many, and at most twice as many.
const EPISODE: usize = 40;
/// The longest pause between two actions, in milliseconds: most are within one analysis of the other.
const PAUSE: usize = 120;
/// Without so many rests nothing can be said about memory, however slow the machine is.
const FEWEST_RESTS: usize = 4;
/// A rest takes longer than an episode: there are not many more of them in a run than this.
const MOST_RESTS: u32 = 60;
/// How many of the last actions an account tells.
const REMEMBERED: usize = 60;
/// How often somebody who waits is told that it goes on.
const NEWS: Duration = Duration::from_secs(60);

/// All that takes part.
pub(crate) struct Soak {
    pub(crate) random: Random,
    pub(crate) client: Client,
    pub(crate) scene: Scene,
    /// The program, to be captured.
    pub(crate) running: Option<Running>,
    /// Texts that were opened, by their URI.
    pub(crate) open: BTreeSet<String>,
    /// Folders that were added.
    pub(crate) added: Vec<PathBuf>,
    started: Instant,
    memory: Memory,
    /// At least so much time is between two rests.
    memory_every: Duration,
    actions: usize,
    last: VecDeque<String>,
}

impl Soak {
    /// Takes the snapshots and starts the server.
    pub(crate) fn start(plan: &Plan) -> Result<Self> {
        let scene = Scene::new().context("the snapshots cannot be taken")?;
        let running = plan.has(Kind::Captures).then(|| scene.run()).transpose()?;
        let client = Client::open(scene.folder(), &scene.outside().join("indexes"))?;
        Ok(Self {
            random: Random::new(plan.seed),
            client,
            scene,
            running,
            open: BTreeSet::new(),
            added: Vec::new(),
            started: Instant::now(),
            memory: Memory::default(),
            memory_every: plan.duration / MOST_RESTS,
            actions: 0,
            last: VecDeque::new(),
        })
    }

    /// Runs for as long as planned, and sees the server leave.
    pub(crate) fn run(&mut self, plan: &Plan) -> Result<()> {
        self.started = Instant::now();
        let mut told = Instant::now();
        self.check().context("before anything was done")?;
        while self.started.elapsed() < plan.duration || self.memory.count() < FEWEST_RESTS {
            for _ in 0..EPISODE + self.random.below(EPISODE) {
                let action = actions::pick(&mut self.random, plan);
                self.act(action)?;
            }
            self.check()?;
            if told.elapsed() > NEWS {
                told = Instant::now();
                crate::say(&format!("soak: {}", self.summary()));
            }
        }
        self.memory.ensure_flat()?;
        if let Some(running) = &mut self.running {
            running.round().context("the program that was captured does not work any more")?;
        }
        self.client.finish()
    }

    fn act(&mut self, action: &Action) -> Result<()> {
        self.actions += 1;
        self.note(action.name.to_owned());
        let details = (action.act)(self).with_context(|| format!("in `{}`", action.name))?;
        if let Some(last) = self.last.back_mut() {
            *last = format!("{last}: {details:.160}");
        }
        self.scene.go_on_writing(&mut self.random);
        let pause = self.random.below(PAUSE);
        self.client.listen(Duration::from_millis(pause as u64))
    }

    /// Makes all as it was, and compares.
    fn check(&mut self) -> Result<()> {
        self.note("all is made as it was, and compared with a fresh server".to_owned());
        self.restore()?;
        let by_itself = self.random.percent(50);
        if !by_itself {
            let argument = json!({ "command": "heapmark.server.analyze", "arguments": [{}] });
            let answer = self.client.ask("workspace/executeCommand", argument)?;
            answer.map_err(|error| anyhow::anyhow!("the good snapshots are refused: {error}"))?;
        }
        compare_with_a_fresh_one(&mut self.client, &self.scene)?;
        self.client.ensure_calm()?;
        if self.memory.age() >= self.memory_every {
            self.memory.measure(&mut self.client)?;
        }
        Ok(())
    }

    /// The workspace, the texts, the folders and the settings are again what they were.
    fn restore(&mut self) -> Result<()> {
        self.client.manners = crate::client::Manners::Polite;
        for uri in std::mem::take(&mut self.open) {
            self.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        }
        let settings = json!({ "settings": { "heapmark": {} } });
        self.client.notify("workspace/didChangeConfiguration", settings);
        let mut removed = std::mem::take(&mut self.added);
        removed.push(self.scene.folder().to_owned());
        let event = json!({
            "removed": removed.iter().map(|it| folder(it)).collect::<Vec<_>>(),
            "added": [folder(self.scene.folder())],
        });
        self.client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
        self.client.hear_all_answers()?;
        self.scene.restore()?;
        let names = [".heapmark/final.heapsnapshot", "heapmark-accepted.json"];
        for name in names {
            self.tell(Path::new(name), 2);
        }
        Ok(())
    }

    /// Tells of a file as an editor does that watches: 1 is made, 2 changed, 3 gone.
    pub(crate) fn tell(&mut self, name: &Path, change: u32) {
        let change = json!({ "uri": uri(&self.scene.path(name)), "type": change });
        self.client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    }

    fn note(&mut self, what: String) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        let at = self.started.elapsed().as_secs_f64();
        self.last.push_back(format!("{at:8.2} s  {:6}  {what}", self.actions));
    }

    /// How it went so far, in one line.
    pub(crate) fn summary(&self) -> String {
        let slowest = self.client.answered.iter().max_by_key(|(_, (_, slowest))| *slowest);
        let slowest = slowest.map_or(String::new(), |(what, (_, time))| {
            format!(", the slowest after {:.1} s ({what})", time.as_secs_f64())
        });
        let answers: usize = self.client.answered.values().map(|(count, _)| count).sum();
        format!(
            "{} actions in {:.0} s, {answers} answers{slowest}, {}",
            self.actions,
            self.started.elapsed().as_secs_f64(),
            self.memory
        )
    }

    /// What a person needs who wants to know why it failed.
    pub(crate) fn account(&self, plan: &Plan) -> String {
        let last: Vec<&str> = self.last.iter().map(String::as_str).collect();
        format!(
            "again: {}\n\nso far: {}\n\nthe last actions:\n{}\n\nthe server's standard error:\n{}",
            plan.command(),
            self.summary(),
            last.join("\n"),
            self.client.errors()
        )
    }
}

/// A folder as the protocol names it.
pub(crate) fn folder(path: &Path) -> serde_json::Value {
    json!({ "uri": uri(path), "name": "folder" })
}
