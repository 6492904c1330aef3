//! Who imports what: the statements about an exported variable in other files of the workspace.
//!
//! Which files ask for which is read from their text, without parsing: every quoted text that looks
//! like a relative path and leads to a file counts. Only the files that ask for the one in question
//! are parsed then. Packages and path aliases of a bundler are not followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::file::SourceFile;
use crate::file::target::Target;
use crate::ran::AsItRan;
use crate::statements::mutation::Mutation;
use crate::syntax::receiver::{Base, Receiver, Step};
use crate::syntax::scope::Declaration;
use crate::syntax::unquoted;
use crate::text::Span;
use crate::workspace::Workspace;
use crate::workspace::module_path::find;

/// Most files whose text is read, and bytes of them in all: more is not one program.
const MAX_FILES: usize = 10_000;
const MAX_BYTES: u64 = 128 << 20;
/// Larger files are not written by people.
const LARGEST_FILE: u64 = 1 << 20;
/// Most importing files that are parsed for one question.
const MAX_PARSED: usize = 200;
/// Longest path in an import.
const LONGEST_PATH: usize = 260;

/// For each file of a workspace the files that import it. Read once.
#[derive(Debug, Default)]
pub struct Importers {
    of: FxHashMap<PathBuf, Vec<Importer>>,
}

#[derive(Debug)]
struct Importer {
    file: PathBuf,
    /// How it asks for the module: `./store.js`.
    names: Vec<String>,
}

/// The way to a value from what a module exports: the exported name, then properties. Empty for all
/// that a module of CommonJS exports.
type ExportPath = Vec<String>;

impl Importers {
    /// Reads all script files of a workspace that are no dependencies, with the texts that ran. If
    /// `ran` tells which ones did, no others.
    pub fn of(view: &AsItRan<'_>, ran: Option<&BTreeSet<PathBuf>>) -> Importers {
        let mut files = view.workspace().files();
        // Some may be gone by now.
        files.extend(view.known());
        files.retain(|file| {
            !Workspace::is_dependency(file) && ran.is_none_or(|ran| ran.contains(file))
        });
        files.sort_unstable();
        files.dedup();
        let known: FxHashSet<&Path> = files.iter().map(PathBuf::as_path).collect();
        let mut importers = Importers::default();
        let mut left = MAX_BYTES;
        for file in files.iter().take(MAX_FILES) {
            let Ok(text) = view.read(file, LARGEST_FILE.min(left)) else { continue };
            left -= text.len() as u64;
            let mut names: Vec<&str> = relative_paths(&text).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let imported = file
                    .parent()
                    .and_then(|folder| find(folder, name, |path| known.contains(path)));
                let Some(imported) = imported else { continue };
                let of = importers.of.entry(imported).or_default();
                match of.last_mut().filter(|last| last.file == *file) {
                    Some(last) => last.names.push(name.to_owned()),
                    None => of.push(Importer { file: file.clone(), names: vec![name.to_owned()] }),
                }
            }
        }
        importers
    }

    /// The statements in other files that add to, remove from or bound what `target` is in `file`,
    /// as far as it is exported; also where it is passed on by further modules. Fields of instances
    /// and globals are not followed. Files that cannot be read are left out. `confirm` is called with each
    /// file before it is asked: whoever knows that its text is not the one that ran says so there.
    pub fn mutations(
        &self,
        view: &AsItRan<'_>,
        file: &SourceFile,
        target: &Target<'_>,
        confirm: impl Fn(&Path),
    ) -> Vec<(Arc<SourceFile>, Mutation)> {
        let mut found: Vec<(Arc<SourceFile>, Mutation)> = Vec::new();
        let paths = file.exported_as(target).into_iter();
        let mut open: Vec<(PathBuf, ExportPath)> =
            paths.map(|path| (file.path().to_owned(), path)).collect();
        let mut seen: FxHashSet<(PathBuf, ExportPath)> = open.iter().cloned().collect();
        let mut parsed = 0;
        while let Some((module, path)) = open.pop() {
            for importer in self.of.get(&module).into_iter().flatten() {
                parsed += 1;
                if parsed > MAX_PARSED {
                    return found;
                }
                confirm(&importer.file);
                let Ok(other) = view.file(&importer.file) else { continue };
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let target = Target::Imported { from: &importer.names, path: &names };
                for mutation in other.mutations(&target) {
                    let is_known = found.iter().any(|(file, known)| {
                        file.path() == other.path() && known.range == mutation.range
                    });
                    if !is_known {
                        found.push((Arc::clone(&other), mutation));
                    }
                }
                for path in other.passes_on(&importer.names, &path) {
                    let next = (importer.file.clone(), path);
                    if seen.insert(next.clone()) {
                        open.push(next);
                    }
                }
            }
        }
        found.sort_by(|(left, a), (right, b)| (left.path(), a.range).cmp(&(right.path(), b.range)));
        found
    }
}

impl SourceFile {
    /// Whether other modules can reach a target by importing this one: only then is it worth asking
    /// who does.
    pub fn is_exported(&self, target: &Target<'_>) -> bool {
        !self.exported_as(target).is_empty()
    }

    /// How a variable that only stands for what another file of the program has asks for that:
    /// `./store.js`. Packages and path aliases of a bundler are not followed.
    pub fn imported_from(&self, variable: &Declaration) -> Option<&str> {
        let start = self.text.offset(variable.name_range.start)?;
        let index = self.index.scopes.declared_at(start)?;
        let found = self.index.scopes.variable(index);
        let module = match self.index.aliases.get(&index) {
            Some(Receiver { base: Base::Module(module), .. }) => *module,
            _ => self.required_through_helper(found.initializer?)?,
        };
        let module = self.text.slice(module);
        (module.starts_with('/') || module.starts_with('.')).then_some(module)
    }

    /// `__importStar(require("./store.js"))`, as compilers write it.
    fn required_through_helper(&self, value: Span) -> Option<Span> {
        const HELPERS: [&str; 3] = ["import", "interop", "toESM"];
        let calls = &self.index.calls;
        let helper = self.text.slice(calls.iter().find(|call| call.span == value)?.name);
        let is_helper = helper.starts_with('_') && HELPERS.iter().any(|it| helper.contains(it));
        let is_inside = |span: Span| value.0 < span.0 && span.1 <= value.1;
        let mut inner = calls.iter().filter(|call| is_helper && is_inside(call.span));
        inner.find(|call| self.text.slice(call.name) == "require")?.first_string
    }

    /// The ways to a target from what this module exports.
    fn exported_as(&self, target: &Target<'_>) -> Vec<ExportPath> {
        let owned = |path: &[&str]| path.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let (name_ranges, path) = match *target {
            Target::Variable(variable) => (vec![variable.name_range], Vec::new()),
            Target::Property { variable, name } => (vec![variable.name_range], owned(&[name])),
            Target::Path { variable, path } => (vec![variable.name_range], owned(path)),
            Target::Field { class, name, is_static: true } => {
                let ranges = class.declarations.iter().map(|&index| self.name_range(index));
                (ranges.collect(), owned(&[name]))
            }
            Target::Export(name) => return vec![owned(&[name])],
            Target::Field { .. }
            | Target::Global(_)
            | Target::GlobalSymbol(_)
            | Target::Anywhere(_)
            | Target::Imported { .. } => {
                return Vec::new();
            }
        };
        let exports = &self.index.exports;
        let whole = exports.aliases.iter().copied();
        let whole = whole.filter(|&alias| name_ranges.contains(&self.name_range(alias)));
        let named = exports.facts.iter().filter_map(|fact| {
            let (variable, scope) = fact.variable?;
            let found = self.index.scopes.resolve(self.text.slice(variable), scope)?;
            let name = unquoted(self.text.slice(fact.name));
            name_ranges.contains(&self.name_range(found)).then(|| vec![name.to_owned()])
        });
        let ways = whole.map(|_| Vec::new()).chain(named);
        ways.map(|mut way: ExportPath| {
            way.extend(path.iter().cloned());
            way
        })
        .collect()
    }

    /// Under which paths this module exports what `path` is in the module that it asks for by one of
    /// `names`.
    fn passes_on(&self, names: &[String], path: &[String]) -> Vec<ExportPath> {
        let slice = |span| unquoted(self.text.slice(span)).to_owned();
        let is_meant = |from| names.iter().any(|name| name == self.text.slice(from));
        let exports = &self.index.exports;
        let mut found = Vec::new();
        for passed in exports.passed_on.iter().filter(|passed| is_meant(passed.from)) {
            let rest = match passed.name.map(slice) {
                None => path,
                Some(name) if path.first() == Some(&name) => &path[1..],
                Some(_) => continue,
            };
            found
                .push(passed.exported.map(slice).into_iter().chain(rest.iter().cloned()).collect());
        }
        // `import { list } from "./store"; export { list };`
        for fact in &exports.facts {
            let variable = fact
                .variable
                .and_then(|(name, scope)| self.index.scopes.resolve(self.text.slice(name), scope));
            let Some(Receiver { base: Base::Module(from), steps }) =
                variable.and_then(|variable| self.index.aliases.get(&variable))
            else {
                continue;
            };
            let matches = |(step, name): (&Step, &String)| match step {
                Step::Property(found) => self.text.slice(*found) == name,
                Step::Default => name == "default",
                Step::Element | Step::Key(_) => false,
            };
            if is_meant(*from) && steps.len() <= path.len() && steps.iter().zip(path).all(matches) {
                let rest = path[steps.len()..].iter().cloned();
                found.push([slice(fact.name)].into_iter().chain(rest).collect());
            }
        }
        found
    }
}

/// Every quoted text that looks like a relative path.
fn relative_paths(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let quote = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
            let (mark, behind) = (rest[quote], &rest[quote + 1..]);
            rest = behind;
            if !behind.starts_with(b"./") && !behind.starts_with(b"../") {
                continue;
            }
            let near = &behind[..behind.len().min(LONGEST_PATH)];
            let end = near.iter().position(|&byte| byte == mark || byte == b'\n');
            if let Some(end) = end
                && let Ok(path) = std::str::from_utf8(&near[..end])
            {
                rest = &behind[end..];
                return Some(path);
            }
        }
    })
}
