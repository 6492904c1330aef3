//! Which stretches of a file stand as they ran, though the text around them is another by now.
//!
//! Two functions that are as far from each other as they were have the same text between them, as far as a heap
//! tells: an edit there would have moved the second one. Not here: which functions are found again
//! ([`super::align`]).

use crate::anchor::Anchors;
use crate::anchor::found::{Found, Outcome};
use crate::anchor::ran::Ran;
use crate::file::SourceFile;
use crate::text::Span;
use crate::text::position::Position;

impl SourceFile {
    /// The stretches between functions and classes that were found again and stand as far apart as in `ran`,
    /// and the last one to its end, if it is a function; in the order of the file.
    pub(crate) fn kept_stretches(&self, ran: &Ran, anchors: &Anchors) -> Vec<Span> {
        let found = ran.sites().filter_map(|(site, _)| {
            let (Outcome::Exact(item) | Outcome::Moved(item)) = *anchors.outcomes.get(&site)?;
            let found = self.found(item);
            let end = match found {
                Found::Function(function) => Some(function.span.1),
                // Of its members none was found again.
                Found::Class(_) => None,
            };
            Some((site, found.anchor(), self.text.offset(found.anchor())?, end))
        });
        let found: Vec<(Position, Position, u32, Option<u32>)> = found.collect();
        let between = found.windows(2).filter_map(|pair| {
            let [(ran, now, start, _), (next_ran, next_now, end, _)] = pair else { return None };
            let is_kept = distance(*ran, *next_ran) == distance(*now, *next_now);
            (is_kept && start < end).then_some((*start, *end))
        });
        let last = found.last().and_then(|&(_, _, start, end)| Some((start, end?)));
        between.chain(last).collect()
    }
}

/// Lines, and the columns behind them; of places in one line the columns between them.
fn distance(from: Position, to: Position) -> (i64, i64) {
    let lines = i64::from(to.line) - i64::from(from.line);
    let column = if lines == 0 { i64::from(from.column) } else { 0 };
    (lines, i64::from(to.column) - column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::RanSite;

    const RAN: &str = "class Store {
  constructor() { this.items = []; }
  add(it) { this.items.push(it); }
  trim() { this.items.pop(); }
}
const all = new Store();
function report() { return all; }
";

    /// What is kept of a text, one stretch a line, with its middle left out.
    fn kept(now: &str) -> String {
        let parse = |text: &str| SourceFile::parse("a.js", text.to_owned()).expect("it parses");
        let (ran, now) = (parse(RAN), parse(now));
        let sites = ran.functions().iter().filter_map(|function| {
            let name = function.name.rsplit('.').next()?;
            let name = if name == "constructor" { "Store" } else { name };
            Some(RanSite { position: function.anchor, name: name.to_owned(), is_instance: false })
        });
        let sites = Ran::new(sites, None);
        let anchors = now.find_by_name(&sites);
        let told = now.kept_stretches(&sites, &anchors).into_iter().map(|(start, end)| {
            let text = now.text.slice((start, end)).trim_end();
            let first = text.lines().next().unwrap_or_default();
            let last = text.lines().next_back().unwrap_or_default().trim();
            format!("{first} … {last}")
        });
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_moved_together_stands_as_it_ran() {
        let all = kept(RAN);
        assert_eq!(all.lines().count(), 4);
        assert_eq!(kept(&format!("// Words.\n{RAN}")), all);
    }

    #[test]
    fn what_is_between_functions_that_moved_apart_is_not_known() {
        let edited = RAN.replace("  trim", "  // More.\n  trim");
        insta::assert_snapshot!(kept(&edited), @r"
        () { this.items = []; } … add
        () { this.items.pop(); } … function report
        () { return all; } … () { return all; }
        ");
        let edited = RAN.replace("add(it) {", "add(it) { it.id = 1;\n");
        insta::assert_snapshot!(kept(&edited), @r"
        () { this.items = []; } … add
        () { this.items.pop(); } … function report
        () { return all; } … () { return all; }
        ");
    }

    #[test]
    fn a_function_that_is_not_found_again_is_kept_if_its_neighbours_are() {
        let renamed = RAN.replace("trim", "cuts");
        insta::assert_snapshot!(kept(&renamed), @r"
        () { this.items = []; } … add
        (it) { this.items.push(it); } … function report
        () { return all; } … () { return all; }
        ");
        let gone = RAN.replace("  trim() { this.items.pop(); }\n", "");
        insta::assert_snapshot!(kept(&gone), @r"
        () { this.items = []; } … add
        () { return all; } … () { return all; }
        ");
    }
}
