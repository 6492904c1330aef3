//! A script that ran: from V8's positions in it to what a person wrote.
//!
//! The one place that knows all ways there: the file as it is, the file found again after an edit
//! ([`crate::anchor`]), and source maps ([`crate::maps`]). Files are read when they are first needed.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use crate::anchor::Ran;
use crate::fit::{Fit, Origin, Written};
use crate::maps::{self, GeneratedFile, Mapped, certain};
use crate::ran_script::{Agreement, RanScript};
use crate::script_name::ScriptName;
use crate::{
    Anchored, Anchors, Class, Declaration, Function, Language, Position, Range, Resolution,
    SourceFile, Workspace,
};

/// Largest script whose text is read, in bytes.
const LARGEST_SCRIPT: u64 = 64 << 20;

/// What is asked for first at a place that may be both: a constructor is a function and stands for
/// its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The function, of a closure.
    Function,
    /// The class, of an instance.
    Class,
}

/// A function or a class.
#[derive(Debug, Clone)]
pub enum Thing {
    /// A function.
    Function(Function),
    /// A class.
    Class(Class),
}

impl Thing {
    /// What stands at V8's position in a file.
    pub(crate) fn at(file: &SourceFile, v8: Position, wanted: Wanted) -> Option<Thing> {
        let function = || file.function_at(v8).cloned().map(Thing::Function);
        let class = || file.class_at(v8).cloned().map(Thing::Class);
        match wanted {
            Wanted::Function => function().or_else(class),
            Wanted::Class => class().or_else(function),
        }
    }

    /// As people say it.
    pub fn name(&self) -> &str {
        match self {
            Thing::Function(function) => &function.name,
            Thing::Class(class) => &class.name,
        }
    }

    /// What to underline.
    pub fn name_range(&self) -> Range {
        match self {
            Thing::Function(function) => function.name_range,
            Thing::Class(class) => class.name_range,
        }
    }

    /// All of it.
    pub fn range(&self) -> Range {
        match self {
            Thing::Function(function) => function.range,
            Thing::Class(class) => class.range,
        }
    }

    pub(crate) fn anchor(&self) -> Position {
        match self {
            Thing::Function(function) => function.anchor,
            Thing::Class(class) => class.anchor,
        }
    }
}

/// A script that ran, looked for in one workspace, which it is asked with.
pub struct Script {
    ran: RanScript,
    sites: Ran,
    resolution: Resolution,
    text: OnceCell<(View, Option<String>)>,
}

/// How the script's positions are read.
enum View {
    /// Nothing of it is in the workspace.
    Nowhere,
    /// Its own file.
    File { file: Arc<SourceFile>, agreement: Agreement, anchors: OnceCell<Anchors> },
    /// The files that it was made from.
    Mapped(Box<Mapped>),
}

impl Script {
    /// Looks for the script's file by name; nothing is read yet.
    pub fn new(workspace: &Workspace, mut ran: RanScript) -> Self {
        let sites = Ran::new(std::mem::take(&mut ran.sites), ran.source_prefix.as_deref());
        let resolution = if ran.known_as() == ran.name {
            workspace.resolve(&ran.name)
        } else {
            // A loader's own name for evaluated code: `webpack-internal:///./src/a.ts`.
            workspace.resolve_source(".", ran.known_as())
        };
        Self { ran, sites, resolution, text: OnceCell::new() }
    }

    /// V8's name, or the one that evaluated code gave itself.
    pub fn name(&self) -> &str {
        self.ran.known_as()
    }

    /// Whose code the script as a whole is, without reading it: what is made from the user's files
    /// is the user's, as far as it was looked at.
    pub fn origin(&self) -> Origin {
        match &self.resolution {
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace | Resolution::Builtin if matches!(self.text.get(), Some((View::Mapped(it), _)) if it.has_own()) => {
                Origin::Own
            }
            Resolution::File(path) if Workspace::is_dependency(path) => Origin::Dependency,
            Resolution::File(_) => Origin::Own,
            Resolution::Builtin => Origin::Builtin,
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace => Origin::Elsewhere,
        }
    }

    /// Whose code stands at V8's position.
    pub fn origin_at(&self, workspace: &Workspace, v8: Position) -> Origin {
        match self.view(workspace) {
            View::Mapped(mapped) => mapped.origin(workspace, &self.sites, v8),
            View::File { .. } | View::Nowhere => self.origin(),
        }
    }

    /// The function or class that V8 means by a location.
    pub fn thing(
        &self,
        workspace: &Workspace,
        v8: Position,
        wanted: Wanted,
    ) -> Option<Written<Thing>> {
        match self.view(workspace) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.thing(workspace, &self.sites, v8, wanted),
            View::File { file, .. } => {
                let (position, fit) = self.position(workspace, v8)?;
                let what = Thing::at(file, position, wanted)?;
                Some(Written { file: Arc::clone(file), what, fit, generated: None })
            }
        }
    }

    /// The variable `name` that the function at `v8` captured; `siblings` are the other names in the
    /// same context of V8.
    pub fn captured(
        &self,
        workspace: &Workspace,
        v8: Position,
        name: &str,
        siblings: &[&str],
    ) -> Option<Written<Declaration>> {
        match self.view(workspace) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.captured(workspace, &self.sites, v8, name, siblings),
            View::File { file, .. } => {
                let Some(function) = self.thing(workspace, v8, Wanted::Function) else {
                    return self.captured_by_any(workspace, file, v8, name);
                };
                let Thing::Function(inner) = &function.what else { return None };
                let siblings = if function.fit == Fit::Exact { siblings } else { &[] };
                let declaration = function.file.captured(inner, name, siblings)?;
                Some(function.map(|_| declaration))
            }
        }
    }

    /// The field of the class at `v8`, and the class.
    pub fn field(
        &self,
        workspace: &Workspace,
        v8: Position,
        name: &str,
        is_static: bool,
    ) -> Option<Written<(Class, Declaration)>> {
        let class = self.thing(workspace, v8, Wanted::Class)?;
        let Thing::Class(inner) = &class.what else { return None };
        let found = (inner.clone(), class.file.field(inner, name, is_static)?);
        Some(class.map(|_| found))
    }

    /// What the module exports under a name.
    pub fn export(&self, workspace: &Workspace, name: &str) -> Option<Written<Declaration>> {
        match self.view(workspace) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.export(workspace, &self.sites, name),
            View::File { file, .. } => self.declared(workspace, file.export(name)?),
        }
    }

    /// The first assignment to a global variable.
    pub fn global(&self, workspace: &Workspace, name: &str) -> Option<Written<Declaration>> {
        match self.view(workspace) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.global(workspace, &self.sites, name),
            View::File { file, .. } => self.declared(workspace, file.global(name)?),
        }
    }

    /// Where a location stands that is not in the workspace: `/srv/app/audit.js:5`.
    pub fn outside(&self, workspace: &Workspace, v8: Position) -> Option<String> {
        match self.view(workspace) {
            View::Mapped(mapped) => mapped.outside(workspace, &self.sites, v8),
            _ if self.origin() == Origin::Elsewhere => {
                Some(format!("{}:{}", self.name(), v8.line + 1))
            }
            _ => None,
        }
    }

    /// The files of the user's that were looked at and are not what ran.
    pub fn changed_files(&self) -> Vec<PathBuf> {
        match self.text.get().map(|(view, _)| view) {
            Some(View::File { file, agreement: Agreement::Other, .. })
                if self.origin() == Origin::Own =>
            {
                vec![file.path().to_owned()]
            }
            Some(View::Mapped(mapped)) => {
                mapped.changed_file().cloned().into_iter().chain(mapped.edited()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The sources that places were looked for in and that only the source map has.
    pub fn only_in_map(&self) -> Vec<String> {
        match self.text.get() {
            Some((View::Mapped(mapped), _)) => mapped.only_in_map(),
            _ => Vec::new(),
        }
    }

    /// Names that fit several files of the workspace, so that none was taken.
    pub fn ambiguous(&self) -> Vec<(String, Vec<PathBuf>)> {
        match (self.text.get(), &self.resolution) {
            (Some((View::Mapped(mapped), _)), _) => mapped.ambiguous(),
            (_, Resolution::Ambiguous(several)) => vec![(self.name().to_owned(), several.clone())],
            _ => Vec::new(),
        }
    }

    /// Why the script's source map is not used, if it was looked for and there is one: a sentence
    /// without its full stop.
    pub fn map_problem(&self) -> Option<&str> {
        self.text.get().and_then(|(_, problem)| problem.as_deref())
    }

    fn declared(&self, workspace: &Workspace, what: Declaration) -> Option<Written<Declaration>> {
        let View::File { file, agreement, .. } = self.view(workspace) else { return None };
        let fit = if *agreement == Agreement::Other { Fit::Moved } else { Fit::Exact };
        Some(Written { file: Arc::clone(file), what, fit, generated: None })
    }

    /// The variable that a function captured that may be one of several, if it is the same for all.
    fn captured_by_any(
        &self,
        workspace: &Workspace,
        file: &Arc<SourceFile>,
        v8: Position,
        name: &str,
    ) -> Option<Written<Declaration>> {
        let anchors = self.anchors(workspace)?;
        let Anchored::Ambiguous(several) = file.anchored_at(anchors, v8) else { return None };
        let mut found =
            several.iter().map(|one| file.captured(file.function_at(one.anchor())?, name, &[]));
        let first = found.next()??;
        found.all(|other| other.as_ref() == Some(&first)).then(|| Written {
            file: Arc::clone(file),
            what: first,
            fit: Fit::Moved,
            generated: None,
        })
    }

    fn anchors(&self, workspace: &Workspace) -> Option<&Anchors> {
        let View::File { file, anchors, .. } = self.view(workspace) else { return None };
        Some(anchors.get_or_init(|| file.find_again(&self.sites)))
    }

    /// Where V8's position is in the file as it is now.
    fn position(&self, workspace: &Workspace, v8: Position) -> Option<(Position, Fit)> {
        let View::File { file, agreement, .. } = self.view(workspace) else { return None };
        if *agreement == Agreement::Same {
            return Some((v8, Fit::Exact));
        }
        let found = certain(&file.anchored_at(self.anchors(workspace)?, v8));
        // Of a function whose closures are gone, only the place is known.
        let is_known = || self.sites.sites().any(|(site, _)| site == v8);
        let unknown = || (*agreement == Agreement::Like && !is_known()).then_some((v8, Fit::Exact));
        found.or_else(unknown)
    }

    fn view(&self, workspace: &Workspace) -> &View {
        &self.text.get_or_init(|| self.open(workspace)).0
    }

    fn open(&self, workspace: &Workspace) -> (View, Option<String>) {
        let path = match &self.resolution {
            Resolution::File(path) => Some(path),
            _ if self.ran.source_map_url.is_some() => None,
            _ => return (View::Nowhere, None),
        };
        let text = path.and_then(|path| workspace.read(path, LARGEST_SCRIPT).ok());
        let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let is_own = path.is_none_or(|path| !Workspace::is_dependency(path));
        let folder = match path.and_then(|path| path.parent()) {
            Some(folder) => folder.to_string_lossy().replace('\\', "/"),
            None => ScriptName::folder(self.name()).unwrap_or_else(|| ".".to_owned()),
        };
        let wanted = maps::WantedMap {
            folder: &folder,
            url: self.ran.source_map_url.as_deref(),
            file: path.map(PathBuf::as_path).zip(text.as_deref()),
        };
        let located = is_own.then(|| maps::locate(workspace, &wanted)).flatten();
        let problem = match located {
            None => None,
            // Of a script that is nowhere here no place is shown anyway.
            Some(Err(_)) if path.is_none() => None,
            Some(Err(unusable)) => Some(format!(
                "The source map of {}, {}, {}",
                self.shown(workspace, path),
                unusable.place,
                unusable.error
            )),
            Some(Ok(located)) => {
                let place = path.map_or_else(|| PathBuf::from(self.name()), Clone::clone);
                let generated = path.zip(text).map(|(path, text)| {
                    let agreement = self.ran.agreement(&text, Language::of(path));
                    GeneratedFile::new(path.clone(), text, agreement)
                });
                let mapped = Mapped::new(located, place, generated);
                return (View::Mapped(Box::new(mapped)), None);
            }
        };
        // A file that cannot be read has no places; the names from the heap still stand.
        let view = match path.and_then(|path| workspace.file(path).ok()) {
            None => View::Nowhere,
            Some(file) => {
                let agreement = self.ran.agreement(file.text(), Language::of(file.path()));
                View::File { file, agreement, anchors: OnceCell::new() }
            }
        };
        (view, problem)
    }

    fn shown(&self, workspace: &Workspace, path: Option<&PathBuf>) -> String {
        path.map_or_else(|| self.name().to_owned(), |path| workspace.relative(path))
    }
}
