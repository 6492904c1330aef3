//! From an import to what it stands for: the declaration in the file that exports it, also if nothing of that
//! file is in the heap; and the imports of a package.

use std::sync::Arc;

use heapmark_source::{Declaration, Fit, SourceFile, Workspace, Written};

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
