//! growing-collection: a Map, Set, Array or plain object that only grows.
//!
//! The holder is the declaration of the variable or field that keeps it; the places that add come
//! from the source. Arrays of listeners are not looked at here but in [`super::listeners`].

use crate::census::Kind;
use crate::evidence::{Evidence, GrowingCollection};
use crate::held::{Held, held, name_of, named_steps};
use crate::kept::{kept_by, kept_label};
use crate::members::{members, way_to_member};
use crate::path;
use crate::report::{Finding, Place, Role, Rule};
use crate::suspect::{Seen, Statement, Statements, Suspect};
use crate::suspect::{certainty, fingerprint, line_of, place, place_of, severity};
use crate::units::{number, plural, series, share, size};
use heapmark_heap::CollectionKind;

/// In one snapshot: a collection with fewer entries is no suspect,
const FEWEST_IN_ONE: u64 = 100;
/// nor is one that retains less than this share of the heap.
const SMALLEST_SHARE_IN_ONE: f64 = 0.02;
/// At most this many places that add are shown.
const MOST_ADDS: usize = 3;

/// Looks at every collection of `growing`.
pub(crate) fn find(e: &Evidence, growing: &[GrowingCollection]) -> Vec<Suspect> {
    growing.iter().filter_map(|collection| suspect(e, collection)).collect()
}

/// The large collections of a single snapshot.
pub(crate) fn large(e: &Evidence) -> Vec<GrowingCollection> {
    let large_enough = |node, entries: u64| {
        entries >= FEWEST_IN_ONE
            && e.heap.retained_size(node) as f64
                >= SMALLEST_SHARE_IN_ONE * e.heap.total_size() as f64
    };
    e.collections_of_newest()
        .filter(|&(node, entries)| large_enough(node, entries))
        .map(|(node, entries)| GrowingCollection { node, counts: vec![entries], seen: Seen::Once })
        .collect()
}

fn suspect(e: &Evidence, collection: &GrowingCollection) -> Option<Suspect> {
    let node = collection.node;
    let Held { owner, holder } = held(e, node)?;
    let name = name_of(e, &owner, holder.as_ref());
    let members = members(e, node);
    let kept = kept_by(e, &members, &[Kind::Instance, Kind::Closure, Kind::Frame]);
    // Statements about `store` say nothing about `store.entries[…]`.
    let is_direct = named_steps(e, &owner.edges[1..]).is_empty();
    let statements =
        holder.as_ref().filter(|_| is_direct).map(|holder| Statements::about(holder, None));
    let statements = statements.unwrap_or_default();
    let retained = e.heap.retained_size(node);
    let about = About { e, collection, name: &name, retained, statements: &statements };

    let mut edges = owner.edges.clone();
    if let Some(kept) = &kept {
        edges.extend(way_to_member(e, node, kept.member));
        edges.extend(&kept.edges);
    }
    let leaked = kept.as_ref().and_then(|kept| Some((e.locator.site(kept.site)?, kept)));
    let leaked_name = leaked.as_ref().map_or("", |(spot, _)| spot.short_name());

    let mut places: Vec<Place> = Vec::new();
    if let Some(holder) = &holder {
        places.push(place(Role::Holder, &holder.spot, about.holder_label(), String::new()));
        let here = line_of(&places[0]);
        for add in statements.adds.iter().take(MOST_ADDS) {
            let only = statements.adds.len() == 1 && collection.seen != Seen::Once;
            let label = if only { "adds one each time" } else { "adds here" };
            places.push(place_of(&holder.spot, add, label.to_owned(), about.add_message(&here)));
        }
    }
    if let Some((spot, kept)) = &leaked {
        let counts = e.site_series(kept.site);
        let by = places.first().map_or(String::new(), |holder| format!(" ({})", line_of(holder)));
        let what = number(counts.last().copied().unwrap_or(0));
        let message = format!("{what} `{}` are kept by `{name}`{by}.", spot.short_name());
        places.push(place(Role::Leaked, spot, kept_label(&counts), message));
    }
    let scope = holder.as_ref().map_or("", |holder| holder.scope.as_str());
    let file = holder.as_ref().map_or_else(String::new, |h| e.locator.relative(h.spot.path()));
    let finding = Finding {
        rule: Rule::GrowingCollection,
        severity: severity(collection.seen, &statements, &places),
        certainty: certainty(e, collection.seen, &statements),
        fingerprint: fingerprint(Rule::GrowingCollection, &[&file, scope, &name]),
        title: about.title(),
        message: about.message(),
        help: about.help(),
        counts: collection.counts.clone(),
        shallow_size: e.heap.self_size(node),
        retained_size: retained,
        growth: i64::try_from(e.new_bytes_below(node)).unwrap_or(i64::MAX),
        places,
        path: path::hops(e, &edges),
        path_text: path::in_words(e, holder.as_ref(), &edges, leaked_name),
    };
    Some(Suspect { finding, accumulators: vec![node] })
}

/// Everything the sentences about one collection are made of.
struct About<'a> {
    e: &'a Evidence<'a>,
    collection: &'a GrowingCollection,
    name: &'a str,
    retained: u64,
    statements: &'a Statements,
}

impl About<'_> {
    fn count(&self) -> u64 {
        self.collection.counts.last().copied().unwrap_or(0)
    }

    /// The word for what is in the collection.
    fn noun(&self, count: u64) -> &'static str {
        match self.e.heap.collection_kind(self.collection.node) {
            Some(CollectionKind::Array) => plural(count, "item", "items"),
            Some(CollectionKind::Set | CollectionKind::WeakSet) => plural(count, "value", "values"),
            Some(CollectionKind::Dictionary) => plural(count, "key", "keys"),
            Some(CollectionKind::Map | CollectionKind::WeakMap) | None => {
                plural(count, "entry", "entries")
            }
        }
    }

    fn counted(&self) -> String {
        format!("{} {}", number(self.count()), self.noun(self.count()))
    }

    fn title(&self) -> String {
        match self.collection.seen {
            Seen::Growing { .. } => format!(
                "`{}` keeps growing: {} {}, {} retained",
                self.name,
                series(&self.collection.counts),
                self.noun(self.count()),
                size(self.retained)
            ),
            Seen::Once => {
                let share = share(self.retained, self.e.heap.total_size());
                let share = share.map_or(String::new(), |share| format!(", {share} of the heap"));
                let what = self.counted();
                format!("`{}` holds {what} ({}{share})", self.name, size(self.retained))
            }
        }
    }

    fn message(&self) -> String {
        let mut message = format!("{}.", self.title());
        let statements = self.statements_sentence();
        if !statements.is_empty() {
            message.push(' ');
            message.push_str(&statements);
        }
        if self.collection.seen == Seen::Once {
            message.push_str(
                " One snapshot cannot tell whether it grows: capture a second one to know.",
            );
        }
        message
    }

    /// Who adds, and who removes, as far as the source says.
    fn statements_sentence(&self) -> String {
        let adds = &self.statements.adds;
        let Some(first) = adds.first() else { return String::new() };
        let who = match (&first.in_function, adds.len()) {
            (Some(function), 1) => format!("`{function}` adds to it (line {})", first.line()),
            (None, 1) => format!("Line {} adds to it", first.line()),
            _ => format!("Lines {} add to it", lines(adds)),
        };
        match &self.statements.removes[..] {
            _ if self.statements.guarded => {
                format!("{who}, and its size is checked: it may be bounded.")
            }
            [] => format!("{who} and nothing removes any."),
            [one] => format!("{who}; what line {} removes is not enough.", one.line()),
            removes => format!("{who}; what lines {} remove is not enough.", lines(removes)),
        }
    }

    fn holder_label(&self) -> String {
        match &self.statements.removes[..] {
            [] if !self.statements.adds.is_empty() => {
                format!("holds {}; nothing removes any", self.counted())
            }
            _ => format!("holds {}", self.counted()),
        }
    }

    fn add_message(&self, holder: &str) -> String {
        let what = self.counted();
        let size = size(self.retained);
        match self.collection.seen {
            Seen::Growing { .. } => {
                format!("Adds to `{}` ({holder}), which keeps growing: {what}, {size}.", self.name)
            }
            Seen::Once => {
                format!("Adds to `{}` ({holder}), which holds {what}, {size}.", self.name)
            }
        }
    }

    fn help(&self) -> String {
        match self.e.heap.collection_kind(self.collection.node) {
            Some(CollectionKind::Map | CollectionKind::Dictionary) => {
                "bound it (an LRU with a maximum), delete entries when they are done, or use a key \
                 that repeats"
            }
            _ => "remove items when they are done, or keep only the newest",
        }
        .to_owned()
    }
}

fn lines(statements: &[Statement]) -> String {
    let mut lines: Vec<u32> = statements.iter().map(Statement::line).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut text: Vec<String> = lines.iter().take(MOST_ADDS).map(u32::to_string).collect();
    let more = lines.len() - text.len();
    match (text.pop(), more) {
        (Some(last), 0) if text.is_empty() => last,
        (Some(last), 0) => format!("{} and {last}", text.join(", ")),
        (Some(last), more) => format!("{}, {last} and {more} more", text.join(", ")),
        (None, _) => String::new(),
    }
}
