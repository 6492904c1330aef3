//! What is said of variables that nobody uses, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, on_handles, said, variable};

const SERVES: &str = "function serve(request) {
  const body = request.body;
  const id = request.id;
  request.show = function show() {
    return body;
  };
  return function cancel() {
    return id;
  };
}
";

/// Closures of a function that Node's handles hold, each made in a call of its own with a body.
fn calls(function: &str, count: usize) -> String {
    let scopes = "closure{n} --internal context--> call{n}
        call{n}: object \"system / Context\" 64
        call{n} --internal previous--> scope
        call{n} --context body--> body{n}
        body{n}: string \"body {n}\" 2000";
    let closures = on_handles("closure", &format!("closure {function} 64 at {function}"), 0..count);
    closures + &each(0..count, scopes)
}

#[test]
fn a_variable_that_more_and_more_closures_keep_and_none_uses_is_a_warning_at_its_declaration() {
    assert_eq!(
        said(SERVES, [100, 200, 300].map(|count| calls("cancel", count))),
        [
            "warning unused-capture main.js:2 `body` (600 kB) is kept alive by `cancel`, which never uses it",
            "warning leaking-closure main.js:7 closures of `cancel` pile up: 100 → 200 → 300, 426 kB retained"
        ]
    );
}

#[test]
fn a_variable_that_the_closures_use_is_not_mentioned() {
    let said = said(SERVES, [100, 200, 300].map(|count| calls("show", count)));
    assert!(said[0].starts_with("warning leaking-closure main.js:4 "), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn little_that_does_not_grow_is_not_mentioned() {
    assert_eq!(said(SERVES, [300; 3].map(|count| calls("cancel", count))), [""; 0]);
}

#[test]
fn a_variable_that_some_other_living_function_uses_is_not_mentioned() {
    let with_user = |count| {
        let shows = "node_handles --internal {n}--> show{n}
            show{n}: closure show 64 at show
            show{n} --internal context--> call{n}";
        calls("cancel", count) + &each(0..count, shows)
    };
    let said = said(SERVES, [100, 200, 300].map(with_user));
    assert!(said.iter().all(|it| !it.contains("unused-capture")), "{said:?}");
    assert!(said.iter().any(|it| it.starts_with("warning leaking-closure ")), "{said:?}");
}

#[test]
fn a_variable_of_a_call_that_still_waits_is_not_mentioned() {
    let waiting = |count| {
        let frames = "call{n} --internal extension--> frame{n}
            frame{n}: object \"system / JSAsyncFunctionObject\" 64 at serve
            frame{n} --internal parameters_and_registers--> registers{n}
            frame{n} --internal context--> call{n}";
        calls("cancel", count) + &each(0..count, frames)
    };
    let said = said(SERVES, [100, 200, 300].map(waiting));
    assert!(said.iter().all(|it| !it.contains("unused-capture")), "{said:?}");
    assert!(!said.is_empty());
}

#[test]
fn a_variable_is_no_surer_a_leak_than_what_keeps_the_functions() {
    let keeps = |limit: &str| {
        format!(
            "const waiting = [];
function serve(request) {{
  const body = request.body;
  const id = request.id;
  request.show = function show() {{ return body; }};
  waiting.push(function cancel() {{ return id; }});
  {limit}
}}
"
        )
    };
    let heap = |count: usize| {
        variable("waiting", "object Array 16")
            + &elements("waiting", 0..count, "closure cancel 64 at cancel")
            + &each(
                0..count,
                "waiting_{n} --internal context--> call{n}
                 call{n}: object \"system / Context\" 64
                 call{n} --internal previous--> scope
                 call{n} --context body--> body{n}
                 body{n}: string \"body {n}\" 2000",
            )
    };
    let of = |limit: &str| said(&keeps(limit), [100, 200, 300].map(heap));
    let capture = |said: &[String]| {
        said.iter().find(|it| it.contains("unused-capture")).cloned().unwrap_or_default()
    };
    let [without, bounded] =
        [of(""), of("if (waiting.length > 50_000) waiting.shift();")].map(|it| capture(&it));
    assert!(without.starts_with("warning unused-capture main.js:3 "), "{without}");
    assert!(bounded.starts_with("information unused-capture main.js:3 "), "{bounded}");
}
