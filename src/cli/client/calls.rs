//! What a client does besides reading: acting, and reading for as long as there is something to read.
//!
//! What must always hold: whatever comes back that is not what was asked for becomes a [`Failure`] in the server's words
//! where it has any; and no answer, nor a line of one that never ends, takes more memory than its bound.

use std::io::{self, BufRead, BufReader, Read as _};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::{Body, Error, Timeout};

use super::{BYTES_MAX, Client, Failure, READ_MAX, detail};
use crate::native::documents::Problem;

/// How long a file may be.
const DOWNLOAD_MAX: u64 = 4 << 30;
/// How long one line of an answer that goes on may be.
const LINE_MAX: u64 = 16 << 20;
/// What stands in a path as it is.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// How to act at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Verb {
    Put,
    Post,
    Delete,
}

/// A path below `/api/v1`, its parts escaped.
pub(in crate::cli) fn path<const PARTS: usize>(parts: [&str; PARTS]) -> String {
    let escaped = parts.map(|part| match part {
        // These two would be taken for steps up the path, escaped or not.
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        part => utf8_percent_encode(part, IN_PATHS).to_string(),
    });
    format!("/api/v1/{}", escaped.join("/"))
}

/// A path with the parameters that have a value.
pub(in crate::cli) fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut given = form_urlencoded::Serializer::new(String::new());
    given.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    match given.finish() {
        nothing if nothing.is_empty() => path.to_owned(),
        given => format!("{path}?{given}"),
    }
}

impl Client {
    /// The same, which waits so long for a whole answer.
    pub(in crate::cli) fn within(self, timeout: Option<Duration>) -> Self {
        Self {
            timeout: timeout.or(self.timeout),
            ..self
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Acts, with a document for a body.
    pub(in crate::cli) fn act<T: DeserializeOwned>(
        &self,
        verb: Verb,
        path: &str,
        document: &impl Serialize,
    ) -> Result<T, Failure> {
        let url = self.url(path);
        let request = match verb {
            Verb::Put => self.agent.put(url),
            Verb::Post => self.agent.post(url),
            Verb::Delete => self.agent.delete(url).force_send_body(),
        };
        let request = request
            .header("Content-Type", "application/json")
            .header("X-Peerage-Action", "yes");
        let body = serde_json::to_vec(document).map_err(|cause| self.strange(&cause))?;
        let answer = request
            .config()
            .timeout_global(self.timeout)
            .build()
            .send(body);
        self.taken(path, answer)
    }

    /// Opens an answer that goes on, line by line. One that says nothing for so long has ended.
    pub(in crate::cli) fn open(&self, path: &str, silence_max: Duration) -> Result<Lines, Failure> {
        let request = self.agent.get(self.url(path));
        let request = request.header("Accept", "application/x-ndjson");
        let answer = request
            .config()
            .timeout_recv_body(None)
            .timeout_per_read(Some(silence_max))
            .build()
            .call()
            .map_err(|cause| self.unreachable(&cause))?;
        if answer.status() != 200 {
            return Err(self.refusal(path, answer));
        }
        Ok(Lines {
            reader: BufReader::new(answer.into_body().into_reader()),
            line: Vec::new(),
        })
    }

    /// The whole of an answer that may be long, however long that takes while it goes on.
    pub(in crate::cli) fn download(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let answer = self
            .agent
            .get(self.url(path))
            .config()
            .timeout_recv_body(None)
            .timeout_per_read(Some(READ_MAX))
            .timeout_global(self.timeout)
            .build()
            .call();
        let mut answer = answer.map_err(|cause| self.unreachable(&cause))?;
        if answer.status() != 200 {
            return Err(self.refusal(path, answer));
        }
        let body = answer.body_mut().with_config().limit(DOWNLOAD_MAX);
        body.read_to_vec().map_err(|cause| self.unreachable(&cause))
    }

    /// The document of an answer.
    pub(super) fn taken<T: DeserializeOwned>(
        &self,
        path: &str,
        answer: Result<Response<Body>, Error>,
    ) -> Result<T, Failure> {
        let answer = answer.map_err(|cause| self.unreachable(&cause))?;
        if !answer.status().is_success() {
            return Err(self.refusal(path, answer));
        }
        let body = self.body(answer)?;
        serde_json::from_slice(&body).map_err(|cause| self.strange(&cause))
    }

    fn body(&self, mut answer: Response<Body>) -> Result<Vec<u8>, Failure> {
        let body = answer.body_mut().with_config().limit(BYTES_MAX);
        body.read_to_vec().map_err(|cause| self.unreachable(&cause))
    }

    fn refusal(&self, path: &str, answer: Response<Body>) -> Failure {
        let status = answer.status().as_u16();
        let body = match self.body(answer) {
            Ok(body) => body,
            Err(failure) => return failure,
        };
        let base = self.base.clone();
        let problem: Option<Problem> = serde_json::from_slice(&body).ok();
        let told = problem.filter(|problem| !problem.detail.is_empty());
        match (status, told) {
            (503, _) => Failure::NotNow {
                base,
                detail: detail(&body),
            },
            (_, Some(problem)) => Failure::Refused {
                base,
                problem: Box::new(Problem { status, ..problem }),
                query: String::new(),
            },
            (401 | 403, None) => Failure::Denied { base },
            _ => self.strange(&format_args!("status {status} for {path}")),
        }
    }
}

impl Failure {
    /// The same, of a call that had this query, so that a mistake in it can be shown.
    pub(in crate::cli) fn of_query(self, text: &str) -> Self {
        match self {
            Self::Refused { base, problem, .. } => Self::Refused {
                base,
                problem,
                query: text.to_owned(),
            },
            other => other,
        }
    }

    /// Whether it may pass by itself: the server is away, silent, or not ready.
    pub(in crate::cli) const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Silent { .. } | Self::NotNow { .. }
        )
    }
}

/// The lines of an answer that goes on.
pub(in crate::cli) struct Lines {
    reader: BufReader<ureq::BodyReader<'static>>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line that says anything; none at the end.
    ///
    /// # Errors
    ///
    /// If the connection is lost or nothing is heard any more, or if a line is longer than any should be.
    pub(in crate::cli) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.line.clear();
            let mut bounded = self.reader.by_ref().take(LINE_MAX);
            bounded.read_until(b'\n', &mut self.line)?;
            let whole = self.line.ends_with(b"\n");
            match (self.line.len() as u64, whole) {
                // What ends without the end of a line was cut off.
                (0..LINE_MAX, false) => return Ok(None),
                (_, false) => return Err(io::ErrorKind::FileTooLarge.into()),
                (_, true) => {}
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(self.line.trim_ascii()));
            }
        }
    }
}

/// Why an answer that goes on was lost, as people say it.
pub(in crate::cli) fn lost(cause: &io::Error) -> String {
    let silent = cause
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
        .is_some_and(|cause| matches!(cause, Error::Timeout(Timeout::PerRead)));
    if silent || cause.kind() == io::ErrorKind::TimedOut {
        "nothing was heard any more".to_owned()
    } else {
        "the connection was cut off".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_a_path_whatever_is_in_them() {
        for (id, expected) in [
            ("o-1.a_b~c", "/api/v1/explain/A/o-1.a_b~c"),
            (
                "a/b:c d%?#é",
                "/api/v1/explain/A/a%2Fb%3Ac%20d%25%3F%23%C3%A9",
            ),
            ("..", "/api/v1/explain/A/%2E%2E"),
        ] {
            assert_eq!(path(["explain", "A", id]), expected);
        }
    }

    #[test]
    fn parameters_without_a_value_are_left_out() {
        let asked = with("/x", &[("query", "zone:a \"b&c\""), ("sort", "")]);
        assert_eq!(asked, "/x?query=zone%3Aa+%22b%26c%22");
        assert_eq!(with("/x", &[("sort", "")]), "/x");
    }
}
