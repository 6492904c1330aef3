//! Which module of a crate imports which: what the `use` lines say, and the paths in code and macros.
//!
//! Read from the source text alone. What stands under `#[cfg(test)]`, or under a `cfg` of which that is
//! a part, is left out: tests may import anything. So are paths that a macro builds out of pieces.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A module that has a file of its own, as the names that lead to it from the crate's root, which is
/// the empty list.
pub(super) type ModulePath = Vec<String>;

/// The modules of a crate.
#[derive(Debug, Default)]
pub(super) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// Paths as they are written, from the root on: `[scan, header, Layout]`.
    paths: Vec<Vec<String>>,
    /// Names that the module takes in from elsewhere, and where from.
    taken_in: BTreeMap<String, Vec<String>>,
}

/// That a module imports something of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
    /// What is imported, as a path from the root.
    pub(super) what: String,
}

impl Crate {
    /// Reads a crate from its folder with `lib.rs` or `main.rs`.
    pub(super) fn read(source: &Path) -> Self {
        let mut all = Self::default();
        let root = ["lib.rs", "main.rs"].map(|name| source.join(name));
        let root = root.into_iter().find(|file| file.is_file());
        let root = root.unwrap_or_else(|| panic!("{} is no crate", source.display()));
        all.read_module(&root, source, &[]);
        all
    }

    /// The same for files that are given as text, by their paths below the source folder.
    #[cfg(test)]
    pub(super) fn of_texts(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        Self::read(folder.path())
    }

    /// Reads a module and those below it; `folder` is where their files are.
    fn read_module(&mut self, file: &Path, folder: &Path, path: &[String]) {
        let text =
            fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut reader = Reader {
            at: path.to_vec(),
            module: Module::default(),
            children: Vec::new(),
            is_shown: false,
        };
        reader.visit_file(&parsed);
        let Reader { module, children, .. } = reader;
        self.modules.insert(path.to_vec(), module);
        for name in children {
            let below = folder.join(&name);
            let files = [below.with_extension("rs"), below.join("mod.rs")];
            let file = files.into_iter().find(|file| file.is_file());
            let file = file.unwrap_or_else(|| panic!("{} has no file", below.display()));
            let path: Vec<_> = path.iter().cloned().chain([name]).collect();
            self.read_module(&file, &below, &path);
        }
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = &ModulePath> {
        self.modules.keys()
    }

    /// All imports, each once.
    pub(super) fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (from, module) in &self.modules {
            for path in &module.paths {
                let Some(to) = self.owner(from, path) else { continue };
                if to != *from {
                    arrows.push(Arrow { from: from.clone(), to, what: path.join("::") });
                }
            }
        }
        arrows.sort();
        arrows.dedup();
        arrows
    }

    /// The module to which a path leads that is written in the module `from`; none if it leads out of
    /// the crate. What a folder's `mod.rs` takes in from its own files is theirs.
    fn owner(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let mut path = path.to_vec();
        // A re-export may lead to another one.
        for _ in 0..8 {
            let length =
                (0..=path.len()).rev().find(|&end| self.modules.contains_key(&path[..end]))?;
            let owner = path[..length].to_vec();
            let next = path.get(length).and_then(|name| self.modules[&owner].taken_in.get(name));
            match next {
                Some(next) if !owner.is_empty() && owner != *from && next.starts_with(&owner) => {
                    path = next.iter().chain(&path[length + 1..]).cloned().collect();
                }
                _ => return Some(owner),
            }
        }
        None
    }
}

/// Reads one file.
struct Reader {
    /// The module that is being read, which may be one inside the file.
    at: ModulePath,
    module: Module,
    /// Modules below that have files of their own.
    children: Vec<String>,
    /// Whether the `use` that is being read shows something to others.
    is_shown: bool,
}

impl Reader {
    /// The path from the root on, if it is written as one of this crate's.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.at.clone(),
            "super" => self.at[..self.at.len().checked_sub(1)?].to_vec(),
            child if self.children.iter().any(|known| known == child) => {
                self.at.iter().chain([first]).cloned().collect()
            }
            _ => return None,
        };
        let supers = rest.iter().take_while(|name| *name == "super").count();
        base.truncate(base.len().checked_sub(supers)?);
        base.extend_from_slice(&rest[supers..]);
        Some(base)
    }

    fn note(&mut self, path: &[String]) {
        // `crate` alone says who may import.
        if path.len() > 1 {
            let absolute = self.absolute(path);
            self.module.paths.extend(absolute);
        }
    }

    fn note_use(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_use(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_use(tree, before);
                }
            }
            syn::UseTree::Glob(_) => {
                let absolute = self.absolute(before);
                self.module.paths.extend(absolute);
            }
            syn::UseTree::Name(syn::UseName { ident }) => self.note_name(before, ident, ident),
            syn::UseTree::Rename(syn::UseRename { ident, rename, .. }) => {
                self.note_name(before, ident, rename);
            }
        }
    }

    fn note_name(&mut self, before: &[String], ident: &syn::Ident, name: &syn::Ident) {
        let mut path = before.to_vec();
        if ident != "self" || path.is_empty() {
            path.push(ident.to_string());
        }
        if let Some(absolute) = self.absolute(&path) {
            let name = if ident == "self" { path.last().cloned() } else { Some(name.to_string()) };
            self.module.taken_in.extend(name.map(|name| (name, absolute.clone())));
            // A folder that shows what its files have does not need it itself.
            if !(self.is_shown && absolute.starts_with(&self.at)) {
                self.module.paths.push(absolute);
            }
        }
    }

    /// Paths among the tokens of a macro: `crate::index::stored`, `$crate::index::Stored`.
    fn note_tokens(&mut self, tokens: &TokenStream) {
        let mut path: Vec<String> = Vec::new();
        // How many colons followed the last name.
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Group(group) => {
                    self.note(&std::mem::take(&mut path));
                    self.note_tokens(&group.stream());
                }
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.note(&std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.note(&std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.note(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_file(&mut self, file: &'ast syn::File) {
        // Known before a path begins with one of them.
        for item in &file.items {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
                && !is_for_tests(&module.attrs)
            {
                self.children.push(module.ident.to_string());
            }
        }
        visit::visit_file(self, file);
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_some() {
            self.at.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.at.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.is_shown = !matches!(item.vis, syn::Visibility::Inherited);
        self.note_use(&item.tree, &mut Vec::new());
    }

    /// `pub(in crate::scan)` says who may import, and imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.note(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.note_tokens(&call.tokens);
        visit::visit_macro(self, call);
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether a `cfg` asks for `test`, alone or among others.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => asks_for_test(&list.tokens),
        _ => false,
    })
}

fn asks_for_test(tokens: &TokenStream) -> bool {
    let mut is_negated = false;
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => {
            is_negated = ident == "not";
            ident == "test"
        }
        TokenTree::Group(group) => !is_negated && asks_for_test(&group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arrows as `from > to`.
    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let name = |path: &ModulePath| {
            if path.is_empty() { "root".to_owned() } else { path.join("::") }
        };
        let all = Crate::of_texts(files).arrows();
        all.iter().map(|arrow| format!("{} > {}", name(&arrow.from), name(&arrow.to))).collect()
    }

    #[test]
    fn imports_are_found_however_they_are_written() {
        let other = ("b.rs", "pub mod c; pub struct B;");
        for text in [
            "use crate::b::B;",
            "use super::b::{self};",
            "use crate::{b::B as Other};",
            "use crate::b::*;",
            "fn f(_: &crate::b::B) {}",
            "fn f() { super::b::f(); }",
            "macro_rules! m { ($x:expr) => { $crate::b::f($x) } }",
            "fn f() { println!(\"{}\", crate::b::N); }",
            "mod inside { use super::super::b::B; }",
            "#[cfg(not(test))] use crate::b::B;",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", text), other, ("b/c.rs", "")];
            assert_eq!(arrows(&files), ["a > b"], "{text}");
        }
    }

    #[test]
    fn tests_import_what_they_like() {
        for text in [
            "#[cfg(test)] mod tests { use crate::b::B; }",
            "#[cfg(test)] use crate::b::B;",
            "#[cfg(any(test, feature = \"sketch\"))] fn f() { crate::b::f(); }",
            "impl A { #[cfg(test)] fn f() { crate::b::f(); } }",
            "// use crate::b::B;\nconst A: &str = \"crate::b::B\";",
            "pub(in crate::b) struct A;",
            "macro_rules! m { () => { pub(crate) struct B; } }",
            "use std::collections::BTreeMap; use b::B;",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "")];
            assert!(arrows(&files).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_a_folder_shows_is_its_files_own() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::A;"),
            ("a/mod.rs", "mod low; mod high; pub use low::A; pub const N: u8 = 1;"),
            ("a/low.rs", "pub struct A;"),
            ("a/high.rs", "use super::A; use super::N;"),
            ("b.rs", "use crate::a::A; use crate::A as Again;"),
        ];
        let expected = ["a::high > a", "a::high > a::low", "b > root", "b > a::low"];
        assert_eq!(arrows(&files), expected);
    }
}
