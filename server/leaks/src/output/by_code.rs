//! All bytes of the heap by whose code holds them: the user's own, a package's, Node's. What a variable or function
//! dominates is held by its code, as far as nothing nearer is.
//!
//! ```text
//! scope of the user's module ─cache→ Map ─…→ everything down here is held by the user's code,
//!                                            but what the scope of a package's closure in there has
//! ```

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use heapmark_heap::{Location, NodeOrdinal, ScriptId};
use heapmark_source::local_path;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::locate::packages::package_folder;
use crate::output::packages::package_at;
use crate::output::shares::{Share, Shares, Thing};
use crate::report::{CodeOf, CodeRow, HeldBy};

/// A budget of words: so many rows are told.
const MAX_ROWS: usize = 30;

/// A budget: the places of so many scripts are asked, of those with most functions, since that reads their files
/// and maps. A bundle is one script and has packages in it; what is compiled file by file is the user's anyway.
const MAX_ASKED: usize = 8;

/// Whose code holds something, as a number in [`Owners::all`].
type OwnerIndex = u32;
const ENGINE: OwnerIndex = 0;
const NODE: OwnerIndex = 1;
const USER: OwnerIndex = 2;

/// Tells the owners of places, and numbers them.
struct Owners<'e, 'a> {
    e: &'e Evidence<'a>,
    /// By number, a file of the package; nothing for [`ENGINE`], [`NODE`] and [`USER`].
    all: Vec<Option<PathBuf>>,
    by_folder: FxHashMap<PathBuf, OwnerIndex>,
    by_script: FxHashMap<ScriptId, Option<OwnerIndex>>,
    /// Scripts whose places are asked.
    asked: FxHashSet<ScriptId>,
}

/// The rows, largest first. Of large things it is known who holds them: those that several hold are dominated by
/// no code.
pub(super) fn by_code(
    e: &Evidence,
    shares: &Shares,
    large: &[(NodeOrdinal, HeldBy)],
) -> Vec<CodeRow> {
    let mut owners = Owners::new(e, &shares.functions);
    let of = owners.of_all(shares, large);
    let mut sums = vec![(0u64, 0u64); owners.all.len()];
    for (share, owner) in shares.all.iter().zip(of) {
        let (retained, gained) = &mut sums[owner as usize];
        *retained += share.retained;
        *gained += share.gained;
    }
    let mut rows: Vec<(usize, (u64, u64))> =
        sums.into_iter().enumerate().filter(|(_, (retained, _))| *retained > 0).collect();
    rows.sort_by_key(|&(owner, (retained, _))| (Reverse(retained), owner));
    rows.truncate(MAX_ROWS);
    let row = |(owner, (retained, gained)): (usize, (u64, u64))| {
        let whose = match (owner as OwnerIndex, &owners.all[owner]) {
            (_, Some(file)) => CodeOf::Package(package_at(file)?),
            (USER, _) => CodeOf::User,
            (NODE, _) => CodeOf::Node,
            _ => CodeOf::Engine,
        };
        Some(CodeRow { whose, retained, gained })
    };
    rows.into_iter().filter_map(row).collect()
}

impl<'e, 'a> Owners<'e, 'a> {
    fn new(e: &'e Evidence<'a>, functions: &FxHashMap<ScriptId, usize>) -> Self {
        let all = vec![None, None, None];
        let (by_folder, by_script) = Default::default();
        let mut owners = Self { e, all, by_folder, by_script, asked: FxHashSet::default() };
        owners.asked = owners.largest_built(functions);
        owners
    }

    /// Of the scripts that are neither Node's nor a package's and that tools built, those with most functions.
    fn largest_built(&mut self, functions: &FxHashMap<ScriptId, usize>) -> FxHashSet<ScriptId> {
        let mut largest: Vec<(ScriptId, usize)> =
            functions.iter().map(|(&id, &functions)| (id, functions)).collect();
        largest.sort_unstable_by_key(|&(id, functions)| (Reverse(functions), id));
        let built = largest.into_iter().map(|(id, _)| id);
        built
            .filter(|&id| self.of_script(id).is_none() && self.e.locator.is_built(id))
            .take(MAX_ASKED)
            .collect()
    }

    /// The owner of each share.
    fn of_all(&mut self, shares: &Shares, large: &[(NodeOrdinal, HeldBy)]) -> Vec<OwnerIndex> {
        let known: FxHashMap<NodeOrdinal, &Path> = large
            .iter()
            .filter_map(|(node, holder)| Some((*node, holder.told_at()?.file.as_path())))
            .collect();
        let own = |share: &Share| match share.thing {
            Thing::Engine => Some(ENGINE),
            Thing::Functions(place) => Some(self.of_place(place)),
            Thing::Module(file) => Some(self.of_file(Path::new(&*self.e.heap.name(file)))),
            Thing::Large(node, _) => known.get(&node).map(|file| self.of_file(file)),
        };
        let own: Vec<Option<OwnerIndex>> = shares.all.iter().map(own).collect();
        let of = |mut index: usize| loop {
            match (own[index], shares.all[index].thing) {
                (Some(owner), _) => break owner,
                (None, Thing::Large(_, above)) => index = above as usize,
                (None, _) => break ENGINE, // only large things are of nobody
            }
        };
        (0..own.len()).map(of).collect()
    }

    fn of_place(&mut self, place: Location) -> OwnerIndex {
        let script = self.of_script(place.script);
        if let Some(owner) = script {
            return owner;
        }
        if !self.asked.contains(&place.script) {
            return USER;
        }
        // What was built has a map, which may lead into packages.
        let locator = self.e.locator;
        match (locator.file(place), locator.origin(place)) {
            (Some(file), _) => self.of_file(&file),
            (None, Origin::Builtin) => NODE,
            (None, _) => USER,
        }
    }

    /// Whose a script is as a whole; nothing if each place has to be asked.
    fn of_script(&mut self, id: ScriptId) -> Option<OwnerIndex> {
        if let Some(&known) = self.by_script.get(&id) {
            return known;
        }
        let owner = self.e.heap.script(id).and_then(|script| {
            if script.name.starts_with("node:") {
                return Some(NODE);
            }
            let file = local_path(&script.name)?;
            package_folder(&file).is_some().then(|| self.of_file(&file))
        });
        self.by_script.insert(id, owner);
        owner
    }

    fn of_file(&mut self, file: &Path) -> OwnerIndex {
        let Some(folder) = package_folder(file) else { return USER };
        if let Some(&known) = self.by_folder.get(folder) {
            return known;
        }
        let owner = self.all.len() as OwnerIndex;
        self.all.push(Some(file.to_owned()));
        self.by_folder.insert(folder.to_owned(), owner);
        owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    #[test]
    fn all_bytes_are_counted_once_for_those_whose_code_holds_them() {
        let table = "const kept = [];
             for (let id = 0; id < 20; id++) kept.push(new Array(2_000).fill(id));
             exports.first = () => kept[0];";
        let main = "const { first } = require('./node_modules/@of/table/index.js');
             const own = [];
             for (let id = 0; id < 40; id++) own.push(new Array(2_000).fill(id));
             globalThis.main = () => [first, own];";
        let manifest = r#"{ "version": "1.2.3" }"#;
        let ran = Ran::modules(&[
            ("main.js", main),
            ("node_modules/@of/table/index.js", table),
            ("node_modules/@of/table/package.json", manifest),
        ]);
        ran.ask(|e| {
            let rows = by_code(e, &Shares::of(e, std::iter::empty()), &[]);
            let of = |whose: fn(&CodeOf) -> bool| -> u64 {
                rows.iter().filter(|row| whose(&row.whose)).map(|row| row.retained).sum()
            };
            let own = of(|whose| *whose == CodeOf::User);
            let package = of(
                |whose| matches!(whose, CodeOf::Package(it) if it.to_string() == "@of/table@1.2.3"),
            );
            assert!((640_000..700_000).contains(&own), "{rows:#?}");
            assert!((320_000..380_000).contains(&package), "{rows:#?}");
            assert_eq!(of(|_| true), e.heap.total_size(), "{rows:#?}");
        });
    }
}
