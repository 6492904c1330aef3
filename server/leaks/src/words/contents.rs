//! The words for what fills the heap ([`crate::report::Contents`]).

use crate::report::text::name;
use crate::report::units::{number, plural, share, size};
use crate::report::{CodeOf, CodeRow, Contents, ContentsRow, Notice, Report};
use crate::words::growth::held;

/// A budget of words: so many owners of code are told in a line.
const MAX_OWNERS: usize = 6;

impl Report {
    /// What fills the heap of the newest snapshot, as lines of a table under a heading.
    pub fn contents_table(&self) -> Vec<String> {
        let Some(contents) = &self.contents else { return Vec::new() };
        let of = match contents.limit {
            Some(limit) => format!("{} of at most {}", size(contents.size), size(limit)),
            None => format!("{} (the heap's limit is not known)", size(contents.size)),
        };
        let mut lines = vec![format!("What fills the heap: {of}")];
        let told: u64 = contents.rows.iter().map(|row| row.retained).sum();
        let suspect = contents.suspect.filter(|_| self.snapshots.len() < 2);
        for (index, row) in contents.rows.iter().enumerate() {
            let is_suspect = suspect == Some(index);
            let after = match (is_suspect, row.is_packages_own) {
                (true, _) => ": if this grows, it is the leak",
                (_, true) => ": a package filled it by itself, and such tables rarely grow",
                _ => "",
            };
            lines.push(line(row.retained, contents.size, &format!("{}{after}", row_of(row))));
        }
        let rest = contents.size.saturating_sub(told);
        let others = if contents.rows.is_empty() {
            "small things, compiled code, Node.js and V8: no variable or property holds 2 % or more"
        } else {
            "everything else: small things, compiled code, Node.js and V8"
        };
        lines.push(line(rest, contents.size, others));
        if !contents.by_code.is_empty() {
            lines.push(format!("By the code that holds it: {}", by_code(contents)));
        }
        lines
    }
}

impl Contents {
    /// `` `sessions` (store.js:3) holds 34 % of the heap ``.
    pub(super) fn suspicion(&self) -> Option<String> {
        let row = self.rows.get(self.suspect?)?;
        let part = share(row.retained, self.size)?;
        Some(format!("{} holds {part} of the heap", held(&row.holder)))
    }

    /// What to say if the heap has nearly as much as it may have.
    pub(crate) fn about_limit(&self) -> Option<Notice> {
        let limit = self.limit.filter(|_| self.is_nearly_full)?;
        Some(Notice {
            message: format!(
                "The heap is nearly full: {} of at most {}. At the limit V8 ends the program (\"JavaScript \
                 heap out of memory\"). If it needs so much, `--max-old-space-size` gives it more; if \
                 something leaks, that only puts it off.",
                size(self.size),
                size(limit)
            ),
        })
    }
}

fn row_of(row: &ContentsRow) -> String {
    let entries =
        row.entries.map(|it| format!(", {} {}", number(it), plural(it, "entry", "entries")));
    format!("{}{}", held(&row.holder), entries.unwrap_or_default())
}

/// A row: share, bytes, what.
fn line(bytes: u64, all: u64, what: &str) -> String {
    let part = share(bytes, all).unwrap_or_else(|| "0 %".to_owned());
    format!("  {part:>6}  {:>7}  {what}", size(bytes))
}

/// `your own 34 % (4.1 MB), `lodash@4.17.21` 3.0 % (…), Node.js 12 % (…), others 2 % (…)`.
fn by_code(contents: &Contents) -> String {
    let part = |whose: &str, bytes: u64| {
        Some(format!("{whose} {} ({})", share(bytes, contents.size)?, size(bytes)))
    };
    let owner = |row: &CodeRow| {
        let whose = match &row.whose {
            CodeOf::User => "your own".to_owned(),
            CodeOf::Package(package) => name(package.to_string()).to_string(),
            CodeOf::Node => "Node.js".to_owned(),
            CodeOf::Engine => "V8 (compiled code and the like)".to_owned(),
        };
        part(&whose, row.retained)
    };
    let told = &contents.by_code[..MAX_OWNERS.min(contents.by_code.len())];
    let all_told: u64 = told.iter().map(|row| row.retained).sum();
    let others = part("others", contents.size.saturating_sub(all_told));
    told.iter().filter_map(owner).chain(others).collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Range};

    use super::*;
    use crate::report::samples::report;
    use crate::report::{HeldBy, HopPlace, Package};

    fn row(name: &str, package: Option<&str>, entries: Option<u64>, retained: u64) -> ContentsRow {
        let place = HopPlace {
            name: name.to_owned(),
            file: "/app/store.js".into(),
            range: Range::new(Position::new(2, 4), Position::new(2, 9)),
        };
        let package = package.map(|it| Package { name: it.to_owned(), version: None });
        let is_packages_own = package.is_some();
        let holder = HeldBy { name: name.to_owned(), place: Some(place), package, user: None };
        ContentsRow { holder, entries, retained, is_packages_own }
    }

    fn contents() -> Contents {
        let code = |whose, retained| CodeRow { whose, retained, gained: 0 };
        let lodash = Package { name: "lodash".to_owned(), version: Some("4.17.21".to_owned()) };
        Contents {
            size: 10_000_000,
            limit: Some(4_345_298_944),
            is_nearly_full: false,
            rows: vec![
                row("db", Some("kept-types"), Some(2_300), 3_600_000),
                row("sessions", None, Some(12_480), 3_400_000),
                row("pages", None, None, 400_000),
            ],
            suspect: Some(1),
            by_code: vec![
                code(CodeOf::Engine, 5_000_000),
                code(CodeOf::User, 3_900_000),
                code(CodeOf::Package(lodash), 300_000),
            ],
        }
    }

    fn table(contents: Contents) -> String {
        let mut report = report(Vec::new());
        report.snapshots.truncate(1);
        report.contents = Some(contents);
        format!("{}\n{}", report.outcome_sentence(), report.contents_table().join("\n"))
    }

    #[test]
    fn what_fills_the_heap_is_ranked_and_the_suspect_named() {
        insta::assert_snapshot!(table(contents()), @r"
        One snapshot cannot show growth. `sessions` (store.js:3) holds 34 % of the heap: if this grows, it is the leak. Capture two more, each after the same work.
        What fills the heap: 10 MB of at most 4.3 GB
            36 %   3.6 MB  `db` (store.js:3 in `kept-types`), 2,300 entries: a package filled it by itself, and such tables rarely grow
            34 %   3.4 MB  `sessions` (store.js:3), 12,480 entries: if this grows, it is the leak
           4.0 %   400 kB  `pages` (store.js:3)
            26 %   2.6 MB  everything else: small things, compiled code, Node.js and V8
        By the code that holds it: V8 (compiled code and the like) 50 % (5.0 MB), your own 39 % (3.9 MB), `lodash@4.17.21` 3.0 % (300 kB), others 8.0 % (800 kB)
        ");
    }

    #[test]
    fn where_nothing_is_large_and_no_limit_is_known_that_is_said() {
        let nothing = Contents { rows: Vec::new(), suspect: None, limit: None, ..contents() };
        insta::assert_snapshot!(table(nothing), @r"
        One snapshot cannot show growth. Capture two more, each after the same work.
        What fills the heap: 10 MB (the heap's limit is not known)
           100 %    10 MB  small things, compiled code, Node.js and V8: no variable or property holds 2 % or more
        By the code that holds it: V8 (compiled code and the like) 50 % (5.0 MB), your own 39 % (3.9 MB), `lodash@4.17.21` 3.0 % (300 kB), others 8.0 % (800 kB)
        ");
    }

    #[test]
    fn a_heap_near_its_limit_is_a_warning() {
        let full = Contents { limit: Some(11_000_000), is_nearly_full: true, ..contents() };
        assert_eq!(contents().about_limit(), None);
        insta::assert_snapshot!(full.about_limit().expect("it is full").message, @r#"The heap is nearly full: 10 MB of at most 11 MB. At the limit V8 ends the program ("JavaScript heap out of memory"). If it needs so much, `--max-old-space-size` gives it more; if something leaks, that only puts it off."#);
        insta::assert_snapshot!(table(full).lines().next().unwrap_or_default(), @"One snapshot cannot show growth, but the heap is nearly full. `sessions` (store.js:3) holds 34 % of the heap: if this grows, it is the leak. Capture two more, each after the same work.");
    }
}
