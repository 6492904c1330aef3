//! From nodes of the heap to places in the user's source.
//!
//! Joins what the heap knows (script ids, names of scripts and variables) with what the workspace
//! knows (files, functions, declarations). Says for each place how well it fits; guesses nothing.

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use heapmark_heap::{Analysis, Location, NodeOrdinal, NodeType, ScriptId};
use heapmark_source::{
    AsItRan, Declaration, Importers, Position, RanScript, RanSite, Script, Siblings, Wanted,
    Written,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::locate::known_scopes::Block;
use crate::locate::sidecar::{CompanionScript, Scripts};
use crate::locate::spot::Spot;
use crate::v8::layouts::Shapes;
use crate::v8::sites::{Kind, SiteKey};
use heapmark_source::Origin;

use crate::locate::known_scopes::Context;

/// The places of one snapshot.
pub(crate) struct Locator<'a> {
    pub(super) heap: &'a Analysis,
    pub(super) shapes: &'a Shapes<'a>,
    pub(super) past: &'a AsItRan<'a>,
    pub(super) known: FxHashMap<ScriptId, heapmark_heap::Script>,
    pub(super) companion: &'a Scripts,
    pub(super) sites: OnceCell<RefCell<FxHashMap<ScriptId, Vec<RanSite>>>>,
    pub(super) scripts: RefCell<FxHashMap<ScriptId, Rc<Script>>>,
    pub(super) importers: OnceCell<Importers>,
    /// The files in which somebody may call what another one has.
    pub(super) files_that_may_call: OnceCell<Vec<PathBuf>>,
    /// The files that are known to be as they ran, or not to be.
    pub(super) confirmed: RefCell<FxHashSet<PathBuf>>,
    pub(super) contexts: RefCell<FxHashMap<NodeOrdinal, Rc<Context>>>,
    pub(super) blocks: RefCell<FxHashMap<NodeOrdinal, Rc<Block>>>,
    /// Which variables of a scope stand for `this`, by V8's description of it.
    pub(super) this: RefCell<FxHashMap<NodeOrdinal, FxHashMap<String, bool>>>,
}

impl<'a> Locator<'a> {
    /// `companion` is what was written down of the scripts when the snapshot was taken.
    pub(crate) fn new(
        heap: &'a Analysis,
        shapes: &'a Shapes<'a>,
        past: &'a AsItRan<'a>,
        companion: &'a Scripts,
    ) -> Self {
        let known = heap.scripts().into_iter().map(|script| (script.id, script)).collect();
        let (sites, scripts) = (OnceCell::new(), RefCell::default());
        let (importers, files_that_may_call) = (OnceCell::new(), OnceCell::new());
        let (confirmed, this) = (RefCell::default(), RefCell::default());
        let (contexts, blocks) = (RefCell::default(), RefCell::default());
        Self {
            heap,
            shapes,
            past,
            known,
            companion,
            sites,
            scripts,
            importers,
            files_that_may_call,
            confirmed,
            contexts,
            blocks,
            this,
        }
    }

    /// The snapshot.
    pub(crate) fn heap(&self) -> &'a Analysis {
        self.heap
    }

    /// Where a location stands that is not in the workspace: `/srv/app/audit.js:5`,
    /// `evaluated code:1`.
    pub(crate) fn outside(&self, location: Location) -> Option<String> {
        self.script(location.script)?.outside(self.past, position(location))
    }

    /// The folders of the workspace.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.past.workspace().folders()
    }

    /// The first folder of the workspace.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.past.workspace().folders().next()
    }

    /// A path as reports show it: relative to the workspace.
    pub(crate) fn relative(&self, path: &Path) -> String {
        self.past.workspace().relative(path)
    }

    /// Whose code a script as a whole is.
    pub(super) fn script_origin(&self, id: ScriptId) -> Origin {
        self.script(id).map_or(Origin::Builtin, |script| self.whose(&script))
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
        let origin = self.script(id).map(|script| script.origin());
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

    pub(super) fn all(&self) -> impl Iterator<Item = Rc<Script>> + '_ {
        self.known.keys().filter_map(|&id| self.script(id))
    }

    pub(super) fn script(&self, id: ScriptId) -> Option<Rc<Script>> {
        if let Some(known) = self.scripts.borrow().get(&id) {
            return Some(Rc::clone(known));
        }
        let script = Rc::new(Script::new(self.past.workspace(), self.ran(id)?));
        self.scripts.borrow_mut().insert(id, Rc::clone(&script));
        Some(script)
    }

    /// What is known of a script: what was written down first, then what the snapshot has.
    pub(super) fn ran(&self, id: ScriptId) -> Option<RanScript> {
        let known = self.known.get(&id)?;
        let companion = self.recorded(known);
        let ran = RanScript {
            name: known.name.clone(),
            source_url: known.source_url.clone(),
            source_map_url: known.source_map_url.clone(),
            source_prefix: self.heap.source_prefix(known),
            sites: self.sites().borrow_mut().remove(&id).unwrap_or_default(),
            ..RanScript::default()
        };
        Some(match companion {
            Some(companion) => with_companion(ran, companion),
            None => ran,
        })
    }

    /// The located functions and instances of each script, each place once; taken out as scripts
    /// are opened.
    pub(super) fn sites(&self) -> &RefCell<FxHashMap<ScriptId, Vec<RanSite>>> {
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
            RefCell::new(sites)
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
