//! From snapshot files to a group that is compared: loads them, finds out which belong together and in
//! what order.
//!
//! Snapshots of one process are recognised by what was written down with them, or else by what lives as
//! long as the process ([`crate::census::same_process`]), and ordered by their largest object id, which only
//! grows; times of files may lie. In what order the files are named makes no difference.

mod about;
mod apart;
pub(crate) mod member;
mod newest;
mod threads;

use std::path::{Path, PathBuf};

use heapmark_heap::{IndexFolder, Limits, LoadError, Monitor, OpenedSnapshot};

use crate::census::apart::Apart;
use crate::census::cross_process::Standing;
use crate::error::AnalyzeError;
use crate::report::Notice;
use crate::snapshots::about::other_processes;
use crate::snapshots::apart::apart;
use crate::snapshots::member::{Group, Member, member};
use crate::words::snapshots::{a_copy, compared_by_place, left_out};
pub use newest::{MAX_IN_GROUP, newest_group};

/// Reads the files, and chooses those to compare; of what is left out it gives a notice.
pub(crate) fn load<'f>(
    files: &[PathBuf],
    indexes: Option<&'f IndexFolder>,
    monitor: &dyn Monitor,
    notices: &mut Vec<Notice>,
) -> Result<Group<'f>, AnalyzeError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut failed: Vec<(PathBuf, LoadError)> = Vec::new();
    let open = |file: &Path| {
        monitor.enters(file);
        let opened = OpenedSnapshot::open(file, Limits::available(), indexes, monitor);
        monitor.leaves(file);
        opened
    };
    let mut opened_ahead = None;
    let mut copies: Vec<(PathBuf, Notice)> = Vec::new();
    let files = in_order_of_writing(files);
    for (index, &file) in files.iter().enumerate() {
        match opened_ahead.take().unwrap_or_else(|| open(file)) {
            Ok(snapshot) => {
                // Reading leaves a core idle for some of its time. Only beside the first one: of those
                // that follow, one is kept already, and three would take more memory than two.
                let next = files.get(index + 1).copied().filter(|_| groups.is_empty());
                let last = index + 1 == files.len();
                let mut member = std::thread::scope(|scope| {
                    let member = scope.spawn(|| member(file, &snapshot, last));
                    opened_ahead = next.map(|next| open(next));
                    member.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                match original_of(&mut groups, &member) {
                    Some(original) => {
                        // Of two copies the same one is left out, whichever was written first.
                        if member.summary.file < original.summary.file {
                            original.change_places(&mut member);
                        }
                        let copy = member.summary.file;
                        copies.push((copy.clone(), a_copy(&copy, &original.summary.file)));
                        snapshot.keep(monitor)?;
                    }
                    None => {
                        for older in add(&mut groups, member, snapshot) {
                            older.keep(monitor)?;
                        }
                    }
                }
            }
            Err(LoadError::Cancelled(_)) => return Err(AnalyzeError::Cancelled),
            Err(error) => {
                if let Some(oversize) = error.oversize() {
                    monitor.refuses(file, oversize);
                }
                failed.push((file.clone(), error));
            }
        }
    }
    copies.sort_by(|(one, _), (other, _)| one.cmp(other));
    notices.extend(copies.into_iter().map(|(_, notice)| notice));
    failed.sort_by(|(one, _), (other, _)| one.cmp(other));
    // The newest group that can be compared, or else the newest snapshot.
    groups.sort_by(|one, other| {
        let key = |group: &Group| (group.members.len() > 1, group.taken_at());
        key(one).cmp(&key(other)).then_with(|| one.newest_member().cmp_files(other.newest_member()))
    });
    let Some(mut chosen) = groups.pop() else {
        let first = failed.into_iter().next();
        return Err(
            first.map_or(AnalyzeError::NoFiles, |(file, error)| AnalyzeError::Load { file, error })
        );
    };
    if chosen.members.len() == 1 {
        notices.extend(join_processes(&mut chosen, &mut groups, monitor)?);
    }
    chosen.members.sort_by(|one, other| one.age().cmp(&other.age()));
    notices.extend(failed.iter().map(|(file, error)| left_out(file, &error.to_string())));
    notices.extend(other_processes(&chosen, &groups));
    for other in groups {
        other.newest.keep(monitor)?;
    }
    Ok(chosen)
}

/// Each file once, the one that was written last at the end: what is read last is the newest, nearly always,
/// and of that no more is counted than is asked for. By their names it would not be: `after` comes before
/// `before`. A time that lies costs time and changes nothing that is found.
fn in_order_of_writing(files: &[PathBuf]) -> Vec<&PathBuf> {
    let written = |file: &&PathBuf| file.metadata().and_then(|facts| facts.modified()).ok();
    let mut files: Vec<&PathBuf> = files.iter().collect();
    files.sort();
    files.dedup();
    files.sort_by_cached_key(written);
    files
}

/// Puts to `chosen` what the other groups, older than it, have of the same program, though it is of
/// other processes.
fn join_processes(
    chosen: &mut Group<'_>,
    others: &mut Vec<Group<'_>>,
    monitor: &dyn Monitor,
) -> Result<Option<Notice>, AnalyzeError> {
    if others.is_empty() {
        return Ok(None);
    }
    let standing = Standing::of(&chosen.newest);
    for own in &mut chosen.members {
        own.census.count(&chosen.newest);
    }
    // The first that is said of any of them: that of processes says more than that of threads.
    let mut reason: Option<Apart> = None;
    for other in std::mem::take(others) {
        let Group { mut members, newest, .. } = other;
        let theirs = Standing::of(&newest);
        if standing.is_of_same_program(&theirs)
            && let Some(member) = members.pop()
        {
            let (own, whole) = (&chosen.members[chosen.members.len() - 1], &chosen.newest);
            let why = apart(own, &member).unwrap_or(Apart::Ids);
            reason = Some(match reason {
                Some(known) if why.is_thread() || !known.is_thread() => known,
                _ => why,
            });
            let census = standing.translate(whole, &own.census, (&newest, &theirs, member.census));
            // The one that is kept whole stays the last.
            chosen.members.insert(0, Member { census, ..member });
            chosen.one_process = false;
            newest.keep(monitor)?;
        } else {
            others.push(Group { members, one_process: true, newest });
        }
        if monitor.is_cancelled() {
            return Err(AnalyzeError::Cancelled);
        }
    }
    Ok(reason.map(|reason| compared_by_place(chosen.members.len(), reason)))
}

/// The snapshot that is the same as this one: `final.heapsnapshot.gz` beside `final.heapsnapshot`. Two
/// runs that do the same have as many of everything, but not in the same order.
fn original_of<'a>(groups: &'a mut [Group<'_>], member: &Member) -> Option<&'a mut Member> {
    groups.iter_mut().flat_map(|group| &mut group.members).find(|other| {
        let (one, two) = (&other.summary, &member.summary);
        (one.nodes, one.edges, one.total_size) == (two.nodes, two.edges, two.total_size)
            && other.census.highest_id == member.census.highest_id
            && other.census.sites == member.census.sites
            && apart(other, member).is_none()
            && other.census.identities == member.census.identities
    })
}

/// Puts a snapshot to those of its process, all of them: it may be the one that shows that they belong
/// together. Of each process only the newest one stays whole: returns those that are of no more use.
fn add<'f>(
    groups: &mut Vec<Group<'f>>,
    member: Member,
    snapshot: OpenedSnapshot<'f>,
) -> Vec<OpenedSnapshot<'f>> {
    let belongs = |group: &Group| group.members.iter().any(|other| apart(other, &member).is_none());
    let (mut same, mut others): (Vec<Group>, Vec<Group>) =
        std::mem::take(groups).into_iter().partition(belongs);
    others.extend(of_other_heaps(&mut same, &member));
    *groups = others;
    let mut group = Group { members: vec![member], one_process: true, newest: snapshot };
    let mut older = Vec::new();
    for mut other in same {
        if other.newest_member().age() > group.newest_member().age() {
            std::mem::swap(&mut group, &mut other);
        }
        for mut member in other.members {
            member.census.grow_old(&other.newest);
            group.members.push(member);
        }
        older.push(other.newest);
    }
    groups.push(group);
    older
}

/// Takes out of the groups that `member` may belong to those that are of another heap for certain, and of
/// two that are each other's other heap, the one that agrees less with it.
fn of_other_heaps<'f>(same: &mut Vec<Group<'f>>, member: &Member) -> Vec<Group<'f>> {
    let mut kept: Vec<Group> = Vec::new();
    let mut others = Vec::new();
    same.sort_by_key(|group| group.disagreements(member));
    for group in same.drain(..) {
        let is_of_another = group.contradicts(std::slice::from_ref(member))
            || kept.iter().any(|other| group.contradicts(&other.members));
        if is_of_another { &mut others } else { &mut kept }.push(group);
    }
    *same = kept;
    others
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_was_written_last_is_read_last_whatever_it_is_called() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = |name: &str, seconds: u64| {
            let path = folder.path().join(name);
            let file = std::fs::File::create(&path).expect("the folder is writable");
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            file.set_modified(time).expect("the file is ours");
            path
        };
        let (after, before) = (written("after", 2_000), written("before", 1_000));
        let (one, two) = (written("one", 500), written("two", 500));
        let files = [after.clone(), two.clone(), before.clone(), one.clone(), after.clone()];
        assert_eq!(in_order_of_writing(&files), [&one, &two, &before, &after]);
    }
}
