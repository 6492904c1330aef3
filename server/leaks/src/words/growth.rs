//! The words for what the heap gained, class by class ([`crate::report::Growth`]): a table where findings do not
//! explain it, and the same in a sentence for those who see no table.

use crate::report::place_words::at;
use crate::report::text::name;
use crate::report::units::{series, share, size, sizes};
use crate::report::{Growth, GrowthRow, HeldBy, HopPlace, Notice, Report, Things};

/// A budget of words: so many rows are told in a sentence.
const MAX_IN_SENTENCE: usize = 3;

impl Report {
    /// What the heap gained, as lines of a table under a heading; nothing if it did not grow.
    pub fn growth_table(&self) -> Vec<String> {
        let Some(growth) = &self.growth else { return Vec::new() };
        let all: Vec<u64> = self.snapshots.iter().map(|it| it.total_size).collect();
        let heading = format!("What the heap gained: {} ({})", size(growth.bytes), sizes(&all));
        let told: u64 = growth.rows.iter().map(GrowthRow::growth).sum();
        let mut rows: Vec<[String; 3]> = growth.rows.iter().map(|it| row(it, growth)).collect();
        if let Some(rest) = growth.bytes.checked_sub(told).filter(|&rest| rest > 0) {
            let bytes = format!("+{}", size(rest));
            rows.push([of_growth(rest, growth), bytes, "everything else".to_owned()]);
        }
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let (shares, series) = (width(0), width(1));
        let line = |[part, bytes, what]: &[String; 3]| {
            format!("  {part:>shares$}  {bytes:>series$}  {what}")
        };
        std::iter::once(heading).chain(rows.iter().map(line)).collect()
    }
}

fn row(row: &GrowthRow, growth: &Growth) -> [String; 3] {
    let what = things(&row.what);
    let place = row.place.as_ref().map_or_else(String::new, |it| format!(" ({})", place(it)));
    let is_folded = matches!(row.what, Things::OfNode | Things::OfEngine);
    let counts = if is_folded { String::new() } else { format!(": {}", series(&row.counts)) };
    let holder =
        row.holder.as_ref().map_or_else(String::new, |it| format!("; most held by {}", held(it)));
    [of_growth(row.growth(), growth), sizes(&row.sizes), format!("{what}{place}{counts}{holder}")]
}

fn of_growth(bytes: u64, growth: &Growth) -> String {
    share(bytes, growth.bytes).unwrap_or_else(|| "0 %".to_owned())
}

/// What things are, for people.
fn things(things: &Things) -> String {
    match things {
        Things::Instances(class) => match class.as_str() {
            "Object" => "plain objects".to_owned(),
            "Array" => "arrays".to_owned(),
            "" => "objects without a class".to_owned(),
            class => format!("{} objects", name(class)),
        },
        Things::Closures(function) if function.is_empty() => "functions without a name".to_owned(),
        Things::Closures(function) => format!("{} functions", name(function)),
        Things::Strings => "strings".to_owned(),
        Things::Stores => "contents of arrays, maps and objects".to_owned(),
        Things::Buffers => "memory of buffers".to_owned(),
        Things::Scopes => "variables that functions use".to_owned(),
        Things::OfNode => "Node.js itself".to_owned(),
        Things::OfEngine => "V8 itself (compiled code and the like)".to_owned(),
    }
}

fn place(place: &HopPlace) -> String {
    at(&place.file, place.range).to_string()
}

/// `` `cache` (store.js:3) ``, or of what a package has `` `cache` (store.js:3, by way of `kept@7.1.0`) ``.
pub(super) fn held(holder: &HeldBy) -> String {
    let package = holder.package.as_ref().map(|it| name(it.to_string()));
    if let (Some(user), Some(package)) = (&holder.user, &package) {
        return format!("{} ({}, by way of {package})", name(&user.name), place(user));
    }
    let package = package.map(|it| format!("in {it}"));
    let at: Vec<String> = holder.place.as_ref().map(place).into_iter().chain(package).collect();
    let at = if at.is_empty() { String::new() } else { format!(" ({})", at.join(" ")) };
    format!("{}{at}", name(&holder.name))
}

/// What to say of a heap that grew from snapshot to snapshot while findings explain little of it; `all` are its
/// sizes.
pub(crate) fn about_unexplained(growth: &Growth, all: &[u64]) -> Notice {
    let (by, all) = (size(growth.bytes), sizes(all));
    let explained = match share(growth.explained, growth.bytes) {
        None => "but nothing was found that explains it".to_owned(),
        Some(part) => format!("of which the findings explain {part}"),
    };
    let row = |row: &GrowthRow| {
        let holder = row.holder.as_ref().map(|it| format!(", most held by {}", held(it)));
        let holder = holder.unwrap_or_default();
        format!("{} (+{}{holder})", things(&row.what), size(row.growth()))
    };
    let rows: Vec<String> = growth.rows.iter().take(MAX_IN_SENTENCE).map(row).collect();
    let most = if rows.is_empty() {
        String::new()
    } else {
        format!(" What grew most: {}.", rows.join(", "))
    };
    Notice {
        message: format!(
            "The heap grew by {by} ({all}), {explained}.{most} It may be something that is filled once: if \
             the same work makes it grow again, it is a leak."
        ),
    }
}

/// The same of heaps of several processes, of which nobody knows what is new.
pub(crate) fn about_unexplained_in_processes(all: &[u64]) -> Notice {
    Notice {
        message: format!(
            "The heap grew ({}), but nothing was found that explains it. It may be \
             something that is filled once, or many small things that Heapmark does not follow yet.",
            sizes(all)
        ),
    }
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Range};

    use super::*;
    use crate::report::Package;
    use crate::report::samples::report;

    fn grown() -> Growth {
        let place = |file: &str, line| HopPlace {
            name: String::new(),
            file: file.into(),
            range: Range::new(Position::new(line, 4), Position::new(line, 9)),
        };
        let row = |what, counts: [u64; 3], sizes: [u64; 3]| GrowthRow {
            what,
            place: None,
            counts: counts.to_vec(),
            sizes: sizes.to_vec(),
            holder: None,
        };
        let holder = HeldBy {
            name: "sessions".to_owned(),
            place: Some(place("/app/node_modules/store/main.js", 2)),
            package: Some(Package { name: "store".to_owned(), version: Some("1.0.2".to_owned()) }),
            user: None,
        };
        let strings = Things::Strings;
        Growth {
            bytes: 3_000_000,
            explained: 0,
            is_unexplained: true,
            rows: vec![
                GrowthRow {
                    holder: Some(holder),
                    ..row(strings, [12_000, 18_000, 24_000], [400_000, 1_400_000, 2_400_000])
                },
                GrowthRow {
                    place: Some(place("/app/session.js", 6)),
                    ..row(
                        Things::Instances("Session".to_owned()),
                        [0, 300, 600],
                        [0, 200_000, 400_000],
                    )
                },
                row(Things::Closures(String::new()), [1, 300, 600], [100, 50_000, 90_000]),
                row(Things::OfEngine, [1, 2, 3], [800_000, 900_000, 1_000_000]),
            ],
        }
    }

    #[test]
    fn what_the_heap_gained_is_a_table_that_adds_up() {
        let mut report = report(Vec::new());
        report.growth = Some(grown());
        report.snapshots[1].total_size = 3_000_001;
        insta::assert_snapshot!(report.growth_table().join("\n"), @r"
        What the heap gained: 3.0 MB (1 B → 3.0 MB)
           67 %    400.0 kB → 1.4 MB → 2.4 MB  strings: 12,000 → 18,000 → 24,000; most held by `sessions` (main.js:3 in `store@1.0.2`)
           13 %     0 B → 200.0 kB → 400.0 kB  `Session` objects (session.js:7): 0 → 300 → 600
          3.0 %     100 B → 50.0 kB → 90.0 kB  functions without a name: 1 → 300 → 600
          6.7 %  800.0 kB → 900.0 kB → 1.0 MB  V8 itself (compiled code and the like)
           10 %                       +310 kB  everything else
        ");
        report.growth = None;
        assert_eq!(report.growth_table(), [""; 0]);
    }

    #[test]
    fn what_is_held_by_way_of_a_package_is_told_at_the_users_declaration() {
        let user = HopPlace {
            name: "profiles".to_owned(),
            file: "/app/profiles.js".into(),
            range: Range::new(Position::new(20, 6), Position::new(20, 14)),
        };
        let package = Package { name: "entries-kept".to_owned(), version: None };
        let mut holder = HeldBy {
            name: "LRU.map".to_owned(),
            place: None,
            package: Some(package),
            user: Some(user),
        };
        assert_eq!(held(&holder), "`profiles` (profiles.js:21, by way of `entries-kept`)");
        holder.user = None;
        assert_eq!(held(&holder), "`LRU.map` (in `entries-kept`)");
    }

    #[test]
    fn those_who_see_no_table_are_told_what_grew_most() {
        let said = |explained| {
            let growth = Growth { explained, ..grown() };
            about_unexplained(&growth, &[4_000_000, 5_500_000, 7_000_000]).message
        };
        insta::assert_snapshot!(said(0), @"The heap grew by 3.0 MB (4.0 → 5.5 → 7.0 MB), but nothing was found that explains it. What grew most: strings (+2.0 MB, most held by `sessions` (main.js:3 in `store@1.0.2`)), `Session` objects (+400 kB), functions without a name (+90 kB). It may be something that is filled once: if the same work makes it grow again, it is a leak.");
        insta::assert_snapshot!(said(600_000), @"The heap grew by 3.0 MB (4.0 → 5.5 → 7.0 MB), of which the findings explain 20 %. What grew most: strings (+2.0 MB, most held by `sessions` (main.js:3 in `store@1.0.2`)), `Session` objects (+400 kB), functions without a name (+90 kB). It may be something that is filled once: if the same work makes it grow again, it is a leak.");
    }
}
