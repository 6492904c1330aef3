//! What is said of one leak that several rules could see, and of how a series runs, in series that are drawn.

use crate::testing::drawn::{
    array, each, elements, listeners, on_handles, reactions, said, timers, variable,
};

const SESSIONS: &str = "const bus = new EventEmitter();
const ready = new Promise(() => {});
const jobs = [];
class Session {}
function start(socket) {
  const session = new Session();
  bus.on('tick', function onTick() {
    session.touch();
  });
  setInterval(function poll() {
    session.touch();
  }, 1000);
  ready.then(function go() {
    session.touch();
  });
  jobs.push(function job() {
    session.touch();
  });
  socket.onClose = function close() {
    session.touch();
  };
}
";

/// A session for each of so many closures, which alone keep them, in a scope for each call.
fn sessions_of(closures: &str, count: usize) -> String {
    let lines = format!(
        "{closures}{{n}} --internal context--> call{{n}}
         call{{n}}: object \"system / Context\" 64
         call{{n}} --internal previous--> scope
         call{{n}} --context session--> session{{n}}
         session{{n}}: object Session 4000 at Session"
    );
    each(0..count, &lines)
}

#[test]
fn what_hangs_on_a_leak_is_no_leak_of_its_own() {
    type Heap = fn(usize) -> String;
    let closures: [(Heap, &str); 5] = [
        (
            |count| listeners("bus", "tick", "onTick", 0..count) + &sessions_of("tick_", count),
            "growing-listeners main.js:7 ",
        ),
        (
            |count| timers("poll", true, 0..count) + &sessions_of("callback", count),
            "uncleared-timers main.js:10 ",
        ),
        (
            |count| reactions("ready", "go", 0..count) + &sessions_of("handler", count),
            "pending-promises main.js:13 ",
        ),
        (
            |count| {
                "scope --context jobs--> jobs\n".to_owned()
                    + &elements("jobs", 0..count, "closure job 400 at job")
                    + &sessions_of("jobs_", count)
            },
            "growing-collection main.js:3 ",
        ),
        (
            |count| {
                on_handles("close", "closure close 400 at close", 0..count)
                    + &sessions_of("close", count)
            },
            "leaking-closure main.js:19 ",
        ),
    ];
    for (heap, expected) in closures {
        let said = said(SESSIONS, [100, 200, 300].map(heap));
        assert!(said[0].starts_with(&format!("warning {expected}")), "{said:?}");
        assert_eq!(said.len(), 1, "{said:?}");
    }
}

#[test]
fn collections_that_hold_the_same_are_one_leak() {
    let source = "const one = [];
const two = [];
function add(job) {
  one.push(job);
  two.push(job);
}
";
    let both = |count| {
        let places = each(0..count, "two --element {n}--> one_{n}");
        array("one", "Job", count) + &variable("two", "object Array 16") + &places
    };
    assert_eq!(
        said(source, [100, 200, 300].map(both)),
        [
            "warning growing-collection main.js:1 `one` keeps growing: 100 → 200 → 300 items, 122 kB retained together with `two`"
        ]
    );
}

/// How loudly listeners are spoken of that were so many in each snapshot.
fn severity(counts: &[usize]) -> Option<String> {
    let series = counts.iter().map(|&count| listeners("bus", "tick", "onTick", 0..count));
    let said = said(SESSIONS, series.collect::<Vec<_>>());
    said.first().and_then(|it| it.split_once(' ')).map(|(severity, _)| severity.to_owned())
}

#[test]
fn how_a_series_runs_tells_how_loudly_it_is_said() {
    for (counts, expected) in [
        (&[100, 200, 300][..], Some("warning")),
        (&[0, 100, 200], Some("warning")),
        (&[100, 200], Some("warning")),
        // Nobody needs two hundred, and nothing removes one.
        (&[0, 200], Some("warning")),
        // The work added them, and cleaning up left them.
        (&[20, 620, 600], Some("warning")),
        (&[20, 620, 25], None),
        // Filled once, full since.
        (&[300, 300, 300], None),
        (&[0, 300, 300, 300], None),
        (&[300, 200, 100], None),
    ] {
        assert_eq!(severity(counts).as_deref(), expected, "{counts:?}");
    }
}

#[test]
fn functions_that_one_call_wraps_around_others_are_one_finding() {
    let source = "const traced = {};
function install(target) {
  const { log, warn, info } = target;
  target.log = function logTraced() {
    return log();
  };
  target.warn = function warnTraced() {
    return warn();
  };
  target.info = function infoTraced() {
    return info();
  };
}
";
    // Each call has a scope with what was there before: the functions of the call before.
    let wrapped = ["log", "warn", "info"].map(|name| {
        format!(
            "{name}{{n}}: closure {name}Traced 64 at {name}Traced
             {name}{{n}} --internal context--> call{{n}}"
        )
    });
    let before = ["log", "warn", "info"]
        .map(|name| format!("call{{n}} --context {name}--> {name}{{before}}"));
    let heap = |count: usize| {
        let last = count - 1;
        let target = ["log", "warn", "info"]
            .map(|name| format!("traced --property {name}--> {name}{last}\n"));
        variable("traced", "object Object 64")
            + &target.concat()
            + &each(0..count, "call{n}: object \"system / Context\" 400")
            + &each(0..count, &wrapped.join("\n"))
            + &each(1..count, &before.join("\n"))
    };
    let said = said(source, [100, 200, 300].map(heap));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("Traced` pile up: 100 → 200 → 300, "), "{said:?}");
}
