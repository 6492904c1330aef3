//! Were two snapshots taken in one process, so that one id is one thing in both?
//!
//! Not all that has one id in both must be the same for that. Inside one process, too, V8 changes what
//! it calls code whose bytecode it threw away, and gives the id of a dead object to one made where it lay
//! ([`crate::census::identity`]): of all shared ids 68 to 100 % agree in one process, 18 to 96 % in two of one
//! program. So what is asked is the other way round, and only of what lives as long as the process and
//! is there in any: have the functions of Node's own modules and of V8 the ids that they had?
//!
//! Measured on Node 18, 20, 22, 24 and 26, of 2,700 to 4,300 such functions, each known by name and place:
//!
//! | pair of snapshots | have the same id |
//! |---|---|
//! | one process: at work, at rest, code flushed, modules loaded, everything dies, threads | 99.9 to 100 % |
//! | the same program twice, the same work; children of one cluster | 1 to 75 % |
//! | … with a fixed hash seed and `--predictable`, 10 objects more | 82 to 92 % |
//! | the same program with other work, flags or arguments | 1 to 5 % |
//! | a worker thread and its main thread, or another worker | 0 to 1 %; on Node 26, a worker after another: 1 to 100 % |
//! | one process before and after an inspector disconnected: all is numbered anew | 1 % |
//!
//! Two equally predictable runs with the very same work cannot be told apart by these functions; the first
//! snapshot of each can ([`crate::census::identity`]), and file names, as Node gives them:
//! `Heap.DATE.TIME.PROCESS.THREAD.NUMBER.heapsnapshot`.

use crate::verdict::thresholds::same_process::{MAX_ALIKE, MIN_AGREEMENT, MIN_SHARED};
use std::hash::{Hash, Hasher};
use std::path::Path;

use heapmark_heap::{NodeId, NodeType, ScriptId, Snapshot, snapshot_stem};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

/// The functions of the runtime's own in one snapshot, with their ids.
#[derive(Default)]
pub(crate) struct Sample {
    /// By name and place (hashed), in ascending order.
    functions: Vec<(u64, NodeId)>,
}

impl Sample {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let scripts = snapshot.scripts();
        let own: FxHashSet<ScriptId> =
            scripts.iter().filter(|it| it.name.starts_with("node:")).map(|it| it.id).collect();
        let mut functions: Vec<(u64, NodeId)> = Vec::new();
        let mut names = FxHashMap::default();
        for node in snapshot.nodes().filter(|&it| snapshot.node_type(it) == NodeType::Closure) {
            let place = snapshot.location(node);
            // V8's own functions have no place.
            if place.is_some_and(|place| !own.contains(&place.script)) {
                continue;
            }
            let name = snapshot.name_index(node);
            let name = *names.entry(name).or_insert_with(|| hash(&snapshot.string(name)));
            functions.push((hash(&(name, place)), snapshot.node_id(node)));
        }
        functions.sort_unstable();
        let few = functions.chunk_by(alike).filter(|alike| alike.len() <= MAX_ALIKE);
        Self { functions: few.flatten().copied().collect() }
    }

    /// Whether both samples are of one process, as far as the heaps tell.
    pub(crate) fn same_process(&self, other: &Sample) -> bool {
        let mut ids: FxHashMap<u64, &[(u64, NodeId)]> = FxHashMap::default();
        ids.extend(other.functions.chunk_by(alike).map(|alike| (alike[0].0, alike)));
        let mut shared = 0usize;
        let mut equal = 0usize;
        for functions in self.functions.chunk_by(alike) {
            if let Some(others) = ids.get(&functions[0].0) {
                shared += 1;
                equal += usize::from(functions.iter().any(|it| others.contains(it)));
            }
        }
        shared >= MIN_SHARED && equal as f64 >= MIN_AGREEMENT * shared as f64
    }
}

fn alike(one: &(u64, NodeId), other: &(u64, NodeId)) -> bool {
    one.0 == other.0
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// What Node's own name of a file says of the snapshot in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeName {
    /// The process and, in it, the thread: 0 is the main one.
    owner: (u32, u32),
    /// Date and time, to the second.
    taken: (u32, u32),
    /// Which of the process' files it was: each has another number, counted from the start.
    number: u32,
}

impl NodeName {
    /// `None` if Node did not name the file.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let stem = snapshot_stem(file);
        let parts: Vec<&str> = stem.file_name()?.to_str()?.split('.').collect();
        let ["Heap", date, time, process, thread, number] = parts[..] else { return None };
        let digits = |text: &str, count| text.len() == count;
        if !digits(date, 8) || !digits(time, 6) {
            return None;
        }
        Some(Self {
            owner: (process.parse().ok()?, thread.parse().ok()?),
            taken: (date.parse().ok()?, time.parse().ok()?),
            number: number.parse().ok()?,
        })
    }

    /// Whether the snapshots cannot be of one process and thread. In containers every process has the
    /// same number, but each counts its files from the start.
    pub(crate) fn contradicts(self, other: Self) -> bool {
        let (earlier, later) =
            if self.taken <= other.taken { (self, other) } else { (other, self) };
        self.owner != other.owner || earlier.taken < later.taken && earlier.number >= later.number
    }

    /// Whether the snapshots are of two threads of one process.
    pub(crate) fn is_other_thread(self, other: Self) -> bool {
        self.owner.0 == other.owner.0 && self.owner.1 != other.owner.1
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// A heap with so many functions of V8's own, each with an id of its own from `first` on.
    fn drawing(functions: usize, first: usize) -> String {
        let lines = (0..functions).map(|number| {
            let id = first + 2 * number;
            format!("root --element {number}--> f{number}\nf{number}: closure f{number} 24 @{id}\n")
        });
        lines.collect()
    }

    fn sample(drawing: &str) -> Sample {
        Sample::of(&Sketch::parse(drawing).snapshot())
    }

    #[test]
    fn in_one_process_functions_keep_their_ids() {
        let one = sample(&drawing(400, 101));
        assert!(one.same_process(&one));
        assert!(one.same_process(&sample(&drawing(900, 101))), "also when it grew");
    }

    #[test]
    fn whatever_became_of_other_ids() {
        let objects = |name: &str| {
            let lines = (0..4_000).map(|number| {
                let id = 5_001 + 2 * number;
                format!("root --element {id}--> n{number}\nn{number}: {name} 24 @{id}\n")
            });
            sample(&(drawing(400, 101) + &lines.collect::<String>()))
        };
        let before = objects("code \"system / BytecodeArray\"");
        assert!(before.same_process(&objects("code \"system / UncompiledData\"")));
        assert!(before.same_process(&objects("object Page")));
    }

    #[test]
    fn functions_that_there_are_many_of_come_and_go() {
        let many = |first: usize| {
            let lines = (0..300).map(|number| {
                let id = first + 2 * number;
                format!("root --element {id}--> n{number}\nn{number}: closure bound 24 @{id}\n")
            });
            sample(&(drawing(60, 101) + &lines.collect::<String>()))
        };
        assert!(many(5_001).same_process(&many(9_001)));
    }

    #[test]
    fn in_another_process_they_have_others() {
        let one = sample(&drawing(400, 101));
        assert!(!one.same_process(&sample(&drawing(400, 103))), "the order of one id makes it");
        // Half of the heap is as V8 made it in each.
        let half: String = drawing(800, 101).lines().take(400).collect::<Vec<_>>().join("\n");
        let other = half + "\n" + &drawing(400, 301).split_off(drawing(200, 301).len());
        assert!(!one.same_process(&sample(&other)));
    }

    #[test]
    fn a_few_functions_prove_nothing() {
        assert!(!sample(&drawing(30, 101)).same_process(&sample(&drawing(30, 101))));
    }

    #[test]
    fn the_programs_own_functions_prove_nothing() {
        let own = drawing(400, 101).replace('@', "at 5:1:1 @");
        assert!(!sample(&own).same_process(&sample(&own)));
    }

    fn contradicts(one: &str, other: &str) -> bool {
        let name = |it: &str| NodeName::of(Path::new(it)).expect("a name as Node gives it");
        assert_eq!(name(one).contradicts(name(other)), name(other).contradicts(name(one)));
        name(one).contradicts(name(other))
    }

    #[test]
    fn names_that_node_gives_tell_processes_and_threads_apart() {
        let one = "a/Heap.20261129.182501.4711.0.001.heapsnapshot";
        assert!(!contradicts(one, one), "of a copy nothing is said");
        assert!(!contradicts(one, "Heap.20261129.182502.4711.0.002.heapsnapshot.gz"));
        assert!(!contradicts(one, "Heap.20261129.182501.4711.0.002.heapsnapshot"), "in one second");
        assert!(contradicts(one, "Heap.20261129.182502.4712.0.002.heapsnapshot"), "a process");
        assert!(contradicts(one, "Heap.20261129.182502.4711.1.002.heapsnapshot"), "a thread");
        assert!(contradicts(one, "Heap.20261129.182502.4711.0.001.heapsnapshot"), "a restart");
        let name = |it: &str| NodeName::of(Path::new(it)).expect("a name as Node gives it");
        let thread = |it: &str| name(one).is_other_thread(name(it));
        assert!(thread("Heap.20261129.182502.4711.1.002.heapsnapshot"));
        assert!(!thread("Heap.20261129.182502.4712.1.002.heapsnapshot"), "of another process");
    }

    #[test]
    fn other_names_say_nothing() {
        for name in ["1.heapsnapshot", "Heap.1.2.3.4.5.heapsnapshot", "Heap.20261129.182501.x.0.1"]
        {
            assert_eq!(NodeName::of(Path::new(name)), None, "{name}");
        }
    }
}
