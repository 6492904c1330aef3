//! What is said of instances and closures that pile up, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{NO_PILE, array, each, messages, on_handles, said, script, variable};

const OPENS: &str = "const sessions = [];
class Session {}
function open(socket) {
  socket.session = new Session();
  socket.onData = function onData() {
    socket.read();
  };
}
";

fn of(node: &str, numbers: [std::ops::Range<usize>; 3]) -> Vec<String> {
    said(OPENS, numbers.map(|numbers| on_handles("thing", node, numbers)))
}

const SESSION: &str = "object Session 400 at Session";
const CLOSURE: &str = "closure onData 400 at onData";

#[test]
fn instances_and_closures_that_pile_up_are_a_warning_at_their_class_or_function() {
    let grows = [0..100, 0..200, 0..300];
    assert_eq!(
        of(SESSION, grows.clone()),
        [
            "warning leaking-instances main.js:2 instances of `Session` pile up: 100 → 200 → 300, 80 kB retained"
        ]
    );
    assert_eq!(
        of(CLOSURE, grows),
        [
            "warning leaking-closure main.js:5 closures of `onData` pile up: 100 → 200 → 300, 80 kB retained"
        ]
    );
}

#[test]
fn as_many_as_before_few_and_others_each_time_are_not_mentioned() {
    for numbers in NO_PILE {
        for node in [SESSION, CLOSURE] {
            assert_eq!(of(node, numbers.clone()), [""; 0], "{node} {numbers:?}");
        }
    }
}

#[test]
fn instances_in_a_collection_that_grows_are_told_there() {
    let places = |count| {
        array("sessions", "Session", count)
            + &each(0..count, "sessions_{n}: object Session 400 at Session")
    };
    let said = said(OPENS, [100, 200, 300].map(places));
    assert!(said[0].starts_with("warning growing-collection main.js:1 "), "{said:?}");
    assert_eq!(said.len(), 1);
}

const FETCHES: &str = "function fetch(url) {
  return http.get(url, { agent: new http.Agent({ keepAlive: true }) });
}
";

/// Agents of Node's own that hang on its handles, with what is in a list of theirs.
fn agents(list: &str, count: usize) -> String {
    let list = format!(
        "agent{{n}} --property freeSockets--> free{{n}}
         free{{n}}: object Object 64
         {list}"
    );
    script("9", "node:_http_agent", ("run", 1))
        + &on_handles("agent", "object Agent 400 at 9:20:3", 0..count)
        + &each(0..count, &list)
}

#[test]
fn agents_whose_sockets_keep_them_are_a_warning_where_they_are_made() {
    let with_sockets =
        "free{n} --property localhost:80:--> sockets{n}\nsockets{n}: object Array 16";
    assert_eq!(
        said(FETCHES, [100, 200, 300].map(|count| agents(with_sockets, count))),
        [
            "warning leaking-instances main.js:2 instances of `Agent` pile up: 100 → 200 → 300, 96 kB retained"
        ]
    );
    assert_eq!(said(FETCHES, [100, 200, 300].map(|count| agents("", count))), [""; 0]);
    assert_eq!(said(FETCHES, [300; 3].map(|count| agents(with_sockets, count))), [""; 0]);
}

const PAGES: &str = "const registry = new FinalizationRegistry(release);
const links = new WeakMap();
class Page {}
function open(before) {
  const page = new Page();
  registry.register(page, page);
  links.set(before, page);
}
";

/// Cells of a `FinalizationRegistry` that wait for `target` and have been told to remember a page.
fn registered(target: &str, count: usize) -> String {
    let cells = format!(
        "registry --internal active_cells{{n}}--> cell{{n}}
         cell{{n}}: hidden \"system / WeakCell\" 40
         cell{{n}} --internal holdings--> page{{n}}
         cell{{n}} --weak target--> {target}
         page{{n}}: object Page 400 at Page"
    );
    variable("registry", "object FinalizationRegistry 64") + &each(0..count, &cells)
}

#[test]
fn a_registry_that_remembers_what_it_waits_for_is_told() {
    let of = |target: &str| messages(PAGES, [100, 200, 300].map(|count| registered(target, count)));
    let told = of("page{n}");
    assert!(told[0].contains("The registry waits for them to be collected"), "{told:?}");
    assert_eq!(told.len(), 1);
    let told = of("other{n}");
    assert!(!told[0].contains("The registry waits"), "{told:?}");
}

#[test]
fn a_weak_map_whose_values_are_its_next_keys_is_told() {
    // V8 names both links to a value by the whole entry.
    let entries = "page{n}: object Page 400 at Page
         links_table --weak {n}--> page{before}
         links_table --internal {n} / part of key (Page @{before}) -> value (Page @{n}) pair in WeakMap (table @7)--> page{n}
         page{before} --internal 1 / part of key (Page @{before}) -> value (Page @{n}) pair in WeakMap (table @7)--> page{n}";
    let heap = |count| {
        let table = "links --internal table--> links_table\nlinks_table: array table 1000\n";
        let first = variable("page0", "object Page 400 at Page");
        variable("links", "object WeakMap 32") + table + &first + &each(1..count, entries)
    };
    let told = messages(PAGES, [100, 200, 300].map(heap));
    assert!(told[0].contains("They hang on `links`: a WeakMap keeps a value"), "{told:?}");
    assert_eq!(told.len(), 1);
}
