//! What is said of listeners in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{
    NO_PILE, each, elements, listeners, map, messages, said, script, set, target_listeners,
    variable,
};

const SUBSCRIBES: &str = "const bus = new EventEmitter();
function subscribe(session) {
  bus.on('tick', function onTick() {
    session.touch();
  });
}
";

fn of(numbers: [std::ops::Range<usize>; 3]) -> Vec<String> {
    said(SUBSCRIBES, numbers.map(|numbers| listeners("bus", "tick", "onTick", numbers)))
}

#[test]
fn listeners_that_pile_up_are_a_warning_where_they_are_registered() {
    assert_eq!(
        of([0..100, 0..200, 0..300]),
        [
            "warning growing-listeners main.js:3 `onTick` listeners for \"tick\" pile up on `bus`: 100 → 200 → 300"
        ]
    );
}

#[test]
fn as_many_as_before_few_and_others_each_time_are_not_mentioned() {
    for numbers in NO_PILE {
        assert_eq!(of(numbers.clone()), [""; 0], "{numbers:?}");
    }
}

#[test]
fn in_one_snapshot_more_than_ten_are_information() {
    let alone = |count| said(SUBSCRIBES, [listeners("bus", "tick", "onTick", 0..count)]);
    assert_eq!(
        alone(11),
        [
            "information growing-listeners main.js:3 11 `onTick` listeners for \"tick\" are registered on `bus`"
        ]
    );
    assert_eq!(alone(10), [""; 0]);
}

#[test]
fn listeners_of_an_event_target_are_told_like_those_of_an_emitter() {
    let source = SUBSCRIBES.replace("bus.on", "bus.addEventListener");
    let of = |counts: [usize; 3]| {
        said(&source, counts.map(|count| target_listeners("bus", "tick", "onTick", 0..count)))
    };
    assert_eq!(
        of([100, 200, 300]),
        [
            "warning growing-listeners main.js:3 `onTick` listeners for \"tick\" pile up on `bus`: 100 → 200 → 300"
        ]
    );
    assert_eq!(of([300, 300, 300]), [""; 0]);
}

#[test]
fn functions_in_a_list_are_listeners_if_its_name_says_so() {
    let of = |name: &str| {
        let source = format!(
            "const {name} = [];
function subscribe(session) {{
  {name}.push(function onTick() {{
    session.touch();
  }});
}}
"
        );
        let list = |count| {
            format!("scope --context {name}--> {name}\n")
                + &elements(name, 0..count, "closure onTick 400 at onTick")
        };
        said(&source, [100, 200, 300].map(list))
    };
    assert_eq!(
        of("listeners"),
        [
            "warning growing-listeners main.js:3 `onTick` listeners pile up in `listeners`: 100 → 200 → 300"
        ]
    );
    let jobs = of("jobs");
    assert!(jobs[0].starts_with("warning growing-collection main.js:1 "), "{jobs:?}");
    assert_eq!(jobs.len(), 1);
}

#[test]
fn listeners_of_signals_that_were_combined_of_one_are_told_at_that_one() {
    let source = "const shutdown = new AbortController().signal;
function fetch(own) {
  const signal = AbortSignal.any([shutdown, own]);
  signal.addEventListener('abort', function onAbort() {
    own.stop();
  });
}
";
    // The signal leads weakly to those that depend on it; Node keeps each that somebody listens to.
    let one = "reference{n}: object WeakRef 16
         reference{n} --weak target--> signal{n}
         node_signals --internal {n}--> signal{n}
         signal{n}: object AbortSignal 64
         signal{n} --property <symbol kEvents>--> events{n}
         root{n} --property next--> listener{n}
         listener{n}: object Listener 100
         listener{n} --property callback--> callback{n}
         callback{n}: closure onAbort 400 at onAbort\n"
        .to_owned()
        + &map("events{n}", 1, "root{n}");
    let heap = |count| {
        variable("shutdown", "object AbortSignal 64")
            + "shutdown --property <symbol kDependantSignals>--> dependent\n"
            + &set("dependent", count, "reference{entry}")
            + "root --element 2--> node_signals\nnode_signals: synthetic signals 0\n"
            + &each(0..count, &one)
    };
    assert_eq!(
        said(source, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:4 `onAbort` listeners for \"abort\" pile up on `shutdown`: 100 → 200 → 300"
        ]
    );
    assert_eq!(said(source, [300; 3].map(heap)), [""; 0]);
}

/// Listeners of these functions of Node's, by event, on an emitter in a variable: a scope for each call.
fn nodes_own(emitter: &str, class: &str, of_events: &[(&str, &str)], count: usize) -> String {
    let one = |(event, function): &(&str, &str)| {
        let closure = format!(
            "{event}_{{n}} --internal context--> call{{n}}
             call{{n}} --context {function}--> {event}_{{n}}"
        );
        let list = elements(event, 0..count, &format!("closure {function} 64 at 3:20:9"));
        format!("{emitter}_events --property {event}--> {event}\n{list}")
            + &each(0..count, &closure)
    };
    let calls = "call{n}: object \"system / Context\" 400\ncall{n} --context dest--> ".to_owned();
    variable(emitter, &format!("object {class} 64"))
        + &format!("{emitter} --property _events--> {emitter}_events\n")
        + &format!("{emitter}_events: object Object 64\n")
        + &script("3", "node:events", ("once", 4))
        + &each(0..count, &(calls + emitter))
        + &of_events.iter().map(one).collect::<String>()
}

#[test]
fn what_waits_with_nodes_once_is_told_at_the_call() {
    let source = "const bus = new EventEmitter();
async function ready(limit) {
  await Promise.race([once(bus, 'ready'), limit]);
}
";
    let events = [("error", "errorListener"), ("ready", "resolver")];
    let heap = |count| nodes_own("bus", "EventEmitter", &events, count);
    assert_eq!(
        said(source, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:3 listeners for \"ready\" pile up on `bus`: 100 → 200 → 300"
        ]
    );
    assert_eq!(said(source, [300; 3].map(heap)), [""; 0]);
}

/// Iterators of `events.on()`, whose queues keep what nobody reads. What listens to the event itself has no
/// name in Node 20 and later.
fn iterators(count: usize) -> String {
    let queue = "call{n} --context unconsumedEvents--> queue{n}
        queue{n}: object FixedQueue 40
        queue{n} --property head--> unread{n}
        unread{n}: object FixedCircularBuffer 9000";
    let events = [("error", "errorHandler"), ("message", "eventHandler")];
    nodes_own("feed", "EventEmitter", &events, count)
        .replace("closure eventHandler", "closure \"\"")
        + &each(0..count, queue)
}

const ITERATES: &str = "const feed = new EventEmitter();
async function read() {
  for await (const [message] of on(feed, 'message')) print(message);
}
";

#[test]
fn iterators_of_nodes_on_keep_what_nobody_reads() {
    assert_eq!(
        said(ITERATES, [100, 200, 300].map(iterators)),
        [
            "warning growing-listeners main.js:3 listeners for \"message\" pile up on `feed`: 100 → 200 → 300"
        ]
    );
    assert_eq!(said(ITERATES, [300; 3].map(iterators)), [""; 0]);
}

#[test]
fn the_first_listener_of_an_event_makes_its_list() {
    let none = variable("feed", "object EventEmitter 64")
        + "feed --property _events--> feed_events\nfeed_events: object Object 64\n";
    assert_eq!(
        said(ITERATES, [none, iterators(100)]),
        [
            "warning growing-listeners main.js:3 listeners for \"message\" pile up on `feed`: 0 → 100"
        ]
    );
}

#[test]
fn what_the_listeners_of_several_events_keep_together_is_counted() {
    let source = "const bus = new EventEmitter();
function follow(session) {
  bus.on('tick', function onTick() {
    session.touch();
  });
  bus.on('stop', function onStop() {
    session.end();
  });
}
";
    let list = |event: &str, function: &str, count| {
        format!("bus_events --property {event}--> {event}\n")
            + &elements(event, 0..count, &format!("closure {function} 64 at {function}"))
            + &each(0..count, &format!("{event}_{{n}} --internal context--> call{{n}}"))
    };
    let heap = |count| {
        variable("bus", "object EventEmitter 64")
            + "bus --property _events--> bus_events\nbus_events: object Object 64\n"
            + &list("tick", "onTick", count)
            + &list("stop", "onStop", count)
            + &each(0..count, "call{n}: object \"system / Context\" 9000")
    };
    let told = messages(source, [100, 200, 300].map(heap));
    assert!(told[0].contains("2.7 MB in all"), "{told:?}");
}

#[test]
fn streams_that_are_piped_into_one_that_lives_on_are_one_finding() {
    let source = "const out = new Writable();
const other = new Writable();
function log(stream) {
  stream.pipe(other);
  stream.pipe(out, { end: false });
}
";
    let events = [("error", "onerror"), ("unpipe", "onunpipe"), ("close", "onclose")];
    let heap = |count| nodes_own("out", "Writable", &events, count);
    assert_eq!(
        said(source, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:5 streams that are piped into `out` pile up: 100 → 200 → 300"
        ]
    );
}

#[test]
fn who_waits_for_the_end_of_a_stream_that_goes_on_is_told_at_the_call() {
    let source = "const out = new Writable();
function log(done) {
  finished(out, done);
}
";
    let events = [("error", "onerror"), ("finish", "onfinish"), ("close", "onclose")];
    let heap = |count| {
        nodes_own("out", "Writable", &events, count)
            .replace("--context dest-->", "--context stream-->")
            + &each(
                0..count,
                "call{n} --context callback--> done{n}\ndone{n}: closure log 64 at log",
            )
    };
    assert_eq!(
        said(source, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:3 listeners for \"error\" pile up on `out`: 100 → 200 → 300"
        ]
    );
}

#[test]
fn what_else_node_listens_to_is_its_own_business() {
    let source = "const server = createServer();\nfunction serve() {\n  return server;\n}\n";
    let heap = |count| nodes_own("server", "Server", &[("connection", "onconnection")], count);
    assert_eq!(said(source, [100, 200, 300].map(heap)), [""; 0]);
}

#[test]
fn a_list_in_a_property_is_not_what_the_object_has_an_on_for() {
    let source = "const worker = { on: process.on };
worker.on('disconnect', () => worker.stop());
worker.abortListeners = [];
function onAbortion(listener) {
  worker.abortListeners.push(listener);
}
function run(job) {
  onAbortion(function undo() {
    job.undo();
  });
}
";
    let heap = |count| {
        let list = elements("list", 0..count, "closure undo 400 at undo");
        let object = variable("worker", "object Object 64");
        format!("{object}worker --property abortListeners--> list\n{list}")
    };
    assert_eq!(
        said(source, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:5 `undo` listeners pile up in `worker.abortListeners`: 100 → 200 → 300"
        ]
    );
    let unknown = "const worker = { on: process.on };
worker.on('disconnect', () => worker.stop());
function run(job) {
  adopt(worker, function undo() {
    job.undo();
  });
}
";
    assert_eq!(
        said(unknown, [100, 200, 300].map(heap)),
        [
            "warning growing-listeners main.js:1 `undo` listeners pile up in `worker.abortListeners`: 100 → 200 → 300"
        ]
    );
}

#[test]
fn functions_under_names_are_no_listeners_whatever_they_are_called() {
    let source = "const handlers = new Map();
function compose(route) {
  return function handle(request) { return route + request; };
}
function handlerOf(route) {
  if (!handlers.has(route)) handlers.set(route, compose(route));
  return handlers.get(route);
}
";
    let heap = |count: usize| {
        variable("handlers", "object Map 32")
            + &map("handlers", count, "handle{entry}")
            + &each(0..count, "handle{n}: closure handle 4000 at handle")
    };
    let said = said(source, [100, 200, 300].map(heap));
    assert!(said.iter().all(|it| it.contains(" growing-collection ")), "{said:?}");
}
