//! What is drawn often: one function a piece, so that a test says what it holds and not how V8 lays it out.
//! Pieces are text and are put together as such.

use std::ops::Range;

/// Which of the things that were ever made are there in each of three snapshots, where none pile up: as
/// many as before, others each time, few, and more but others each time.
pub(crate) const NO_PILE: [[Range<usize>; 3]; 4] = [
    [0..300, 0..300, 0..300],
    [0..300, 300..600, 600..900],
    [0..1, 0..5, 0..9],
    [0..100, 100..300, 300..600],
];

/// The same lines for each of these numbers, which stand for `{n}`; for `{before}` stands the number before
/// it, and for `{index}` how many came before.
pub(crate) fn each(numbers: impl IntoIterator<Item = usize>, lines: &str) -> String {
    let one = |(index, number): (usize, usize)| {
        let lines =
            lines.replace("{n}", &number.to_string()).replace("{index}", &index.to_string());
        lines.replace("{before}", &number.wrapping_sub(1).to_string()) + "\n"
    };
    numbers.into_iter().enumerate().map(one).collect()
}

/// A variable of the module, and the node that it holds: type, name, size.
pub(crate) fn variable(name: &str, node: &str) -> String {
    format!("scope --context {name}--> {name}\n{name}: {node}\n")
}

/// An array in a variable, with so many instances of a class.
pub(crate) fn array(variable: &str, class: &str, count: usize) -> String {
    members(variable, class, 0..count)
}

/// The same with members of these numbers, which are called like the variable: `jobs_3`.
pub(crate) fn members(
    variable: &str,
    class: &str,
    numbers: impl IntoIterator<Item = usize>,
) -> String {
    let elements = elements(variable, numbers, &format!("object {class} 400"));
    format!("scope --context {variable}--> {variable}\n{elements}")
}

/// An array by itself, with elements of these numbers, each a node with type, name and size.
pub(crate) fn elements(
    array: &str,
    numbers: impl IntoIterator<Item = usize>,
    node: &str,
) -> String {
    let lines = format!(
        "{array} --element {{index}}--> {array}_{{n}}
         {array}_store --internal {{index}}--> {array}_{{n}}
         {array}_{{n}}: {node}"
    );
    // As large as it needs to be: V8 leaves no link to a number, and room without links is room for these.
    let numbers: Vec<usize> = numbers.into_iter().collect();
    let room = 16 + 8 * numbers.len();
    let empty = format!(
        "{array}: object Array 16
         {array} --internal elements--> {array}_store
         {array}_store: array \"(object elements)\" {room}
         "
    );
    empty + &each(numbers, &lines)
}

/// A `Map` by itself, with so many entries: their keys are texts, their values are called by `value`, in
/// which `{entry}` stands for the number of the entry.
pub(crate) fn map(name: &str, count: usize, value: &str) -> String {
    let keys = each(0..count, &format!("{name}_key_{{n}}: string \"key {{n}}\" 24"));
    let keys_and_values = [&format!("{name}_key_{{entry}}"), value];
    format!("{name}: object Map 32\n") + &table(name, count, &keys_and_values) + &keys
}

/// A `Set` by itself, with so many members, called by `member`, in which `{entry}` stands for the number.
pub(crate) fn set(name: &str, count: usize, member: &str) -> String {
    format!("{name}: object Set 32\n") + &table(name, count, &[member])
}

/// The table of a map or set, with the labels in each entry.
fn table(of: &str, count: usize, entry: &[&str]) -> String {
    // Three counts, a bucket for every two entries, then the entries, of which each leads to the next in its
    // bucket; all behind a header of two words.
    let capacity = count.next_power_of_two().max(4);
    let (first, width) = (3 + capacity / 2, entry.len() + 1);
    let bytes = 8 * (2 + first + width * capacity);
    let field = |number: usize, field: usize| {
        let (place, label) =
            (first + width * number + field, entry[field].replace("{entry}", &number.to_string()));
        format!("{of}_table --internal {place}--> {label}\n")
    };
    let fields = (0..count).flat_map(|number| (0..entry.len()).map(move |it| field(number, it)));
    format!(
        "{of} --internal table--> {of}_table\n{of}_table: array \"(object elements)\" {bytes}\n"
    ) + &fields.collect::<String>()
}

/// An `EventEmitter` in a variable, with listeners of these numbers for an event: closures of a function of the source.
pub(crate) fn listeners(
    emitter: &str,
    event: &str,
    function: &str,
    numbers: impl IntoIterator<Item = usize>,
) -> String {
    let emitter_object = variable(emitter, "object EventEmitter 64");
    let list = elements(event, numbers, &format!("closure {function} 400 at {function}"));
    format!(
        "{emitter_object}{emitter} --property _events--> {emitter}_events
         {emitter}_events: object Object 64
         {emitter}_events --property {event}--> {event}
         {list}"
    )
}

/// An `EventTarget` in a variable, with listeners of these numbers for an event, linked both ways from the
/// oldest: closures of a function of the source.
pub(crate) fn target_listeners(
    target: &str,
    event: &str,
    function: &str,
    numbers: Range<usize>,
) -> String {
    let first = numbers.start;
    let lines = format!(
        "listener{{n}}: object Listener 100
         listener{{n}} --property callback--> callback{{n}}
         callback{{n}}: closure {function} 400 at {function}"
    );
    let links = "listener{before} --property next--> listener{n}
         listener{n} --property previous--> listener{before}";
    let events = format!("{target}_events");
    variable(target, "object EventTarget 64")
        + &format!("{target} --property <symbol kEvents>--> {events}\n")
        + &map(&events, 1, "listeners")
        + &format!(
            "{events}_key_0: string {event} 24
             listeners: object Object 64
             listeners --property next--> listener{first}
             listener{first} --property previous--> listeners
             "
        )
        + &each(numbers.clone(), &lines)
        + &each(first + 1..numbers.end, links)
}

/// Armed timers of these numbers in Node's list, each with a closure of a function of the source.
pub(crate) fn timers(
    function: &str,
    are_intervals: bool,
    numbers: impl IntoIterator<Item = usize>,
) -> String {
    let repeat = if are_intervals { "" } else { "timer{n} --property _repeat--> null" };
    let lines = format!(
        "node_timers --internal {{n}}--> timer{{n}}
         timer{{n}}: object Timeout 100
         timer{{n}} --property _idlePrev--> node_timers
         timer{{n}} --property _onTimeout--> callback{{n}}
         callback{{n}}: closure {function} 400 at {function}
         {repeat}"
    );
    let list = "root --element 2--> node_timers\nnode_timers: object TimersList 64\n";
    list.to_owned() + NULL + &each(numbers, &lines)
}

/// A linked list in a variable, of which each element leads to the one before it; the newest is in the
/// variable.
pub(crate) fn list(variable: &str, node: &str, numbers: Range<usize>) -> String {
    let (first, newest) = (numbers.start, numbers.end - 1);
    let links = format!("{variable}_{{n}} --property before--> {variable}_{{before}}");
    each(numbers.clone(), &format!("{variable}_{{n}}: {node}"))
        + &each(first + 1..numbers.end, &links)
        + &format!("scope --context {variable}--> {variable}_{newest}\n")
}

/// A text in a variable that was made longer piece by piece, with pieces of these numbers, of 200 bytes each.
pub(crate) fn text(variable: &str, numbers: Range<usize>) -> String {
    let (first, whole) = (numbers.start, numbers.end - 1);
    let lines = format!(
        "{variable}_{{n}}: concatenated_string 32
         {variable}_{{n}} --internal second--> {variable}_piece_{{n}}
         {variable}_piece_{{n}}: string \"piece {{n}}\" 200"
    );
    let links = format!("{variable}_{{n}} --internal first--> {variable}_{{before}}");
    each(numbers.clone(), &lines)
        + &each(first + 1..numbers.end, &links)
        + &format!("scope --context {variable}--> {variable}_{whole}\n")
}

/// A `Buffer` of this name with so many bytes behind it.
pub(crate) fn buffer(name: &str, bytes: usize) -> String {
    format!(
        "{name}: object Buffer 96
         {name} --internal buffer--> {name}_memory
         {name}_memory: object ArrayBuffer 80
         {name}_memory --internal backing_store--> {name}_store
         {name}_store: native \"system / JSArrayBufferData\" {bytes}
         "
    )
}

/// Nodes of these numbers, called `{label}{n}`, that hang on native objects of Node's, one each: what a
/// socket or a file keeps, and no variable.
pub(crate) fn on_handles(
    label: &str,
    node: &str,
    numbers: impl IntoIterator<Item = usize>,
) -> String {
    let lines = format!(
        "node_handles --element {{n}}--> handle{{n}}
         handle{{n}}: native TCP 64
         handle{{n}} --internal owner--> {label}{{n}}
         {label}{{n}}: {node}"
    );
    "root --element 2--> node_handles\nnode_handles: synthetic \"(Global handles)\" 0\n".to_owned()
        + &each(numbers, &lines)
}

/// Reactions of these numbers that wait for a promise in a variable: closures of a function of the source.
pub(crate) fn reactions(promise: &str, function: &str, numbers: Range<usize>) -> String {
    let (first, newest) = (numbers.start, numbers.end - 1);
    let lines = format!(
        "reaction{{n}}: hidden \"system / PromiseReaction\" 40
         reaction{{n}} --internal fulfill_handler--> handler{{n}}
         handler{{n}}: closure {function} 400 at {function}"
    );
    variable(promise, "object Promise 64")
        + &each(numbers.clone(), &lines)
        + &each(first + 1..numbers.end, "reaction{n} --internal next--> reaction{before}")
        + &format!("{promise} --internal reactions_or_result--> reaction{newest}\n")
}

/// A script with this number, of which a function at line 1 and this column lives, both from 0. Other places
/// in it are drawn as `at NUMBER:LINE:COLUMN`.
pub(crate) fn script(number: &str, name: &str, (function, column): (&str, u32)) -> String {
    format!(
        "root --element {number}--> seen{number}
         seen{number}: closure {function} 64 at {number}:1:{column}
         seen{number} --internal shared--> shared{number}
         shared{number}: code \"(shared function info)\" 64
         shared{number} --internal script--> script{number}
         script{number}: code \"{name}\" 64
         script{number} --internal source--> source{number}
         source{number}: string \"'use strict';\" 64
         "
    )
}

/// `null`, for edges that lead there.
pub(crate) const NULL: &str = "null: hidden null 0\n";

/// `true`, for edges that lead there.
pub(crate) const TRUE: &str = "true: hidden true 0\n";
