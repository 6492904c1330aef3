//! Numbers and sizes as people read them: `10,432`, `4.1 MB`, `600 → 1,200 → 1,800`.
//!
//! Sizes count in thousands (kB, MB), as Chrome DevTools' Memory panel does.

/// `1234567` becomes `1,234,567`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the largest unit that keeps the number at one or more: `96 B`, `118 kB`, `4.1 MB`.
pub fn size(bytes: u64) -> String {
    let (value, unit) = scaled(bytes);
    if unit == "B" || value >= 9.95 {
        format!("{value:.0} {unit}")
    } else {
        format!("{value:.1} {unit}")
    }
}

/// One size a snapshot, oldest first, precise enough to compare: `62.1 → 66.2 MB`.
pub fn sizes(bytes: &[u64]) -> String {
    let scaled: Vec<(f64, &str)> = bytes.iter().map(|&bytes| scaled(bytes)).collect();
    let Some(&(_, last_unit)) = scaled.last() else { return String::new() };
    let share_unit = scaled.iter().all(|&(_, unit)| unit == last_unit);
    let text = |index: usize, &(value, unit): &(f64, &str)| {
        let number = if unit == "B" { format!("{value:.0}") } else { format!("{value:.1}") };
        let bare = share_unit && index + 1 < scaled.len();
        if bare { number } else { format!("{number} {unit}") }
    };
    scaled.iter().enumerate().map(|(index, item)| text(index, item)).collect::<Vec<_>>().join(" → ")
}

fn scaled(bytes: u64) -> (f64, &'static str) {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return (bytes as f64, "B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.5 and above would be printed as 1000 of the smaller unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    (value, UNITS[unit])
}

/// One number a snapshot, oldest first: `600 → 1,200 → 1,800`.
pub fn series(counts: &[u64]) -> String {
    counts.iter().map(|&count| number(count)).collect::<Vec<_>>().join(" → ")
}

/// A share of the whole as people say it: `34 %`, `6.3 %`, or nothing below a tenth of a percent.
pub fn share(part: u64, whole: u64) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        p if p < 0.1 => None,
        p if p < 9.95 => Some(format!("{p:.1} %")),
        p => Some(format!("{p:.0} %")),
    }
}

/// The word for one or for several: `plural(2, "entry", "entries")`.
pub fn plural<'a>(count: u64, one: &'a str, several: &'a str) -> &'a str {
    if count == 1 { one } else { several }
}

/// What ends a list of which one was named: ` and 3 more`, or nothing.
pub(crate) fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_at_each_thousand() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1000), "1,000");
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(series(&[600, 1200, 1800]), "600 → 1,200 → 1,800");
    }

    #[test]
    fn sizes_are_short_and_decimal() {
        assert_eq!(size(96), "96 B");
        assert_eq!(size(1000), "1.0 kB");
        assert_eq!(size(118_300), "118 kB");
        assert_eq!(size(999_600), "1.0 MB");
        assert_eq!(size(4_123_456), "4.1 MB");
        assert_eq!(size(u64::MAX), "18446744 TB");
    }

    #[test]
    fn a_shared_unit_is_named_once() {
        assert_eq!(sizes(&[4_000_000, 6_600_000]), "4.0 → 6.6 MB");
        assert_eq!(sizes(&[900_000, 6_600_000]), "900.0 kB → 6.6 MB");
        assert_eq!(sizes(&[96]), "96 B");
    }

    #[test]
    fn a_tiny_share_is_not_worth_a_word() {
        assert_eq!(share(1, 1_000_000), None);
        assert_eq!(share(63, 1000).as_deref(), Some("6.3 %"));
        assert_eq!(share(34, 100).as_deref(), Some("34 %"));
        assert_eq!(share(1, 0), None);
    }
}
