//! What is said of snapshots that are not compared, or only by place. Which ones these are is found in
//! [`crate::snapshots`].

use std::path::Path;

use crate::census::apart::Apart;
use crate::report::Notice;
use crate::report::place_words::file_name;
use crate::report::units::plural;

/// Of a file that cannot be read; the problem is a clause that follows its name.
pub(crate) fn left_out(file: &Path, problem: &str) -> Notice {
    Notice { message: format!("{} {problem}. It was left out.", file_name(file)) }
}

/// Of the same snapshot under another name.
pub(crate) fn a_copy(file: &Path, original: &Path) -> Notice {
    let original = file_name(original);
    Notice { message: format!("{} is a copy of {original}: left out.", file_name(file)) }
}

/// That so many snapshots, which are apart for this reason, were compared all the same.
pub(crate) fn compared_by_place(count: usize, reason: Apart) -> Notice {
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

/// That these files are of another process, and how that is known.
pub(crate) fn of_another_process(files: &[String], reason: Apart) -> Option<Notice> {
    let (names, count) = (files.join(", "), files.len() as u64);
    let (are, said) = (plural(count, "is", "are"), said_by(reason, count));
    let or = if reason == Apart::Names { String::new() } else { or_of("another", "connection") };
    (count > 0).then(|| Notice {
        message: format!(
            "{names} {are} of another process{or}, as {said}, and cannot be compared with the others: left \
             out. Take the snapshots to compare in one go: `heapmark capture --count 3`, or *Capture* in the \
             editor."
        ),
    })
}

/// That these are of other threads, each with its files, and how that is known.
pub(crate) fn of_other_threads(threads: &[Vec<String>], reason: Apart) -> Option<Notice> {
    let names = threads.iter().map(|files| files.join(", ")).collect::<Vec<_>>().join("; ");
    // Their number is that of threads, not of files.
    let said_by = said_by(reason, 2);
    let message = match threads {
        [] => return None,
        [one] => {
            let (are, them) = if one.len() == 1 { ("is", "it") } else { ("are", "them") };
            format!(
                "{names} {are} of another thread, as {said_by}, which has a heap of its own: left out. To \
                 look for a leak there, analyse {them} without the others."
            )
        }
        _ => format!(
            "{names} are of other threads, as {said_by}, each with a heap of its own: left out. To look for \
             a leak in one of them, analyse its files without the others."
        ),
    };
    Some(Notice { message })
}

/// That a file was taken after all that were compared.
pub(crate) fn newer_than_all(file: &Path) -> Notice {
    let file = file_name(file);
    let message = format!(
        "{file} is newer than all that were compared. To see what is in it, analyse it alone."
    );
    Notice { message }
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

    #[test]
    fn each_thread_is_told_with_its_files() {
        let said = |threads: &[&[&str]]| {
            let owned = |files: &&[&str]| files.iter().map(|&it| it.to_owned()).collect();
            let threads: Vec<Vec<String>> = threads.iter().map(owned).collect();
            of_other_threads(&threads, Apart::ThreadIds).map(|it| it.message)
        };
        assert_eq!(said(&[]), None);
        insta::assert_snapshot!(said(&[&["a"]]).unwrap(), @"a is of another thread, as their ids say, which has a heap of its own: left out. To look for a leak there, analyse it without the others.");
        insta::assert_snapshot!(said(&[&["a", "b"], &["c"]]).unwrap(), @"a, b; c are of other threads, as their ids say, each with a heap of its own: left out. To look for a leak in one of them, analyse its files without the others.");
    }
}
