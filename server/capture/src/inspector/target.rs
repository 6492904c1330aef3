//! Programs that can be captured, as their inspectors list them.

use super::http::{self, address};
use crate::{error::CaptureError, text::plain};
use serde::Serialize;
use serde_json::Value;
use std::{fmt, time::Duration};
use url::Url;

/// Node.js takes 9229 unless told otherwise; the second and third program of a developer get the
/// next ports, by hand or by their editor.
const USUAL_PORTS: std::ops::RangeInclusive<u16> = 9229..=9249;
/// On localhost an inspector answers within a few milliseconds, even if its program is busy.
const QUICKLY: Duration = Duration::from_millis(500);
const PATIENTLY: Duration = Duration::from_secs(5);
const MAX_TARGETS: usize = 1_000;

/// One inspectable program (or page) behind an inspector's port.
///
/// All text is made plain ([`plain`]) when it is read: it may be shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Host as it was asked for.
    pub host: String,
    /// The inspector's port.
    pub port: u16,
    /// The inspector's id; in Node.js a new one for each process.
    pub id: String,
    /// The inspector's title: for Node.js the path of the script or `node[PID]`.
    pub title: String,
    /// The script's `file:` URL or the page's URL; may be empty.
    pub url: String,
    /// The inspector's type: `node`, `page`, `service_worker`, …
    pub kind: String,
    /// Where to connect. Host and port are those that were asked, whatever the answer says.
    pub websocket_url: String,
    /// `node.js/v20.20.2` or `Chrome/140.0.7339.80`, if the inspector says.
    pub version: Option<String>,
}

impl Target {
    /// A target known only by its WebSocket URL, as Node.js prints it and as debuggers pass it on.
    pub fn from_websocket_url(websocket_url: &str) -> Result<Self, CaptureError> {
        let invalid = || CaptureError::InvalidAddress { address: plain(websocket_url) };
        let url = Url::parse(websocket_url.trim()).map_err(|_| invalid())?;
        if url.scheme() != "ws" {
            return Err(invalid());
        }
        let host = url.host_str().ok_or_else(invalid)?.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().ok_or_else(invalid)?;
        let id = url.path().rsplit('/').next().unwrap_or_default().to_owned();
        Ok(Self {
            title: address(&host, port),
            host,
            port,
            id,
            url: String::new(),
            kind: String::new(),
            websocket_url: url.to_string(),
            version: None,
        })
    }

    /// `HOST:PORT`
    pub fn address(&self) -> String {
        address(&self.host, self.port)
    }

    /// The program as people know it: the script's file name, else the title.
    pub fn name(&self) -> &str {
        let script = self.url.strip_prefix("file://").and_then(|path| path.rsplit('/').next());
        script.filter(|name| !name.is_empty()).unwrap_or(&self.title)
    }
}

/// `server.js (node.js/v20.20.2) at 127.0.0.1:9229`
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        write!(formatter, "{}", self.name())?;
        if let Some(version) = &self.version {
            write!(formatter, " ({version})")?;
        }
        if self.name() != address {
            write!(formatter, " at {address}")?;
        }
        Ok(())
    }
}

/// What listens on this machine's usual inspector ports, 9229 to 9249, in their order. Takes at
/// most half a second; closed ports and strangers are passed over.
pub async fn discover() -> Vec<Target> {
    let asked = USUAL_PORTS.map(|port| tokio::spawn(list("127.0.0.1".to_owned(), port, QUICKLY)));
    let mut targets = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        if let Ok(Ok(found)) = answer.await {
            targets.extend(found);
        }
    }
    targets
}

/// What the inspector at `host:port` lists, never empty.
pub async fn targets_at(host: &str, port: u16) -> Result<Vec<Target>, CaptureError> {
    list(host.to_owned(), port, PATIENTLY).await
}

/// What `address` stands for, as a person writes it: `9229`, `127.0.0.1:9229`, or the `ws://` URL
/// that Node.js prints, which is one target and is not asked for others.
pub async fn targets_of(address: &str) -> Result<Vec<Target>, CaptureError> {
    let address = address.trim();
    if address.starts_with("ws:") {
        return Ok(vec![Target::from_websocket_url(address)?]);
    }
    let (host, port) = host_and_port(address)
        .ok_or_else(|| CaptureError::InvalidAddress { address: plain(address) })?;
    targets_at(&host, port).await
}

fn host_and_port(address: &str) -> Option<(String, u16)> {
    if let Ok(port) = address.parse() {
        return Some(("127.0.0.1".to_owned(), port));
    }
    let bare = address.strip_prefix("http://").unwrap_or(address);
    let url = Url::parse(&format!("ws://{bare}")).ok()?;
    Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port()?))
}

async fn list(host: String, port: u16, patience: Duration) -> Result<Vec<Target>, CaptureError> {
    let (listed, version) = tokio::join!(
        http::get(&host, port, "/json/list", patience),
        http::get(&host, port, "/json/version", patience),
    );
    let mut targets = parse(&listed?, &host, port)?;
    let version = version.ok().and_then(|answer| serde_json::from_slice::<Value>(&answer).ok());
    let version = version.as_ref().and_then(|v| v["Browser"].as_str()).map(plain);
    for target in &mut targets {
        target.version.clone_from(&version);
    }
    Ok(targets)
}

fn parse(answer: &[u8], host: &str, port: u16) -> Result<Vec<Target>, CaptureError> {
    let address = address(host, port);
    let Ok(Value::Array(listed)) = serde_json::from_slice(answer) else {
        return Err(CaptureError::NotAnInspector {
            address,
            answer: "its answer is not a list of targets".to_owned(),
        });
    };
    let targets: Vec<_> =
        listed.iter().filter_map(|item| target(item, host, port)).take(MAX_TARGETS).collect();
    match (targets.is_empty(), listed.is_empty()) {
        (false, _) => Ok(targets),
        (true, true) => Err(CaptureError::NoTarget { address }),
        (true, false) => Err(CaptureError::AnotherClient { address }),
    }
}

/// `None` for what cannot be connected to.
fn target(item: &Value, host: &str, port: u16) -> Option<Target> {
    let text = |key: &str| plain(item[key].as_str().unwrap_or_default());
    let listed = Url::parse(item["webSocketDebuggerUrl"].as_str()?).ok()?;
    Some(Target {
        host: host.to_owned(),
        port,
        id: text("id"),
        title: text("title"),
        url: text("url"),
        kind: text("type"),
        websocket_url: format!("ws://{}{}", address(host, port), listed.path()),
        version: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_cannot_send_us_elsewhere() {
        let answer = br#"[{"id":"1","title":"a\u001b[2J","type":"node","url":"file:///app/a.js",
            "webSocketDebuggerUrl":"ws://evil.example:80/abc"}]"#;
        let targets = parse(answer, "127.0.0.1", 9229).unwrap();
        assert_eq!(targets[0].websocket_url, "ws://127.0.0.1:9229/abc");
        assert_eq!(targets[0].title, r"a\u{1b}[2J");
        assert_eq!(targets[0].to_string(), "a.js at 127.0.0.1:9229");
    }

    #[test]
    fn lists_without_a_usable_target_say_why() {
        let said = |answer: &str| parse(answer.as_bytes(), "::1", 9229).unwrap_err().to_string();
        assert!(said("[]").starts_with("the inspector at [::1]:9229 has nothing to inspect"));
        assert!(said(r#"[{"id":"1"}]"#).starts_with("another client is attached"));
        for stranger in ["{}", "", "null", "<html>", "[{\"a\":"] {
            assert!(said(stranger).contains("is not an inspector"), "{stranger}");
        }
        let odd = r#"[1, null, [], {"webSocketDebuggerUrl": 5}, {"webSocketDebuggerUrl": "::"}]"#;
        assert!(said(odd).starts_with("another client is attached"));
    }

    #[test]
    fn an_address_is_a_port_or_a_host_and_a_port() {
        let read = |address| host_and_port(address).unwrap();
        assert_eq!(read("9229"), ("127.0.0.1".to_owned(), 9229));
        assert_eq!(read("localhost:9230"), ("localhost".to_owned(), 9230));
        assert_eq!(read("[::1]:9229"), ("::1".to_owned(), 9229));
        assert_eq!(read("http://127.0.0.1:9229/"), ("127.0.0.1".to_owned(), 9229));
        for wrong in ["", "localhost", "70000", "a:b", "a b:1", "https://a:1", "[::1"] {
            assert_eq!(host_and_port(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_websocket_url_is_a_target() {
        let target = Target::from_websocket_url("ws://127.0.0.1:9229/0f2c-77").unwrap();
        assert_eq!(
            (&*target.host, target.port, &*target.id, target.to_string()),
            ("127.0.0.1", 9229, "0f2c-77", "127.0.0.1:9229".to_owned())
        );
        assert_eq!(Target::from_websocket_url("ws://[::1]:9229/x").unwrap().host, "::1");
        for wrong in ["", "9229", "http://127.0.0.1:9229/", "wss://127.0.0.1:9229/x", "ws://"] {
            let error = Target::from_websocket_url(wrong).unwrap_err();
            assert!(matches!(error, CaptureError::InvalidAddress { .. }), "{wrong}");
        }
    }
}
