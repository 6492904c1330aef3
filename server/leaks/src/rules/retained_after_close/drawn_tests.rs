//! What is said of collections of closed sockets and of dead weak references in series that are drawn: pass
//! and fail side by side.

use crate::testing::drawn::{NULL, TRUE, each, members, said};

const ACCEPTS: &str = "const sockets = [];
function accept(socket) {
  sockets.push(socket);
}
";

/// Sockets in an array. `handle` is what their handle is.
fn sockets(handle: &str, count: usize) -> String {
    let handles = format!("sockets_{{n}} --property <symbol kHandle>--> {handle}");
    members("sockets", "Socket", 0..count) + &each(0..count, &handles) + NULL
}

#[test]
fn closed_sockets_that_are_kept_are_a_warning_at_the_declaration_of_what_keeps_them() {
    assert_eq!(
        said(ACCEPTS, [100, 200, 300].map(|count| sockets("null", count))),
        [
            "warning retained-after-close main.js:1 `sockets` keeps growing: 100 → 200 → 300 items, 122 kB retained"
        ]
    );
}

#[test]
fn open_sockets_are_only_a_collection_that_grows() {
    let said = said(ACCEPTS, [100, 200, 300].map(|count| sockets("handle{n}", count)));
    assert!(said[0].starts_with("warning growing-collection main.js:1 "), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn closed_sockets_of_which_there_are_as_many_each_time_are_not_mentioned() {
    assert_eq!(said(ACCEPTS, [300; 3].map(|count| sockets("null", count))), [""; 0]);
}

const REMEMBERS: &str = "const seen = [];
function remember(page) {
  seen.push(new WeakRef(page));
}
";

fn weak_references(count: usize) -> String {
    members("seen", "WeakRef", 0..count) + &each(0..count, "seen_{n} --internal map--> shape")
}

#[test]
fn weak_references_to_nothing_are_a_warning_at_the_declaration_of_what_keeps_them() {
    assert_eq!(
        said(REMEMBERS, [100, 200, 300].map(weak_references)),
        [
            "warning dead-weakrefs main.js:1 `seen` keeps growing: 100 → 200 → 300 items, 122 kB retained"
        ]
    );
}

#[test]
fn weak_references_to_what_lives_are_only_a_collection_that_grows() {
    let living =
        |count| weak_references(count) + &each(0..count, "seen_{n} --weak target--> scope");
    let said = said(REMEMBERS, [100, 200, 300].map(living));
    assert!(said[0].starts_with("warning growing-collection main.js:1 "), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn responses_requests_and_workers_that_are_done_with_are_told_like_sockets() {
    let done = [
        // A response that was sent.
        "sockets_{n} --property _closed--> true
         sockets_{n} --property finished--> true",
        // A request that was read, of a socket that is closed.
        "sockets_{n} --property complete--> true
         sockets_{n} --property socket--> socket
         socket --property <symbol kHandle>--> null",
        // A worker that ended.
        "sockets_{n} --property <symbol kHandle>--> null
         sockets_{n} --property <symbol kPublicPort>--> scope",
    ];
    for lines in done {
        let of = |lines: &str| {
            let heap = |count| members("sockets", "Thing", 0..count) + &each(0..count, lines);
            said(ACCEPTS, [100, 200, 300].map(|count| heap(count) + NULL + TRUE))
        };
        let said = of(lines);
        assert!(said[0].starts_with("warning retained-after-close main.js:1 "), "{lines} {said:?}");
        assert_eq!(said.len(), 1);
        let (first, _) = lines.split_once('\n').expect("a line for each property");
        let half = of(first.replace("null", "handle{n}").as_str());
        assert!(half[0].starts_with("warning growing-collection main.js:1 "), "{lines} {half:?}");
    }
}
