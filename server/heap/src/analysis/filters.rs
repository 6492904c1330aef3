//! The filters above the Summary view (`DevTools`: `createNamedFilter`).

use super::computed::Analysis;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::node_set::NodeSet;
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Edge;

/// What the Summary view can be confined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filter {
    /// What only detached nodes of a page hold.
    RetainedByDetachedDomNodes,
    /// What only the console of `DevTools` holds, because somebody printed it.
    RetainedByConsole,
    /// What only the handlers of a page's events hold.
    RetainedByEventHandlers,
    /// What only the scopes of functions hold: variables that closures have captured.
    RetainedByContexts,
    /// Strings of which there are several with the same text.
    DuplicatedStrings,
}

impl Analysis {
    /// The nodes that pass the filter. What cannot be reached at all passes none.
    pub fn filtered(&self, filter: Filter, monitor: &dyn Monitor) -> Result<NodeSet, Cancelled> {
        match filter {
            Filter::RetainedByDetachedDomNodes => {
                let is_detached = |node| self.detachedness(node) == super::detachedness::DETACHED;
                self.lost_without(|edge| is_detached(edge.to), monitor)
            }
            Filter::RetainedByConsole => {
                self.lost_without(|edge| self.is_of_console(edge), monitor)
            }
            Filter::RetainedByEventHandlers => {
                let handlers = self.event_handlers();
                self.lost_without(|edge| handlers.contains(edge.to), monitor)
            }
            Filter::RetainedByContexts => {
                let is_scope = |node| self.is_context(node) && !self.is_renamed(node);
                self.lost_without(|edge| is_scope(edge.to), monitor)
            }
            Filter::DuplicatedStrings => {
                let groups = self.duplicate_strings(monitor)?;
                Ok(NodeSet::of(self, groups.iter().flat_map(|group| group.nodes.iter().copied())))
            }
        }
    }

    /// What can be reached from the root, but not without one of the links that are `closed`.
    fn lost_without(
        &self,
        closed: impl Fn(&Edge) -> bool,
        monitor: &dyn Monitor,
    ) -> Result<NodeSet, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, self.node_count())?;
        let (mut steps, mut done) = (0, 0);
        let mut reached = NodeSet::of(self, [NodeOrdinal::ROOT]);
        let mut pending = vec![NodeOrdinal::ROOT];
        while let Some(node) = pending.pop() {
            done += 1;
            for edge in self.edges(node) {
                progress.step(&mut steps, done)?;
                if edge.edge_type != EdgeType::Weak && !reached.contains(edge.to) && !closed(&edge)
                {
                    reached.insert(edge.to);
                    pending.push(edge.to);
                }
            }
        }
        let has_distance = |node: &NodeOrdinal| self.distance(*node) != Self::NO_DISTANCE;
        let lost = self.nodes().filter(|&node| !reached.contains(node)).filter(has_distance);
        Ok(NodeSet::of(self, lost))
    }

    fn is_of_console(&self, edge: &Edge) -> bool {
        const NAME: &str = " / DevTools console";
        self.node_type(edge.from) == NodeType::Synthetic
            && self.edge_name_index(edge).is_some_and(|name| self.string(name).ends_with(NAME))
            && self.shortcut_number(edge).is_none()
    }

    /// The functions behind a page's listeners, or what a framework wraps around them: a function is
    /// what has a link called `code`.
    fn event_handlers(&self) -> NodeSet {
        let mut handlers = NodeSet::new(self);
        let Some(listener) = self.find_string("V8EventListener") else { return handlers };
        let is_function = |node: &NodeOrdinal| self.target(*node, "code").is_some();
        for node in self.nodes().filter(|&node| self.name_index(node) == listener) {
            if self.is_renamed(node) {
                continue;
            }
            let Some(callback) = self.target(node, "1") else { continue };
            let wrapped = || self.edges(callback).map(|edge| edge.to).find(is_function);
            let function =
                if is_function(&callback) { callback } else { wrapped().unwrap_or(callback) };
            handlers.insert(function);
        }
        handlers
    }

    /// The target of the node's first link that `DevTools` calls so, whatever its type.
    fn target(&self, node: NodeOrdinal, name: &str) -> Option<NodeOrdinal> {
        let is_called = |edge: &Edge| match self.shortcut_number(edge) {
            Some(number) => number == name,
            None => edge.is_named(self, name),
        };
        self.edges(node).find(is_called).map(|edge| edge.to)
    }

    /// A shortcut whose name begins with a number is called by that number alone.
    fn shortcut_number(&self, edge: &Edge) -> Option<String> {
        if edge.edge_type != EdgeType::Shortcut {
            return None;
        }
        let name = self.string(self.edge_name_index(edge)?);
        let name = name.trim_start();
        let (sign, digits) = match name.strip_prefix(['+', '-']) {
            Some(digits) => (if name.starts_with('-') { "-" } else { "" }, digits),
            None => ("", name),
        };
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = digits.get(..length).filter(|number| !number.is_empty())?;
        let significant = number.trim_start_matches('0');
        Some(if significant.is_empty() { "0".to_owned() } else { format!("{sign}{significant}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn filtered(drawing: &str, filter: Filter) -> String {
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let nodes = heap.filtered(filter, &Unmonitored).expect("nobody cancels");
        nodes.iter().map(|node| sketch.label(node)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_only_a_scope_holds() {
        let drawing = "
            root -> f
            f: closure
            f --internal context--> scope
            scope: object \"system / Context\"
            scope --context mine--> mine
            scope --context shared--> shared
            root -> shared
            f --internal other--> newer
            newer: object \"system / Context / f @3\"
            newer -> inside
            f --internal script--> table
            table: object \"system / ContextTable\"
            orphan --context x--> y
        ";
        assert_eq!(filtered(drawing, Filter::RetainedByContexts), "scope mine newer inside");
    }

    #[test]
    fn what_only_detached_nodes_hold() {
        let drawing = "
            root -> div
            div: native <div> ~2
            div -> text
            div -> style
            root -> style
        ";
        assert_eq!(filtered(drawing, Filter::RetainedByDetachedDomNodes), "div text");
    }

    #[test]
    fn what_only_the_console_holds() {
        let drawing = "
            root -> handles
            handles: synthetic
            handles --internal 3 / DevTools console--> printed
            printed -> inner
            handles --shortcut 4 / DevTools console--> other
            root -> object
            object --internal 3 / DevTools console--> misnamed
        ";
        assert_eq!(filtered(drawing, Filter::RetainedByConsole), "printed inner");
    }

    #[test]
    fn what_only_event_handlers_hold() {
        let drawing = "
            root -> l1
            l1: native V8EventListener
            l1 --internal 1--> direct
            direct --internal code--> c
            direct -> held
            root -> c
            l2: native V8EventListener
            root -> l2
            l2 --element 1--> wrapper
            wrapper -> nothing
            wrapper -> wrapped
            wrapped --internal code--> c
            l3: native V8EventListener
            root -> l3
            l3 --shortcut 01x--> unknown
            l4: native V8EventListener
            root -> l4
        ";
        assert_eq!(
            filtered(drawing, Filter::RetainedByEventHandlers),
            "direct held wrapped unknown"
        );
    }
}
