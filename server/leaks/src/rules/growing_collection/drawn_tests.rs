//! What is said of collections in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{array, elements, map, members, messages, said, set, timers, variable};

const ADDS: &str = "const jobs = [];\nfunction add(job) {\n  jobs.push(job);\n}\n";

fn of(counts: [usize; 3]) -> [String; 3] {
    counts.map(|count| array("jobs", "Job", count))
}

#[test]
fn an_array_that_grows_in_each_round_is_a_warning_at_its_declaration() {
    assert_eq!(
        said(ADDS, of([100, 200, 300])),
        [
            "warning growing-collection main.js:1 `jobs` keeps growing: 100 → 200 → 300 items, 122 kB retained"
        ]
    );
}

/// So many reports in an array, each with the bytes.
fn reports(count: usize, bytes: usize) -> String {
    let reports = elements("jobs", 0..count, &format!("object Report {bytes}"));
    format!("scope --context jobs--> jobs\n{reports}")
}

#[test]
fn a_few_more_are_a_leak_if_each_is_large() {
    let of = |counts: [usize; 4], bytes| said(ADDS, counts.map(|count| reports(count, bytes)));
    assert_eq!(
        of([3, 6, 9, 12], 200_000),
        [
            "warning growing-collection main.js:1 `jobs` keeps growing: 3 → 6 → 9 → 12 items, 2.4 MB retained"
        ]
    );
    assert_eq!(of([3, 6, 9, 12], 2_000), [""; 0]);
    assert_eq!(of([9, 9, 9, 9], 200_000), [""; 0], "as many as ever");
}

#[test]
fn what_others_may_take_out_and_what_is_used_again_is_said() {
    let end = |more: &str| {
        let [message] = &messages(&format!("{ADDS}{more}"), of([100, 200, 300]))[..] else {
            panic!("one finding")
        };
        message.split_once("retained. ").expect("how much is said").1.to_owned()
    };
    assert_eq!(
        end("require('queue').drain(jobs);\n"),
        "`add` adds to it (line 3) and nothing here removes any; it is handed to \
         `require('queue').drain` (line 5), which was not read."
    );
    assert_eq!(
        end("function take() {\n  return jobs.pop() ?? new Job();\n}\ntake();\n"),
        "`add` adds to it (line 3), and line 6 takes one out before a new one is made: there are as many as were \
         in use at once."
    );
}

#[test]
fn what_is_bounded_is_information() {
    let bounded =
        "const jobs = [];\nfunction add(job) {\n  if (jobs.length < 5000) jobs.push(job);\n}\n";
    let said = said(bounded, of([100, 200, 300]));
    assert!(said[0].starts_with("information growing-collection main.js:1"), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn how_many_there_may_be_is_said_as_long_as_there_are_fewer() {
    let source = "const jobs = [], MAX = 5_000;
function add(job) {
  jobs.push(job);
  if (jobs.length > MAX) jobs.shift();
}
";
    let [message] = &messages(source, of([100, 200, 300]))[..] else { panic!("one finding") };
    assert!(
        message.ends_with(
            "`add` adds to it (line 3). Not full yet: 300 of at most 5,000 (`MAX`, main.js:1)."
        ),
        "{message}"
    );
    // What is passed already is no limit.
    let said = said(&source.replace("5_000", "50"), of([100, 200, 300]));
    assert!(said[0].starts_with("warning growing-collection main.js:1"), "{said:?}");
}

#[test]
fn what_has_its_time_is_said_to_expire() {
    let source = "const jobs = [];
function add(job) {
  jobs.push(job);
  setTimeout(function expire() { jobs.splice(jobs.indexOf(job), 1); }, 60_000);
}
";
    // Each job has a timer, which waits.
    let waiting = |count: usize| {
        array("jobs", "Job", count)
            + "expire: closure expire 100 at expire\n"
            + &timers("expire", false, 0..count)
    };
    let series = [100, 200, 300].map(waiting);
    let expected =
        "`add` adds to it (line 3), and each entry expires (line 4): perhaps none was due yet.";
    let messages = messages(source, series.clone());
    assert!(messages.iter().any(|message| message.ends_with(expected)), "{messages:?}");
    let said_of = |series| {
        let said = said(source, series).into_iter();
        said.filter(|it| it.contains("growing-collection")).collect::<String>()
    };
    let said = said_of(series);
    assert!(said.starts_with("information growing-collection main.js:1"), "{said}");
    // Their timers fired, and the jobs are there.
    let said = said_of(of([100, 200, 300]));
    assert!(said.starts_with("warning growing-collection main.js:1"), "{said}");
}

#[test]
fn a_limit_that_is_none_bounds_nothing() {
    let source = "const jobs = [], max = Number(process.env.MAX_JOBS);
function add(job) {
  jobs.push(job);
  if (jobs.length > max) jobs.shift();
}
";
    // Small numbers are in no snapshot.
    let limited = |max: &str| {
        let limit = if max.is_empty() { String::new() } else { variable("max", max) };
        [100, 200, 300].map(|count| array("jobs", "Job", count) + &limit)
    };
    let said_of = |max| said(source, limited(max)).remove(0);
    for (max, severity) in [
        ("", "information"),
        ("number \"heap number\" 16", "warning"),
        ("hidden \"system / Oddball\" 32", "warning"),
    ] {
        let said = said_of(max);
        assert!(said.starts_with(severity), "{max}: {said}");
    }
}

#[test]
fn who_would_remove_and_is_never_called_is_named() {
    let source = |last: &str| {
        format!(
            "{ADDS}function clear() {{\n  jobs.length = 0;\n}}\nfunction stop() {{ clear(); }}\n{last}"
        )
    };
    let end = |source: &str| {
        let [message] = &messages(source, of([100, 200, 300]))[..] else { panic!("one finding") };
        message.split_once("retained. ").expect("the title comes first").1.to_owned()
    };
    assert_eq!(
        end(&source("")),
        "`add` adds to it (line 3). `clear` would remove them, but nothing calls it (line 6)."
    );
    assert_eq!(
        end(&source("process.on('exit', stop);\n")),
        "`add` adds to it (line 3); line 6 would take some out, but none of those that were there before is gone."
    );
    // A check that is never made bounds nothing.
    let checks = "function trim() {\n  if (jobs.length > MAX) jobs.shift();\n}\n";
    assert_eq!(
        end(&format!("{ADDS}{checks}")),
        "`add` adds to it (line 3). `trim` would remove them, but nothing calls it (line 6)."
    );
}

#[test]
fn who_leaves_an_entry_takes_nothing_from_what_holds_it() {
    let source = "const rooms = new Map();
function open(name, user) {
  rooms.set(name, new Set([user]));
  rooms.get(name).delete(user);
}
";
    let heap = |count| variable("rooms", "object Map 32") + &map("rooms", count, "room{entry}");
    let rooms = |count| (0..count).map(|n| format!("room{n}: object Room 400\n"));
    let heaps = [100, 300].map(|count| heap(count) + &rooms(count).collect::<String>());
    let [message] = &messages(source, heaps)[..] else { panic!("one finding") };
    assert!(message.ends_with("`open` adds to it (line 3) and nothing removes any."), "{message}");
}

#[test]
fn what_is_full_or_hardly_grows_is_not_mentioned() {
    for counts in [[300, 300, 300], [300, 303, 306], [0, 5, 9]] {
        assert_eq!(said(ADDS, of(counts)), [""; 0], "{counts:?}");
    }
}

#[test]
fn a_queue_that_is_longer_each_time_and_has_none_of_the_old_is_not_mentioned() {
    let queue = [(0, 100), (100, 300), (300, 600)];
    let queue = queue.map(|(from, to)| members("jobs", "Job", from..to));
    assert_eq!(said(ADDS, queue), [""; 0]);
}

const OPENS: &str = "const rooms = new Map();
function open(name, user) {
  rooms.get(name).push(user);
}
";

#[test]
fn a_map_that_grows_is_a_warning_unless_its_keys_may_all_have_been_met() {
    let of = |counts: [usize; 2]| {
        let heap = |count| variable("rooms", "object Map 32") + &map("rooms", count, "room{entry}");
        let rooms = |count| (0..count).map(|n| format!("room{n}: object Room 400\n"));
        let source =
            "const rooms = new Map();\nfunction open(name, room) { rooms.set(name, room); }\n";
        said(source, counts.map(|count| heap(count) + &rooms(count).collect::<String>()))
    };
    assert_eq!(
        of([100, 300]),
        [
            "warning growing-collection main.js:1 `rooms` keeps growing: 100 → 300 entries, 142 kB retained"
        ]
    );
    let met = of([700, 900]);
    assert!(met[0].starts_with("information growing-collection main.js:1 "), "{met:?}");
    assert_eq!(of([300, 300]), [""; 0]);
}

#[test]
fn lists_in_a_map_of_which_each_grows_are_told_as_one() {
    let heap = |count: usize| {
        let lists =
            (0..10).map(|n| elements(&format!("room{n}"), 0..count / 10, "object User 400"));
        variable("rooms", "object Map 32")
            + &map("rooms", 10, "room{entry}")
            + &lists.collect::<String>()
    };
    assert_eq!(
        said(OPENS, [100, 200, 300].map(heap)),
        [
            "warning growing-collection main.js:1 `rooms[…]` keeps growing in 10 instances: 100 → 200 → 300 items, 123 kB retained"
        ]
    );
    assert_eq!(said(OPENS, [300; 3].map(heap)), [""; 0]);
}

/// The properties of an object or function whose properties V8 keeps in a hash table, with values of these
/// numbers.
fn properties(of: &str, count: usize) -> String {
    let entry = |index: usize| {
        let (key, value) = (3 * index, 3 * index + 1);
        format!(
            "{of}_table --internal {key}--> {of}_key{index}
             {of}_key{index}: string \"style{index}\" 24
             {of}_table --internal {value}--> {of}_value{index}
             {of} --property style{index}--> {of}_value{index}
             {of}_value{index}: object Style 400
             "
        )
    };
    format!(
        "{of} --internal properties--> {of}_table\n{of}_table: array \"(object properties)\" 80\n"
    ) + &(0..count).map(entry).collect::<String>()
}

#[test]
fn a_function_that_is_used_as_a_map_is_told_like_one() {
    let source = "const styleOf = lookup;
function lookup(name) {
  return styleOf[name];
}
function render(url) {
  styleOf[url] ??= compile(url);
}
";
    let heap =
        |count| variable("styleOf", "closure lookup 64 at lookup") + &properties("styleOf", count);
    assert_eq!(
        said(source, [500, 1_000, 1_500].map(heap)),
        [
            "warning growing-collection main.js:1 `styleOf` keeps growing: 500 → 1,000 → 1,500 properties, 636 kB retained"
        ]
    );
    assert_eq!(said(source, [1_500; 3].map(heap)), [""; 0]);
}

#[test]
fn so_is_a_class_that_is_declared_by_its_name() {
    let source = "class Registry {
}
function add(id) {
  Registry[id] = { id };
}
";
    let heap = |count| {
        variable("Registry", "closure Registry 64 at Registry") + &properties("Registry", count)
    };
    let said = said(source, [500, 1_000, 1_500].map(heap));
    assert!(
        said[0].starts_with(
            "warning growing-collection main.js:1 `Registry` keeps growing: 500 → 1,000 → 1,500"
        ),
        "{said:?}"
    );
}

#[test]
fn a_map_that_gets_properties_instead_of_entries_is_told_like_one() {
    let source = "const rates = new Map();
function remember(id, rate) {
  rates[id] = rate;
}
";
    let heap = |count| {
        variable("rates", "object Map 32") + &map("rates", 0, "none") + &properties("rates", count)
    };
    let said = said(source, [500, 1_000, 1_500].map(heap));
    assert!(
        said[0].starts_with(
            "warning growing-collection main.js:1 `rates` keeps growing: 500 → 1,000 → 1,500"
        ),
        "{said:?}"
    );
}

#[test]
fn properties_of_the_global_object_are_told_at_the_statement_that_adds_them() {
    let heap = |count| {
        "root --element 2--> global\nglobal: object global 64\n".to_owned()
            + &properties("global", count)
    };
    let login = "function login(id) {\n  global[`session_${id}`] = { id };\n}\n";
    assert_eq!(
        said(login, [500, 1_000, 1_500].map(heap)),
        [
            "warning growing-collection main.js:2 `globalThis` keeps growing: 500 → 1,000 → 1,500 properties, 400 kB retained"
        ]
    );
    let named = "function load() {\n  global.config = { id };\n}\n";
    assert_eq!(said(named, [500, 1_000, 1_500].map(heap)), [""; 0]);
}

#[test]
fn under_a_name_that_is_made_elsewhere_a_variable_with_the_object_is_to_blame() {
    let source = "const CHILDREN = '_children';
class Span {
}
function addChild(span, child) {
  span[CHILDREN].add(child);
}
const boot = new Span();
";
    let heap = |count| {
        let children = set("children", count, "span{entry}");
        let spans = (0..count).map(|n| format!("span{n}: object Span 400 at Span\n"));
        variable("boot", "object Span 64 at Span")
            + &format!("boot --property _children--> children\n{children}")
            + &spans.collect::<String>()
    };
    let said = said(source, [100, 200, 300].map(heap));
    assert!(
        said[0].starts_with("warning growing-collection main.js:7 `boot._children` keeps growing"),
        "{said:?}"
    );
}

#[test]
fn what_goes_on_under_keys_that_are_all_there_is_told_and_not_the_keys() {
    // Three snapshots from the start: no room, all rooms, all rooms with more in them.
    let heap = |(rooms, users): (usize, usize)| {
        let lists = (0..rooms).map(|n| elements(&format!("room{n}"), 0..users, "object User 400"));
        variable("rooms", "object Map 32")
            + &map("rooms", rooms, "room{entry}")
            + &lists.collect::<String>()
    };
    let said = said(OPENS, [(0, 0), (12, 50), (12, 100)].map(heap));
    assert_eq!(
        said,
        [
            "warning growing-collection main.js:1 `rooms[…]` keeps growing in 12 instances: 0 → 600 → 1,200 items, 490 kB retained"
        ]
    );
}
