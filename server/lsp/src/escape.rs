//! URIs as clients write them, made what RFC 3986 wants.
//!
//! The library refuses a whole message for one `[` in a path, and folders are called so: `pages/[id]`
//! is a route of Next.js. What cannot stand in a URI as it is stands for itself, so it is escaped here,
//! before a message's parameters are read. What the URI names is asked of [`crate::from_proto`].

use std::fmt::Write as _;

use serde_json::Value;

/// Escapes all URIs in the parameters of a message: the texts under a key `uri`, `rootUri` and so on.
pub(crate) fn escape_all(params: &mut Value) {
    match params {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "uri" || key.ends_with("Uri") => {
                        *text = escaped(text);
                    }
                    other => escape_all(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(escape_all),
        _ => {}
    }
}

/// The URI with everything escaped in its path that has no place there. A file has neither a query nor
/// a fragment: `?` and `#` are parts of its name.
pub(crate) fn escaped(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else { return uri.to_owned() };
    let host = match rest.strip_prefix("//") {
        Some(rest) => "//".len() + rest.find('/').unwrap_or(rest.len()),
        None => 0,
    };
    let (host, path) = rest.split_at(host);
    let is_file = scheme.eq_ignore_ascii_case("file");
    let mut escaped = format!("{scheme}:{host}");
    for (index, &byte) in path.as_bytes().iter().enumerate() {
        let stays = match byte {
            b'%' => {
                let digits = path.as_bytes().get(index + 1..index + 3);
                digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            b'?' | b'#' => !is_file,
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte),
        };
        if stays {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::Uri;

    #[track_caller]
    fn expect(uri: &str, expected: &str) {
        assert_eq!(escaped(uri), expected);
        assert_eq!(escaped(expected), expected, "once is enough");
        expected.parse::<Uri>().expect("it is a URI");
    }

    #[test]
    fn what_has_no_place_in_a_uri_is_escaped() {
        expect("file:///x/[id]/page.js", "file:///x/%5Bid%5D/page.js");
        expect("file:///a b/{c}|^`\"<>\\.js", "file:///a%20b/%7Bc%7D%7C%5E%60%22%3C%3E%5C.js");
        expect("file:///caf\u{e9}/\u{1f600}.js", "file:///caf%C3%A9/%F0%9F%98%80.js");
        expect("file:///100%/c#/what?.js", "file:///100%25/c%23/what%3F.js");
        expect("untitled:[a] b", "untitled:%5Ba%5D%20b");
    }

    #[test]
    fn what_is_a_uri_stays() {
        for uri in [
            "file:///x/%5bid%5D/(group)/@modal/a+b,c;d=e&f!~'*$.js",
            "file:///c%3A/x.js",
            "file://server/share/x.js",
            "file://",
            "git:/x.js?%7B%22ref%22:%22~%22%7D#L3",
            "http://[::1]:80/x.js",
        ] {
            expect(uri, uri);
        }
        for none in ["", "x", "/plain/[path]"] {
            assert_eq!(escaped(none), none);
        }
    }

    #[test]
    fn all_uris_of_a_message_are_meant_and_nothing_else() {
        let mut params = json!({
            "rootUri": "file:///[a]",
            "workspaceFolders": [{ "uri": "file:///[a]", "name": "[a]" }],
            "textDocument": { "uri": "file:///[a]", "text": "file:///[a]" },
        });
        escape_all(&mut params);
        let expected = json!({
            "rootUri": "file:///%5Ba%5D",
            "workspaceFolders": [{ "uri": "file:///%5Ba%5D", "name": "[a]" }],
            "textDocument": { "uri": "file:///%5Ba%5D", "text": "file:///[a]" },
        });
        assert_eq!(params, expected);
    }
}
