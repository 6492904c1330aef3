//! What a hover says about a function, a class, or a place of a finding.
//!
//! It only puts the report's numbers and sentences in order. A place with nothing to say has no
//! hover at all.

use std::path::Path;
use std::time::{Duration, SystemTime};

use heapmark_leaks::report::{Finding, Place, Report, Role, Site, SiteKind, SnapshotSummary};
use heapmark_leaks::units;
use heapmark_source::{Position, Range};

use crate::markup::Markup;
use crate::to_proto;
use crate::types::Hover;

/// Characters of a hover, but for the line that says which snapshot it is of. What is longer is not read
/// beside a cursor.
const MAX_CHARS: usize = 2_000;

/// Names of snapshots longer than this are left out of the line that compares them.
const MAX_NAME_CHARS: usize = 16;

/// The hover at a position, as text of `markup`'s kind; ages are counted from `now`.
pub(crate) fn hover(
    report: &Report,
    file: &Path,
    position: Position,
    markup: Markup,
    now: SystemTime,
) -> Option<Hover> {
    let here = |path: &Path, range: Range| path == file && range.touches(position);
    let site = report
        .sites
        .iter()
        .filter(|site| here(&site.file, site.name_range))
        .min_by_key(|site| extent(site.name_range));
    let places: Vec<(&Finding, usize, &Place)> = report
        .findings
        .iter()
        .filter_map(|finding| {
            let place = |(_, place): &(usize, &Place)| here(&place.file, place.range);
            let (index, place) = finding.places.iter().enumerate().find(place)?;
            Some((finding, index, place))
        })
        .collect();

    let mut parts: Vec<String> = Vec::new();
    parts.extend(site.and_then(|site| about_site(site, report, markup)));
    parts.extend(
        places
            .iter()
            .map(|(finding, index, place)| about_finding(finding, *index, place, report, markup)),
    );
    if parts.is_empty() {
        return None;
    }
    let mut text = cut(parts.join(markup.rule()));
    if let Some(newest) = report.snapshots.last() {
        text.push_str("\n\n");
        text.push_str(&origin(newest, markup, now));
    }
    let range = places.first().map(|(_, _, place)| place.range);
    let range = range.or(site.map(|site| site.name_range));
    Some(Hover {
        contents: crate::types::HoverContents::Markup(markup.content(text)),
        range: range.map(to_proto::range),
    })
}

/// The first lines of a text that is too long, and how many are left out.
fn cut(text: String) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    let mut kept = String::new();
    let mut length = 0;
    let mut lines = text.lines();
    let mut left = lines.clone();
    while let Some(line) = lines.next() {
        length += line.chars().count() + 1;
        if length > MAX_CHARS {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
        left = lines.clone();
    }
    let left = left.filter(|line| !line.trim().is_empty() && *line != "---").count() as u64;
    let lines = units::plural(left, "line is", "lines are");
    let kept = kept.trim_end_matches(['\n', ' ', '-']);
    format!("{kept}\n\n{} more {lines} left out.", units::number(left)).trim_start().to_owned()
}

/// For choosing the innermost of several.
fn extent(range: Range) -> (u32, u32) {
    (range.end.line - range.start.line, range.end.column.abs_diff(range.start.column))
}

/// `None` when nothing of it is alive any more and nothing changed.
fn about_site(site: &Site, report: &Report, markup: Markup) -> Option<String> {
    let alive = site.counts.last().copied().unwrap_or(0);
    if site.counts.iter().all(|&count| count == 0) {
        return None;
    }
    let kind = match site.kind {
        SiteKind::Function => "function",
        SiteKind::Class => "class",
    };
    let mut head = vec![
        markup.bold(&format!("{kind} {}", site.name)),
        format!("{} alive", units::number(alive)),
    ];
    if site.shallow_size > 0 {
        head.push(units::size(site.shallow_size));
    }
    if site.retained_size > 0 {
        head.push(retains(site.retained_size, report, markup));
    }
    let mut text = head.join(" · ");
    if let Some(counts) = comparison(&site.counts, &report.snapshots) {
        text.push_str(markup.line_break());
        text.push_str(&markup.prose(&counts));
    }
    if !site.kept_by.is_empty() {
        text.push_str("\n\nKept by ");
        text.push_str(&markup.prose(&site.kept_by));
    }
    if let Some(holder) = &site.holder {
        text.push_str(if site.kept_by.is_empty() { "\n\nKept from " } else { " · " });
        text.push_str(&markup.link(&holder.file, holder.range.start.line));
    }
    Some(text)
}

/// The numbers at the primary place, the leak's title elsewhere, and links to the other places. The
/// whole story is the diagnostic's, which editors show beside the hover.
fn about_finding(
    finding: &Finding,
    index: usize,
    place: &Place,
    report: &Report,
    markup: Markup,
) -> String {
    let mut text = match index {
        0 => numbers(finding, place, report, markup),
        _ => format!(
            "{} · {}",
            markup.bold(finding.rule.name()),
            markup.prose(&finding.title.to_string())
        ),
    };
    let others: Vec<String> = finding
        .places
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
        .map(|(_, other)| {
            let link = markup.link(&other.file, other.range.start.line);
            format!("{} {link}", takes_part(other.role))
        })
        .collect();
    if !others.is_empty() {
        text.push_str("\n\n");
        text.push_str(&others.join(" · "));
    }
    text
}

/// How much a finding's primary place holds, how that grew, and what keeps it alive.
fn numbers(finding: &Finding, place: &Place, report: &Report, markup: Markup) -> String {
    let mut head = vec![markup.bold(&place.name), markup.prose(&place.label.to_string())];
    if finding.retained_size > 0 {
        head.push(retains(finding.retained_size, report, markup));
    }
    let mut text = head.join(" · ");
    if let Some(counts) = comparison(&finding.counts, &report.snapshots) {
        text.push_str(markup.line_break());
        text.push_str(&markup.prose(&counts));
    }
    if !finding.path_text.is_empty() {
        text.push_str("\n\nKept alive by ");
        text.push_str(&markup.prose(&finding.path_text));
    }
    text
}

/// `retains **4.1 MB** (6.3 % of the heap)`
fn retains(bytes: u64, report: &Report, markup: Markup) -> String {
    let total = report.snapshots.last().map_or(0, |snapshot| snapshot.total_size);
    let share = units::share(bytes, total);
    let share = share.map_or(String::new(), |share| format!(" ({share} of the heap)"));
    format!("retains {}{share}", markup.bold(&units::size(bytes)))
}

/// What the link to a place is introduced with.
fn takes_part(role: Role) -> &'static str {
    match role {
        Role::Holder => "held by",
        Role::Grows => "added at",
        Role::Leaked => "made at",
        Role::User => "from your code at",
    }
}

/// `baseline 600 · target 1,200 · final 1,800  ▁▄█`, or without the names if they are long.
fn comparison(counts: &[u64], snapshots: &[SnapshotSummary]) -> Option<String> {
    if counts.len() < 2 {
        return None;
    }
    let names: Vec<String> = snapshots
        .iter()
        .filter_map(|snapshot| {
            Some(snapshot.file.file_name()?.to_str()?.split('.').next()?.to_owned())
        })
        .collect();
    let short = |name: &String| (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    let numbers = if names.len() == counts.len() && names.iter().all(short) {
        let pairs = names.iter().zip(counts);
        pairs
            .map(|(name, &count)| format!("{name} {}", units::number(count)))
            .collect::<Vec<_>>()
            .join(" · ")
    } else {
        units::series(counts)
    };
    Some(format!("{numbers}  {}", sparkline(counts)))
}

/// A bar for each number, between the smallest and the largest of them.
fn sparkline(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let least = counts.iter().copied().min().unwrap_or(0);
    let most = counts.iter().copied().max().unwrap_or(0);
    let range = u128::from((most - least).max(1));
    // At most 7: a count is at most `range` above the least.
    let bar = |&count: &u64| BARS[(u128::from(count - least) * 7 / range) as usize];
    counts.iter().map(bar).collect()
}

/// Which snapshot, and how old: `final.heapsnapshot, 3 minutes ago`.
fn origin(snapshot: &SnapshotSummary, markup: Markup, now: SystemTime) -> String {
    let name = snapshot.file.file_name().unwrap_or_default().to_string_lossy();
    let name = markup.prose(&name);
    match snapshot.taken_at {
        Some(time) => format!("{name}, {}", age(now.duration_since(time).unwrap_or_default())),
        None => name,
    }
}

/// `just now`, `3 minutes ago`, `2 days ago`.
fn age(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let (count, one, several) = match minutes {
        0 => return "just now".to_owned(),
        1..60 => (minutes, "minute", "minutes"),
        60..1440 => (minutes / 60, "hour", "hours"),
        _ => (minutes / 1440, "day", "days"),
    };
    format!("{} {} ago", units::number(count), units::plural(count, one, several))
}

#[cfg(test)]
mod tests;
