//! Requests of real clients as they went over the wire, out of `tests/golden/clients`.

use std::collections::BTreeMap;
use std::path::Path;

use super::conversation::{golden, listed};
use crate::service::{Answer, Service};

/// All recorded requests, client by client.
pub(crate) fn clients() -> Vec<Vec<Recorded>> {
    let folders = listed(&golden("clients"))
        .into_iter()
        .filter(|path| path.is_dir());
    let requests = |folder: &Path| {
        let files = listed(folder)
            .into_iter()
            .filter(|path| operation(path) != "http2-preface");
        files.map(|path| Recorded::read(&path)).collect()
    };
    folders.map(|folder| requests(&folder)).collect()
}

/// A request as it went over the wire, and the name of its operation.
pub(crate) struct Recorded {
    /// Folder and file, for people.
    pub(crate) file: String,
    /// What the client wanted, by the file's name.
    pub(crate) operation: String,
    method: String,
    /// Path and query, encoded.
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Recorded {
    /// Reads a file like `fargo-xml/07-heartbeat-answered-404.http`.
    fn read(path: &Path) -> Self {
        let raw = std::fs::read(path).expect("the recording is readable");
        let (head, rest) = split_at(&raw, b"\r\n\r\n");
        let head = str::from_utf8(head).expect("a head is text");
        let (request_line, lines) = head.split_once("\r\n").expect("a head has headers");
        let headers: BTreeMap<_, _> = lines.split("\r\n").map(header).collect();
        let chunked = headers.contains_key("transfer-encoding");
        let mut words = request_line.split(' ').map(String::from);
        let mut word = || {
            words
                .next()
                .expect("a request line has a method and a path")
        };
        let place = path.strip_prefix(golden("clients"));
        Self {
            file: place.unwrap_or(path).display().to_string(),
            operation: operation(path),
            method: word(),
            path: word(),
            headers,
            body: if chunked {
                dechunked(rest)
            } else {
                rest.into()
            },
        }
    }

    /// Sends it.
    pub(crate) async fn send(&self, service: &Service) -> Answer {
        let body = Some(self.body.clone());
        service
            .send(&self.method, &self.path, &self.headers, body)
            .await
    }

    /// Whether it registers the client.
    pub(crate) fn is_registration(&self) -> bool {
        self.operation.starts_with("register")
    }

    /// Whether its body is XML.
    pub(crate) fn is_xml(&self) -> bool {
        let kind = self.headers.get("content-type");
        kind.is_some_and(|kind| kind.contains("xml"))
    }

    /// Its body as text.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("clients send UTF-8")
    }
}

/// What is before and after a mark.
fn split_at<'a>(bytes: &'a [u8], mark: &[u8]) -> (&'a [u8], &'a [u8]) {
    let found = bytes.windows(mark.len()).position(|window| window == mark);
    let at = found.expect("the mark is there");
    (&bytes[..at], &bytes[at + mark.len()..])
}

/// One header of a recording, its name in lower case.
fn header(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').expect("a header has a colon");
    (name.to_lowercase(), value.trim().into())
}

/// `03-heartbeat-with-credentials.http` is a heartbeat.
fn operation(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let (_, named) = stem.split_once('-').expect("a file's name has a number");
    named.trim_end_matches("-with-credentials").into()
}

/// The body out of its chunks: a size in hexadecimal digits, the bytes, and so on until a size of 0.
fn dechunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let (size, rest) = split_at(chunks, b"\r\n");
        let size = str::from_utf8(size).expect("a size is text");
        let size = usize::from_str_radix(size, 16).expect("a size is hexadecimal");
        if size == 0 {
            return body;
        }
        let (chunk, rest) = rest.split_at(size);
        body.extend_from_slice(chunk);
        chunks = &rest[b"\r\n".len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(
            dechunked(b"3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"),
            b"abc0123456789"
        );
    }
}
