//! A script that was made from other files, with the map that leads back to them.
//!
//! ```text
//! V8's position in what ran
//!   → the map that ran: source and position there
//!   → the function or class whose head that is in             (in the source as it ran)
//! ```
//!
//! Where what ran is lost, the same place is looked for by its name in what was built anew, or in the
//! source.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::belonging::Belonging;
use super::counterpart::Made;
use super::generated::{GeneratedFile, certain};
use super::near::headed;
use super::original::{Original, Text};
use super::witness::Witness;
use super::{Located, Segment, SourceMap};
use crate::anchor::Ran;
use crate::file::SourceFile;
use crate::ran::AsItRan;
use crate::ran::fit::{Fit, Generated, Origin, Written};
use crate::ran::thing::{Thing, Wanted};
use crate::syntax::scope::{Declaration, Siblings};
use crate::text::position::Position;

/// A script with its map.
pub(crate) struct Mapped {
    pub(super) map: SourceMap,
    folder: String,
    /// The script's file, or its name.
    place: PathBuf,
    pub(super) generated: Option<GeneratedFile>,
    /// How the map fits that.
    belonging: Option<Belonging>,
    /// The map is the one that ran.
    is_of_run: bool,
    /// What the map's sources are, by their numbers, as far as they were asked for.
    pub(super) originals: Vec<OnceLock<Original>>,
}

/// Where the map leads.
struct Led {
    segment: usize,
    source: u32,
    fit: Fit,
    /// As far as can be seen, that is where it was written.
    is_right: bool,
}

/// A place that the map leads to.
struct Place<'m> {
    segment: usize,
    original: &'m Original,
    fit: Fit,
    generated: Generated,
}

impl Mapped {
    /// `is_of_run`: the map is known to be the one that ran.
    pub(crate) fn new(
        located: Located,
        place: PathBuf,
        generated: Option<(GeneratedFile, Belonging)>,
        is_of_run: bool,
    ) -> Self {
        let (generated, belonging) = generated.unzip();
        // A map that fits the file that ran is the one that ran, too.
        let is_of_run = is_of_run || generated.as_ref().is_some_and(|file| !file.is_changed());
        let Located { map, folder, .. } = located;
        let originals = map.sources().iter().map(|_| OnceLock::new()).collect();
        Self { map, folder, place, generated, belonging, is_of_run, originals }
    }

    /// The files of the user's that the script was made from, or may have been.
    pub(crate) fn files(&self, past: &AsItRan<'_>) -> Vec<PathBuf> {
        let sources = 0..self.map.sources().len() as u32;
        let originals = sources.map(|source| self.original(past, source));
        let own = originals.filter(|it| it.origin != Origin::Dependency);
        own.flat_map(|it| it.path.iter().chain(&it.candidates).cloned().collect::<Vec<_>>())
            .collect()
    }

    /// The file that the mapping at V8's position leads to.
    pub(crate) fn file_at(&self, past: &AsItRan<'_>, ran: &Ran, v8: Position) -> Option<PathBuf> {
        let segment = self.map.at(self.now(ran, v8)?.0).filter(|&it| self.holds_at(it))?;
        self.original(past, self.map.segments()[segment].source()?).path.clone()
    }

    /// Finds out whether the text of a source of that path is the one that was built.
    pub(crate) fn confirm(&self, past: &AsItRan<'_>, path: &Path) {
        for source in 0..self.map.sources().len() as u32 {
            let original = self.original(past, source);
            if original.path.as_deref() == Some(path) {
                let is_of_it = |it: &Segment| it.source() == Some(source);
                if let Some(segment) = self.map.segments().iter().position(is_of_it) {
                    self.confirmed(past, original, segment);
                }
            }
        }
    }

    pub(crate) fn origin(&self, past: &AsItRan<'_>, ran: &Ran, v8: Position) -> Origin {
        match self.place(past, ran, v8) {
            Some(place) => place.original.origin,
            None if self.misleads_at(ran, v8) => Origin::Elsewhere,
            // What no source has was added by a compiler.
            None => Origin::Dependency,
        }
    }

    /// The name of the place's source, `webpack://shop/src/audit.ts`, and the line from 1, if it is not in the
    /// workspace.
    pub(crate) fn outside(
        &self,
        past: &AsItRan<'_>,
        ran: &Ran,
        v8: Position,
    ) -> Option<(String, u32)> {
        if self.misleads_at(ran, v8) {
            return Some((self.place.display().to_string(), v8.line + 1));
        }
        let place = self.place(past, ran, v8)?;
        let segment = &self.map.segments()[place.segment];
        let name = &self.map.sources()[segment.source()? as usize].name;
        let line = segment.original.line + 1;
        (place.original.origin == Origin::Elsewhere).then(|| (name.clone(), line))
    }

    /// The function or class at V8's position.
    pub(crate) fn thing(
        &self,
        past: &AsItRan<'_>,
        ran: &Ran,
        v8: Position,
        wanted: Wanted,
    ) -> Option<Written<Thing>> {
        let place = self.place(past, ran, v8)?;
        let found = |file: Arc<SourceFile>, what: Thing, fit: Fit| Written {
            file,
            what,
            fit: fit.max(place.fit),
            generated: Some(place.generated.clone()),
        };
        if let Some(text) = self.confirmed(past, place.original, place.segment) {
            let what = self.written_at(ran, v8, place.segment, &text.file, wanted);
            let is_certain = text.is_certain;
            if let Some(what) = what
                && (is_certain || place.original.confirms(what.range().start))
            {
                return Some(found(text.file, what, place.original.fit(is_certain)));
            }
            if is_certain {
                return None;
            }
        }
        // Nobody knows what ran: only names help.
        if ran.is_minified() {
            return None;
        }
        let file = self.text(past, place.original, place.segment)?.file;
        let anchors = place.original.by_name.get_or_init(|| file.find_by_name(ran));
        let (anchor, _) = certain(file.anchored_at(anchors, v8))?;
        let what = Thing::at(&file, anchor, wanted)?;
        Some(found(file, what, Fit::Moved))
    }

    /// What the function or class at V8's position was made from.
    fn written_at(
        &self,
        ran: &Ran,
        v8: Position,
        segment: usize,
        original: &SourceFile,
        wanted: Wanted,
    ) -> Option<Thing> {
        let segment = &self.map.segments()[segment];
        if let Some(made) = self.made(ran, v8, wanted) {
            let written = |made: Made<'_>| made.written(segment.source()?, original);
            // A compiler adds constructors to classes that have none.
            let class = || self.made(ran, v8, Wanted::Class);
            return written(made).or_else(|| class().and_then(written));
        }
        // Nobody knows what was made: it has to be mapped itself, or to have its name.
        let thing = headed(original, segment.original, wanted)?;
        let is_itself = segment.generated == self.now(ran, v8)?.0;
        (is_itself || ran.name(v8).is_some_and(|name| thing.is_called(name))).then_some(thing)
    }

    fn made<'a>(&'a self, ran: &Ran, v8: Position, wanted: Wanted) -> Option<Made<'a>> {
        Made::at(&self.map, self.parsed(ran)?, self.now(ran, v8)?.0, wanted)
    }

    /// The text that a mapping leads to, if it is the one that the map was made from, or at least so
    /// where the mapping leads.
    fn confirmed(&self, past: &AsItRan<'_>, original: &Original, segment: usize) -> Option<Text> {
        let text = self.text(past, original, segment)?;
        if text.is_certain {
            return Some(text);
        }
        let mapping = &self.map.segments()[segment];
        let source = mapping.source()?;
        let witness = original.witness.get_or_init(|| {
            let generated = self.generated.as_ref().map(|file| &file.text);
            Witness::of(&self.map, source, generated, Arc::clone(&text.file))
        });
        if witness.is_whole() {
            original.trust(past, text.file.text(), self.is_of_run);
            return Some(text);
        }
        let is_confirmed = witness.confirms(mapping.original);
        original.distrust(past, !witness.is_silent());
        // Without the statements, which may be others elsewhere.
        if is_confirmed { self.text(past, original, segment) } else { None }
    }

    /// The variable that the function at V8's position captured, by its name in what ran.
    pub(crate) fn captured(
        &self,
        past: &AsItRan<'_>,
        ran: &Ran,
        v8: Position,
        name: &str,
        siblings: &Siblings,
    ) -> Option<Written<Declaration>> {
        let in_generated = |file: &SourceFile, position| {
            file.captured(file.function_at(position)?, name, siblings)
        };
        let declared = self.parsed(ran).and_then(|file| {
            let declaration = in_generated(file, self.now(ran, v8)?.0)?;
            self.declared(past, &declaration)
        });
        declared.or_else(|| {
            let function = self.thing(past, ran, v8, Wanted::Function)?;
            let Thing::Function(inner) = &function.what else { return None };
            let declaration = function.file.captured(inner, name, &Siblings::default())?;
            Some(function.map(|_| declaration))
        })
    }

    /// The name that a field of the class at V8's position was written with, if the map knows it: minifiers
    /// make `#t` of `#byUrl`.
    pub(crate) fn field_name(
        &self,
        ran: &Ran,
        v8: Position,
        name: &str,
        is_static: bool,
    ) -> Option<&str> {
        let file = self.parsed(ran)?;
        let class = file.class_at(self.now(ran, v8)?.0)?;
        let start = file.field(class, name, is_static)?.name_range.start;
        let index = self.map.at(start).filter(|&it| self.holds_at(it))?;
        let segment = &self.map.segments()[index];
        self.map.name(segment).filter(|_| segment.generated == start)
    }

    /// What the script exports under a name.
    pub(crate) fn export(
        &self,
        past: &AsItRan<'_>,
        ran: &Ran,
        name: &str,
    ) -> Option<Written<Declaration>> {
        let declaration = self.parsed(ran).and_then(|file| file.export(name));
        let declared = declaration.and_then(|it| self.declared(past, &it));
        declared.or_else(|| self.only_source(past, |file| file.export(name)))
    }

    /// The first assignment to a global variable.
    pub(crate) fn global(
        &self,
        past: &AsItRan<'_>,
        ran: &Ran,
        name: &str,
    ) -> Option<Written<Declaration>> {
        let file = self.parsed(ran)?;
        let start = file.global(name)?.name_range.start;
        let segment = self.map.at(start)?;
        let original = self.original(past, self.map.segments()[segment].source()?);
        // The name is enough, whatever became of the text.
        let confirmed = self.confirmed(past, original, segment);
        let text = confirmed.or_else(|| self.text(past, original, segment))?;
        let declaration = text.file.global(name)?;
        Some(self.written(original, text, declaration, start))
    }

    /// A declaration of the generated file, where it was written.
    fn declared(
        &self,
        past: &AsItRan<'_>,
        declaration: &Declaration,
    ) -> Option<Written<Declaration>> {
        let start = declaration.name_range.start;
        let index = self.map.at(start).filter(|&it| self.holds_at(it))?;
        if !self.holds_within(&self.map.within(declaration.range)) {
            return None;
        }
        let segment = &self.map.segments()[index];
        let original = self.original(past, segment.source()?);
        let text = self.confirmed(past, original, index)?;
        // Bundlers make a variable of a default export.
        if let Some(exported) = text.file.exported_at(segment.original) {
            return Some(self.written(original, text, exported, start));
        }
        let found = text
            .file
            .declaration_at(segment.original)
            .or_else(|| text.file.declaration(self.map.name(segment)?, segment.original))?;
        // Maps lead to the start of a statement where they do not know better.
        let named = self.map.name(segment).unwrap_or(&declaration.name);
        let is_it = segment.generated == start || found.name == named;
        is_it.then(|| self.written(original, text, found, start))
    }

    fn written<T>(
        &self,
        original: &Original,
        text: Text,
        what: T,
        generated: Position,
    ) -> Written<T> {
        let is_lost = self.changed_file().is_some();
        Written {
            fit: if is_lost { Fit::Moved } else { original.fit(text.is_certain) },
            file: text.file,
            what,
            generated: Some(Generated { file: self.place.clone(), position: generated }),
        }
    }

    /// Asks the one file that the script was made from.
    fn only_source(
        &self,
        past: &AsItRan<'_>,
        ask: impl Fn(&SourceFile) -> Option<Declaration>,
    ) -> Option<Written<Declaration>> {
        let [_] = self.map.sources() else { return None };
        let segments = self.map.segments();
        let first = segments.iter().position(|it| it.source().is_some())?;
        let original = self.original(past, 0);
        let start = ask(&self.text(past, original, first)?.file)?.name_range.start;
        let leads_there = |it: &Segment| it.source().is_some() && it.original == start;
        let segment = segments.iter().position(leads_there).unwrap_or(first);
        // The name is enough, whatever became of the text.
        let confirmed = self.confirmed(past, original, segment);
        let text = confirmed.or_else(|| self.text(past, original, segment))?;
        let what = ask(&text.file)?;
        Some(self.written(original, text, what, segments[segment].generated))
    }

    fn place(&self, past: &AsItRan<'_>, ran: &Ran, v8: Position) -> Option<Place<'_>> {
        let led = self.led(ran, v8).filter(|led| led.is_right)?;
        let Led { segment, source, fit, .. } = led;
        let generated = Generated { file: self.place.clone(), position: v8 };
        Some(Place { segment, original: self.original(past, source), fit, generated })
    }

    /// Whether the map leads somewhere from V8's position, and not to what was written.
    fn misleads_at(&self, ran: &Ran, v8: Position) -> bool {
        self.led(ran, v8).is_some_and(|led| !led.is_right)
    }

    /// Where the map leads from V8's position.
    fn led(&self, ran: &Ran, v8: Position) -> Option<Led> {
        let (position, fit) = self.now(ran, v8)?;
        let sourced = |segment: usize| Some((segment, self.map.segments()[segment].source()?));
        // What stands before it on the line may be of another source.
        let own = self.made(ran, v8, Wanted::Class).map(|made| made.mappings());
        let first = own.clone().and_then(|mut own| own.find_map(sourced));
        let (segment, source) = first.or_else(|| sourced(self.map.at(position)?))?;
        let is_right = self.holds_at(segment) && own.is_none_or(|own| self.holds_within(&own));
        Some(Led { segment, source, fit, is_right })
    }

    /// Whether the map is right about one of its mappings, as far as that can be seen.
    fn holds_at(&self, segment: usize) -> bool {
        self.belonging.as_ref().is_none_or(|belonging| belonging.holds_at(segment))
    }

    /// Whether the map may be right about all of these.
    fn holds_within(&self, segments: &Range<usize>) -> bool {
        self.belonging.as_ref().is_none_or(|belonging| belonging.holds_within(segments))
    }

    fn original(&self, past: &AsItRan<'_>, source: u32) -> &Original {
        self.originals[source as usize].get_or_init(|| {
            let is_right = self.belonging.as_ref().is_none_or(|it| it.holds_of(source));
            let source = &self.map.sources()[source as usize];
            let original = Original::of(source, &self.folder, past, self.is_of_run && is_right);
            // Of a file that was built anew, what it was made from then is lost, too.
            if self.changed_file().is_some() || !is_right {
                original.distrust(past, !is_right);
            }
            original
        })
    }

    /// The text of the source that a mapping leads to.
    fn text(&self, past: &AsItRan<'_>, original: &Original, segment: usize) -> Option<Text> {
        let source = self.map.segments()[segment].source()?;
        original.text(past, self.map.sources()[source as usize].content.as_deref())
    }

    /// V8's position in the generated file as it is now, which the map is about.
    fn now(&self, ran: &Ran, v8: Position) -> Option<(Position, Fit)> {
        match &self.generated {
            Some(file) => file.now(ran, v8),
            None => Some((v8, Fit::Exact)),
        }
    }

    fn parsed(&self, ran: &Ran) -> Option<&SourceFile> {
        self.generated.as_ref()?.parsed(ran).ok().map(|(file, _)| file)
    }
}
