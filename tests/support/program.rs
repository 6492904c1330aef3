//! The bundled programs (`tests/programs`): their files, and the marks in them that say what
//! Heapmark must find.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// What a mark can say of its line.
pub(crate) const ROLES: [&str; 3] = ["holder", "grows", "leaked"];

/// What a comment in a program's source says must be found on its line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Relative to the program's folder, with `/`.
    pub file: String,
    /// 1-based, as in the JSON report.
    pub line: u32,
    /// The rule in kebab-case.
    pub rule: String,
    /// `holder`, `grows` or `leaked`.
    pub role: String,
    /// Whether the finding of this rule must be the first of the report.
    pub first: bool,
    /// Whether nothing else may be found: one root cause is one finding.
    pub alone: bool,
    /// Whether it is to be worth a look, and not a warning.
    pub is_information: bool,
    /// The first version of Node.js in which there is no such leak any more.
    pub before_node: Option<u32>,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mark { file, line, rule, role, first, alone, is_information, .. } = self;
        let first = if *first { ", first" } else { "" };
        let alone = if *alone { ", alone" } else { "" };
        let severity = if *is_information { ", as information" } else { "" };
        write!(f, "{file}:{line}: {rule}, role {role}{first}{alone}{severity}")
    }
}

/// One of the folders in `tests/programs`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The folder's name.
    pub name: String,
    /// What it does and leaks, in a sentence: `description` of its package.json.
    pub description: String,
    /// Where it is in the repository. Run a [copy](Program::copy), not this.
    pub folder: PathBuf,
    /// The module to start, relative to the folder: `main` of its package.json.
    pub entry: String,
    /// Every source file, relative to the folder, with `/`; sorted.
    pub sources: Vec<String>,
    /// What must be found, by file and line.
    pub marks: Vec<Mark>,
    /// Whether it is marked as one that has no leak at all.
    pub healthy: bool,
    /// Rules that must not even find anything worth a look.
    pub silent: Vec<String>,
    /// Whether it is a server to be started by itself, rather than a module with a `round` function:
    /// its package.json has a start script.
    pub is_server: bool,
    /// Whether the fingerprints of its leaks are compared (tests/fingerprints): its package.json asks for it.
    pub has_fingerprints: bool,
    /// The Node.js to run it in.
    pub node: OsString,
    /// What `node` is given before the program: loaders and switches.
    pub node_arguments: Vec<String>,
}

/// The rule that no bundled program has a leak for: elements of a page are in no program of Node's; tests/dom has a
/// page in Chromium.
pub const OF_PAGES: &str = "detached-dom";

impl Program {
    /// Reads the program in `tests/programs/NAME`.
    ///
    /// # Errors
    /// If there is none, or a mark in it cannot be understood.
    pub fn named(name: &str) -> Result<Self> {
        Self::at(&crate::tests_folder().join("programs").join(name))
    }

    /// Reads the program in a folder.
    ///
    /// # Errors
    /// If there is none, or a mark in it cannot be understood.
    pub fn at(folder: &Path) -> Result<Self> {
        let manifest = fs::read_to_string(folder.join("package.json"))
            .with_context(|| format!("{} is not a program", folder.display()))?;
        let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
        let mut program = Program {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            description: manifest["description"].as_str().unwrap_or_default().to_owned(),
            folder: folder.to_owned(),
            entry: manifest["main"].as_str().context("package.json has no main")?.to_owned(),
            sources: source_files(folder, "")?,
            marks: Vec::new(),
            healthy: false,
            silent: Vec::new(),
            is_server: manifest["scripts"]["start"].is_string(),
            has_fingerprints: manifest["fingerprints"] == true,
            node: crate::node(),
            node_arguments: Vec::new(),
        };
        for source in &program.sources {
            for comment in comments_in(folder, source)? {
                if let Some(rest) = comment.text.strip_prefix("nothing") {
                    program.healthy = true;
                    let silent = rest.strip_prefix(", not even ").unwrap_or_default();
                    program.silent.extend(silent.split_whitespace().map(str::to_owned));
                } else {
                    program.marks.extend(comment.marks(source)?);
                }
            }
        }
        ensure!(
            program.healthy == program.marks.is_empty(),
            "{}: a program says either what must be found or `nothing`",
            program.name
        );
        if program.marks.iter().any(|mark| mark.before_node.is_some()) {
            let major = crate::node_major()?;
            program.marks.retain(|mark| mark.before_node.is_none_or(|before| major < before));
        }
        Ok(program)
    }

    /// The names of all programs, sorted.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn names() -> Result<BTreeSet<String>> {
        let folder = crate::tests_folder().join("programs");
        let entries = fs::read_dir(&folder)?.collect::<std::io::Result<Vec<_>>>()?;
        let programs = entries.iter().filter(|entry| entry.path().join("package.json").exists());
        Ok(programs.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    /// A copy in a fresh temporary folder, as a user would have it open.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn copy(&self) -> Result<Workspace> {
        let folder = tempfile::Builder::new().prefix("heapmark-").tempdir()?;
        // Node.js names scripts by their real path.
        let path = folder.path().canonicalize()?.join(&self.name);
        self.copy_to(&path)?;
        Ok(Workspace { path, _folder: folder })
    }

    /// A copy in this folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let settings = ["package.json", "tsconfig.json"].into_iter();
        let settings = settings.filter(|file| self.folder.join(file).exists());
        for file in self.sources.iter().map(String::as_str).chain(settings) {
            let copy = path.join(file);
            fs::create_dir_all(copy.parent().context("a file has a folder")?)?;
            fs::copy(self.folder.join(file), copy)?;
        }
        Ok(())
    }
}

/// A temporary copy of a program; removed when dropped.
#[derive(Debug)]
pub struct Workspace {
    path: PathBuf,
    _folder: TempDir,
}

impl Workspace {
    /// The folder that an editor would open. Absolute, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The marks in all sources of a folder, by file and line.
///
/// # Errors
/// If a file cannot be read, or a mark in it cannot be understood.
pub fn marks_in(folder: &Path) -> Result<Vec<Mark>> {
    let mut marks = Vec::new();
    for source in source_files(folder, "")? {
        for comment in comments_in(folder, &source)? {
            marks.extend(comment.marks(&source)?);
        }
    }
    Ok(marks)
}

/// What stands behind `// heapmark: ` on a line.
struct Comment {
    line: u32,
    text: String,
}

impl Comment {
    fn marks(&self, file: &str) -> Result<Vec<Mark>> {
        self.text.split(';').map(|mark| parse_mark(file, self.line, mark)).collect()
    }
}

fn comments_in(folder: &Path, source: &str) -> Result<Vec<Comment>> {
    let text = fs::read_to_string(folder.join(source))?;
    let comments = (1..).zip(text.lines()).filter_map(|(line, text)| {
        let (_, comment) = text.split_once("// heapmark: ")?;
        Some(Comment { line, text: comment.trim().to_owned() })
    });
    Ok(comments.collect())
}

#[expect(clippy::similar_names, reason = "a mark has a rule and a role")]
fn parse_mark(file: &str, line: u32, text: &str) -> Result<Mark> {
    let (mut words, place) = (text.split_whitespace(), format!("{file}:{line}"));
    let (Some(rule), Some(role)) = (words.next(), words.next()) else {
        bail!(
            "{place}: a mark is `RULE ROLE [first] [alone] [information] [before-node-N]`, not `{text}`"
        );
    };
    ensure!(ROLES.contains(&role), "{place}: a role is holder, grows or leaked, not `{role}`");
    let (file, rule, role) = (file.to_owned(), rule.to_owned(), role.to_owned());
    let (first, alone, is_information, before_node) = (false, false, false, None);
    let mut mark = Mark { file, line, rule, role, first, alone, is_information, before_node };
    for word in words {
        let version = word.strip_prefix("before-node-").and_then(|version| version.parse().ok());
        match word {
            "first" => mark.first = true,
            "alone" => mark.alone = true,
            "information" => mark.is_information = true,
            _ if version.is_some() => mark.before_node = version,
            other => bail!(
                "{place}: after rule and role comes `first`, `alone`, `information`, `before-node-N` or nothing, \
                 not `{other}`"
            ),
        }
    }
    Ok(mark)
}

/// The JavaScript files in `folder` and below, as paths that start with `prefix`.
pub(crate) fn source_files(folder: &Path, prefix: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let relative = format!("{prefix}{name}");
        let extension = Path::new(&name).extension().and_then(|extension| extension.to_str());
        if entry.file_type()?.is_dir() && !name.starts_with('.') && name != "node_modules" {
            files.extend(source_files(&entry.path(), &format!("{relative}/"))?);
        } else if matches!(extension, Some("js" | "cjs" | "mjs" | "ts" | "tsx")) {
            files.push(relative);
        }
    }
    files.sort();
    Ok(files)
}
