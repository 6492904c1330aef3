//! Laying the functions of a script that ran beside those of a file.
//!
//! Certain first, then what the certain ones decide: places that hold as they are, names that fit
//! once on both sides, and between two of those in turn whatever is left.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Anchors, Item, Outcome, Ran};
use crate::{FunctionKind, Position, SourceFile};

/// Units of a prefix from which on it may be cut; what stands at its very end may be cut too.
const LONGEST_PREFIX: usize = 1024;

/// Names that esbuild, TypeScript and SWC put at the beginning of what they compile.
const COMPILERS_HELPERS: [&str; 4] = ["__defProp", "__esModule", "__name", "__export"];

/// What is ambiguous among more than this is not worth listing.
const MOST_AMBIGUOUS: usize = 16;

/// A function or class of the file.
struct Candidate<'a> {
    item: Item,
    /// V8's name; `None` fits nothing but its very place.
    name: Option<&'a str>,
    /// V8 may have been kept from seeing the name.
    is_hidden: bool,
    /// Where V8 points, in editor's counting.
    anchor: Position,
}

pub(super) fn align(file: &SourceFile, ran: &Ran) -> Anchors {
    let mut alignment = Alignment::new(file, ran);
    alignment.keep_exact();
    if !alignment.is_done() {
        alignment.match_by_text();
        alignment.match_unique_names();
        alignment.match_between();
    }
    let sites = ran.sites.iter().map(|(position, _)| *position);
    let outcomes = sites.zip(alignment.outcomes);
    Anchors { outcomes: outcomes.filter_map(|(site, found)| Some((site, found?))).collect() }
}

struct Alignment<'a> {
    file: &'a SourceFile,
    ran: &'a Ran,
    candidates: Vec<Candidate<'a>>,
    by_item: FxHashMap<Item, usize>,
    /// The candidates that fit a name, in the order of the file.
    by_name: FxHashMap<&'a str, Vec<usize>>,
    /// What became of each site.
    outcomes: Vec<Option<Outcome>>,
    /// Which candidate each site is, if that is certain.
    matched: Vec<Option<usize>>,
    claimed: Vec<bool>,
}

impl<'a> Alignment<'a> {
    fn new(file: &'a SourceFile, ran: &'a Ran) -> Self {
        let candidates = candidates(file, ran.hides_inferred_names());
        let by_item =
            candidates.iter().enumerate().map(|(index, candidate)| (candidate.item, index));
        let by_item = by_item.collect();
        let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (index, candidate) in candidates.iter().enumerate() {
            let hidden = candidate.is_hidden.then_some("");
            for name in candidate.name.into_iter().chain(hidden) {
                by_name.entry(name).or_default().push(index);
            }
        }
        Self {
            file,
            ran,
            by_item,
            by_name,
            claimed: vec![false; candidates.len()],
            candidates,
            outcomes: vec![None; ran.sites.len()],
            matched: vec![None; ran.sites.len()],
        }
    }

    fn is_done(&self) -> bool {
        self.matched.iter().all(Option::is_some)
    }

    fn name(&self, site: usize) -> &'a str {
        &self.ran.sites[site].1
    }

    fn decide(&mut self, site: usize, candidate: usize, is_exact: bool) {
        let item = self.candidates[candidate].item;
        self.matched[site] = Some(candidate);
        self.claimed[candidate] = true;
        self.outcomes[site] =
            Some(if is_exact { Outcome::Exact(item) } else { Outcome::Moved(item) });
    }

    /// If the text begins as the script did: every place where a function of that name stands. From
    /// the first on that does not fit, the text was edited, and only names count.
    fn keep_exact(&mut self) {
        let prefix = self.ran.source_prefix.as_deref();
        if !prefix.is_none_or(|prefix| self.file.matches_prefix(prefix)) {
            return;
        }
        let mut is_same_text = true;
        for (site, (position, name)) in self.ran.sites.iter().enumerate() {
            let item = self.file.item_at(*position);
            let candidate = item.and_then(|item| self.by_item.get(&item).copied());
            if is_initializer(name) {
                if let Some(candidate) = candidate {
                    self.decide(site, candidate, true);
                }
                continue;
            }
            let candidate = candidate.filter(|&candidate| {
                self.candidates[candidate].name.is_none_or(|found| found == name)
            });
            is_same_text &= candidate.is_some();
            if let Some(candidate) = candidate.filter(|_| is_same_text || !name.is_empty()) {
                self.decide(site, candidate, true);
            }
        }
    }

    /// What the known beginning of the text tells about its functions: full name and parameters,
    /// which fit once on both sides.
    fn match_by_text(&mut self) {
        let Some(prefix) = self.ran.source_prefix.as_deref() else { return };
        let Ok(before) = SourceFile::parse(self.file.path(), prefix.to_owned()) else { return };
        let is_whole = prefix.encode_utf16().count() < LONGEST_PREFIX;
        let old = Traits::of_all(&before);
        let new = Traits::of_all(self.file);
        for site in 0..self.ran.sites.len() {
            if self.matched[site].is_some() {
                continue;
            }
            let Some(item) = before.item_at(self.ran.sites[site].0) else { continue };
            let traits = Traits::of(&before, item);
            // Of a text that is cut, nobody knows whether there was another of the name further on.
            let is_only = is_whole && old.get(&traits).is_some_and(|found| found.len() == 1);
            let is_only = is_only || !self.name(site).is_empty() && !is_whole;
            if let Some([found]) = new.get(&traits).map(Vec::as_slice)
                && is_only
                && let Some(&candidate) = self.by_item.get(found)
                && self.fits(site, candidate)
            {
                self.decide(site, candidate, false);
            }
        }
    }

    /// Whether a free candidate has the site's name.
    fn fits(&self, site: usize, candidate: usize) -> bool {
        let (name, found) = (self.name(site), &self.candidates[candidate]);
        !self.claimed[candidate] && (found.name == Some(name) || found.is_hidden && name.is_empty())
    }

    /// Names that one site and one candidate have.
    fn match_unique_names(&mut self) {
        let mut sites: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for site in self.open_sites().filter(|&site| !self.name(site).is_empty()) {
            sites.entry(self.name(site)).or_default().push(site);
        }
        for (name, sites) in sites {
            let all = 0..self.candidates.len();
            if let [candidate] = self.free(name, all)[..]
                && (sites.len() == 1 || self.is_class(candidate))
            {
                // A class with fields has two places: its constructor, and what sets the fields.
                for site in sites {
                    self.decide(site, candidate, false);
                }
            }
        }
    }

    fn is_class(&self, candidate: usize) -> bool {
        matches!(self.candidates[candidate].item, Item::Class(_))
    }

    /// The free candidates of a name within a stretch of the file.
    fn free(&self, name: &str, within: Range<usize>) -> Vec<usize> {
        let Some(fitting) = self.by_name.get(name) else { return Vec::new() };
        let first = fitting.partition_point(|&candidate| candidate < within.start);
        let fitting = fitting[first..].iter().copied();
        let fitting = fitting.take_while(|&candidate| candidate < within.end);
        fitting.filter(|&candidate| !self.claimed[candidate]).collect()
    }

    fn open_sites(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.matched.len()).filter(|&site| self.matched[site].is_none())
    }

    /// What is left, between the matches before and behind it.
    fn match_between(&mut self) {
        let spine = self.spine();
        let on_spine: FxHashSet<usize> = spine.iter().map(|&(_, candidate)| candidate).collect();
        let mut named = (0..self.matched.len())
            .filter(|&site| !self.name(site).is_empty())
            .filter_map(|site| self.matched[site]);
        // Nothing with a name was moved, and a compiler only writes differently what it is given.
        let is_intact =
            named.all(|candidate| on_spine.contains(&candidate)) && self.is_compiled(&spine);

        // Both are in text order, so each two neighbours of the spine have a gap between them.
        let mut before = None;
        let ends = spine.into_iter().map(Some).chain([None]);
        for end in ends {
            let (site_end, candidate_end) =
                end.unwrap_or((self.matched.len(), self.candidates.len()));
            let (site_start, candidate_start) =
                before.map_or((0, 0), |(site, candidate)| (site + 1, candidate + 1));
            let mut sites: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for site in (site_start..site_end).filter(|&site| self.matched[site].is_none()) {
                sites.entry(self.name(site)).or_default().push(site);
            }
            for (name, sites) in sites {
                let candidates = self.free(name, candidate_start..candidate_end);
                let by_count = is_intact || !name.is_empty();
                self.match_in_gap(&sites, &candidates, [before, end], by_count);
            }
            before = end;
        }
    }

    /// Whether a compiler made the text that ran from this one, rather than somebody edited it: it
    /// leaves its helpers, or nearly nothing at its distance from what stands before.
    fn is_compiled(&self, spine: &[(usize, usize)]) -> bool {
        let prefix = self.ran.source_prefix.as_deref().unwrap_or_default();
        let is_new = |helper: &str| prefix.contains(helper) && !self.file.text().contains(helper);
        if self.ran.hides_inferred_names() || COMPILERS_HELPERS.into_iter().any(is_new) {
            return true;
        }
        let keeps_distance = |pair: &&[(usize, usize)]| {
            let place = |(site, candidate): (usize, usize)| {
                (self.ran.sites[site].0, self.candidates[candidate].anchor)
            };
            let ((old_before, new_before), (old, new)) = (place(pair[0]), place(pair[1]));
            moved_along(old, old_before, new_before) == Some(new)
        };
        let kept = spine.windows(2).filter(keeps_distance).count();
        spine.len() > 2 && 2 * kept < spine.len() - 1
    }

    /// Sites and candidates of one name between the same two neighbours. `by_count`: as many of the
    /// one as of the other means that they are the same.
    fn match_in_gap(
        &mut self,
        sites: &[usize],
        candidates: &[usize],
        neighbours: [Option<(usize, usize)>; 2],
        by_count: bool,
    ) {
        if by_count && sites.len() == candidates.len() {
            for (&site, &candidate) in sites.iter().zip(candidates) {
                self.decide(site, candidate, false);
            }
            return;
        }
        for &site in sites {
            // As far from a neighbour as it was: edited only elsewhere.
            let same_distance = |(old, new): (usize, usize)| {
                let (old, new) = (self.ran.sites[old].0, self.candidates[new].anchor);
                let expected = moved_along(self.ran.sites[site].0, old, new)?;
                let anchor = |&it: &usize| self.candidates[it].anchor;
                let found = candidates.binary_search_by_key(&expected, anchor).ok()?;
                Some(candidates[found])
            };
            match neighbours.into_iter().flatten().find_map(same_distance) {
                Some(candidate) if !self.claimed[candidate] => {
                    self.decide(site, candidate, false);
                }
                _ => self.leave_open(site, candidates),
            }
        }
    }

    /// Nothing tells which it is: any free one here, or else any of its name in the file.
    fn leave_open(&mut self, site: usize, candidates: &[usize]) {
        let name = self.name(site);
        let everywhere = self.by_name.get(name).filter(|_| candidates.is_empty());
        let open = match everywhere {
            Some(all) if !name.is_empty() => &all[..],
            _ => candidates,
        };
        let items: Vec<Item> = open
            .iter()
            .filter(|&&candidate| !self.claimed[candidate])
            .map(|&candidate| self.candidates[candidate].item)
            .take(MOST_AMBIGUOUS)
            .collect();
        self.outcomes[site] = (!items.is_empty()).then_some(Outcome::Ambiguous(items));
    }

    /// The longest run of matches that are in the same order on both sides.
    fn spine(&self) -> Vec<(usize, usize)> {
        let pairs: Vec<(usize, usize)> = self
            .matched
            .iter()
            .enumerate()
            .filter_map(|(site, candidate)| Some((site, (*candidate)?)))
            .collect();
        // Patience sorting: for each length the run that ends with the smallest candidate.
        let mut ends: Vec<usize> = Vec::new();
        let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
        for (index, &(_, candidate)) in pairs.iter().enumerate() {
            let length = ends.partition_point(|&end| pairs[end].1 < candidate);
            before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
            match ends.get_mut(length) {
                Some(end) => *end = index,
                None => ends.push(index),
            }
        }
        let mut spine = Vec::with_capacity(ends.len());
        let mut next = ends.last().copied();
        while let Some(index) = next {
            spine.push(pairs[index]);
            next = before[index];
        }
        spine.reverse();
        spine
    }
}

/// Where `position` is when what it is measured from moved from `old` to `new`.
fn moved_along(position: Position, old: Position, new: Position) -> Option<Position> {
    let by = |from: u32, old: u32, new: u32| {
        from.checked_add_signed(i32::try_from(i64::from(new) - i64::from(old)).ok()?)
    };
    let line = by(position.line, old.line, new.line)?;
    let column = if position.line == old.line {
        by(position.column, old.column, new.column)?
    } else {
        position.column
    };
    Some(Position::new(line, column))
}

/// V8's own function that sets fields: `<instance_members_initializer>`.
fn is_initializer(name: &str) -> bool {
    name.starts_with('<')
}

/// All functions and classes in the order of V8's positions. A class stands for its constructor.
fn candidates(file: &SourceFile, hides_inferred_names: bool) -> Vec<Candidate<'_>> {
    let classes = file.index.classes.iter().map(|class| Candidate {
        item: Item::Class(class.index),
        name: class.runtime_name.as_deref(),
        is_hidden: false,
        anchor: class.anchor,
    });
    let taken: FxHashSet<Position> = file.index.classes.iter().map(|it| it.anchor).collect();
    let functions = file.index.functions.iter().map(|function| Candidate {
        item: Item::Function(function.index),
        name: function.runtime_name.as_deref(),
        is_hidden: hides_inferred_names && function.name_range.start < function.range.start,
        anchor: function.anchor,
    });
    let functions = functions.filter(|function| !taken.contains(&function.anchor));
    let mut candidates: Vec<_> = classes.chain(functions).collect();
    candidates.sort_by_key(|candidate| candidate.anchor);
    candidates
}

/// What tells functions apart when both texts are known.
#[derive(PartialEq, Eq, Hash)]
struct Traits<'a> {
    name: &'a str,
    kind: Option<FunctionKind>,
    parameters: Vec<&'a str>,
}

impl<'a> Traits<'a> {
    fn of(file: &'a SourceFile, item: Item) -> Self {
        match item {
            Item::Class(index) => {
                let name = &file.index.classes[index as usize].name;
                Traits { name, kind: None, parameters: Vec::new() }
            }
            Item::Function(index) => {
                let function = &file.index.functions[index as usize];
                let parameters = function.parameters.iter().map(|&name| file.text.slice(name));
                Traits {
                    name: &function.name,
                    kind: Some(function.kind),
                    parameters: parameters.collect(),
                }
            }
        }
    }

    fn of_all(file: &'a SourceFile) -> FxHashMap<Traits<'a>, Vec<Item>> {
        let mut all: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for candidate in candidates(file, false) {
            all.entry(Traits::of(file, candidate.item)).or_default().push(candidate.item);
        }
        all
    }
}
