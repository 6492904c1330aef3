//! The program as a whole: which files it was made of, what is known of them, and what they say of a
//! thing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heapmark_heap::ScriptId;
use heapmark_source::{
    Behind, Call, Handed, Importers, Limit, MapProblem, Mutation, MutationForm, MutationKind,
    Number, Origin, RanScript, Refusal, Resolution, Runs, Script, SourceFile, Target, Workspace,
};

use crate::locate::locator::Locator;
use crate::locate::locator::with_companion;
use crate::locate::source_files::Ambiguity;
use crate::locate::spot::Spot;
use crate::locate::statements::Statement;
use crate::v8::retainer_walk::BindingPath;
use crate::verdict::Unread;

/// A budget: so many functions of other modules are asked what they do to one thing, since each is looked up in a
/// file. What more are handed is a service that all use, and some of these tell.
const MAX_HANDED: usize = 30;

/// Most files that are looked through for whoever calls a function: more is not one program.
const MAX_FILES: usize = 10_000;

/// Whether a statement may give an object a property under a name that is made as it runs.
fn may_make_names(mutation: &Mutation) -> bool {
    let by_helper = ["Object.defineProperty(", "Object.assign(", "Reflect.set("];
    let assigns = [MutationForm::AssignsElement, MutationForm::AppendsElement];
    assigns.contains(&mutation.form) || by_helper.contains(&&*mutation.method)
}

/// Statements that give the global object properties under computed names, and take some from it.
#[derive(Default)]
pub(crate) struct OfGlobalObject {
    pub(crate) adds: Vec<(Spot, Statement)>,
    pub(crate) removes: Vec<(Spot, Statement)>,
}

impl Locator<'_> {
    /// The scripts of the snapshot that are files, but no files of the workspace: V8's names.
    pub(crate) fn scripts_elsewhere(&self) -> Vec<String> {
        let is_elsewhere = |script: &&Script| self.whose(script) == Origin::Elsewhere;
        let elsewhere = self.all().filter(|it| is_elsewhere(it) && !it.is_evaluated());
        let mut names: Vec<String> = elsewhere
            .map(|script| script.name().to_owned())
            .filter(|name| !name.contains("/node_modules/"))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether any script of the snapshot is a file of the workspace.
    pub(crate) fn has_own_scripts(&self) -> bool {
        self.all().any(|script| self.whose(script) == Origin::Own)
    }

    /// The user's own files that were looked at and are not what ran, as reports show them.
    pub(crate) fn changed_files(&self) -> Vec<String> {
        let mut changed = self.gathered(|script| {
            script.changed_files().iter().map(|file| self.relative(file)).collect()
        });
        changed.extend(self.past.changed_files().iter().map(|file| self.relative(file)));
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// The user's own files that ran and cannot be read as source, as reports show them.
    pub(crate) fn unread(&self) -> Vec<(String, Refusal)> {
        let refused = self.past.refused().into_iter();
        let own = refused.filter(|(file, _)| !Workspace::is_dependency(file));
        own.map(|(file, refusal)| (self.relative(&file), refusal)).collect()
    }

    /// What was built of the user's own files and is not read, as reports show it.
    pub(crate) fn unread_builds(&self) -> Vec<(String, Refusal)> {
        let scripts = self.opened();
        let unread: BTreeMap<PathBuf, Refusal> = scripts.filter_map(Script::unread_build).collect();
        unread.into_iter().map(|(file, why)| (self.relative(&file), why)).collect()
    }

    /// The user's own files that were compiled in memory, and nobody knows how.
    pub(crate) fn compiled_files(&self) -> Vec<String> {
        self.gathered(|script| {
            script.compiled_file().iter().map(|file| self.relative(file)).collect()
        })
    }

    /// Why source maps could not be used.
    pub(crate) fn map_problems(&self) -> Vec<MapProblem> {
        self.gathered(|script| script.map_problem().cloned().into_iter().collect())
    }

    /// Whether a script is a file of the user's that a person wrote, and nobody in the last so long before the
    /// snapshot.
    pub(crate) fn is_written_before(&self, script: &str, long_before: Duration) -> bool {
        let Resolution::File(file) = self.past.workspace().resolve(script) else { return false };
        !Workspace::is_dependency(&file)
            && !self.past.workspace().is_ignored(&file)
            && self.past.is_older(&file, long_before)
    }

    /// Whether a file of the user's was built, as far as one can tell, and names no source map.
    pub(crate) fn is_built_without_map(&self, file: &Path) -> bool {
        !Workspace::is_dependency(file)
            && self.opened().any(|it| it.path() == Some(file) && !it.is_built())
            && (self.past.workspace().is_ignored(file)
                || self.past.file(file).is_ok_and(|it| it.is_minified()))
    }

    /// Sources that were looked for and that only source maps have.
    pub(crate) fn only_in_maps(&self) -> Vec<String> {
        self.gathered(Script::only_in_map)
    }

    /// Names that fit several files, and the files; by their whole paths, if folders of one name have them.
    pub(crate) fn ambiguities(&self) -> Vec<Ambiguity> {
        let of = |(name, files): (String, Vec<PathBuf>)| {
            let shown: Vec<String> = files.iter().map(|file| self.relative(file)).collect();
            let are_told_apart = shown.iter().collect::<BTreeSet<_>>().len() == shown.len();
            let whole = || files.iter().map(|file| file.display().to_string()).collect();
            Ambiguity { name, files: if are_told_apart { shown } else { whole() } }
        };
        self.gathered(|script| {
            let several = script.ambiguous().into_iter();
            several.filter(|(name, _)| !name.contains("node_modules/")).map(of).collect()
        })
    }

    /// What the scripts that were looked at have to say, each thing once.
    fn gathered<T: Ord>(&self, ask: impl Fn(&Script) -> Vec<T>) -> Vec<T> {
        let scripts = self.opened();
        let mut all: Vec<T> = scripts.flat_map(ask).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a script is one of these files, or was made from one.
    pub(crate) fn is_of_any(&self, id: ScriptId, files: &BTreeSet<PathBuf>) -> bool {
        self.script(id).is_some_and(|script| {
            script.path().is_some_and(|own| files.contains(own))
                || script.is_built() && script.files(self.past).iter().any(|it| files.contains(it))
        })
    }

    /// Which of these files are scripts of the program, or were made into one.
    pub(crate) fn that_ran(&self, files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        if files.is_empty() {
            return BTreeSet::new();
        }
        let of_script = |script: &Script| {
            let own = script.path().map(Path::to_owned);
            let others = if script.is_built() { script.files(self.past) } else { Vec::new() };
            own.into_iter().chain(others)
        };
        self.all().flat_map(of_script).filter(|file| files.contains(file)).collect()
    }

    /// The user's own files that ran, by their paths.
    pub(super) fn own_files(&self) -> Vec<Arc<SourceFile>> {
        let paths: BTreeSet<PathBuf> = self
            .all()
            .filter(|script| self.whose(script) == Origin::Own)
            .flat_map(|script| script.files(self.past))
            .filter(|path| !Workspace::is_dependency(path))
            .collect();
        paths.iter().filter_map(|path| self.past.file(path).ok()).collect()
    }

    /// Every call in the user's own files that ran whose callee ends in these names:
    /// `performance.mark`.
    pub(crate) fn own_calls(&self, callee: &str) -> Vec<(Spot, Call)> {
        let name = callee.rsplit('.').next().unwrap_or(callee);
        let is_it = |call: &Call| {
            let before = call.callee.strip_suffix(callee);
            before.is_some_and(|before| before.is_empty() || before.ends_with(['.', ' ']))
        };
        let in_file = |file: Arc<SourceFile>| {
            let calls = file.calls(&[name]).into_iter().filter(is_it);
            calls.map(|call| (Spot::called(Arc::clone(&file), &call), call)).collect::<Vec<_>>()
        };
        self.own_files().into_iter().flat_map(in_file).collect()
    }

    /// The statements in the user's own files that ran by which the global object gets properties under
    /// computed names, and loses some.
    pub(crate) fn of_global_object(&self) -> OfGlobalObject {
        let OfGlobalObject { mut adds, mut removes } = OfGlobalObject::default();
        for file in self.own_files() {
            for mutation in file.mutations(&Target::GlobalObject) {
                let list = match mutation.kind {
                    MutationKind::Adds if may_make_names(&mutation) => &mut adds,
                    MutationKind::Removes => &mut removes,
                    _ => continue,
                };
                list.push((Spot::changed(Arc::clone(&file), &mutation), mutation.into()));
            }
        }
        OfGlobalObject { adds, removes }
    }

    /// Why a file that ran is not read as it ran, if it is not.
    pub(crate) fn unread_file(&self, path: &Path) -> Option<Unread> {
        if !self.past.is_lost(path) {
            return None;
        }
        let is_it = |file: &PathBuf| file == path;
        let of_script = |script: &Script| {
            let is_compiled = script.compiled_file().iter().any(is_it);
            let is_changed = script.changed_files().iter().any(is_it);
            let compiled = is_compiled.then_some(Unread::Compiled);
            compiled.or_else(|| is_changed.then_some(Unread::Changed))
        };
        self.opened().find_map(of_script)
    }

    /// Why one of the user's own files that ran is not read as it ran, if one is not.
    pub(crate) fn any_unread(&self) -> Option<Unread> {
        self.own_files().iter().find_map(|file| self.unread_file(file.path()))
    }

    /// Why nothing was read of what declares a binding.
    pub(crate) fn why_unread(&self, owner: &BindingPath) -> Unread {
        let script = self.script_of_binding(owner).and_then(|id| self.script(id));
        let file = script.and_then(Script::path);
        file.and_then(|file| self.unread_file(file)).unwrap_or(Unread::Elsewhere)
    }

    /// The statements about what `target` is in `file` in the files that import it; `asks` is told of each of
    /// these files.
    pub(crate) fn mutations_elsewhere(
        &self,
        file: &SourceFile,
        target: &Target,
        asks: impl Fn(&Path),
    ) -> Vec<(Arc<SourceFile>, Mutation)> {
        if !file.is_exported(target) {
            return Vec::new();
        }
        self.importers().mutations(self.past, file, target, |path| {
            self.confirm(path);
            asks(path);
        })
    }

    /// What functions of other modules do to what `target` is in `file`, or to what has it, where they are
    /// handed that: `trim(log, MAX)`; `asks` is told of each of their files.
    pub(crate) fn mutations_where_handed(
        &self,
        file: &SourceFile,
        target: &Target,
        asks: impl Fn(&Path),
    ) -> Vec<(Arc<SourceFile>, Mutation)> {
        let handed = file.handed(target).into_iter();
        let mut open: Vec<(PathBuf, Handed)> =
            handed.map(|handed| (file.path().to_owned(), handed)).collect();
        let mut found: Vec<(Arc<SourceFile>, Mutation)> = Vec::new();
        let mut next = 0;
        while next < open.len().min(MAX_HANDED) {
            let (importer, handed) = open[next].clone();
            next += 1;
            let Some(path) = self.past.imported(&importer, &handed.module) else { continue };
            self.confirm(&path);
            asks(&path);
            let Ok(other) = self.past.file(&path) else { continue };
            for mutation in other.mutations_of_argument(&handed) {
                let is_known = found.iter().any(|(file, known)| {
                    // What cuts a list removes from it and bounds it.
                    (file.path(), known.range, known.kind)
                        == (other.path(), mutation.range, mutation.kind)
                });
                if !is_known {
                    found.push((Arc::clone(&other), mutation));
                }
            }
            let on = other.handed_on(&handed).into_iter().map(|it| (path.clone(), it));
            let on: Vec<_> = on.filter(|it| !open.contains(it)).collect();
            open.extend(on);
        }
        found
    }

    /// The limit that a number of a file comes to, and the file that says so.
    pub(crate) fn limit_behind(
        &self,
        file: &SourceFile,
        number: &Number,
    ) -> Option<(PathBuf, Limit)> {
        let behind = Behind {
            view: self.past,
            importers: &|| self.importers(),
            confirm: &|path| self.confirm(path),
        };
        behind.limit(file, number)
    }

    /// Who imports what. Reads every file of the workspace, though it parses none.
    fn importers(&self) -> &Importers {
        self.importers.get_or_init(|| Importers::of(self.past, self.files_that_ran().as_ref()))
    }

    /// Whether what a statement does in a file is ever done, as far as names tell; the functions of the
    /// `known` statements do run. Tests call what nothing else does: they do not count.
    pub(crate) fn runs(
        &self,
        file: &SourceFile,
        statement: &Mutation,
        known: &[&Mutation],
    ) -> bool {
        let Runs::IfUsed(names) = file.runs(statement, known) else { return true };
        let files = self.files_that_may_call.get_or_init(|| {
            let own = self.past.workspace().files();
            let ran = self.all().filter_map(|script| script.path().map(Path::to_owned));
            let mut files: Vec<PathBuf> = own.into_iter().filter(|it| !is_of_tests(it)).collect();
            files.extend(ran);
            files.sort_unstable();
            files.dedup();
            files
        });
        // Other packages call what a package has; they do not know what the program has.
        let is_of_package = Workspace::is_dependency(file.path());
        let concerned = files.iter().filter(|path| {
            *path != file.path() && (is_of_package || !Workspace::is_dependency(path))
        });
        // What nobody asked is not known not to call.
        if files.len() > MAX_FILES {
            return true;
        }
        concerned.into_iter().any(|path| {
            let other = self.past.file_that_has(path, &names);
            other.is_some_and(|other| names.iter().any(|name| other.may_use(name)))
        })
    }

    /// Finds out whether the text of a file is the one that ran, once.
    fn confirm(&self, path: &Path) {
        self.confirmed.get_or_find(path.to_owned(), || self.find_out(path));
    }

    fn find_out(&self, path: &Path) {
        // Whatever has the same name first: most compilers make one of one.
        let is_namesake = |script: &&Script| {
            let name = script.path().and_then(Path::file_stem);
            name.is_some() && name == path.file_stem()
        };
        let (namesakes, others): (Vec<_>, Vec<_>) = self.all().partition(is_namesake);
        let is_of_it = |script: &&Script| {
            script.path() == Some(path)
                || script.is_built() && script.files(self.past).iter().any(|file| file == path)
        };
        if let Some(script) = namesakes.into_iter().chain(others).find(is_of_it) {
            script.confirm(self.past, path);
        }
    }

    /// The user's files that the program was made of, if that was written down.
    fn files_that_ran(&self) -> Option<BTreeSet<PathBuf>> {
        let mut recorded = self.companion.all().peekable();
        recorded.peek()?;
        let mut ran: BTreeSet<PathBuf> =
            self.all().flat_map(|script| script.files(self.past)).collect();
        // Some scripts may have left nothing in the heap.
        for script in recorded.filter(|it| !self.known.contains_key(&ScriptId(it.id))) {
            let named = RanScript { name: script.url.clone(), ..RanScript::default() };
            let script = with_companion(named, script);
            ran.extend(Script::new(self.past, script).files(self.past));
        }
        Some(ran)
    }
}

/// Whether a file is one of the tests of a program.
fn is_of_tests(path: &Path) -> bool {
    let named = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folders = path.iter().any(|part| {
        matches!(part.to_str(), Some("test" | "tests" | "__tests__" | "spec" | "__mocks__"))
    });
    folders || [".test.", ".spec."].iter().any(|it| named.contains(it))
}
