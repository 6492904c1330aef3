//! Findings whose words stand in their rule: what is not yet told as facts ([`crate::rules::leak`]).

use heapmark_heap::NodeOrdinal;

use crate::report::{Hop, Place, Rule, Severity, Text};
use crate::rules::leak::{Facts, Leak, Spotted, Verdict, Words};

/// As [`crate::report::Finding`], with strings.
pub(crate) struct Finding {
    pub(crate) rule: Rule,
    pub(crate) severity: Severity,
    pub(crate) certainty: f32,
    pub(crate) fingerprint: String,
    pub(crate) title: String,
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) counts: Vec<u64>,
    pub(crate) shallow_size: u64,
    pub(crate) retained_size: u64,
    pub(crate) growth: i64,
    pub(crate) places: Vec<Place>,
    pub(crate) outside: Vec<String>,
    pub(crate) path: Vec<Hop>,
    pub(crate) path_text: String,
}

struct Worded {
    title: String,
    message: String,
    help: String,
    retained: u64,
    places: Vec<Place>,
    spotted: Vec<Spotted>,
}

impl Leak {
    pub(crate) fn worded(
        finding: Finding,
        accumulators: Vec<NodeOrdinal>,
        members: Vec<NodeOrdinal>,
        of: Option<NodeOrdinal>,
    ) -> Self {
        let spotted = |place: &Place| Spotted {
            role: place.role,
            name: place.name.clone(),
            file: place.file.clone(),
            range: place.range,
            matched: place.matched,
            generated: place.generated.clone(),
        };
        let facts = Worded {
            title: finding.title,
            message: finding.message,
            help: finding.help,
            retained: finding.retained_size,
            spotted: finding.places.iter().map(spotted).collect(),
            places: finding.places,
        };
        Self {
            rule: finding.rule,
            verdict: Verdict { severity: finding.severity, certainty: finding.certainty },
            fingerprint: finding.fingerprint,
            counts: finding.counts,
            shallow_size: finding.shallow_size,
            retained_size: finding.retained_size,
            growth: finding.growth,
            outside: finding.outside,
            path: finding.path,
            path_text: finding.path_text,
            facts: Box::new(facts),
            accumulators,
            members,
            of,
            together_with: None,
            joined: Vec::new(),
            is_of_other_processes: false,
        }
    }
}

impl Facts for Worded {
    fn spotted(&self) -> Vec<&Spotted> {
        self.spotted.iter().collect()
    }

    fn words(&self, leak: &Leak) -> Words {
        let (mut title, mut message) = (self.title.clone(), self.message.clone());
        if let Some((all, name)) = &leak.together_with {
            let before = format!("{} retained", crate::report::units::size(self.retained));
            let all = crate::report::units::size(*all);
            let after = format!("{all} retained together with `{name}`");
            for sentence in [&mut title, &mut message] {
                *sentence = sentence.replacen(&before, &after, 1);
            }
        }
        Words {
            title: Text::from(title),
            message: Text::from(message),
            help: Text::from(self.help.as_str()),
            places: self.places.clone(),
        }
    }
}
