//! As much of an HTTP client as the demo needs: one connection that is kept.
//!
//! Here: sending a request and reading its answer. What must always hold: an answer is bounded, and a connection on
//! which anything went wrong is not used again.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server may take: longer than it ever does, shorter than a client beats.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long an answer may be.
const BYTES_MAX: usize = 64 << 20;

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status code.
    pub(super) status: u16,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// A connection to one server, opened when it is needed.
#[derive(Debug)]
pub(super) struct Connection {
    server: SocketAddr,
    stream: Option<TcpStream>,
}

impl Connection {
    /// A connection to this server, not yet open.
    pub(super) const fn to(server: SocketAddr) -> Self {
        Self {
            server,
            stream: None,
        }
    }

    /// Sends a request, with this JSON as its body if there is any, and waits for the answer.
    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        );
        let mut stream = match self.stream.take() {
            Some(open) => open,
            None => timeout(PATIENCE, TcpStream::connect(self.server)).await??,
        };
        let (answer, whole) = timeout(PATIENCE, exchange(&mut stream, &request)).await??;
        self.stream = whole.then_some(stream);
        Ok(answer)
    }
}

/// The answer, and whether the connection is at its end and can be used again.
async fn exchange(stream: &mut TcpStream, request: &str) -> io::Result<(Answer, bool)> {
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(head) = Head::parse(&bytes)? {
            break head;
        }
        more(stream, &mut bytes).await?;
    };
    while bytes.len() < head.bytes + head.body_bytes {
        more(stream, &mut bytes).await?;
    }
    let body = bytes.split_off(head.bytes);
    let answer = Answer {
        status: head.status,
        body,
    };
    Ok((answer, !head.closes))
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    if bytes.len() > BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    match stream.read_buf(bytes).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// How long it is itself.
    bytes: usize,
    body_bytes: usize,
    closes: bool,
}

impl Head {
    /// The head, once all of it is there.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(end) = bytes.windows(END.len()).position(|part| part == END) else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_lowercase();
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            lines
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.trim().to_owned())
        };
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let length = value("content-length").map_or(Ok(0), |length| length.parse());
        match (status, length) {
            (Some(status), Ok(body_bytes)) => Ok(Some(Self {
                status,
                bytes: end + END.len(),
                body_bytes,
                // A body of untold length is of no use here, and leaves the connection in its midst.
                closes: value("connection").as_deref() == Some("close")
                    || value("transfer-encoding").is_some(),
            })),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Head>) {
        assert_eq!(Head::parse(text.as_bytes()).unwrap(), expected, "{text}");
    }

    #[test]
    fn a_head_is_read_once_all_of_it_is_there() {
        let head = "HTTP/1.1 204 No Content\r\ncontent-length: 12\r\n";
        check(head, None);
        let whole = Head {
            status: 204,
            bytes: head.len() + 2,
            body_bytes: 12,
            closes: false,
        };
        check(&format!("{head}\r\nbody"), Some(whole));
    }

    #[test]
    fn a_connection_that_ends_or_whose_end_is_untold_is_not_used_again() {
        for line in ["Connection: close", "Transfer-Encoding: chunked"] {
            let text = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
            let head = Head::parse(text.as_bytes()).unwrap();
            assert!(head.is_some_and(|head| head.closes), "{line}");
        }
    }

    #[test]
    fn what_is_no_http_is_an_error() {
        assert!(Head::parse(b"nonsense\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n").is_err());
    }
}
