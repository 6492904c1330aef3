//! Which snapshots are not compared, and why, for those who ask. The sentences are in
//! [`crate::words::snapshots`].

use crate::census::apart::Apart;
use crate::report::Notice;
use crate::report::place_words::file_name;
use crate::snapshots::apart::apart;
use crate::snapshots::member::{Group, Member};
use crate::words::snapshots::{newer_than_all, of_another_process, of_other_threads};

/// What is not of the process whose snapshots are compared: which files, and how that is known.
pub(super) fn other_processes(chosen: &Group<'_>, others: &[Group<'_>]) -> Vec<Notice> {
    let newest = chosen.newest_member();
    let members = || others.iter().flat_map(|group| &group.members);
    let by_reason =
        [Apart::Companions, Apart::Names, Apart::Ids].into_iter().filter_map(|reason| {
            // Members of one group are comparable to each other: none is to the newest of another one.
            let told = members().filter(|it| apart(newest, it).unwrap_or(Apart::Ids) == reason);
            let mut files: Vec<String> =
                told.map(|member| file_name(&member.summary.file)).collect();
            files.sort();
            of_another_process(&files, reason)
        });
    let threads = [Apart::ThreadNames, Apart::ThreadIds].into_iter().filter_map(|reason| {
        let is_told = |it: &&Member| apart(newest, it) == Some(reason);
        let of_group = |group: &Group| -> Vec<String> {
            let told = group.members.iter().filter(is_told);
            let mut files: Vec<String> =
                told.map(|member| file_name(&member.summary.file)).collect();
            files.sort();
            files
        };
        let mut told: Vec<Vec<String>> =
            others.iter().map(of_group).filter(|files| !files.is_empty()).collect();
        told.sort();
        of_other_threads(&told, reason)
    });
    let mut notices: Vec<Notice> = by_reason.chain(threads).collect();
    // Two of an older process say more than one of a newer, but that one is what a person thinks of.
    let last = members().max_by(|one, other| {
        let taken_at = |it: &Member| it.summary.taken_at;
        taken_at(one).cmp(&taken_at(other)).then_with(|| one.cmp_files(other))
    });
    if let Some(last) = last.filter(|last| last.summary.taken_at > chosen.taken_at()) {
        notices.push(newer_than_all(&last.summary.file));
    }
    notices
}
