//! Streams of real processes, on real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::cluster::patience::{now, until};
use crate::process::{Server, line};

/// A stream of lines.
struct Lines(BufReader<TcpStream>);

impl Lines {
    fn open(server: &Server, query: &str) -> Self {
        let mut stream = server.connect();
        let head = "Host: x\r\nAccept: application/x-ndjson\r\n\r\n";
        write!(stream, "GET /api/v1/stream?{query} HTTP/1.1\r\n{head}").unwrap();
        let mut lines = Self(BufReader::new(stream));
        assert!(lines.text().starts_with("HTTP/1.1 200"));
        lines
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        self.0.read_line(&mut text).unwrap();
        text
    }

    /// The next message. Sizes of chunks and what is in the head are no messages.
    fn next(&mut self) -> Option<Value> {
        loop {
            let text = self.text();
            if text.is_empty() {
                return None;
            }
            if text.starts_with('{') {
                return Some(serde_json::from_str(&text).unwrap());
            }
        }
    }

    fn await_event(&mut self, event: &str) -> Value {
        loop {
            let message = self.next().expect("the stream goes on");
            if message["event"] == event {
                return message;
            }
        }
    }
}

fn register(server: &Server, id: &str) {
    register_with(server, id, "a");
}

fn register_with(server: &Server, id: &str, zone: &str) {
    let body = super::registration("A", id, "UP", zone);
    assert_eq!(server.ask("POST", "/eureka/apps/A", &body).0, 204);
}

#[test]
fn a_change_is_told_while_others_wait_to_be_told_anything() {
    let server = Server::start_with(&[]);
    let mut watching = Lines::open(&server, "");
    let mut idle: Vec<_> = (0..20)
        .map(|_| Lines::open(&server, "query=app:other"))
        .collect();
    assert_eq!(watching.next().unwrap()["event"], "snapshot");
    register(&server, "i");
    let delta = watching.await_event("delta");
    assert_eq!(delta["data"]["changes"][0]["row"]["id"], "i");
    for lines in &mut idle {
        assert_eq!(lines.next().unwrap()["event"], "snapshot");
    }
}

#[test]
fn a_server_stops_in_time_and_says_goodbye_though_streams_are_open() {
    let server = Server::start_with(&[]);
    let mut open: Vec<_> = (0..5).map(|_| Lines::open(&server, "")).collect();
    for lines in &mut open {
        lines.await_event("snapshot");
    }
    let mut polling = server.connect();
    let index = server.ask("GET", "/api/v1/watch/services/A", "").1;
    let index = index
        .split("\"index\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let head = "Host: x\r\n\r\n";
    write!(
        polling,
        "GET /api/v1/watch/services/A?wait=5min&index={index} HTTP/1.1\r\n{head}"
    )
    .unwrap();
    until("the poll waits", || {
        server
            .ask("GET", "/metrics", "")
            .1
            .contains("peerage_subscribers{kind=\"watch\"} 1")
    });
    let before = now();
    server.signal(Signal::TERM);
    for lines in &mut open {
        let bye = lines.await_event("bye");
        assert!((1000..5000).contains(&bye["data"]["retry_ms"].as_u64().unwrap()));
        assert!(lines.next().is_none(), "the stream ends");
    }
    let mut answer = String::new();
    polling.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 304"), "{answer}");
    assert_eq!(server.code(), Some(0));
    let took = before.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "{took:?}: alone a server stops within two seconds"
    );
}

#[test]
fn a_change_that_a_peer_wrote_is_told_with_the_peers_name() {
    let first = Server::start_with(&["--name", "anna"]);
    let arguments = ["--name", "berta", "--join", &first.peer_address];
    let mut second = Server::start_with(&arguments);
    let mut watching = Lines::open(&first, "topics=events,cluster");
    while line(&mut second.log, &["stage"])["message"]
        .as_str()
        .is_none_or(|text| !text.contains("lists are open"))
    {}
    register(&second, "i");
    let delta = watching.await_event("delta");
    let event = &delta["data"]["events"][0];
    assert_eq!(event["text"], "registered A/i as UP; peer berta wrote it");
    assert_eq!(
        (&event["cause"], &event["from"]),
        (&"replication".into(), &"berta".into())
    );
    second.signal(Signal::KILL);
    let gone = watching.await_event("cluster");
    assert_eq!(gone["data"]["from"], "berta", "{gone}");
}

/// A subscriber that takes little into its socket, and reads nothing.
fn deaf(server: &Server) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&server.address.into()).unwrap();
    let head = b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(socket.send(head).unwrap(), head.len());
    socket
}

#[test]
fn subscribers_that_read_nothing_lose_their_connections_and_nobody_else_does() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    command.env("PEERAGE__LIMITS__UNREAD_TIMEOUT", "1s");
    command.env(
        "PEERAGE__LOG__FILTER",
        "warn,peerage::server=info,peerage::server::state=warn",
    );
    let server = Server::start_by(command);
    let mut reading = Lines::open(&server, "query=id:last");
    let deaf: Vec<_> = (0..10).map(|_| deaf(&server)).collect();
    let subscribers = |count: usize| {
        let line = format!("peerage_subscribers{{kind=\"stream\"}} {count}.0\n");
        server.ask("GET", "/metrics", "").1.contains(&line)
    };
    until("all are there", || subscribers(11));
    // More than the system keeps for who does not read.
    let zone = "z".repeat(200 * 1024);
    for number in 0..40 {
        register_with(&server, &format!("i-{number}"), &zone);
    }
    until("the deaf are gone", || subscribers(1));
    register(&server, "last");
    reading.await_event("delta");
    drop(deaf);
}
