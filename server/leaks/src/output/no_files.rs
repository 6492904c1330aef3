//! Things in the workspace that ran as files and are none that can be opened by now: pipes, devices, links to
//! such. What is gone, and what is a file but cannot be read as source, is the business of
//! [`notices`](super::notices).

use std::collections::BTreeMap;
use std::io::ErrorKind;

use heapmark_source::local_path;

use crate::locate::Locator;
use crate::report::Notice;
use crate::report::units::and_more;

/// What to say of things in the workspace that ran as files and are none that can be read by now.
pub(crate) fn about_no_files(locator: &Locator) -> Vec<Notice> {
    let mut by_problem: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in locator.scripts_elsewhere() {
        // A file system that does not answer is named itself.
        let problem = no_file(locator, &name).filter(|it| it.kind() != ErrorKind::TimedOut);
        if let (Some(problem), Some(path)) = (problem, local_path(&name)) {
            by_problem.entry(problem.to_string()).or_default().push(locator.relative(&path));
        }
    }
    let notices = by_problem.into_iter().map(|(problem, files)| {
        let (first, more) = (&files[0], and_more(files.len() - 1));
        Notice {
            message: format!(
                "{first}{more} ran and cannot be read now ({problem}): no places are shown there."
            ),
        }
    });
    notices.collect()
}

/// Why what is at a script's place in the workspace is no file to be read; `None` if it is one, or nothing
/// is there.
pub(super) fn no_file(locator: &Locator, script: &str) -> Option<std::io::Error> {
    let path = local_path(script)?;
    let is_inside = locator.folders().any(|folder| path.starts_with(folder));
    let error = is_inside.then(|| heapmark_files::open(&path).err()).flatten()?;
    (error.kind() != ErrorKind::NotFound).then_some(error)
}
