//! What is known of a collection that grows. The words for it are in [`crate::words`].

use heapmark_heap::CollectionKind;

use crate::locate::statements::Statements;
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::growing_collection::weak_map_value::WeakValue;
use crate::rules::leak::At;
use crate::rules::retained_after_close::Defunct;
use crate::verdict::trend::Trend;

/// Collections with one holder that grow.
pub(crate) struct CollectionFacts {
    /// What a person calls it: `cache.entries`.
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// How many collections these are.
    pub(crate) instances: usize,
    pub(crate) counted: Counted,
    pub(crate) trend: Trend,
    /// Bytes.
    pub(crate) retained: u64,
    /// Bytes of the whole heap.
    pub(crate) heap_size: u64,
    pub(crate) statements: Statements,
    /// Each is a longer copy of the one before.
    pub(crate) is_replaced: bool,
    /// All of its keys were there before it had them.
    pub(crate) is_of_known_keys: bool,
    /// What is in it is done with.
    pub(crate) defunct: Option<Defunct>,
    /// They are the signals that `AbortSignal.any` made of one.
    pub(crate) are_combined_signals: bool,
    /// The names of those that hold the same things.
    pub(crate) twins: Vec<String>,
    /// It hangs on a value of a weak map.
    pub(crate) weak_value: Option<WeakValue>,
    /// It is what waits in a stream.
    pub(crate) unread: Option<Unread>,
    pub(crate) places: Vec<At<CollectionPlace>>,
}

/// What it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Elements that are linked to each other.
    List,
    Collection(CollectionKind),
    /// A plain object, or a function or class that is used as one.
    Object,
}

/// What its numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Entries,
    /// What they have room for: nobody knows how many numbers are in them.
    Room,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CollectionPlace {
    /// The declaration of the holder.
    Holder,
    /// A statement that adds.
    Adds,
    /// A statement that puts a longer copy there.
    PutsLonger,
    /// A statement that puts values into the weak map on which it hangs.
    PutsValue,
    /// The class or function whose instances or closures are kept.
    Kept {
        /// Its name without what it is a member of.
        name: String,
        /// How many of these are alive in each snapshot.
        alive: Vec<u64>,
    },
    /// The call that hands over the function that is kept.
    HandsOver,
    /// The user's own name for it.
    User,
    /// A call that writes to the stream.
    Writes,
}
