//! One snapshot of a group, and groups: snapshots of one process, of which the newest is kept whole.

use std::cmp::Ordering;
use std::path::Path;
use std::time::SystemTime;

use heapmark_heap::{OpenedSnapshot, Snapshot};

use crate::census::Census;
use crate::census::same_process::NodeName;
use crate::locate::sidecar::{Companion, Problem};
use crate::report::SnapshotSummary;
use crate::snapshots::threads;

/// What is kept of one file.
pub(crate) struct Member {
    pub(crate) identity: Option<String>,
    pub(crate) name: Option<NodeName>,
    /// Of a worker thread.
    pub(crate) is_worker: bool,
    /// Why its companion was passed over.
    pub(crate) problem: Option<Problem>,
    pub(crate) census: Census,
    pub(crate) summary: SnapshotSummary,
}

impl Member {
    /// Later ones of one process are greater, whatever the order in which they were named.
    pub(super) fn age(&self) -> impl Ord + '_ {
        (self.census.highest_id, self.summary.taken_at, &self.summary.file)
    }

    /// Tells of the other one's file, and the other one of this one's, of which each is a copy.
    pub(super) fn change_places(&mut self, copy: &mut Self) {
        std::mem::swap(self, copy);
        // As much as was counted of the one that stays.
        std::mem::swap(&mut self.census, &mut copy.census);
    }

    pub(super) fn cmp_files(&self, other: &Self) -> Ordering {
        self.summary.file.cmp(&other.summary.file)
    }
}

/// Snapshots of one process, oldest first, of which the newest is kept whole.
pub(crate) struct Group<'f> {
    pub(crate) members: Vec<Member>,
    /// Whether they really are; else they are of one program, and the older censuses are
    /// [translated](crate::census::cross_process::Standing::translate).
    pub(crate) one_process: bool,
    pub(crate) newest: OpenedSnapshot<'f>,
}

impl Group<'_> {
    /// The member that is kept whole.
    pub(super) fn newest_member(&self) -> &Member {
        let newest = self.members.iter().max_by(|one, other| one.age().cmp(&other.age()));
        newest.expect("a group begins with a member")
    }

    /// Whether some of them are of another heap than some of `others` for certain.
    pub(super) fn contradicts(&self, others: &[Member]) -> bool {
        let contradicts =
            |one: &Member, two: &Member| one.census.identities.contradicts(&two.census.identities);
        self.members.iter().any(|one| others.iter().any(|two| contradicts(one, two)))
    }

    /// How many ids the one that agrees best with `member` has for other things.
    pub(super) fn disagreements(&self, member: &Member) -> usize {
        let of = |it: &Member| it.census.identities.disagreements(&member.census.identities);
        self.members.iter().map(of).min().unwrap_or(usize::MAX)
    }

    /// When the last of them was taken.
    pub(super) fn taken_at(&self) -> Option<SystemTime> {
        self.members.iter().filter_map(|member| member.summary.taken_at).max()
    }
}

/// `last` is the file after which none is read: the newest, nearly always, which is counted later.
pub(super) fn member(file: &Path, snapshot: &Snapshot, last: bool) -> Member {
    let census = if last { Census::known_by(snapshot) } else { Census::of(snapshot) };
    let companion = Companion::of(file);
    Member {
        summary: SnapshotSummary {
            file: file.to_owned(),
            taken_at: companion.taken_at(file),
            nodes: snapshot.node_count(),
            edges: snapshot.edge_count(),
            total_size: census.total_size,
        },
        census,
        identity: companion.identity,
        problem: companion.problem,
        name: NodeName::of(file),
        is_worker: threads::is_worker(snapshot),
    }
}
