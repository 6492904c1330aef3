//! Long lists a page at a time: retainers, children, dominated nodes, instances.
//!
//! A page is picked out of the list and only the page is sorted: that takes time in proportion to
//! the list, memory in proportion to what comes before the page, and nothing is kept between pages.
//! Where all that a list is sorted by is equal, the file's order decides, so that pages fit together.

use std::cmp::Ordering;

use super::computed::Analysis;
use crate::kinds::EdgeType;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::{Edge, EdgeName};

/// So many more items than needed are at hand when those are picked out: that takes some
/// milliseconds. Few in tests, whose lists are short.
const AT_HAND: usize = if cfg!(test) { 4 } else { 1 << 15 };

/// What a list is sorted by. What is equal in that is sorted by the others, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageOrder {
    /// The nearest to a root first.
    Distance,
    /// What retains most first.
    RetainedSize,
    /// What is largest itself first.
    SelfSize,
    /// By the name of the link, or of the class where there is no link: names first, by code points,
    /// then numbers.
    Name,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// What the list is sorted by.
    pub order: PageOrder,
    /// Whether that order is turned round.
    pub is_reversed: bool,
    /// How many come before the page.
    pub offset: usize,
    /// How many the page has at most. Cancelling takes effect between steps of as many items as there
    /// are up to the end of the page, so ask for thousands, not for millions.
    pub limit: usize,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// How long the whole list is.
    pub total: usize,
    /// The part.
    pub items: Vec<T>,
}

impl Analysis {
    /// What holds the node, as in `DevTools`' Retainers view: neither weakly nor as the root of all.
    /// Distances and sizes are those of the sources.
    pub fn retainers_page(
        &self,
        node: NodeOrdinal,
        request: PageRequest,
        monitor: &dyn Monitor,
    ) -> Result<Page<Edge>, Cancelled> {
        let is_shown =
            |edge: &Edge| edge.from != NodeOrdinal::ROOT && edge.edge_type != EdgeType::Weak;
        let all = self.retainers(node);
        let progress = Progress::start(monitor, Phase::Searching, all.len())?;
        let shown = all.filter(is_shown);
        let row_of = |edge: &Edge| (edge.from, edge.ordinal.index());
        self.page(shown, request, row_of, Self::by_edge_name, &progress)
    }

    /// What the node holds, weakly too: `DevTools`' Containment view, which starts at the root.
    /// Distances and sizes are those of the targets.
    pub fn children_page(
        &self,
        node: NodeOrdinal,
        request: PageRequest,
        monitor: &dyn Monitor,
    ) -> Result<Page<Edge>, Cancelled> {
        let children = self.edges(node);
        let progress = Progress::start(monitor, Phase::Searching, children.len())?;
        let row_of = |edge: &Edge| (edge.to, edge.ordinal.index());
        self.page(children, request, row_of, Self::by_edge_name, &progress)
    }

    /// What the node [dominates](Self::dominated).
    pub fn dominated_page(
        &self,
        node: NodeOrdinal,
        request: PageRequest,
        monitor: &dyn Monitor,
    ) -> Result<Page<NodeOrdinal>, Cancelled> {
        self.nodes_page(self.dominated(node), request, monitor)
    }

    /// A page of any nodes: instances of a class, the nodes of a set.
    pub fn nodes_page(
        &self,
        nodes: impl IntoIterator<Item = NodeOrdinal>,
        request: PageRequest,
        monitor: &dyn Monitor,
    ) -> Result<Page<NodeOrdinal>, Cancelled> {
        let by_class = |heap: &Self, a: &NodeOrdinal, b: &NodeOrdinal| {
            let (a, b) = (heap.class_index(*a), heap.class_index(*b));
            if a == b {
                return Ordering::Equal;
            }
            heap.class_index_name(a).cmp(&heap.class_index_name(b))
        };
        let progress = Progress::start(monitor, Phase::Searching, self.node_count())?;
        self.page(nodes.into_iter(), request, |&node| (node, node.index()), by_class, &progress)
    }

    fn by_edge_name(&self, a: &Edge, b: &Edge) -> Ordering {
        let indexes = (self.edge_name_index(a), self.edge_name_index(b));
        if indexes.0.is_some() && indexes.0 == indexes.1 {
            return Ordering::Equal;
        }
        match (self.edge_name(a), self.edge_name(b)) {
            (EdgeName::Name(a), EdgeName::Name(b)) => a.cmp(&b),
            (EdgeName::Index(a), EdgeName::Index(b)) => a.cmp(&b),
            (EdgeName::Name(_), EdgeName::Index(_)) => Ordering::Less,
            (EdgeName::Index(_), EdgeName::Name(_)) => Ordering::Greater,
        }
    }

    /// `row_of` tells the node that an item is about and its place in the file.
    fn page<T>(
        &self,
        all: impl Iterator<Item = T>,
        request: PageRequest,
        row_of: impl Fn(&T) -> (NodeOrdinal, usize),
        by_name: impl Fn(&Self, &T, &T) -> Ordering,
        progress: &Progress<'_>,
    ) -> Result<Page<T>, Cancelled> {
        let by = |order: PageOrder, a: &T, b: &T| {
            let (node_a, node_b) = (row_of(a).0, row_of(b).0);
            match order {
                PageOrder::Distance => self.distance(node_a).cmp(&self.distance(node_b)),
                PageOrder::RetainedSize => {
                    self.retained_size(node_b).cmp(&self.retained_size(node_a))
                }
                PageOrder::SelfSize => self.self_size(node_b).cmp(&self.self_size(node_a)),
                PageOrder::Name => by_name(self, a, b),
            }
        };
        let compare = |a: &T, b: &T| {
            let first = by(request.order, a, b);
            let first = if request.is_reversed { first.reverse() } else { first };
            first
                .then_with(|| by(PageOrder::Distance, a, b))
                .then_with(|| by(PageOrder::RetainedSize, a, b))
                .then_with(|| by(PageOrder::SelfSize, a, b))
                .then_with(|| by(PageOrder::Name, a, b))
                .then_with(|| row_of(a).1.cmp(&row_of(b).1))
        };
        let needed = request.offset.saturating_add(request.limit);
        let room = needed.saturating_add(needed.max(AT_HAND));
        let mut total = 0;
        let mut items = Vec::new();
        for item in all {
            total += 1;
            items.push(item);
            if items.len() == room {
                progress.report(total as u64)?;
                items.select_nth_unstable_by(needed, compare);
                items.truncate(needed);
            }
        }
        let start = request.offset.min(total);
        let end = needed.min(total);
        if start > 0 && start < items.len() {
            items.select_nth_unstable_by(start, compare);
        }
        let mut rest = items.split_off(start);
        if rest.len() > end - start && end > start {
            rest.select_nth_unstable_by(end - start, compare);
        }
        rest.truncate(end - start);
        rest.sort_unstable_by(compare);
        Ok(Page { total, items: rest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn request(order: PageOrder) -> PageRequest {
        PageRequest { order, is_reversed: false, offset: 0, limit: 100 }
    }

    #[test]
    fn links_are_sorted_by_what_is_asked_for() {
        let sketch = Sketch::parse(
            "
            root -> it
            it --property b--> large
            it --element 10--> small
            it --element 9--> small
            it --weak a--> far
            large: object L 100
            small: object S 1
            ",
        );
        let heap = sketch.analysis();
        let it = sketch.ordinal("it");
        let told = |order, is_reversed| {
            let request = PageRequest { is_reversed, ..request(order) };
            let page = heap.children_page(it, request, &Unmonitored).expect("nobody cancels");
            let names = page.items.iter().map(|edge| heap.edge_name(edge).to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(PageOrder::Name, false), "a b 9 10");
        assert_eq!(told(PageOrder::Name, true), "10 9 b a");
        assert_eq!(told(PageOrder::RetainedSize, false), "b a 9 10");
        assert_eq!(told(PageOrder::SelfSize, true), "9 10 a b");
        // What cannot be reached has a distance below all others.
        assert_eq!(told(PageOrder::Distance, false), "a b 9 10");
        let retainers = |label: &str| {
            let request = request(PageOrder::Distance);
            let page = heap.retainers_page(sketch.ordinal(label), request, &Unmonitored);
            page.expect("nobody cancels").total
        };
        assert_eq!(["it", "small", "far"].map(retainers), [0, 2, 0]);
        let dominated = heap.dominated_page(it, request(PageOrder::Name), &Unmonitored);
        let dominated = dominated.expect("nobody cancels").items;
        assert_eq!(dominated, ["large", "small"].map(|label| sketch.ordinal(label)));
    }

    proptest! {
        /// The naive twin sorts everything.
        #[test]
        fn pages_are_cuts_of_the_sorted_list(
            sizes in prop::collection::vec(0..5_u32, 1..60),
            order in prop::sample::select(vec![
                PageOrder::Distance, PageOrder::RetainedSize, PageOrder::SelfSize, PageOrder::Name,
            ]),
            is_reversed in any::<bool>(),
            limit in 0..9_usize,
        ) {
            let lines = sizes.iter().enumerate().map(|(node, size)| {
                let name = ["a", "b", "c"][(*size as usize * 7 + node) % 3];
                format!("root --property {name}--> n{node}\nn{node}: object {name} {size}\n")
            });
            let sketch = Sketch::parse(&lines.collect::<String>());
            let heap = sketch.analysis();
            let all = PageRequest { order, is_reversed, offset: 0, limit: usize::MAX };
            let page = |request| {
                let page = heap.children_page(NodeOrdinal::ROOT, request, &Unmonitored);
                page.expect("nobody cancels")
            };
            let all = page(all).items;
            prop_assert_eq!(all.len(), sizes.len());
            let key = |edge: &Edge| match order {
                PageOrder::Distance => u64::try_from(heap.distance(edge.to)).unwrap_or(0).to_string(),
                PageOrder::RetainedSize => format!("{:9}", 99 - heap.retained_size(edge.to)),
                PageOrder::SelfSize => format!("{:9}", 99 - heap.self_size(edge.to)),
                PageOrder::Name => heap.edge_name(edge).to_string(),
            };
            let is_sorted = all.is_sorted_by(|a, b| {
                if is_reversed { key(a) >= key(b) } else { key(a) <= key(b) }
            });
            prop_assert!(is_sorted);
            let mut pages = Vec::new();
            for offset in (0..=sizes.len()).step_by(limit.max(1)) {
                let page = page(PageRequest { order, is_reversed, offset, limit });
                prop_assert_eq!(page.total, sizes.len());
                pages.extend(page.items);
            }
            prop_assert_eq!(pages, if limit == 0 { Vec::new() } else { all });
        }
    }
}
