//! A script that ran: from V8's positions in it to what a person wrote.
//!
//! The one place that knows all ways there: the file as it ran ([`AsItRan`]), the file found again in
//! another text ([`crate::anchor`]), and source maps ([`crate::maps`]). Files are read when they are
//! first needed.

mod view;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::anchor::{Anchors, Ran};
use crate::maps::{MapProblem, certain};
use crate::ran::fit::{Fit, Origin, Written};
use crate::ran::ran_script::RanScript;
use crate::ran::thing::{Thing, Wanted};
use crate::ran::{AsItRan, Refusal};
use crate::syntax::function::Class;
use crate::syntax::scope::{Declaration, Siblings};
use crate::text::language::Language;
use crate::text::position::Position;
use crate::text::prefix::blanks_types_of;
use crate::workspace::script_name::is_evaluated;
use crate::workspace::{Resolution, Workspace};
use view::{Named, View};

/// A script that ran, looked for in one workspace, which it is asked with.
pub struct Script {
    named: Named,
    text: OnceLock<(View, Option<MapProblem>)>,
}

impl Script {
    /// Looks for the script's file: by name, and nothing is read yet, or if that is not sure, by what it says.
    pub fn new(past: &AsItRan<'_>, mut ran: RanScript) -> Self {
        let sites = Ran::new(std::mem::take(&mut ran.sites), ran.source_prefix.as_deref());
        let resolution = if ran.known_as() == ran.name {
            past.resolve(&ran, &sites)
        } else {
            // A loader's own name for evaluated code: `webpack-internal:///./src/a.ts`.
            past.workspace().resolve_source(".", ran.known_as())
        };
        Self { named: Named { ran, sites, resolution }, text: OnceLock::new() }
    }

    /// V8's name, or the one that evaluated code gave itself.
    pub fn name(&self) -> &str {
        self.named.name()
    }

    /// Whose code the script as a whole is, without reading it: what is made from the user's files
    /// is the user's, as far as it was looked at.
    pub fn origin(&self) -> Origin {
        match &self.named.resolution {
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace | Resolution::Builtin if matches!(self.text.get(), Some((View::Mapped(it), _)) if it.has_own()) => {
                Origin::Own
            }
            Resolution::File(path) if Workspace::is_dependency(path) => Origin::Dependency,
            Resolution::File(_) => Origin::Own,
            // Somebody wrote it, if only into a text.
            Resolution::Builtin if self.is_evaluated() => Origin::Elsewhere,
            Resolution::Builtin => Origin::Builtin,
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace => Origin::Elsewhere,
        }
    }

    /// The file of the script's name, without reading it.
    pub fn path(&self) -> Option<&Path> {
        match &self.named.resolution {
            Resolution::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether it names a source map.
    pub fn is_built(&self) -> bool {
        self.named.ran.source_map_url.is_some()
    }

    /// The file in which what stands at V8's position was written, without parsing it.
    pub fn file_at(&self, past: &AsItRan<'_>, v8: Position) -> Option<PathBuf> {
        match self.view(past) {
            View::Mapped(mapped) => mapped.file_at(past, &self.named.sites, v8),
            View::File { file, .. } => Some(file.path().to_owned()),
            View::Nowhere => None,
        }
    }

    /// Finds out whether the text of a file that the script is, or was made from, is the one that ran:
    /// if not, [`AsItRan`] knows then.
    pub fn confirm(&self, past: &AsItRan<'_>, path: &Path) {
        if let View::Mapped(mapped) = self.view(past) {
            mapped.confirm(past, path);
        }
    }

    /// Whether it never was a file: `eval`, `new Function`, `node:vm`, `node -e`.
    pub fn is_evaluated(&self) -> bool {
        is_evaluated(self.name())
    }

    /// Whose code stands at V8's position.
    pub fn origin_at(&self, past: &AsItRan<'_>, v8: Position) -> Origin {
        match self.view(past) {
            View::Mapped(mapped) => mapped.origin(past, &self.named.sites, v8),
            View::File { .. } | View::Nowhere => self.origin(),
        }
    }

    /// The function or class that V8 means by a location.
    pub fn thing(
        &self,
        past: &AsItRan<'_>,
        v8: Position,
        wanted: Wanted,
    ) -> Option<Written<Thing>> {
        match self.view(past) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.thing(past, &self.named.sites, v8, wanted),
            View::File { file, .. } => {
                let (position, fit) = self.position(past, v8)?;
                let what = Thing::at(file, position, wanted)?;
                Some(Written { file: Arc::clone(file), what, fit, generated: None })
            }
        }
    }

    /// The variable `name` that the function at `v8` captured; `siblings` are the other names in the
    /// same context of V8.
    pub fn captured(
        &self,
        past: &AsItRan<'_>,
        v8: Position,
        name: &str,
        siblings: &Siblings,
    ) -> Option<Written<Declaration>> {
        match self.view(past) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.captured(past, &self.named.sites, v8, name, siblings),
            View::File { .. } => {
                let function = self.thing(past, v8, Wanted::Function)?;
                let Thing::Function(inner) = &function.what else { return None };
                let any = Siblings::default();
                let siblings = if function.fit == Fit::Exact { siblings } else { &any };
                let declaration = function.file.captured(inner, name, siblings)?;
                Some(function.map(|_| declaration))
            }
        }
    }

    /// The field of the class at `v8`, by its name in what ran, and the class.
    pub fn field(
        &self,
        past: &AsItRan<'_>,
        v8: Position,
        name: &str,
        is_static: bool,
    ) -> Option<Written<(Class, Declaration)>> {
        let class = self.thing(past, v8, Wanted::Class)?;
        let Thing::Class(inner) = &class.what else { return None };
        let written = match self.view(past) {
            View::Mapped(mapped) => mapped.field_name(&self.named.sites, v8, name, is_static),
            View::File { .. } | View::Nowhere => None,
        };
        let name = written.unwrap_or(name);
        let found = (inner.clone(), class.file.field(inner, name, is_static)?);
        Some(class.map(|_| found))
    }

    /// What the module exports under a name.
    pub fn export(&self, past: &AsItRan<'_>, name: &str) -> Option<Written<Declaration>> {
        match self.view(past) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.export(past, &self.named.sites, name),
            View::File { file, .. } => self.declared(past, file.export(name)?),
        }
    }

    /// The first assignment to a global variable.
    pub fn global(&self, past: &AsItRan<'_>, name: &str) -> Option<Written<Declaration>> {
        match self.view(past) {
            View::Nowhere => None,
            View::Mapped(mapped) => mapped.global(past, &self.named.sites, name),
            View::File { file, .. } => self.declared(past, file.global(name)?),
        }
    }

    /// Where a location stands that is not in the workspace: the name of the script or source, and the line
    /// from 1; `evaluated code` of what has no name.
    pub fn outside(&self, past: &AsItRan<'_>, v8: Position) -> Option<(String, u32)> {
        match self.view(past) {
            View::Mapped(mapped) => mapped.outside(past, &self.named.sites, v8),
            _ if self.origin() == Origin::Elsewhere => {
                let name = if self.name().is_empty() { "evaluated code" } else { self.name() };
                Some((name.to_owned(), v8.line + 1))
            }
            _ => None,
        }
    }

    /// The files of the user's that are part of the script, or may be.
    pub fn files(&self, past: &AsItRan<'_>) -> Vec<PathBuf> {
        match self.view(past) {
            View::Nowhere => match &self.named.resolution {
                Resolution::File(path) => vec![path.clone()],
                Resolution::Ambiguous(several) => several.clone(),
                Resolution::NotInWorkspace | Resolution::Builtin => Vec::new(),
            },
            View::File { file, .. } if self.origin() == Origin::Own => vec![file.path().to_owned()],
            View::File { .. } => Vec::new(),
            View::Mapped(mapped) => mapped.files(past),
        }
    }

    /// The files of the user's that were looked at and are not what ran, without anybody knowing what
    /// did.
    pub fn changed_files(&self) -> Vec<PathBuf> {
        match self.text.get().map(|(view, _)| view) {
            Some(View::Mapped(mapped)) => {
                mapped.changed_file().cloned().into_iter().chain(mapped.edited()).collect()
            }
            _ => self.searched().filter(|_| !self.is_compiled()).into_iter().collect(),
        }
    }

    /// What was built of the user's files, if its text was needed and is not read as source, and why.
    pub fn unread_build(&self) -> Option<(PathBuf, Refusal)> {
        let Some((View::Mapped(mapped), _)) = self.text.get() else { return None };
        mapped.unread().map(|(path, refusal)| (path.clone(), refusal))
    }

    /// The file of the user's that was compiled in memory, without anybody knowing how: what ran was
    /// never its text.
    pub fn compiled_file(&self) -> Option<PathBuf> {
        self.searched().filter(|_| self.is_compiled())
    }

    /// The script's own file, if things were found in it by their names.
    fn searched(&self) -> Option<PathBuf> {
        match self.text.get().map(|(view, _)| view) {
            Some(View::File { file, anchors: Some(anchors) })
                if self.origin() == Origin::Own && !anchors.is_whole() =>
            {
                Some(file.path().to_owned())
            }
            _ => None,
        }
    }

    /// Whether what ran cannot have been the text of the script's file, nor that with its types blanked out.
    fn is_compiled(&self) -> bool {
        let is_blanked = || match (self.text.get(), &self.named.ran.source_prefix) {
            (Some((View::File { file, .. }, _)), Some(ran)) => blanks_types_of(file.text(), ran),
            _ => false,
        };
        let has_types = |path: &PathBuf| match Language::of(path) {
            Language::JavaScript => false,
            Language::TypeScript => !is_blanked(),
            Language::Tsx => true,
        };
        self.named.is_by_a_loader()
            || matches!(&self.named.resolution, Resolution::File(path) if has_types(path))
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
        match (self.text.get(), &self.named.resolution) {
            (Some((View::Mapped(mapped), _)), _) => mapped.ambiguous(),
            (_, Resolution::Ambiguous(several)) => vec![(self.name().to_owned(), several.clone())],
            _ => Vec::new(),
        }
    }

    /// Why the script's source map is not used, if it was looked for and there is one.
    pub fn map_problem(&self) -> Option<&MapProblem> {
        self.text.get().and_then(|(_, problem)| problem.as_ref())
    }

    fn declared(&self, past: &AsItRan<'_>, what: Declaration) -> Option<Written<Declaration>> {
        let View::File { file, anchors } = self.view(past) else { return None };
        let is_it = anchors.as_ref().is_none_or(Anchors::is_whole);
        let fit = if is_it { Fit::Exact } else { Fit::Moved };
        Some(Written { file: Arc::clone(file), what, fit, generated: None })
    }

    /// Where V8's position is in the file.
    fn position(&self, past: &AsItRan<'_>, v8: Position) -> Option<(Position, Fit)> {
        let View::File { file, anchors } = self.view(past) else { return None };
        let here = Some((v8, Fit::Exact));
        let Some(anchors) = anchors else { return here };
        // Of a function whose closures are gone, only the place is known.
        let is_known = || self.named.sites.sites().any(|(site, _)| site == v8);
        certain(file.anchored_at(anchors, v8))
            .or_else(|| here.filter(|_| anchors.is_whole() && !is_known()))
    }

    fn view(&self, past: &AsItRan<'_>) -> &View {
        &self.text.get_or_init(|| self.named.open(past)).0
    }
}
