//! Every threshold on which a decision hangs, by who decides: each with its unit and the reason for it.
//! How much work a loop may take is no decision: such budgets stand beside their loops.
//! One file, however long: whoever asks what decides finds all of it here.

/// Whether a part of something is most of it: more than half, wherever a decision asks for most.
pub(crate) fn is_most(part: u64, whole: u64) -> bool {
    2 * part > whole
}

/// What is said of a verdict.
pub(crate) mod words {
    /// Log-odds: reasons that weigh less are not told; with one of them the odds change by less than half.
    pub(crate) const MIN_TOLD: f64 = 0.4;
}

/// Linked lists.
pub(crate) mod linked_lists {
    /// Elements of a kind: a list of several kinds has each of them so often, on average. What changes its kind at
    /// every other step is a way through a program's objects, and no list.
    pub(crate) const MIN_OF_A_KIND: usize = 4;
}

/// The judge.
pub(crate) mod judge {
    /// From this certainty on it is called a leak: a warning. So sure that of thirty-three that are called one
    /// is none, on labelled programs that had no part in the weights (docs/verdicts.md).
    pub const CALLED: f64 = 0.7;

    /// From this certainty on, what is not called a leak is worth another look before anybody says that there
    /// is none: of what is said with about 0.1, one in twenty-five is one (docs/verdicts.md).
    pub(crate) const OPEN: f64 = 0.25;

    /// Bytes: what grew by less is no warning, however sure it is.
    pub const MIN_GROWTH: i64 = 10_000;

    /// So much more code than in the first snapshot, as a part of it: the program may still be starting,
    pub(crate) const MIN_STARTING: f64 = 0.1;

    /// and with so much more it certainly is.
    pub(crate) const MAX_STARTING: f64 = 0.5;

    /// Part of what it says that nothing takes out, if it is handed to code that nobody read: most that get a
    /// collection only look at it.
    pub(crate) const NOTHING_HERE: f64 = 0.5;

    /// Part of what it says that the source is another by now, if what adds was found again in it.
    pub(crate) const FOUND_AGAIN: f64 = 0.5;

    /// Things: so many more or less are nothing to compare with.
    pub(crate) const SOME: u64 = 10;

    /// Seconds: what is taken out when it is old may all be younger.
    pub(crate) const SOON: f64 = 60.0;

    /// Seconds: of what nothing has gone for a day, nothing will; sessions and tokens rarely live longer.
    pub(crate) const NEVER: f64 = 86_400.0;

    /// Part of what a limit says, from 0 to 1, of one whose number nobody knows: it may be none (`max = Infinity`).
    pub(crate) const UNKNOWN_LIMIT: f64 = 0.7;

    /// Things that came: no more than these are not many.
    pub(crate) const FIRST_MANY: f64 = 10.0;

    /// Powers of ten: a thousand times as many, and as heavy, as is worth a word weighs in full.
    pub(crate) const IN_FULL: f64 = 3.0;

    /// Powers of ten: that a hundred times [`SOME`] are all still there weighs in full.
    pub(crate) const ALL_THERE: f64 = 2.0;

    /// If a fourth of those that were there is gone, it weighs in full: what leaks does not go.
    pub(crate) const GONE_IN_FULL: f64 = 0.25;

    /// Keys: a table of fewer may be complete (countries, time zones, routes).
    pub(crate) const FEW_KEYS: f64 = 1_000.0;
}

/// Series of counts. After reference work on N-snapshot detection (`BLeak`, fuite, memlab) and our own
/// measurements on the bundled programs and on real packages.
pub(crate) mod trend {
    /// The smallest growth, in things counted, that is worth a word.
    pub(crate) const MIN_GROWTH: u64 = 10;

    /// The same of things that are large, each by itself: three more reports of a megabyte each.
    pub(crate) const MIN_LARGE_GROWTH: u64 = 3;

    /// Bytes: things are large if those that came take so much together.
    pub(crate) const LARGE: u64 = 1_000_000;

    /// Between two snapshots: the growth must be at least this share of what was there before.
    pub(crate) const MIN_SHARE: f64 = 0.05;

    /// A step down of more than this share ends the suspicion: something does remove.
    pub(crate) const MAX_DIP: f64 = 0.02;

    /// The share of the steps that must go up.
    pub(crate) const MIN_RISING_SHARE: f64 = 0.75;

    /// The last step must be at least this share of the median rising step: what filled once and then
    /// stays (a cache at its limit, lazy tables) has a last step near zero.
    pub(crate) const MIN_LAST_STEP: f64 = 0.35;

    /// Less than this share of the median rising step: whatever it is, it gains less and less, as a table
    /// of few keys does that are met by and by, or a pool that comes near its maximum.
    pub(crate) const MIN_STEADY_STEP: f64 = 0.5;

    /// What the work added is kept if more than this share of it is still there after the last step
    /// (memlab's own measure: at most a tenth is drained, at most half is mostly drained).
    pub(crate) const MIN_KEPT_SHARE: f64 = 0.5;
}

/// What is closed or empty and still kept.
pub(crate) mod retained_after_close {
    /// If so large a share of what a collection holds is done with, that is what is wrong with it.
    pub(crate) const MIN_SHARE: f64 = 0.8;

    /// Fewer are no pile: some are always just being closed.
    pub(crate) const MIN_COUNT: usize = 10;
}

/// Short slices of long texts.
pub(crate) mod sliced_string_parent {
    /// Bytes: a shorter text is not worth a word,
    pub(crate) const MIN_PARENT: u64 = 10_000;

    /// nor are texts that take less than this together,
    pub(crate) const MIN_BYTES: u64 = 500_000;

    /// or less than this share of the heap.
    pub(crate) const MIN_SHARE: f64 = 0.02;

    /// Bytes: of a text that has so few for each of its slices most may be in use.
    pub(crate) const MIN_PER_SLICE: u64 = 2_000;
}

/// Equal strings.
pub(crate) mod duplicate_strings {
    /// Bytes: less is not worth a word,
    pub(crate) const MIN_BYTES: u64 = 200_000;

    /// nor is less than this share of the heap.
    pub(crate) const MIN_SHARE: f64 = 0.02;
}

/// Connections, workers and the like that are open.
pub(crate) mod open_handles {
    /// The share of those of a kind that nothing of the program's own must have: a pool that grows has most
    /// of its connections.
    pub(crate) const MIN_UNHELD_SHARE: f64 = 0.5;

    /// In one snapshot: fewer may be work that is under way.
    pub(crate) const MIN_IN_ONE: u64 = 20;
}

/// Agents of HTTP with their sockets.
pub(crate) mod http_agents {
    /// The share of those that are new that must be unexplained, and have sockets.
    pub(crate) const MIN_SHARE: f64 = 0.5;

    /// and so many of these may be in use.
    pub(crate) const MAX_IN_USE: usize = 2;
}

/// Instances and closures that nothing else explains.
pub(crate) mod leaking_instances {
    /// The share of a site's new things that must be unexplained, so that it is a leak of its own.
    pub(crate) const MIN_UNEXPLAINED_SHARE: f64 = 0.5;
}

/// Things that only weak references still reach.
pub(crate) mod weak_references {
    /// So large a share of them must be kept in this way.
    pub(crate) const MIN_SHARE: f64 = 0.5;
}

/// Tables whose keys were there before.
pub(crate) mod known_keys {
    /// Entries: of a larger table nobody asks whether its keys were there. A program that keeps something for each
    /// word of a dictionary has a hundred thousand.
    pub(crate) const MAX_TABLE: u64 = 200_000;
}

/// Tables whose keys come again.
pub(crate) mod met_again {
    /// Entries: of fewer that were there before, that they were met again is chance.
    pub(crate) const MIN_OLD: usize = 20;
}

/// Collections that grow.
pub(crate) mod growing_collection {
    /// In one snapshot: a collection with fewer entries is no suspect,
    pub(crate) const MIN_IN_ONE: u64 = 100;

    /// nor is one that retains less than this share of the heap,
    pub(crate) const MIN_SHARE_IN_ONE: f64 = 0.02;

    /// nor an object of which one property retains more than this share of what all do: it has many properties,
    /// and they are no things of a kind;
    pub(crate) const MAX_SHARE_OF_PROPERTY: f64 = 0.5;

    /// nor one that has functions, of which fewer than this share are one: those are methods.
    pub(crate) const MIN_SHARE_OF_FUNCTION: f64 = 0.5;
}

/// Modules that are loaded again.
pub(crate) mod module_reload {
    /// In one snapshot: fewer copies of one module are no pile. A test runner has one for each of its
    /// environments.
    pub(crate) const MIN_IN_ONE: u64 = 10;
}

/// Linked lists.
pub(crate) mod growing_chain {
    /// Elements, in one snapshot: a shorter list is no suspect. Queues and lists of recent things of a few hundred
    /// elements are in every heap.
    pub(crate) const MIN_IN_ONE: u64 = 1_000;

    /// A list whose elements also stand in a growing collection is a part of that: an LRU cache has both.
    pub(crate) const MIN_EXPLAINED_SHARE: f64 = 0.5;
}

/// Variables that no closure uses.
pub(crate) mod unused_capture {
    /// Less than this is not worth a word, in bytes.
    pub(crate) const MIN_BYTES: u64 = 100_000;

    /// Nor is less than this share of the heap.
    pub(crate) const MIN_SHARE: f64 = 0.005;

    /// Closures of one function, in one snapshot: with fewer it is as likely that each is in use. The same number as
    /// of listeners, of which most of them are.
    pub(crate) const MIN_IN_ONE: u64 = 11;

    /// So much is worth a word even if a single closure keeps it and it does not grow: bytes, and share
    /// of the heap.
    pub(crate) const LARGE: u64 = 1_000_000;

    /// Part of the heap, from 0 to 1; see [`LARGE`].
    pub(crate) const LARGE_SHARE: f64 = 0.05;

    /// Of more closures than this that do not grow, each keeps little.
    pub(crate) const MAX_IF_STEADY: usize = 1_000;
}

/// Listeners.
pub(crate) mod growing_listeners {
    /// In one snapshot: Node itself warns above ten listeners of one event.
    pub(crate) const MIN_IN_ONE: u64 = 11;

    /// A list is one of functions if so large a share of it is.
    pub(crate) const MIN_FUNCTIONS_SHARE: f64 = 0.8;

    /// A table of functions is one of listeners if so large a share is closures of one function.
    pub(crate) const MIN_SHARE_OF_ONE: f64 = 0.5;
}

/// Instances of `AsyncLocalStorage`.
pub(crate) mod async_local_storage {
    /// Instances, in one snapshot: a program has one for each thing that it traces, a framework some more.
    pub(crate) const MIN_IN_ONE: u64 = 20;
}

/// Timers.
pub(crate) mod uncleared_timers {
    /// Timers with one callback, in one snapshot: fewer may be one for each connection or job of now.
    pub(crate) const MIN_TIMERS_IN_ONE: u64 = 20;
}

/// Memory outside of the heap.
pub(crate) mod external_memory {
    /// Bytes: buffers that take less together are not worth a word in a program that does not grow,
    pub(crate) const MIN_BYTES: u64 = 10_000_000;

    /// nor is less than this share of the heap.
    pub(crate) const MIN_SHARE: f64 = 0.1;

    /// Bytes: large buffers of which pieces are kept are worth a word from here on,
    pub(crate) const MIN_SLICED: u64 = 1_000_000;

    /// and from this share of the heap on.
    pub(crate) const MIN_SLICED_SHARE: f64 = 0.02;

    /// Bytes: of a buffer that has so few for each of its pieces most may be in use. What Node reads at once
    /// is 16 kB and more.
    pub(crate) const MIN_PER_SLICE: u64 = 10_000;

    /// Bytes: smaller ones are not counted. Node puts many small buffers into one of 8 kB.
    pub(crate) const MIN_STORE: u64 = 4_000;
}

/// Promises that do not settle.
pub(crate) mod pending_promises {
    /// Reactions to one promise, in one snapshot: so many calls may wait for one thing at once, as for a connection
    /// that is being made.
    pub(crate) const MIN_IN_ONE: u64 = 100;
}

/// Elements of no page.
pub(crate) mod detached_dom {
    /// So few elements are not worth a word: one that is made and put into the page later is healthy,
    pub(crate) const MIN_COUNT: u64 = 20;

    /// unless they keep so many bytes.
    pub(crate) const LARGE: u64 = 100_000;

    /// A holder explains the growth of all detached elements if this share of those that are new is its own.
    pub(crate) const MIN_SHARE: f64 = 0.5;
}

/// When two leaks are one.
pub(crate) mod merge {
    /// Things are kept each by one of others if so many are.
    pub(crate) const MIN_SHARE: f64 = 0.8;

    /// Things: two that gain fewer from the first snapshot to the last may gain as many by chance.
    pub(crate) const MIN_GAINED_ALONG: u64 = 100;
}

/// Snapshots of different processes.
pub(crate) mod cross_process {
    /// Less growth, in things counted, may be any difference in the work of two processes.
    pub(crate) const MIN_GROWTH: u64 = 20;
}

/// Collections that hold the same.
pub(crate) mod same_members {
    /// Two hold the same if they share this much of what the one with fewer holds.
    pub(crate) const MIN_SHARED: f64 = 0.8;

    /// Things: what has more in it is not around a thing, it is a thing.
    pub(crate) const MAX_INSIDE: usize = 16;

    /// There may be so many times as many wrappers as things: a list for each of two keys.
    pub(crate) const MAX_AROUND: usize = 2;
}

/// What comes and goes.
pub(crate) mod churn {
    /// At least this share of what was there in the snapshot before the last must still be there.
    pub(crate) const MIN_STAYING_SHARE: f64 = 0.5;
}

/// How many of those that were held are gone.
pub(crate) mod turnover {
    /// The births of so large a share of what is held must be known.
    pub(crate) const MIN_KNOWN_SHARE: f64 = 0.5;

    /// Of fewer nobody can tell a share.
    pub(crate) const MIN_THERE: f64 = 5.0;

    /// A smaller part is none: V8 may copy an object, and a count may be of another moment.
    pub(crate) const MIN_GONE: f64 = 0.02;
}

/// What to measure next.
pub(crate) mod next_measurement {
    /// How much of its code a program loaded between the snapshots, from 0 to 1 as the judge counts it: from
    /// the middle on, later snapshots are asked for before further ones.
    pub(crate) const MIN_STARTING: f64 = 0.5;

    /// Snapshots: after so many, one more round like those before tells little. Of three, the last may be
    /// the rest after the work.
    pub(crate) const MANY_SNAPSHOTS: usize = 4;
}

/// Whether a bound is in force.
pub(crate) mod in_force {
    /// A share of the entries that a timer each takes out: of fewer that have one which still waits, most
    /// timers fired and took out nothing, as in a program that deletes by another key than it adds. Not all:
    /// some may fire while the snapshot is taken.
    pub(crate) const MIN_TIMERS: f64 = 0.5;
}

/// Whether what was begun is under way.
pub(crate) mod in_flight {
    /// The share of those that were asked that a timer must hold.
    pub(crate) const MIN_SHARE: f64 = 0.8;
}

/// Whose a pile is.
pub(crate) mod by_holder {
    /// The holder of a kind is whoever holds this share of those that were asked.
    pub(crate) const MIN_SHARE: f64 = 0.5;
}

/// What explains the members of a collection.
pub(crate) mod payload {
    /// Whoever accounts for this share of the members explains them.
    pub(crate) const MIN_SHARE: f64 = 0.5;
}

/// Stores of asynchronous work.
pub(crate) mod async_context {
    /// A store for so large a share of them: else the stores are not what piles up.
    pub(crate) const MIN_SHARE: f64 = 0.5;
}

/// Whether two snapshots are of one process.
pub(crate) mod same_process {
    /// The share of the functions that must have the ids that they had.
    pub(crate) const MIN_AGREEMENT: f64 = 0.98;

    /// With fewer functions in both, nobody knows.
    pub(crate) const MIN_SHARED: usize = 50;

    /// Functions of one name and place: where there are more, they come and go with the work. A browser's
    /// page has V8's functions once a frame.
    pub(crate) const MAX_ALIKE: usize = 4;
}

/// What is said of a report as a whole.
pub(crate) mod notices {
    /// Bytes: less growth of the whole heap needs no explanation,
    pub(crate) const UNEXPLAINED_GROWTH: u64 = 500_000;

    /// nor does less than this part of what it was: that is what programs at work breathe.
    pub(crate) const UNEXPLAINED_SHARE: f64 = 0.1;
}

/// The table of what grew.
pub(crate) mod growth {
    /// The share of the heap's growth from which on a class is worth a row.
    pub(crate) const MIN_SHARE: f64 = 0.01;

    /// Whoever holds this share of those that were asked is said to hold them.
    pub(crate) const MIN_HELD_SHARE: f64 = 0.5;

    /// The share of the heap's growth that findings explain: of more, what is left needs no table.
    pub(crate) const MIN_EXPLAINED: f64 = 0.5;
}

/// The table of what fills the heap.
pub(crate) mod contents {
    /// The share of the heap from which on a part of it is worth a row.
    pub(crate) const MIN_SHARE: f64 = 0.02;

    /// The share of the heap from which on one asks of a single snapshot whether what is held grows.
    pub(crate) const MIN_SUSPECT: f64 = 0.1;

    /// The share of its limit from which on a heap is nearly full: V8 itself collects in vain from about there on.
    pub(crate) const NEARLY_FULL: f64 = 0.8;
}

/// What of a snapshot is counted at all.
pub(crate) mod census {
    /// A collection with fewer entries is not followed: it cannot have grown enough to matter.
    pub(crate) const MIN_ENTRIES: u64 = 4;

    /// Properties: a function with fewer has those that were written for it (`function-as-map` has more).
    pub(crate) const MIN_PROPERTIES: usize = 16;

    /// A store with less room may be empty: V8 makes one before there is anything to put into it.
    pub(crate) const MIN_ROOM: usize = 32;

    /// Bytes: a shorter text or buffer is not followed: it cannot have grown by as much as a warning needs.
    pub(crate) const MIN_TEXT: u64 = 10_000;
}

/// Which texts count as repeated.
pub(crate) mod repeated_strings {
    /// Fewer strings with one text are no pile,
    pub(crate) const MIN_COUNT: u64 = 20;

    /// nor are those that together take fewer bytes than this.
    pub(crate) const MIN_BYTES: u64 = 10_000;
}

/// Which places on the heap are those of one state, so that a collection is known again though it was
/// replaced, or is one of another process.
pub(crate) mod places {
    /// Properties: a plain object with more is a dictionary, and they are its entries.
    pub(crate) const MAX_RECORD_PROPERTIES: usize = 64;

    /// Objects around a collection that may be new each time: `state.entities.users.byId` has three.
    pub(crate) const MAX_AROUND: usize = 3;

    /// Properties: a plain object that stands in more of plain objects is no part of one state,
    pub(crate) const MAX_WAYS: usize = 4;

    /// nor is one that has more collections inside.
    pub(crate) const MAX_INSIDE: usize = 256;
}

/// What is worth a hover.
pub(crate) mod hover_sites {
    /// Bytes that the only closure of a function keeps: less is what every function keeps.
    pub(crate) const MIN_SINGLE_CLOSURE: u64 = 10_000;
}
