//! The kinds of leaks by name, and how loudly they are said.

/// The kind of leak. The names people see are in kebab-case, see [`Rule::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A Map, Set, Array or plain object that only grows.
    GrowingCollection,
    /// Event listeners that are added again and again and never removed.
    GrowingListeners,
    /// Intervals or timeouts that are started and never cleared.
    UnclearedTimers,
    /// A linked list that only grows.
    GrowingChain,
    /// A text that only gets longer.
    GrowingText,
    /// Sockets, requests, responses or workers that are kept after they were closed.
    RetainedAfterClose,
    /// Weak references that are kept after their targets are gone.
    DeadWeakRefs,
    /// A module that is loaded again and again, each copy kept.
    ModuleReload,
    /// Promises that never settle, with the functions that wait for them.
    PendingPromises,
    /// Many strings with the same text.
    DuplicateStrings,
    /// Short pieces of long texts, which keep the whole texts.
    SlicedStringParent,
    /// Much memory outside of V8's own heap, behind small objects.
    ExternalMemory,
    /// Instances of `AsyncLocalStorage` that pile up.
    AsyncLocalStorage,
    /// Nodes that were taken out of their page and are still held.
    DetachedDom,
    /// A variable kept alive by closures that never use it.
    UnusedCapture,
    /// Closures of one function pile up, kept by something that no other rule explains.
    LeakingClosure,
    /// Instances of one class pile up, kept by something that no other rule explains.
    LeakingInstances,
}

impl Rule {
    /// Every rule. A test holds that each has its page in docs/rules, and each page its rule here.
    pub const ALL: &[Rule] = &[
        Rule::GrowingCollection,
        Rule::GrowingListeners,
        Rule::UnclearedTimers,
        Rule::GrowingChain,
        Rule::GrowingText,
        Rule::RetainedAfterClose,
        Rule::DeadWeakRefs,
        Rule::ModuleReload,
        Rule::PendingPromises,
        Rule::UnusedCapture,
        Rule::LeakingClosure,
        Rule::LeakingInstances,
        Rule::DuplicateStrings,
        Rule::SlicedStringParent,
        Rule::ExternalMemory,
        Rule::AsyncLocalStorage,
        Rule::DetachedDom,
    ];

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// The rule's name as it stands in diagnostics, reports and the docs: kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Rule::GrowingCollection => "growing-collection",
            Rule::GrowingListeners => "growing-listeners",
            Rule::UnclearedTimers => "uncleared-timers",
            Rule::GrowingChain => "growing-chain",
            Rule::GrowingText => "growing-text",
            Rule::RetainedAfterClose => "retained-after-close",
            Rule::DeadWeakRefs => "dead-weakrefs",
            Rule::ModuleReload => "module-reload",
            Rule::PendingPromises => "pending-promises",
            Rule::DuplicateStrings => "duplicate-strings",
            Rule::SlicedStringParent => "sliced-string-parent",
            Rule::ExternalMemory => "external-memory",
            Rule::AsyncLocalStorage => "async-local-storage",
            Rule::DetachedDom => "detached-dom",
            Rule::UnusedCapture => "unused-capture",
            Rule::LeakingClosure => "leaking-closure",
            Rule::LeakingInstances => "leaking-instances",
        }
    }
}

/// How loudly a finding is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Growth was seen: two or more snapshots of one process.
    Warning,
    /// Suspicious, but one snapshot cannot prove it.
    Information,
}

impl Severity {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}
