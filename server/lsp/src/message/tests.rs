use serde_json::json;

use super::*;

fn request(text: &str) -> Request {
    match read(text.as_bytes().to_vec()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{text} is {other:?}"),
    }
}

/// The id that a refusal goes to, its code and its words.
#[track_caller]
fn refused(text: impl AsRef<[u8]>) -> (Id, i64, String) {
    let (id, body) = read(text.as_ref().to_vec()).expect_err("it is wrong").into_parts();
    let error = body.expect_err("it is an error");
    (id, error.code.code(), error.message.into_owned())
}

#[track_caller]
fn expect_refused(text: impl AsRef<[u8]>, id: impl Into<Option<i64>>, code: i64) {
    let said = refused(text);
    assert_eq!((said.0, said.1), (id.into().map_or(Id::Null, Id::Number), code), "{}", said.2);
}

#[test]
fn requests_notifications_and_answers_pass() {
    let read = |value: &Value| read(value.to_string().into_bytes()).expect("it is a message");
    let hover = Request::build("textDocument/hover").params(json!({ "a": 1 })).id(1).finish();
    let value =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": { "a": 1 } });
    assert_eq!(read(&value), Message::Request(hover));
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" });
    assert_eq!(read(&exit), Message::Request(Request::build("exit").finish()));
    let null = json!({ "jsonrpc": "2.0", "id": "a", "result": null });
    assert_eq!(read(&null), Message::Response(Response::from_ok("a".into(), Value::Null)));
    let both = json!({ "jsonrpc": "2.0", "id": 0, "result": [1], "error": null });
    assert_eq!(read(&both), Message::Response(Response::from_ok(0.into(), json!([1]))));
}

#[test]
fn an_error_of_the_client_is_one_whatever_its_form() {
    let error = |error: Value| {
        let value = json!({ "jsonrpc": "2.0", "id": 3, "result": null, "error": error });
        match read(value.to_string().into_bytes()) {
            Ok(Message::Response(response)) => response.into_parts().1.expect_err("it is an error"),
            other => panic!("{value} is {other:?}"),
        }
    };
    let usual = error(json!({ "code": -32601, "message": "no" }));
    assert_eq!((usual.code, &*usual.message), (ErrorCode::MethodNotFound, "no"));
    let more = error(json!({ "code": -1, "message": "no", "stack": "at x" }));
    assert_eq!(&*more.message, "no");
    assert_eq!(error(json!("no")).code, ErrorCode::InternalError);
}

#[test]
fn what_is_no_json_is_a_parse_error() {
    expect_refused("", None, -32700);
    expect_refused("{nonsense", None, -32700);
    expect_refused("[1,", None, -32700);
    expect_refused("{\"jsonrpc\":\"2.0\",\"method\":\"exit\"} {}", None, -32700);
    expect_refused(b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", None, -32700);
    // Who asked is told, where it can be seen.
    expect_refused(
        b"{\"jsonrpc\":\"2.0\",\"id\":902,\"method\":\"a\",\"params\":\"\xff\"}",
        902,
        -32700,
    );
}

#[test]
fn what_is_no_message_is_an_invalid_request() {
    expect_refused("7", None, -32600);
    expect_refused("{}", None, -32600);
    expect_refused(" []", None, -32600);
    expect_refused("{\"jsonrpc\":\"2.0\",\"id\":900}", 900, -32600);
    expect_refused("{\"jsonrpc\":\"1.0\",\"id\":901,\"method\":\"a\"}", 901, -32600);
    expect_refused("{\"id\":902,\"method\":\"a\"}", 902, -32600);
    expect_refused("{\"jsonrpc\":2.0,\"id\":903,\"method\":\"a\"}", 903, -32600);
    expect_refused("{\"jsonrpc\":\"2.0\",\"id\":904,\"method\":7}", 904, -32600);
    expect_refused("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}", None, -32600);
    expect_refused("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", None, -32600);
    // Fields in their order, which serde would read as a message.
    let batch = refused("[\"2.0\",1,\"exit\"]");
    assert_eq!(
        batch.2,
        "Invalid request: this protocol has no batches: send each message in a frame of its own"
    );
}

#[test]
fn what_is_wrong_with_a_message_is_said_in_our_own_words() {
    for (rest, words) in [
        (r#""id":{"a":1},"method":"a"}"#, NO_ID),
        (r#""id":1.5,"method":"a"}"#, NO_ID),
        (r#""id":99999999999999999999,"method":"a"}"#, NO_ID),
        (r#""id":[],"result":1}"#, NO_ID),
        (r#""id":1,"method":{}}"#, "the name of its method is no text"),
        (r#""id":1,"id":2,"method":"a"}"#, "it has a key twice"),
        (r#""id":1,"jsonrpc":2,"method":"a"}"#, NO_VERSION),
    ] {
        let said = refused(format!("{{\"jsonrpc\":\"2.0\",{rest}")).2;
        assert_eq!(said, format!("Invalid request: {words}"), "{rest}");
    }
    assert_eq!(refused(r#"{"id":1,"method":"a"}"#).2, format!("Invalid request: {NO_VERSION}"));
}

#[test]
fn a_refusal_quotes_little() {
    let (_, _, words) =
        refused(format!("{{\"jsonrpc\":\"2.0\",\"method\":{{\"{}\":1}}}}", "x".repeat(9999)));
    assert!(words.len() < 2 * MAX_REASON_CHARS, "{words}");
    let (_, _, words) = refused(format!(
        "{{\"jsonrpc\":\"2.0\",\"{}\":1, \"id\": \"{0}\", \"id\": 1}}",
        "x".repeat(9999)
    ));
    assert!(words.len() < 2 * MAX_REASON_CHARS, "{words}");
}

#[test]
fn deep_nesting_is_refused_and_no_stack_overflows() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let message = |depth| {
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":904,\"method\":\"a\",\"params\":{}}}",
                deep(depth)
            )
        };
        assert!(read(message(100).into_bytes()).is_ok());
        expect_refused(message(100_000), 904, -32700);
        assert_eq!(refused(format!("{{\"id\":{}}}", deep(100_000))).0, Id::Null);
    }
    expect_refused("[".repeat(100_000), None, -32700);
}

/// The text of a document as it is read.
#[track_caller]
fn expect_text(escaped: &str, expected: &str) {
    let message = format!("{{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":\"{escaped}\"}}");
    assert_eq!(request(&message).params(), Some(&json!(expected)), "{escaped}");
}

#[test]
fn half_a_character_is_replaced() {
    expect_text(r"a\ud800b", "a\u{fffd}b");
    expect_text(r"a\uDFFFb", "a\u{fffd}b");
    expect_text(r"\ud83d", "\u{fffd}");
    expect_text(r"\ud83d\ud83d\ude00", "\u{fffd}😀");
    expect_text(r"\ude00\ud83d", "\u{fffd}\u{fffd}");
    expect_text(r"\ud83d\n\ude00", "\u{fffd}\n\u{fffd}");
    expect_text(r"\ud83d\u0041", "\u{fffd}A");
}

#[test]
fn what_is_no_half_stays() {
    expect_text(r"\ud83d\ude00", "😀");
    expect_text(r"\uD83D\uDE00 \ud800", "😀 \u{fffd}");
    expect_text(r"\\ud800 \ud800", "\\ud800 \u{fffd}");
    expect_text(r"\\\ud800", "\\\u{fffd}");
    expect_text(r"\ud7ff\ue000", "\u{d7ff}\u{e000}");
    expect_refused(r#"{"jsonrpc":"2.0","method":"a","params":"\ud8"}"#, None, -32700);
    expect_refused(r#"{"jsonrpc":"2.0","method":"a","params":"\ud8zz"}"#, None, -32700);
    expect_refused(r#"{"jsonrpc":"2.0","method":"\ud800"#, None, -32700);
    expect_refused(r#"{"jsonrpc":"2.0","method":"\ud800\"#, None, -32700);
}
