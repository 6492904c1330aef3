//! A script that was made from other files, with the map that leads back to them.
//!
//! ```text
//! V8's position in what ran
//!   → the same place in the generated file as it is now      (if that was built anew since)
//!   → the map: source and position there
//!   → the function or class whose head that is in             (in the text that the map was made from)
//!   → the same in the file as it is now                       (if that was edited since)
//! ```

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::generated::{GeneratedFile, certain};
use super::near::thing_near;
use super::original::{Original, Texts};
use super::{Located, Segment, SourceMap, witness};
use crate::anchor::Ran;
use crate::fit::{Fit, Generated, Origin, Written};
use crate::script::{Thing, Wanted};
use crate::{Declaration, Position, SourceFile, Workspace};

/// A script with its map.
pub(crate) struct Mapped {
    map: SourceMap,
    folder: String,
    /// The script's file, or its name.
    place: PathBuf,
    generated: Option<GeneratedFile>,
    originals: RefCell<FxHashMap<u32, Rc<Original>>>,
}

/// A place that the map leads to.
struct Place {
    segment: usize,
    original: Rc<Original>,
    fit: Fit,
    generated: Generated,
}

impl Mapped {
    pub(crate) fn new(located: Located, place: PathBuf, generated: Option<GeneratedFile>) -> Self {
        // The map of the very run needs no file, and says nothing about one that differs.
        let is_of_the_run = located.file.is_none();
        let generated = generated.filter(|file| !file.is_changed() || !is_of_the_run);
        let Located { map, folder, .. } = located;
        Self { map, folder, place, generated, originals: RefCell::default() }
    }

    /// Whether the generated file was built anew since the script ran.
    pub(crate) fn changed_file(&self) -> Option<&PathBuf> {
        self.generated.as_ref().filter(|file| file.is_changed()).map(|file| &file.path)
    }

    /// The originals that were looked at and edited since the build.
    pub(crate) fn edited(&self) -> Vec<PathBuf> {
        let originals = self.originals.borrow();
        let edited = originals.values().filter(|original| original.is_known_edited());
        edited.filter_map(|original| original.path.clone()).collect()
    }

    /// The sources that were asked for and are only in the map.
    pub(crate) fn only_in_map(&self) -> Vec<String> {
        let originals = self.originals.borrow();
        let missing = originals
            .iter()
            .filter(|(_, it)| it.origin == Origin::Elsewhere && it.candidates.is_empty());
        missing.map(|(&source, _)| self.map.sources()[source as usize].name.clone()).collect()
    }

    /// The sources that were asked for and may be any of several files.
    pub(crate) fn ambiguous(&self) -> Vec<(String, Vec<PathBuf>)> {
        let originals = self.originals.borrow();
        let several = originals.iter().filter(|(_, it)| !it.candidates.is_empty());
        let named = |source: u32| self.map.sources()[source as usize].name.clone();
        several.map(|(&source, it)| (named(source), it.candidates.clone())).collect()
    }

    /// Whether a source that was asked for is a file of the user's.
    pub(crate) fn has_own(&self) -> bool {
        self.originals.borrow().values().any(|original| original.origin == Origin::Own)
    }

    pub(crate) fn origin(&self, workspace: &Workspace, ran: &Ran, v8: Position) -> Origin {
        match self.place(workspace, ran, v8) {
            Some(place) => place.original.origin,
            // What no source has was added by a compiler.
            None => Origin::Dependency,
        }
    }

    /// `webpack://shop/src/audit.ts:12`, if the place's source is not in the workspace.
    pub(crate) fn outside(&self, workspace: &Workspace, ran: &Ran, v8: Position) -> Option<String> {
        let place = self.place(workspace, ran, v8)?;
        let segment = &self.map.segments()[place.segment];
        let name = &self.map.sources()[segment.source()? as usize].name;
        let line = segment.original.line + 1;
        (place.original.origin == Origin::Elsewhere).then(|| format!("{name}:{line}"))
    }

    /// The function or class at V8's position.
    pub(crate) fn thing(
        &self,
        workspace: &Workspace,
        ran: &Ran,
        v8: Position,
        wanted: Wanted,
    ) -> Option<Written<Thing>> {
        let place = self.place(workspace, ran, v8)?;
        let texts = self.texts(workspace, &place.original, place.segment)?;
        let found = |what: Thing, fit: Fit| Written {
            file: Arc::clone(&texts.current),
            what,
            fit: fit.max(place.fit),
            generated: Some(place.generated.clone()),
        };
        let positions = self.positions_behind(place.segment);
        if let Some((built, anchors)) = &texts.built {
            let then = thing_near(built, &positions, wanted)?;
            let (anchor, fit) = certain(&texts.current.anchored_at(anchors, then.anchor()))?;
            return Some(found(Thing::at(&texts.current, anchor, wanted)?, fit));
        }
        let thing = thing_near(&texts.current, &positions, wanted);
        if self.is_edited(&place.original, texts, place.segment) {
            // Edited since the build, and the map does not have the text: only names help.
            let anchors = texts.by_name.get_or_init(|| texts.current.find_again(ran));
            let (anchor, fit) = certain(&texts.current.anchored_at(anchors, v8))?;
            return Some(found(Thing::at(&texts.current, anchor, wanted)?, fit.max(Fit::Moved)));
        }
        Some(found(thing?, Fit::Exact))
    }

    /// Whether the source was edited since the map was made, as far as the words there tell.
    fn is_edited(&self, original: &Original, texts: &Texts, segment: usize) -> bool {
        let generated = self.generated.as_ref().map(|file| &file.text);
        let fits = || witness::fits(&self.map, segment, generated, &texts.current);
        let is_edited = !texts.is_certain && fits() == Some(false);
        original.is_edited.set(original.is_edited.get() || is_edited);
        is_edited
    }

    /// The variable that the function at V8's position captured, by its name in what ran.
    pub(crate) fn captured(
        &self,
        workspace: &Workspace,
        ran: &Ran,
        v8: Position,
        name: &str,
        siblings: &[&str],
    ) -> Option<Written<Declaration>> {
        let in_generated = |file: &SourceFile, position| {
            file.captured(file.function_at(position)?, name, siblings)
        };
        let declared = self.parsed(ran).and_then(|file| {
            let declaration = in_generated(file, self.now(ran, v8)?.0)?;
            self.declared(workspace, ran, &declaration, v8)
        });
        declared.or_else(|| {
            let function = self.thing(workspace, ran, v8, Wanted::Function)?;
            let Thing::Function(inner) = &function.what else { return None };
            let declaration = function.file.captured(inner, name, &[])?;
            Some(function.map(|_| declaration))
        })
    }

    /// What the script exports under a name.
    pub(crate) fn export(
        &self,
        workspace: &Workspace,
        ran: &Ran,
        name: &str,
    ) -> Option<Written<Declaration>> {
        let declaration = self.parsed(ran).and_then(|file| file.export(name));
        let declared =
            declaration.and_then(|it| self.declared(workspace, ran, &it, it.name_range.start));
        declared.or_else(|| self.only_source(workspace, |file| file.export(name)))
    }

    /// The first assignment to a global variable.
    pub(crate) fn global(
        &self,
        workspace: &Workspace,
        ran: &Ran,
        name: &str,
    ) -> Option<Written<Declaration>> {
        let file = self.parsed(ran)?;
        let start = file.global(name)?.name_range.start;
        let segment = self.map.at(start)?;
        let original = self.original(workspace, self.map.segments()[segment].source()?);
        let texts = self.texts(workspace, &original, segment)?;
        let declaration = texts.current.global(name)?;
        Some(self.written(texts, declaration, start))
    }

    /// A declaration of the generated file, where it was written.
    fn declared(
        &self,
        workspace: &Workspace,
        ran: &Ran,
        declaration: &Declaration,
        v8: Position,
    ) -> Option<Written<Declaration>> {
        let start = declaration.name_range.start;
        let index = self.map.at(start)?;
        let segment = &self.map.segments()[index];
        let original = self.original(workspace, segment.source()?);
        let texts = self.texts(workspace, &original, index)?;
        let text = texts.built.as_ref().map_or(texts.current.as_ref(), |(built, _)| built);
        let found = text
            .declaration_at(segment.original)
            .or_else(|| text.declaration(self.map.name(segment)?, segment.original))?;
        // Maps lead to the start of a statement where they do not know better.
        let named = self.map.name(segment).unwrap_or(&declaration.name);
        let is_it = segment.generated == start || found.name == named;
        if !is_it {
            return None;
        }
        if texts.built.is_none() {
            let is_edited = self.is_edited(&original, texts, index);
            return (!is_edited).then(|| self.written(texts, found, start));
        }
        let function = self.thing(workspace, ran, v8, Wanted::Function)?;
        let Thing::Function(inner) = &function.what else { return None };
        // What a function captures is known in its own file only, which an import leaves.
        if function.file.path() != texts.current.path() {
            return None;
        }
        let now = function.file.captured(inner, &found.name, &[])?;
        Some(function.map(|_| now))
    }

    fn written<T>(&self, texts: &Texts, what: T, generated: Position) -> Written<T> {
        let is_edited = texts.built.is_some() || self.changed_file().is_some();
        Written {
            file: Arc::clone(&texts.current),
            what,
            fit: if is_edited { Fit::Moved } else { Fit::Exact },
            generated: Some(Generated { file: self.place.clone(), position: generated }),
        }
    }

    /// Asks the one file that the script was made from.
    fn only_source<T>(
        &self,
        workspace: &Workspace,
        ask: impl FnOnce(&SourceFile) -> Option<T>,
    ) -> Option<Written<T>> {
        let [_] = self.map.sources() else { return None };
        let first = self.map.segments().iter().position(|it| it.source().is_some())?;
        let original = self.original(workspace, 0);
        let texts = self.texts(workspace, &original, first)?;
        let start = self.map.segments()[first].generated;
        Some(self.written(texts, ask(&texts.current)?, start))
    }

    fn place(&self, workspace: &Workspace, ran: &Ran, v8: Position) -> Option<Place> {
        let (position, fit) = self.now(ran, v8)?;
        let sourced = |position| {
            let segment = self.map.at(position)?;
            Some((segment, self.map.segments()[segment].source()?))
        };
        let (segment, source) = sourced(position).or_else(|| {
            // A constructor that a compiler added to a class.
            let class = self.parsed(ran)?.class_at(position)?;
            sourced(class.name_range.start).or_else(|| sourced(class.range.start))
        })?;
        let generated = Generated { file: self.place.clone(), position: v8 };
        Some(Place { segment, original: self.original(workspace, source), fit, generated })
    }

    fn original(&self, workspace: &Workspace, source: u32) -> Rc<Original> {
        let mut originals = self.originals.borrow_mut();
        let original = originals.entry(source).or_insert_with(|| {
            let source = &self.map.sources()[source as usize];
            Rc::new(Original::of(source, &self.folder, workspace))
        });
        Rc::clone(original)
    }

    /// The texts of the source that a mapping leads to.
    fn texts<'o>(
        &self,
        workspace: &Workspace,
        original: &'o Original,
        segment: usize,
    ) -> Option<&'o Texts> {
        let source = self.map.segments()[segment].source()?;
        original.texts(workspace, self.map.sources()[source as usize].content.as_deref())
    }

    /// V8's position in the generated file as it is now, which the map is about.
    fn now(&self, ran: &Ran, v8: Position) -> Option<(Position, Fit)> {
        match &self.generated {
            Some(file) => file.now(ran, v8),
            None => Some((v8, Fit::Exact)),
        }
    }

    fn parsed(&self, ran: &Ran) -> Option<&SourceFile> {
        self.generated.as_ref()?.parsed(ran).map(|(file, _)| file)
    }

    /// Where the mapping leads, then where the next ones do: the head of a function goes on there.
    fn positions_behind(&self, segment: usize) -> Vec<Position> {
        const MOST: usize = 4;
        let segments = &self.map.segments()[segment..];
        let first = segments[0];
        let same = segments.iter().take(MOST).take_while(|it| it.source() == first.source());
        // Backwards means that something else begins.
        let forward = same.take_while(|it: &&Segment| it.original >= first.original);
        forward.map(|it| it.original).collect()
    }
}
