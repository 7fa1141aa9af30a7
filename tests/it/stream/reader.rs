//! A subscriber that reads a stream piece by piece.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BoxBody, MessageBody as _};
use serde_json::Value;

use crate::service::Service;

/// A message of the stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) event: String,
    pub(super) id: Option<String>,
    pub(super) data: Value,
}

/// An open stream.
pub(super) struct Reader {
    body: Pin<Box<BoxBody>>,
    read: String,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The id of the last message that was read whole.
    pub(super) last_id: Option<String>,
    /// After how long to connect again.
    pub(super) retry_ms: Option<u64>,
    pub(super) ended: bool,
}

impl Reader {
    pub(super) async fn open(service: &Service, query: &str, headers: &[(&str, &str)]) -> Self {
        let path = format!("/api/v1/stream?{query}");
        let response = service
            .open("GET", &path, headers.iter().copied(), None)
            .await;
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        Self {
            headers: headers.collect(),
            status,
            body: Box::pin(response.into_body()),
            read: String::new(),
            last_id: None,
            retry_ms: None,
            ended: false,
        }
    }

    /// One piece, if there is one now.
    fn piece(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match self.body.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(Ok(piece))) => {
                self.read
                    .push_str(std::str::from_utf8(&piece).expect("pieces of ASCII"));
                true
            }
            Poll::Ready(Some(Err(error))) => panic!("{error}"),
            Poll::Ready(None) => {
                self.ended = true;
                false
            }
            Poll::Pending => false,
        }
    }

    /// The messages of at most so many pieces. What of a message has not come yet is not lost, unless the reader is.
    pub(super) fn read_pieces(&mut self, service: &Service, max: usize) -> Vec<Message> {
        for _ in 0..max {
            service.state().publish();
            if !self.piece() {
                break;
            }
        }
        self.messages()
    }

    /// All messages there are.
    pub(super) fn read(&mut self, service: &Service) -> Vec<Message> {
        service.state().publish();
        loop {
            while self.piece() {}
            // Who has more to be told has its next turn now; two rounds, since the first may have found nothing.
            service.state().publish();
            if !self.piece() {
                return self.messages();
            }
        }
    }

    fn messages(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(end) = self.read.find("\n\n") {
            let text: String = self.read.drain(..end + 2).collect();
            messages.extend(self.message(&text));
        }
        messages
    }

    fn message(&mut self, text: &str) -> Option<Message> {
        let field = |name: &str| {
            let mut lines = text.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.map(str::to_owned)
        };
        if let Some(retry) = field("retry") {
            self.retry_ms = Some(retry.parse().expect("a number"));
        }
        let id = field("id");
        if id.is_some() {
            self.last_id.clone_from(&id);
        }
        Some(Message {
            event: field("event")?,
            id,
            data: serde_json::from_str(&field("data")?).expect("JSON"),
        })
    }
}
