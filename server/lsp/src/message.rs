//! What the text of a frame says: a request, a notification, or an answer of the client's.
//!
//! A text that says none of these is refused with an answer, never with the end of the connection.
//! What a method's parameters mean is looked at later, by the library and by [`crate::backend`].

use std::borrow::Cow;

use memchr::memmem;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};

use crate::escape;

/// Of an error that serde describes, at most so many characters are passed on: it quotes the client.
const MAX_REASON_CHARS: usize = 200;

/// A message of the client's.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// Or a notification, which has no id.
    Request(Request),
    /// To something that the server asked.
    Response(Response),
}

/// A message as JSON has it.
#[derive(Deserialize)]
struct Envelope {
    jsonrpc: String,
    #[serde(default, deserialize_with = "present")]
    id: Option<Id>,
    method: Option<String>,
    #[serde(default, deserialize_with = "present")]
    params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<Value>,
}

/// What is looked for in a text that is no [`Envelope`], to answer under its id.
#[derive(Deserialize)]
struct Sender {
    id: Id,
}

/// Tells `null` from nothing.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads a text.
///
/// # Errors
/// The answer that refuses it: -32700 if it is no JSON, -32600 if it is no message.
pub(crate) fn read(mut text: Vec<u8>) -> Result<Message, Response> {
    replace_lone_surrogates(&mut text);
    // serde would take a list for an object, field by field.
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(refuse_other_than_object(&text));
    }
    let envelope: Envelope = serde_json::from_slice(&text).map_err(|error| {
        let sender = serde_json::from_slice(&text).map_or(Id::Null, |Sender { id }| id);
        match code_of(&error) {
            code @ ErrorCode::InvalidRequest => refuse(sender, code, what_is_wrong(&text)),
            code => refuse(sender, code, &error.to_string()),
        }
    })?;
    let Envelope { jsonrpc, id, method, params, result, error } = envelope;
    let refuse =
        |id: Option<Id>, why| refuse(id.unwrap_or_default(), ErrorCode::InvalidRequest, why);
    if jsonrpc != "2.0" {
        return Err(refuse(id, NO_VERSION));
    }
    match (method, result, error) {
        (Some(_), ..) if id == Some(Id::Null) => Err(refuse(None, NO_ID)),
        (Some(method), ..) => {
            let mut request = Request::build(method);
            if let Some(mut params) = params {
                escape::escape_all(&mut params);
                request = request.params(params);
            }
            if let Some(id) = id {
                request = request.id(id);
            }
            Ok(Message::Request(request.finish()))
        }
        (None, _, Some(error)) => {
            Ok(Message::Response(Response::from_error(id.unwrap_or_default(), of_client(error))))
        }
        (None, Some(result), None) => {
            Ok(Message::Response(Response::from_ok(id.unwrap_or_default(), result)))
        }
        (None, None, None) => Err(refuse(id, "it has neither a method nor a result")),
    }
}

const NO_VERSION: &str = "it is not of version 2.0 of JSON-RPC";
const NO_ID: &str = "the id of a request is a whole number or a text";

/// What is wrong with an object that is no [`Envelope`]: the library's words would tell of its types.
fn what_is_wrong(text: &[u8]) -> &'static str {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return "it is no message" };
    let fits = |key: &str, is_right: fn(&Value) -> bool| value.get(key).is_none_or(is_right);
    if !fits("id", |id| id.is_i64() || id.is_string() || id.is_null()) {
        NO_ID
    } else if value.get("jsonrpc").is_none_or(|version| version != "2.0") {
        NO_VERSION
    } else if !fits("method", |method| method.is_string() || method.is_null()) {
        "the name of its method is no text"
    } else {
        "it has a key twice"
    }
}

/// The answer to something that is no message.
pub(crate) fn refuse(id: Id, code: ErrorCode, why: &str) -> Response {
    let kind = if code == ErrorCode::ParseError { "Parse error" } else { "Invalid request" };
    let why: String = why.chars().take(MAX_REASON_CHARS).collect();
    Response::from_error(id, Error { code, message: format!("{kind}: {why}").into(), data: None })
}

fn refuse_other_than_object(text: &[u8]) -> Response {
    match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        Err(error) => refuse(Id::Null, ErrorCode::ParseError, &error.to_string()),
        Ok(_) if text.trim_ascii_start().first() == Some(&b'[') => {
            let why = "this protocol has no batches: send each message in a frame of its own";
            refuse(Id::Null, ErrorCode::InvalidRequest, why)
        }
        Ok(_) => refuse(Id::Null, ErrorCode::InvalidRequest, "a message is a JSON object"),
    }
}

/// What is nested deeper than the library reads is no JSON to it either.
fn code_of(error: &serde_json::Error) -> ErrorCode {
    match error.classify() {
        Category::Data => ErrorCode::InvalidRequest,
        Category::Io | Category::Syntax | Category::Eof => ErrorCode::ParseError,
    }
}

/// An error that the client answers with. That there is one counts more than its form.
fn of_client(error: Value) -> Error {
    let message = error["message"].as_str().map(|message| message.to_owned().into());
    serde_json::from_value(error).unwrap_or(Error {
        code: ErrorCode::InternalError,
        message: message.unwrap_or(Cow::Borrowed("an error without a message")),
        data: None,
    })
}

/// JSON lets a text have half of a pair of surrogates, as editors have that hold texts in UTF-16; a
/// text in UTF-8 has no such thing, and shows U+FFFD instead.
fn replace_lone_surrogates(text: &mut [u8]) {
    const REPLACEMENT: &[u8] = b"\\ufffd";
    if memmem::find(text, b"\\ud").or_else(|| memmem::find(text, b"\\uD")).is_none() {
        return;
    }
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &text[at..]) {
        let escape = at + next;
        at = match (surrogate(&text[escape..]), text.get(escape + REPLACEMENT.len()..)) {
            (Some(Half::High), Some(rest)) if surrogate(rest) == Some(Half::Low) => {
                escape + 2 * REPLACEMENT.len()
            }
            (Some(_), _) => {
                let end = escape + REPLACEMENT.len();
                text[escape..end].copy_from_slice(REPLACEMENT);
                end
            }
            // An escaped backslash begins nothing; neither does the last byte.
            (None, _) => (escape + 2).min(text.len()),
        };
    }
}

/// Half of a character outside of the plane that 16 bits can tell.
#[derive(PartialEq)]
enum Half {
    High,
    Low,
}

/// The half whose escape these bytes begin with.
fn surrogate(bytes: &[u8]) -> Option<Half> {
    let [b'\\', b'u', b'd' | b'D', kind, a, b, ..] = bytes else { return None };
    let is_hex = a.is_ascii_hexdigit() && b.is_ascii_hexdigit();
    match kind {
        b'8' | b'9' | b'a' | b'A' | b'b' | b'B' if is_hex => Some(Half::High),
        b'c'..=b'f' | b'C'..=b'F' if is_hex => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
