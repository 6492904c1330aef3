//! How the snapshots of one `heapmark capture` are called, so that one sees which belong together.
//!
//! Only names; the files are made by the capture crate, which never overwrites one.

use std::path::PathBuf;

use heapmark_capture::{CaptureError, Destination};

/// What a series without a name of the user's is called by.
const ROLES: [&str; 3] = ["baseline", "target", "final"];

/// What the user said about the names.
pub(crate) struct Naming<'a> {
    /// `--name`
    pub(crate) name: Option<&'a str>,
    /// `--output`
    pub(crate) output: Option<&'a PathBuf>,
    /// `--folder`
    pub(crate) folder: &'a PathBuf,
}

/// One snapshot of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// `baseline`, `target` or `final`; the user's name for a single one.
    pub(crate) role: Option<String>,
    pub(crate) destination: Destination,
}

/// Plans `count` snapshots, and holds the name of the first of several: whoever plans meanwhile for the same
/// folder sees that it is taken, and gives all of theirs another number.
pub(crate) fn reserve(naming: &Naming, count: u32) -> Result<Vec<Planned>, CaptureError> {
    loop {
        let mut planned = plan(naming, count)?;
        if count == 1 {
            return Ok(planned);
        }
        // Somebody may have been quicker.
        if let Some(held) = planned[0].destination.reserve()? {
            planned[0].destination = held;
            return Ok(planned);
        }
    }
}

/// Plans `count` snapshots. If any of their names is taken, all get the same number at the end:
/// `baseline-2`, `target-2`, `final-2`.
fn plan(naming: &Naming, count: u32) -> Result<Vec<Planned>, CaptureError> {
    let planned = |suffix: &str| -> Vec<Planned> {
        let planned = (1..=count).map(|number| Planned {
            role: if count == 1 {
                naming.name.map(str::to_owned)
            } else {
                Some(role(number, count))
            },
            destination: naming.destination(number, count, suffix),
        });
        planned.collect()
    };
    if count == 1 {
        // The capture itself finds a number for one that is taken.
        return Ok(planned(""));
    }
    for attempt in 1_u32.. {
        let suffix = if attempt == 1 { String::new() } else { format!("-{attempt}") };
        if naming.is_free(count, &suffix)? {
            return Ok(planned(&suffix));
        }
    }
    unreachable!("a folder holds fewer than 2^32 series")
}

impl Naming<'_> {
    fn destination(&self, number: u32, count: u32, suffix: &str) -> Destination {
        let numbered = |name: &str| {
            let name = name.strip_suffix(".heapsnapshot").unwrap_or(name);
            if count == 1 { name.to_owned() } else { format!("{name}-{number}{suffix}") }
        };
        let in_folder = |name| Destination::Folder { folder: self.folder.clone(), name };
        match (self.output, self.name) {
            (Some(file), _) => Destination::File(match file.file_name() {
                Some(name) => file.with_file_name(numbered(&name.to_string_lossy())),
                None => file.clone(),
            }),
            (None, Some(name)) => in_folder(Some(numbered(name))),
            (None, None) if count == 1 => in_folder(None),
            (None, None) => in_folder(Some(format!("{}{suffix}", title(number, count)))),
        }
    }

    fn is_free(&self, count: u32, suffix: &str) -> Result<bool, CaptureError> {
        for number in 1..=count {
            if !self.destination(number, count, suffix).is_free()? {
                return Ok(false);
            }
        }
        if self.output.is_some() || self.name.is_some() {
            return Ok(true);
        }
        // A series of two has no target, and must not look as if it had another one's.
        for role in ROLES {
            let name = Some(format!("{role}{suffix}"));
            if !(Destination::Folder { folder: self.folder.clone(), name }).is_free()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What a snapshot is in its series: the first is the baseline, the last the final one.
fn role(number: u32, count: u32) -> String {
    let [baseline, target, last] = ROLES;
    let role = if number == 1 {
        baseline
    } else if number == count {
        last
    } else {
        target
    };
    role.to_owned()
}

/// The role, with a number if several have it: `target-1`, `target-2`.
pub(crate) fn title(number: u32, count: u32) -> String {
    let role = role(number, count);
    let is_one_of_many = count > 3 && number > 1 && number < count;
    if is_one_of_many { format!("{role}-{}", number - 1) } else { role }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn names(naming: &Naming, count: u32) -> Vec<String> {
        let planned = plan(naming, count).expect("names that are allowed");
        let name = |planned: Planned| match planned.destination {
            Destination::Folder { name, .. } => name.unwrap_or_default(),
            Destination::File(file) => file.file_name().unwrap().to_string_lossy().into_owned(),
            Destination::Reserved(_) => unreachable!("nothing is held by a plan"),
        };
        planned.into_iter().map(name).collect()
    }

    fn touch(folder: &Path, name: &str) {
        fs::write(folder.join(format!("{name}.heapsnapshot")), "{}").unwrap();
    }

    #[test]
    fn a_series_goes_from_baseline_to_final() {
        let folder = PathBuf::from("does-not-exist");
        let naming = Naming { name: None, output: None, folder: &folder };
        assert_eq!(names(&naming, 1), [""], "the capture names it by time and process");
        assert_eq!(names(&naming, 2), ["baseline", "final"]);
        assert_eq!(names(&naming, 3), ["baseline", "target", "final"]);
        assert_eq!(names(&naming, 5), ["baseline", "target-1", "target-2", "target-3", "final"]);
        let roles: Vec<_> =
            plan(&naming, 5).unwrap().into_iter().filter_map(|it| it.role).collect();
        assert_eq!(roles, ["baseline", "target", "target", "target", "final"]);
        let naming = Naming { name: Some("load.heapsnapshot"), ..naming };
        assert_eq!(names(&naming, 1), ["load"]);
        assert_eq!(names(&naming, 2), ["load-1", "load-2"]);
    }

    #[test]
    fn the_names_of_a_series_match_also_when_one_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let naming = Naming { name: None, output: None, folder: &path };
        touch(&path, "target");
        assert_eq!(names(&naming, 3), ["baseline-2", "target-2", "final-2"]);
        assert_eq!(names(&naming, 2), ["baseline-2", "final-2"]);
        touch(&path, "final-2");
        assert_eq!(names(&naming, 3), ["baseline-3", "target-3", "final-3"]);
        let output = path.join("run");
        touch(&path, "run-2");
        let naming = Naming { output: Some(&output), ..naming };
        assert_eq!(names(&naming, 2), ["run-1-2", "run-2-2"]);
    }

    #[test]
    fn two_captures_at_the_same_time_have_a_series_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let naming = Naming { name: None, output: None, folder: &path };
        let first = reserve(&naming, 3).unwrap();
        assert_eq!(names(&naming, 3), ["baseline-2", "target-2", "final-2"], "before it has any");
        let second = reserve(&naming, 3).unwrap();
        assert_eq!(names(&naming, 2), ["baseline-3", "final-3"]);
        drop(first);
        assert_eq!(names(&naming, 3), ["baseline", "target", "final"], "it came to nothing");
        drop(second);
    }

    #[test]
    fn a_name_that_leaves_its_folder_is_refused() {
        let folder = PathBuf::from("f");
        let naming = Naming { name: Some("../x"), output: None, folder: &folder };
        assert!(plan(&naming, 2).is_err());
    }
}
