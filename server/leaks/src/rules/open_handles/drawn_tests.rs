//! What is said of open handles in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, said};

const OPENS: &str = "const net = require('net');
const pool = [];
class Client {
  constructor(port) {
    this.socket = net.connect(port);
  }
}
function serve(port) {
  return new Client(port);
}
";

/// Open connections of these numbers, each of which has a `Client` that listens to it.
fn connections(numbers: impl IntoIterator<Item = usize>) -> String {
    let lines = "handles --internal {n}--> tcp{n}
         tcp{n}: object TCP 56
         tcp{n} --property <symbol owner_symbol>--> socket{n}
         socket{n}: object Socket 400
         socket{n} --property <symbol kHandle>--> tcp{n}
         socket{n} --property _readableState--> state{n}
         state{n}: object ReadableState 80
         socket{n} --property on--> client{n}
         client{n}: object Client 400 at Client";
    "root --element 2--> handles\nhandles: synthetic \"(Global handles)\" 0\n".to_owned()
        + &each(numbers, lines)
}

#[test]
fn connections_that_only_their_handles_keep_are_told_where_they_are_opened() {
    assert_eq!(
        said(OPENS, [10, 60, 110].map(|count| connections(0..count))),
        ["warning open-handles main.js:5 Connections pile up: 10 → 60 → 110 are open"]
    );
}

#[test]
fn as_many_as_before_others_each_time_and_few_are_not_mentioned() {
    for numbers in [[0..60, 0..60, 0..60], [0..10, 10..70, 70..180], [0..1, 0..4, 0..8]] {
        let heaps = numbers.clone().map(connections);
        assert_eq!(said(OPENS, heaps), [""; 0], "{numbers:?}");
    }
}

#[test]
fn sockets_of_an_agent_are_the_business_of_the_agent() {
    let of_agent = "socket{n} --property _events--> events{n}
         events{n}: object Object 24
         events{n} --property agentRemove--> removes{n}
         removes{n}: closure serve 64 at serve";
    let heap = |count| connections(0..count) + &each(0..count, of_agent);
    let said = said(OPENS, [10, 60, 110].map(heap));
    assert!(!said.iter().any(|it| it.contains(" open-handles ")), "{said:?}");
}

#[test]
fn in_one_snapshot_many_are_information() {
    let alone = |count| said(OPENS, [connections(0..count)]);
    let many = ["information open-handles main.js:5 20 connections are open"];
    assert_eq!(alone(20), many);
    assert_eq!(alone(19), [""; 0]);
}

#[test]
fn connections_that_a_pool_has_are_the_business_of_the_pool() {
    let heap = |count| {
        let pool = elements("pool", 0..count, "object Slot 100");
        let slots = each(0..count, "pool_{n} --property socket--> socket{n}");
        format!("scope --context pool--> pool\n{pool}{slots}") + &connections(0..count)
    };
    let said = said(OPENS, [10, 60, 110].map(heap));
    assert!(said.iter().any(|it| it.contains(" growing-collection main.js:2 ")), "{said:?}");
    assert!(!said.iter().any(|it| it.contains(" open-handles ")), "{said:?}");
}
