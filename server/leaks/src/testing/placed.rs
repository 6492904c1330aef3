//! Leaks of which only the place counts, for tests of what is done with leaks whatever they are.

use heapmark_source::{Position, Range};

use crate::report::{Match, Role, Rule};
use crate::rules::leak::{Facts, Features, Leak, Spotted, Words};
use crate::verdict::trend::Trend;
use crate::verdict::{Source, What};

/// A leak whose holder stands in the first line of a file, at a column.
pub(crate) fn leak(rule: Rule, file: &str, column: u32) -> Leak {
    let start = Position::new(0, column);
    let spotted = Spotted {
        role: Role::Holder,
        name: "held".to_owned(),
        file: file.into(),
        range: Range { start, end: Position::new(0, column + 4) },
        matched: Match::Exact,
        generated: None,
    };
    let features = Features::new(What::Other, Trend::Once, Source::default());
    Leak::new(rule, features, format!("{file}:{column}"), vec![1], Placed(spotted))
}

struct Placed(Spotted);

impl Facts for Placed {
    fn spotted(&self) -> Vec<&Spotted> {
        vec![&self.0]
    }

    fn words(&self, _: &Leak) -> Words {
        Words {
            title: "it leaks".into(),
            message: "It leaks.".into(),
            help: "let go".into(),
            places: Vec::new(),
        }
    }
}
