//! What every function and class of the user's keeps alive, for hovers.
//!
//! Not a verdict: a site may be perfectly healthy. Trifles are left out, so that a hover speaks only
//! where there is something to say. Of a large program not every file is read for this, only those that
//! somebody looks at and those that keep most.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::PathBuf;

use heapmark_heap::{NodeOrdinal, NodeSet, ScriptId};
use rustc_hash::FxHashMap;

use crate::blame::holding::blame_for;
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::report::{Finding, Site, SiteKind};
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::thresholds::hover_sites::MIN_SINGLE_CLOSURE;
use crate::words::path::path;

/// A budget: so many files that nobody looks at are read; the hovers that are missing then say the least.
const MAX_OTHERS: usize = 200;

/// Stands for the group of what is surely not in the user's own files.
const NOT_THE_USERS: u32 = u32::MAX;

struct Group {
    key: SiteKey,
    count: u64,
    shallow: u64,
    retained: u64,
    example: NodeOrdinal,
}

/// The sites in the user's own files, sorted by file and position: all those in the files of findings
/// and in `open` ones, and of the others in those that keep most.
pub(crate) fn sites(e: &Evidence, findings: &[Finding], open: &BTreeSet<PathBuf>) -> Vec<Site> {
    let places = findings.iter().flat_map(|finding| &finding.places);
    let near: BTreeSet<PathBuf> = places.map(|place| &place.file).chain(open).cloned().collect();
    let mut groups: Vec<Group> = groups(e).into_iter().filter(matters).collect();
    groups.sort_by_key(|group| Reverse(group.retained));
    let mut reading = Reading { near, others: BTreeSet::new(), skipped: FxHashMap::default() };
    let mut sites: Vec<Site> = groups
        .iter()
        .filter(|group| reading.allows(e, group.key))
        .filter_map(|group| site(e, group))
        .collect();
    sites.sort_by(|left, right| {
        (&left.file, left.name_range, left.kind).cmp(&(&right.file, right.name_range, right.kind))
    });
    sites
}

/// Which files are worth reading for a hover.
struct Reading {
    /// Those that somebody looks at, or soon will.
    near: BTreeSet<PathBuf>,
    others: BTreeSet<PathBuf>,
    /// Whether a script is passed over once there are enough others.
    skipped: FxHashMap<ScriptId, bool>,
}

impl Reading {
    fn allows(&mut self, e: &Evidence, key: SiteKey) -> bool {
        let has_enough = self.others.len() >= MAX_OTHERS;
        let script = key.location.script;
        let is_elsewhere = || !e.locator.is_of_any(script, &self.near);
        if has_enough && *self.skipped.entry(script).or_insert_with(is_elsewhere) {
            return false;
        }
        let Some(file) = e.locator.file(key.location) else { return false };
        let is_wanted = self.near.contains(&file)
            || self.others.contains(&file)
            || !has_enough && self.others.insert(file);
        is_wanted && e.locator.origin(key.location) == Origin::Own
    }
}

fn matters(group: &Group) -> bool {
    group.key.kind == Kind::Instance || group.count > 1 || group.retained >= MIN_SINGLE_CLOSURE
}

fn groups(e: &Evidence) -> Vec<Group> {
    let mut index_of: FxHashMap<SiteKey, u32> = FxHashMap::default();
    // By node: a class may have a million instances, and each is asked for.
    let mut group_of = vec![NOT_THE_USERS; e.heap.node_count()];
    let mut groups: Vec<Group> = Vec::new();
    for (node, key) in sites_of(e.heap, e.shapes) {
        let counted = matches!(key.kind, Kind::Closure | Kind::Instance);
        if !counted {
            continue;
        }
        let index = *index_of.entry(key).or_insert_with(|| {
            // Files are read only for those that matter.
            if !e.locator.may_be_own(key.location.script) {
                return NOT_THE_USERS;
            }
            groups.push(Group { key, count: 0, shallow: 0, retained: 0, example: node });
            groups.len() as u32 - 1
        });
        if index == NOT_THE_USERS {
            continue;
        }
        group_of[node.index()] = index;
        let group = &mut groups[index as usize];
        group.count += 1;
        group.shallow += e.heap.self_size(node);
        // The newest is the one that a person is most likely to care about.
        group.example = node;
    }
    add_retained(e, &group_of, &mut groups);
    groups
}

/// Adds up what the members of each group retain; what lies below another member of its group is
/// counted there already.
fn add_retained(e: &Evidence, group_of: &[u32], groups: &mut [Group]) {
    let group_of = |node: NodeOrdinal| match group_of[node.index()] {
        NOT_THE_USERS => None,
        index => Some(index as usize),
    };
    // Most of the dominator tree hangs below the last member.
    let mut leads_to_member = NodeSet::new(e.heap);
    for member in e.heap.nodes().filter(|&node| group_of(node).is_some()) {
        let mut at = member;
        while leads_to_member.insert(at) {
            at = e.heap.dominator(at);
        }
    }
    let mut above = vec![0u32; groups.len()];
    let mut open = vec![(NodeOrdinal::ROOT, false)];
    while let Some((node, leaving)) = open.pop() {
        let group = group_of(node);
        if leaving {
            // Only members are pushed a second time.
            if let Some(group) = group {
                above[group] -= 1;
            }
            continue;
        }
        if let Some(group) = group {
            if above[group] == 0 {
                groups[group].retained += e.heap.retained_size(node);
            }
            above[group] += 1;
            open.push((node, true));
        }
        let children = e.heap.dominated(node).filter(|&child| leads_to_member.contains(child));
        open.extend(children.map(|child| (child, false)));
    }
}

fn site(e: &Evidence, group: &Group) -> Option<Site> {
    let spot = e.locator.site(group.key)?;
    let blame = blame_for(e, group.example);
    let holder = blame.as_ref().and_then(|blame| blame.holder.as_ref());
    let kept_by = blame.as_ref().map_or_else(String::new, |blame| {
        path(&retaining_path::steps(e, holder, &blame.owner.edges, &spot.name))
    });
    Some(Site {
        kind: if group.key.kind == Kind::Instance { SiteKind::Class } else { SiteKind::Function },
        name: spot.name.clone(),
        file: spot.path().to_owned(),
        name_range: spot.name_range,
        matched: spot.matched,
        counts: e.site_series(group.key),
        shallow_size: group.shallow,
        retained_size: group.retained,
        kept_by,
        holder: holder.map(|holder| holder.spot.hop_place()),
    })
}
