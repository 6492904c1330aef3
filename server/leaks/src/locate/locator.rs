//! From nodes of the heap to places in the user's source.
//!
//! Joins what the heap knows (script ids, names of scripts and variables) with what the workspace
//! knows (files, functions, declarations). Says for each place how well it fits; guesses nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use heapmark_heap::{Analysis, Location, NodeOrdinal, NodeType, ScriptId};
use heapmark_source::{
    AsItRan, Declaration, Importers, Memo, Position, RanScript, RanSite, Script, Siblings, Wanted,
    Written,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::locate::known_scopes::Block;
use crate::locate::sidecar::{CompanionScript, Scripts};
use crate::locate::spot::Spot;
use crate::report::Outside;
use crate::v8::layouts::Shapes;
use crate::v8::sites::{Kind, SiteKey};
use heapmark_source::Origin;

use crate::locate::known_scopes::Context;

/// The places of one snapshot.
pub(crate) struct Locator<'a> {
    pub(super) heap: &'a Analysis,
    pub(super) shapes: &'a Shapes<'a>,
    pub(super) past: &'a AsItRan<'a>,
    pub(super) known: FxHashMap<ScriptId, &'a heapmark_heap::Script>,
    pub(super) companion: &'a Scripts,
    /// Behind a lock, since each script takes out its own when it is opened.
    sites: OnceLock<Mutex<FxHashMap<ScriptId, Vec<RanSite>>>>,
    /// Those of `known`, as far as they were asked for.
    scripts: FxHashMap<ScriptId, OnceLock<Script>>,
    pub(super) importers: OnceLock<Importers>,
    /// The files in which somebody may call what another one has.
    pub(super) files_that_may_call: OnceLock<Vec<PathBuf>>,
    /// The files that are known to be as they ran, or not to be.
    pub(super) confirmed: Memo<PathBuf, ()>,
    pub(super) contexts: Memo<NodeOrdinal, Arc<Context>>,
    pub(super) blocks: Memo<NodeOrdinal, Arc<Block>>,
    /// Which variables of a scope stand for `this`, by V8's description of it and their names.
    pub(super) this: Memo<(NodeOrdinal, String), bool>,
}

impl<'a> Locator<'a> {
    /// `companion` is what was written down of the scripts when the snapshot was taken.
    pub(crate) fn new(
        heap: &'a Analysis,
        shapes: &'a Shapes<'a>,
        past: &'a AsItRan<'a>,
        companion: &'a Scripts,
    ) -> Self {
        let known: FxHashMap<_, _> =
            heap.scripts().iter().map(|script| (script.id, script)).collect();
        let scripts = known.keys().map(|&id| (id, OnceLock::new())).collect();
        Self {
            heap,
            shapes,
            past,
            known,
            companion,
            sites: OnceLock::new(),
            scripts,
            importers: OnceLock::new(),
            files_that_may_call: OnceLock::new(),
            confirmed: Memo::default(),
            contexts: Memo::default(),
            blocks: Memo::default(),
            this: Memo::default(),
        }
    }

    /// The snapshot.
    pub(crate) fn heap(&self) -> &'a Analysis {
        self.heap
    }

    /// Where a location stands that is not in the workspace.
    pub(crate) fn outside(&self, location: Location) -> Option<Outside> {
        let script = self.script(location.script)?;
        let (name, line) = script.outside(self.past, position(location))?;
        Some(Outside { script: script.name().to_owned(), name, line })
    }

    /// The folders of the workspace.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.past.workspace().folders()
    }

    /// The first folder of the workspace.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.past.workspace().folders().next()
    }

    /// What is in a file of the workspace, if it has at most so many bytes and can be read.
    pub(crate) fn read(&self, path: &Path, most: u64) -> Option<Vec<u8>> {
        self.past.workspace().read(path, most).ok()
    }

    /// Whether the workspace has a file, which is not read.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        self.past.workspace().has(path)
    }

    /// A path as reports show it: relative to the workspace.
    pub(crate) fn relative(&self, path: &Path) -> String {
        self.past.workspace().relative(path)
    }

    /// Whose code a script as a whole is.
    pub(super) fn script_origin(&self, id: ScriptId) -> Origin {
        self.script(id).map_or(Origin::Builtin, |script| self.whose(script))
    }

    /// Whether a tool made a script: it has a source map. No file is read for that.
    pub(crate) fn is_built(&self, id: ScriptId) -> bool {
        self.script(id).is_some_and(Script::is_built)
    }

    /// Whose code a script as a whole is. Only what no file of the workspace has the name of, and what
    /// has a source map, is read for that.
    pub(super) fn whose(&self, script: &Script) -> Origin {
        if script.origin() == Origin::Elsewhere && script.is_built() {
            script.files(self.past);
        }
        script.origin()
    }

    /// Whether a script may be the user's, as far as one knows without reading it.
    pub(crate) fn may_be_own(&self, id: ScriptId) -> bool {
        let origin = self.script(id).map(Script::origin);
        matches!(origin, Some(Origin::Own | Origin::Elsewhere))
    }

    /// The file in which what stands at a location was written.
    pub(crate) fn file(&self, location: Location) -> Option<PathBuf> {
        self.script(location.script)?.file_at(self.past, position(location))
    }

    /// Whose code stands at a location.
    pub(crate) fn origin(&self, location: Location) -> Origin {
        self.script(location.script)
            .map_or(Origin::Builtin, |script| script.origin_at(self.past, position(location)))
    }

    /// The function or class at a site.
    pub(crate) fn site(&self, key: SiteKey) -> Option<Spot> {
        let wanted = match key.kind {
            Kind::Instance => Wanted::Class,
            Kind::Closure | Kind::Frame | Kind::Timer => Wanted::Function,
        };
        let script = self.script(key.location.script)?;
        script.thing(self.past, position(key.location), wanted).map(Spot::at)
    }

    /// The variable that the function at a location captured, by its name in what ran.
    pub(crate) fn captured(&self, location: Location, name: &str) -> Option<Written<Declaration>> {
        self.script(location.script)?.captured(
            self.past,
            position(location),
            name,
            &Siblings::default(),
        )
    }

    /// The function of a closure or frame, or the class of an instance.
    pub(crate) fn node(&self, node: NodeOrdinal) -> Option<Spot> {
        let kind = match self.heap.node_type(node) {
            NodeType::Closure => Kind::Closure,
            _ if self.shapes.is_frame(node) => Kind::Frame,
            _ => Kind::Instance,
        };
        self.site(SiteKey { kind, location: self.heap.location(node)? })
    }

    /// All scripts of the snapshot, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Script> {
        self.known.keys().filter_map(|&id| self.script(id))
    }

    /// Those that were asked for, in no order.
    pub(super) fn opened(&self) -> impl Iterator<Item = &Script> {
        self.scripts.values().filter_map(OnceLock::get)
    }

    pub(super) fn script(&self, id: ScriptId) -> Option<&Script> {
        let known = self.known.get(&id)?;
        let open = || Script::new(self.past, self.ran(known));
        Some(self.scripts.get(&id)?.get_or_init(open))
    }

    /// What is known of a script: what was written down first, then what the snapshot has.
    fn ran(&self, known: &heapmark_heap::Script) -> RanScript {
        let companion = self.recorded(known);
        let sites = self.sites().lock().unwrap_or_else(PoisonError::into_inner).remove(&known.id);
        let ran = RanScript {
            name: known.name.clone(),
            source_url: known.source_url.clone(),
            source_map_url: known.source_map_url.clone(),
            source_prefix: self.heap.source_prefix(known),
            sites: sites.unwrap_or_default(),
            ..RanScript::default()
        };
        match companion {
            Some(companion) => with_companion(ran, companion),
            None => ran,
        }
    }

    /// The located functions and instances of each script, each place once; taken out as scripts
    /// are opened.
    fn sites(&self) -> &Mutex<FxHashMap<ScriptId, Vec<RanSite>>> {
        self.sites.get_or_init(|| {
            let mut seen = FxHashSet::default();
            let mut sites: FxHashMap<ScriptId, Vec<RanSite>> = FxHashMap::default();
            for &(node, location) in self.heap.locations() {
                // The name of a waiting call is not that of its function.
                let is_instance = self.heap.node_type(node) != NodeType::Closure;
                if is_instance && self.shapes.is_frame(node)
                    || !seen.insert((location, is_instance))
                {
                    continue;
                }
                sites.entry(location.script).or_default().push(RanSite {
                    position: position(location),
                    name: self.heap.name(node).into_owned(),
                    is_instance,
                });
            }
            Mutex::new(sites)
        })
    }
}

/// With what was written down of it.
pub(super) fn with_companion(ran: RanScript, companion: &CompanionScript) -> RanScript {
    let url = Some(&companion.url).filter(|url| !url.is_empty());
    RanScript {
        source_url: ran.source_url.or_else(|| url.cloned()),
        source_map_url: companion.source_map_url.clone().or(ran.source_map_url),
        hash: Some(companion.hash.clone()).filter(|hash| !hash.is_empty()),
        source: companion.source.clone(),
        ..ran
    }
}

/// V8's locations count as the rest of the house does: from 0, in UTF-16 units.
pub(crate) fn position(location: Location) -> Position {
    Position::new(location.line, location.column)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crate::evidence::Evidence;
    use crate::locate::Locator;
    use crate::testing::Ran;

    #[test]
    fn several_threads_may_look_up_places() {
        // As it is compiled.
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Locator>();
        is_shared::<Evidence>();
        let text = |name: &str| {
            format!(
                "const {name}s = [];
                 globalThis.add_{name} = function {name}(it) {{ {name}s.push(it); }};"
            )
        };
        let names = ["first", "second", "third"];
        let (first, second, third) = (text("first"), text("second"), text("third"));
        let main = "require('./first.js'); require('./second.js'); require('./third.js');";
        let ran = Ran::modules(&[
            ("main.js", main),
            ("first.js", &first),
            ("second.js", &second),
            ("third.js", &third),
        ]);
        let closures = names.map(|name| ran.closures(name)[0]);
        let told = |e: &Evidence| {
            let of = closures.map(|closure| {
                let spot = e.locator.node(closure)?;
                Some((spot.path().to_owned(), spot.range))
            });
            of.map(|it| it.expect("it is in the workspace"))
        };
        let alone = ran.ask(told);
        let together = ran.ask(|e| {
            thread::scope(|scope| {
                let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| told(e))).collect();
                asked.into_iter().map(|it| it.join().expect("no panic")).collect::<Vec<_>>()
            })
        });
        assert!(together.iter().all(|it| *it == alone), "{together:?}");
    }
}
