//! A script that was made from other files, with the map that leads back to them.
//!
//! ```text
//! V8's position in what ran
//!   → the same place in the generated file as it is now      (if that was built anew since)
//!   → the map: source and position there
//!   → the function or class whose head that is in             (in the text that the map was made from)
//!   → the same in the file as it is now                       (if that was edited since)
//! ```

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Located, Segment, SourceMap, witness};
use crate::anchor::{Ran, RanSite};
use crate::fit::{Fit, Generated, Origin, Written};
use crate::script::{Agreement, Thing, Wanted};
use crate::text::Text;
use crate::{
    Anchored, Anchors, Declaration, Function, Position, Resolution, SourceFile, Workspace,
};

/// Largest generated file that is parsed, in bytes: takes some four seconds. Of larger ones places
/// are found, but not under which name a variable was written.
const LARGEST_PARSED: usize = 16 << 20;

/// A script with its map.
pub(crate) struct Mapped {
    map: SourceMap,
    folder: String,
    /// The script's file, or its name.
    place: PathBuf,
    generated: Option<GeneratedFile>,
    originals: RefCell<FxHashMap<u32, Rc<Original>>>,
}

/// What ran, as its file is now.
pub(crate) struct GeneratedFile {
    path: PathBuf,
    text: Text,
    agreement: Agreement,
    parsed: OnceCell<Option<(SourceFile, Anchors)>>,
}

impl GeneratedFile {
    pub(crate) fn new(path: PathBuf, text: String, agreement: Agreement) -> Self {
        Self { path, text: Text::new(text), agreement, parsed: OnceCell::new() }
    }
}

/// A source of the map.
struct Original {
    origin: Origin,
    /// The files that it may be, if these are several.
    candidates: Vec<PathBuf>,
    path: Option<PathBuf>,
    file: OnceCell<Option<Texts>>,
    /// The words there are not those that the map leads to.
    is_edited: Cell<bool>,
}

/// A source's text now, and when the map was made.
struct Texts {
    current: Arc<SourceFile>,
    /// If it was another: that text, and where its functions are now.
    built: Option<(SourceFile, Anchors)>,
    /// The map has the text, and it is this one.
    is_certain: bool,
    /// Where the functions that ran are in it, by name alone.
    by_name: OnceCell<Anchors>,
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
        let generated =
            generated.filter(|file| file.agreement != Agreement::Other || !is_of_the_run);
        let Located { map, folder, .. } = located;
        Self { map, folder, place, generated, originals: RefCell::default() }
    }

    /// Whether the generated file was built anew since the script ran.
    pub(crate) fn changed_file(&self) -> Option<&PathBuf> {
        let changed = |file: &&GeneratedFile| file.agreement == Agreement::Other;
        self.generated.as_ref().filter(changed).map(|file| &file.path)
    }

    /// The originals that were looked at and edited since the build.
    pub(crate) fn edited(&self) -> Vec<PathBuf> {
        let originals = self.originals.borrow();
        let edited = originals.values().filter(|original| {
            let texts = original.file.get().and_then(Option::as_ref);
            original.is_edited.get() || texts.is_some_and(|texts| texts.built.is_some())
        });
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
        let texts = place.original.texts(workspace, self, place.segment)?;
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
        let declared = self.parsed(ran).and_then(|(file, _)| {
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
        let declaration = self.parsed(ran).and_then(|(file, _)| file.export(name));
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
        let (file, _) = self.parsed(ran)?;
        let start = file.global(name)?.name_range.start;
        let segment = self.map.at(start)?;
        let original = self.original(workspace, self.map.segments()[segment].source()?);
        let texts = original.texts(workspace, self, segment)?;
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
        let texts = original.texts(workspace, self, index)?;
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
        let now = texts.current.captured(inner, &found.name, &[])?;
        (function.file.path() == texts.current.path()).then(|| function.map(|_| now))
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
        let texts = original.texts(workspace, self, first)?;
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
            let class = self.parsed(ran)?.0.class_at(position)?;
            sourced(class.name_range.start).or_else(|| sourced(class.range.start))
        })?;
        let generated = Generated { file: self.place.clone(), position: v8 };
        Some(Place { segment, original: self.original(workspace, source), fit, generated })
    }

    /// V8's position in the generated file as it is now, which the map is about.
    fn now(&self, ran: &Ran, v8: Position) -> Option<(Position, Fit)> {
        let here = Some((v8, Fit::Exact));
        let Some(file) = &self.generated else { return here };
        if file.agreement == Agreement::Same {
            return here;
        }
        let like = here.filter(|_| file.agreement == Agreement::Like);
        // Of a file that is too large to parse, its beginning has to do.
        let Some((parsed, anchors)) = self.parsed(ran) else { return like };
        // Of a function whose closures are gone, only the place is known.
        let is_known = ran.sites().any(|(site, _)| site == v8);
        certain(&parsed.anchored_at(anchors, v8)).or(like.filter(|_| !is_known))
    }

    /// The generated file, parsed, and where the functions that ran are in it.
    fn parsed(&self, ran: &Ran) -> Option<&(SourceFile, Anchors)> {
        let file = self.generated.as_ref()?;
        let parse = || {
            let text = file.text.as_str();
            let parsed = (text.len() <= LARGEST_PARSED)
                .then(|| SourceFile::parse(&file.path, text.to_owned()).ok())??;
            let anchors = match file.agreement {
                Agreement::Same => Anchors::default(),
                Agreement::Like | Agreement::Other => parsed.find_again(ran),
            };
            Some((parsed, anchors))
        };
        file.parsed.get_or_init(parse).as_ref()
    }

    fn original(&self, workspace: &Workspace, source: u32) -> Rc<Original> {
        if let Some(known) = self.originals.borrow().get(&source) {
            return Rc::clone(known);
        }
        let named = &self.map.sources()[source as usize];
        let resolution = workspace.resolve_source(&self.folder, &named.name);
        let candidates = match &resolution {
            Resolution::Ambiguous(several) => several.clone(),
            _ => Vec::new(),
        };
        let is_library = named.is_ignored || named.name.contains("node_modules/");
        let (origin, path) = match resolution {
            Resolution::File(path) if is_library || Workspace::is_dependency(&path) => {
                (Origin::Dependency, Some(path))
            }
            Resolution::File(path) => (Origin::Own, Some(path)),
            // A bundler's own.
            Resolution::Builtin => (Origin::Dependency, None),
            _ if is_library => (Origin::Dependency, None),
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace => (Origin::Elsewhere, None),
        };
        let original = Rc::new(Original {
            origin,
            candidates,
            path,
            file: OnceCell::new(),
            is_edited: Cell::new(false),
        });
        self.originals.borrow_mut().insert(source, Rc::clone(&original));
        original
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

impl Original {
    /// The source's texts; `segment` is one of its mappings.
    fn texts(&self, workspace: &Workspace, mapped: &Mapped, segment: usize) -> Option<&Texts> {
        let read = || {
            // A file that cannot be read has no places; the names from the heap still stand.
            let current = workspace.file(self.path.as_ref()?).ok()?;
            let source = mapped.map.segments()[segment].source()?;
            let content = mapped.map.sources()[source as usize].content.as_deref();
            let is_certain = content.is_some_and(|content| is_same_text(content, current.text()));
            let content = content.filter(|_| !is_certain);
            let built = content.and_then(|content| {
                let built = SourceFile::parse(current.path(), content.to_owned()).ok()?;
                let anchors = current.find_again(&functions_of(&built));
                Some((built, anchors))
            });
            Some(Texts { current, built, is_certain, by_name: OnceCell::new() })
        };
        self.file.get_or_init(read).as_ref()
    }
}

/// The same but for the ends of lines and a byte order mark.
fn is_same_text(one: &str, two: &str) -> bool {
    let plain = |text: &str| text.len() - text.matches("\r\n").count();
    let one = one.strip_prefix('\u{feff}').unwrap_or(one);
    one == two || plain(one) == plain(two) && one.lines().eq(two.lines())
}

/// All functions and classes of a text, as if it had run.
fn functions_of(file: &SourceFile) -> Ran {
    let functions = file.functions().iter().map(|it| (it.anchor, &it.runtime_name));
    let classes = file.classes().iter().map(|it| (it.anchor, &it.runtime_name));
    // A class is its constructor; it comes first, so its name counts.
    let sites = classes.chain(functions).map(|(position, name)| RanSite {
        position,
        name: name.clone().unwrap_or_default(),
        is_instance: false,
    });
    let prefix: String = file.text().chars().take(1024).collect();
    Ran::new(sites, Some(&prefix))
}

/// The place where something is now, if there is one.
pub(crate) fn certain(anchored: &Anchored<'_>) -> Option<(Position, Fit)> {
    match anchored {
        Anchored::Exact(found) => Some((found.anchor(), Fit::Exact)),
        Anchored::Moved(found) => Some((found.anchor(), Fit::Moved)),
        // One of several is no place: a wrong function is worse than none.
        Anchored::Ambiguous(_) | Anchored::Stale => None,
    }
}

/// The function or class in whose head one of the positions lies, the earlier ones first; else the
/// innermost around the first, which a compiler has made several of.
fn thing_near(file: &SourceFile, positions: &[Position], wanted: Wanted) -> Option<Thing> {
    let function = |position| file.function_headed(position).cloned().map(Thing::Function);
    let class = |position| file.class_headed(position).cloned().map(Thing::Class);
    let headed = positions.iter().find_map(|&position| match wanted {
        Wanted::Function => function(position).or_else(|| class(position)),
        Wanted::Class => {
            constructed(file, position).or_else(|| class(position)).or_else(|| function(position))
        }
    });
    let &first = positions.first()?;
    let around = || file.enclosing_function(first).cloned().map(Thing::Function);
    headed.or_else(|| match wanted {
        Wanted::Function => around(),
        Wanted::Class => file.class_around(first).cloned().map(Thing::Class).or_else(around),
    })
}

/// The class whose constructor's head has the position, or the function that serves as a class.
fn constructed(file: &SourceFile, position: Position) -> Option<Thing> {
    let function: &Function = file.function_headed(position)?;
    file.class_at(function.anchor).cloned().map(Thing::Class)
}
