//! What is said of snapshots that are not compared.

use std::path::Path;

use crate::report::Notice;
use crate::report::place_words::file_name;
use crate::report::units::plural;
use crate::snapshots::apart::{Apart, apart};
use crate::snapshots::member::{Group, Member};
use crate::snapshots::threads;

pub(crate) fn left_out(file: &Path, problem: &str) -> Notice {
    Notice { message: format!("{} {problem}. It was left out.", file_name(file)) }
}

pub(super) fn a_copy(file: &Path, original: &Member) -> Notice {
    let original = file_name(&original.summary.file);
    Notice { message: format!("{} is a copy of {original}: left out.", file_name(file)) }
}

/// What else may be the reason, of what is said of processes.
fn or_of(other: &str, connection: &str) -> String {
    format!(", or of {other} inspector {connection} (V8 numbers all objects anew when one ends)")
}

/// What tells that so many snapshots are of another process, as a clause.
fn said_by(reason: Apart, count: u64) -> String {
    let its = plural(count, "its", "their");
    match reason {
        Apart::Companions => format!("{its} .scripts.json says"),
        Apart::Names | Apart::ThreadNames => {
            format!("{its} {}", plural(count, "name says", "names say"))
        }
        Apart::Ids | Apart::ThreadIds => format!("{its} ids say"),
    }
}

/// That so many snapshots, which are apart for this reason, were compared all the same.
pub(super) fn compared_by_place(count: usize, reason: Apart) -> Notice {
    let said = said_by(reason, count as u64);
    let of = match reason {
        Apart::ThreadNames | Apart::ThreadIds => "different threads of one program".to_owned(),
        Apart::Names => "different processes of one program".to_owned(),
        Apart::Companions | Apart::Ids => {
            format!("different processes of one program{}", or_of("different", "connections"))
        }
    };
    Notice {
        message: format!(
            "These {count} snapshots are of {of}, as {said}. They were compared by where things stand, in \
             the order in which they were taken: what grows from one to the next may also be what the later \
             one had more to do."
        ),
    }
}

/// What is not of the process whose snapshots are compared: which files, and how that is known.
pub(super) fn other_processes(chosen: &Group<'_>, others: &[Group<'_>]) -> Vec<Notice> {
    let newest = chosen.newest_member();
    let members = || others.iter().flat_map(|group| &group.members);
    let by_reason = [Apart::Companions, Apart::Names, Apart::Ids].into_iter().filter_map(|reason| {
        // Members of one group are comparable to each other: none is to the newest of another one.
        let told = members().filter(|it| apart(newest, it).unwrap_or(Apart::Ids) == reason);
        let mut files: Vec<String> = told.map(|member| file_name(&member.summary.file)).collect();
        files.sort();
        let (names, count) = (files.join(", "), files.len() as u64);
        let (are, said) = (plural(count, "is", "are"), said_by(reason, count));
        let or = if reason == Apart::Names { String::new() } else { or_of("another", "connection") };
        (count > 0).then(|| Notice {
            message: format!(
                "{names} {are} of another process{or}, as {said}, and cannot be compared with the others: left out. Take the \
                 snapshots to compare in one go: `heapmark capture --count 3`, or *Capture* in the editor."
            ),
        })
    });
    let threads = [Apart::ThreadNames, Apart::ThreadIds].into_iter().filter_map(|reason| {
        let is_told = |it: &&Member| apart(newest, it) == Some(reason);
        let of_group = |group: &Group| -> Vec<String> {
            let told = group.members.iter().filter(is_told);
            told.map(|member| file_name(&member.summary.file)).collect()
        };
        let told = others.iter().map(of_group).filter(|files| !files.is_empty()).collect();
        let said_by =
            if reason == Apart::ThreadNames { "their names say" } else { "their ids say" };
        threads::about_left_out(told, said_by)
    });
    let mut notices: Vec<Notice> = by_reason.chain(threads).collect();
    // Two of an older process say more than one of a newer, but that one is what a person thinks of.
    let last = members().max_by(|one, other| {
        let taken_at = |it: &Member| it.summary.taken_at;
        taken_at(one).cmp(&taken_at(other)).then_with(|| one.cmp_files(other))
    });
    if let Some(last) = last.filter(|last| last.summary.taken_at > chosen.taken_at()) {
        let file = file_name(&last.summary.file);
        notices.push(Notice {
            message: format!(
                "{file} is newer than all that were compared. To see what is in it, analyse it alone."
            ),
        });
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three files of which two are of one process are told apart, and two files are compared by place.
    #[test]
    fn other_processes_are_told_in_the_same_words_however_many_files_there_are() {
        let compared = |reason| compared_by_place(2, reason).message;
        for reason in [Apart::Companions, Apart::Ids] {
            let as_it_says = format!("when one ends), as {}.", said_by(reason, 2));
            assert!(compared(reason).contains(&as_it_says), "{}", compared(reason));
            assert!(or_of("another", "connection").ends_with("when one ends)"));
        }
        let by_name = "of different processes of one program, as their names say.";
        assert!(compared(Apart::Names).contains(by_name), "{}", compared(Apart::Names));
        let threads = "of different threads of one program, as their ids say.";
        assert!(compared(Apart::ThreadIds).contains(threads), "{}", compared(Apart::ThreadIds));
    }
}
