//! From an import to what it stands for: the declaration in the file that exports it, also if nothing of that
//! file is in the heap; and the imports of a package.

use std::sync::Arc;

use heapmark_source::{Declaration, Fit, Position, SourceFile, Workspace, Written};

use crate::locate::holder::{DeclaredIn, Holder, HolderOf};
use crate::locate::locator::Locator;
use crate::locate::spot::Spot;
use crate::report::place_words::file_name;

/// A budget: so many files that pass on an import are followed (`index.js` of folders in folders); they may pass
/// it on in a circle.
const MAX_PASSED_ON: usize = 4;

impl Locator<'_> {
    /// The declaration in the user's own code that an import stands for: of `const { executor } =
    /// require("./stitching")` that in stitching.js.
    pub(crate) fn behind_import(&self, import: &Holder) -> Option<Holder> {
        let (mut file, mut variable) = (Arc::clone(&import.spot.file), import.declaration.clone());
        let mut found: Option<Holder> = None;
        for _ in 0..MAX_PASSED_ON {
            let Some(from) = file.imported_from(&variable) else { break };
            let Some(name) = file.imported_as(&variable) else { break };
            let Some(path) = self.past.imported(file.path(), from) else { break };
            if Workspace::is_dependency(&path) {
                break;
            }
            let Ok(exporting) = self.past.file(&path) else { break };
            let Some(declared) = exporting.export(name) else { break };
            found = Some(module_variable(&exporting, declared.clone()));
            (file, variable) = (exporting, declared);
        }
        found
    }

    /// Whether an expression at a place of a file, `stopped` or `lifecycle.stopped`, stands for what is declared
    /// there: in the file of the declaration, or in one that imports it.
    pub(crate) fn stands_for(
        &self,
        file: &Arc<SourceFile>,
        at: Position,
        expression: &str,
        declared: &Holder,
    ) -> bool {
        let range = declared.declaration.name_range;
        let is_it = |found: &Holder| {
            found.declaration.name_range == range && found.spot.path() == declared.spot.path()
        };
        let (first, rest) = match expression.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (expression, None),
        };
        if first == "this" {
            return rest == Some(&*declared.declaration.name)
                && file.path() == declared.spot.path();
        }
        let Some(variable) = file.declaration(first, at) else { return false };
        let variable = module_variable(file, variable);
        match rest {
            None => is_it(&variable) || self.behind_import(&variable).is_some_and(|it| is_it(&it)),
            Some(name) => {
                let exporting = self.imported_module(&variable);
                let export = exporting.and_then(|it| Some(module_variable(&it, it.export(name)?)));
                export.is_some_and(|it| is_it(&it))
            }
        }
    }

    /// The file of the user's own that a variable stands for as a whole.
    fn imported_module(&self, variable: &Holder) -> Option<Arc<SourceFile>> {
        let file = &variable.spot.file;
        let from = file.imported_from(&variable.declaration)?;
        let is_whole = file.imported_as(&variable.declaration).is_none();
        let path = self.past.imported(file.path(), from).filter(|_| is_whole)?;
        self.past.file(&path).ok().filter(|_| !Workspace::is_dependency(&path))
    }

    /// The import of a package in the user's own code, if only one file has one.
    pub(crate) fn import_of_package(&self, package: &str) -> Option<Holder> {
        let files = self.own_files();
        let mut importing = files.iter().filter_map(|file| {
            let import = file.imports_of(package).into_iter().next()?;
            Some((file, import))
        });
        let (file, import) = importing.next().filter(|_| importing.next().is_none())?;
        Some(module_variable(file, import))
    }
}

fn module_variable(file: &Arc<SourceFile>, declared: Declaration) -> Holder {
    let declared_in = DeclaredIn::Module(file_name(file.path()));
    let found =
        Written { file: Arc::clone(file), what: declared, fit: Fit::Exact, generated: None };
    let spot = Spot::declared(found.what.name.clone(), &found);
    Holder { spot, declaration: found.what, of: HolderOf::Scope, declared_in }
}
