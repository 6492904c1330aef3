//! One GET of a small JSON document from an inspector's HTTP endpoint, and nothing more of HTTP.
//!
//! Inspectors answer `/json/list` with a length and without encodings. Redirects are not
//! followed, the answer is limited in size and time, and anything else is "not an inspector".

use crate::error::CaptureError;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A list of several hundred browser tabs stays below this.
const MAX_ANSWER: usize = 4 << 20;

/// The body of `GET path`, at most [`MAX_ANSWER`] bytes, within `patience`.
pub(crate) async fn get(
    host: &str,
    port: u16,
    path: &str,
    patience: Duration,
) -> Result<Vec<u8>, CaptureError> {
    let address = address(host, port);
    match timeout(patience, exchange(host, port, path)).await {
        Ok(Ok(answer)) => {
            body(&answer).map_err(|answer| CaptureError::NotAnInspector { address, answer })
        }
        Ok(Err(reason)) => Err(connection_error(address, reason)),
        Err(_) => Err(CaptureError::NoAnswer { address, waited: patience }),
    }
}

/// `HOST:PORT` as in a URL.
pub(crate) fn address(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

pub(crate) fn connection_error(address: String, reason: io::Error) -> CaptureError {
    if reason.kind() == io::ErrorKind::ConnectionRefused {
        CaptureError::NothingListens { address }
    } else {
        CaptureError::Unreachable { address, reason }
    }
}

async fn exchange(host: &str, port: u16, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((host, port)).await?;
    // Inspectors answer only to an IP address or `localhost` as Host, against DNS rebinding.
    let peer = stream.peer_addr()?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {peer}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !is_complete(&answer) && answer.len() < MAX_ANSWER {
        if stream.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    Ok(answer)
}

/// Whether all that the head promises has come; without a length only the end of the connection
/// tells.
fn is_complete(answer: &[u8]) -> bool {
    match head(answer) {
        Ok(Some(Head { length: Some(length), start, .. })) => answer.len() - start >= length,
        Ok(_) => false,
        Err(_) => true,
    }
}

struct Head {
    status: u16,
    length: Option<usize>,
    /// Where the body begins.
    start: usize,
}

/// `None` while the head is incomplete.
fn head(answer: &[u8]) -> Result<Option<Head>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = response.parse(answer)? else { return Ok(None) };
    let status = response.code.unwrap_or_default();
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok());
    Ok(Some(Head { status, length, start }))
}

/// The body of a complete answer, or what was answered instead.
fn body(answer: &[u8]) -> Result<Vec<u8>, String> {
    if answer.is_empty() {
        return Err("it closed the connection without an answer".to_owned());
    }
    let Ok(Some(head)) = head(answer) else {
        return Err("it does not answer in HTTP".to_owned());
    };
    if head.status != 200 {
        return Err(format!("it answers with HTTP status {}", head.status));
    }
    let body = &answer[head.start..];
    let body = &body[..head.length.unwrap_or(body.len()).min(body.len())];
    if answer.len() >= MAX_ANSWER || head.length.is_some_and(|length| body.len() < length) {
        return Err("its answer is too long or cut off".to_owned());
    }
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answer: &str) -> Result<String, String> {
        body(answer.as_bytes()).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn a_body_ends_at_its_length_or_at_the_end_of_the_connection() {
        assert_eq!(said("HTTP/1.0 200 OK\r\ncontent-LENGTH: 2\r\n\r\n[]tail").unwrap(), "[]");
        assert_eq!(said("HTTP/1.0 200 OK\r\n\r\n[ ]").unwrap(), "[ ]");
    }

    #[test]
    fn everything_else_says_what_it_is() {
        assert_eq!(said("").unwrap_err(), "it closed the connection without an answer");
        assert_eq!(said("SSH-2.0-OpenSSH_9.6\r\n").unwrap_err(), "it does not answer in HTTP");
        assert_eq!(
            said("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n").unwrap_err(),
            "it answers with HTTP status 302"
        );
        assert_eq!(
            said("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n[").unwrap_err(),
            "its answer is too long or cut off"
        );
        assert_eq!(
            said("HTTP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n[]").unwrap(),
            "[]",
            "a length that is no number is no length"
        );
    }
}
