//! Real processes on real sockets: starting, refusing, stopping.
//!
//! Here: what cannot be seen in memory. Nothing sleeps: the tests wait for lines of the log, for answers and for the
//! end of processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server in a process of its own, which ends with it.
pub(crate) struct Server {
    process: Child,
    pub(crate) log: BufReader<ChildStderr>,
    pub(crate) address: SocketAddr,
    /// Where peers reach it.
    pub(crate) peer_address: String,
    /// What its log said before it served, and that it serves.
    pub(crate) beginning: Vec<Value>,
}

impl Server {
    fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with further arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
        command.args(arguments);
        Self::start_by(command)
    }

    /// Starts a server by a command that passes further arguments on to it.
    pub(crate) fn start_by(mut command: Command) -> Self {
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--peer-listen",
            "127.0.0.1:0",
        ]);
        command.args(["--log-format", "json"]);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let (serving, beginning) = beginning(&mut log);
        let text = |field: &str| serving[field].as_str().unwrap().to_owned();
        Self {
            process,
            log,
            address: text("address").parse().unwrap(),
            peer_address: text("peer_address"),
            beginning,
        }
    }

    /// Asks for something; answers with the status and the body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// The code it exits with.
    pub(crate) fn code(mut self) -> Option<i32> {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        self.process.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The next line of a log that tells of one of these events.
pub(crate) fn line(log: &mut BufReader<ChildStderr>, events: &[&str]) -> Value {
    loop {
        let line = next(log);
        if tells_of(&line, events) {
            return line;
        }
    }
}

/// The line that tells that a server serves, and all up to it.
fn beginning(log: &mut BufReader<ChildStderr>) -> (Value, Vec<Value>) {
    let mut lines = Vec::new();
    loop {
        let line = next(log);
        lines.push(line.clone());
        if tells_of(&line, &["ready", "joining"]) {
            return (line, lines);
        }
    }
}

fn next(log: &mut BufReader<ChildStderr>) -> Value {
    let mut text = String::new();
    assert!(log.read_line(&mut text).unwrap() > 0, "the log has ended");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

fn tells_of(line: &Value, events: &[&str]) -> bool {
    line["event"]
        .as_str()
        .is_some_and(|event| events.contains(&event))
}

/// Sends something and takes the first line of the answer; nothing if the connection ends without one.
fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    let mut first = String::new();
    BufReader::new(stream)
        .read_line(&mut first)
        .unwrap_or_default();
    first.trim_end().to_owned()
}

const ALIVE: &[u8] = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
const HEARTBEAT: &[u8] = b"PUT /eureka/apps/A/b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peerage"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_server_stops_at_a_signal_though_clients_are_connected() {
    for signal in [Signal::TERM, Signal::INT] {
        let server = Server::start();
        let mut idle = server.connect();
        assert_eq!(exchange(&mut idle, ALIVE), "HTTP/1.1 200 OK");
        server.signal(signal);
        assert_eq!(server.code(), Some(0), "{signal:?}");
    }
}

#[test]
fn a_second_signal_stops_a_server_that_waits_for_a_request() {
    let mut server = Server::start();
    let mut slow = server.connect();
    let head = b"POST /eureka/apps/A HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    slow.write_all(head).unwrap();
    slow.write_all(b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100", "the request is under way");
    server.signal(Signal::TERM);
    line(&mut server.log, &["stopping"]);
    server.signal(Signal::TERM);
    line(&mut server.log, &["stopping_at_once"]);
    assert_eq!(server.code(), Some(0));
}

#[test]
fn a_taken_port_is_one_sentence_and_what_to_do() {
    let server = Server::start();
    let output = run(&[
        "--listen",
        &server.address.to_string(),
        "--log-format",
        "json",
    ]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("another program listens there; stop it, or choose another port"),
        "{said}"
    );
}

#[test]
fn a_wrong_setting_is_refused_before_anything_is_served() {
    let output = run(&["--listen", "nowhere", "--log-format", "loud"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("--listen") && said.contains("--log-format"),
        "all at once: {said}"
    );
}

#[test]
fn a_client_that_opens_with_http_2_is_answered_in_it() {
    let server = Server::start();
    let mut stream = server.connect();
    let preface = include_bytes!("../golden/clients/armeria-http/01-http2-preface.http");
    stream.write_all(preface).unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4, "the first frame of a server is SETTINGS");
}

#[test]
fn a_request_to_upgrade_is_answered_without_upgrading() {
    let server = Server::start();
    for token in ["TLS/1.2", "websocket"] {
        let request = format!(
            "GET /eureka/apps/NOBODY HTTP/1.1\r\nHost: x\r\nUpgrade: {token}\r\nConnection: Upgrade\r\n\r\n"
        );
        assert_eq!(
            exchange(&mut server.connect(), request.as_bytes()),
            "HTTP/1.1 404 Not Found",
            "{token}"
        );
    }
}

#[test]
fn heads_and_bodies_beyond_their_limits_are_refused_at_once() {
    let server = Server::start();
    let check = |request: String, expected: &str| {
        let answer = exchange(&mut server.connect(), request.as_bytes());
        assert_eq!(
            answer,
            expected,
            "{}",
            request.chars().take(60).collect::<String>()
        );
    };
    let long = |len| "a".repeat(len);
    let header = |len| {
        format!(
            "GET /eureka/apps HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
            long(len)
        )
    };
    check(
        header(40_000),
        "HTTP/1.1 431 Request Header Fields Too Large",
    );
    check(
        header(400_000),
        "HTTP/1.1 431 Request Header Fields Too Large",
    );
    let elsewhere = format!(
        "GET /livez HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
        long(40_000)
    );
    check(elsewhere, "HTTP/1.1 431 Request Header Fields Too Large");
    let path = format!("GET /eureka/{} HTTP/1.1\r\nHost: x\r\n\r\n", long(20_000));
    check(path, "HTTP/1.1 414 URI Too Long");
    let body = "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n";
    check(
        format!("POST /eureka/apps/A HTTP/1.1\r\n{body}"),
        "HTTP/1.1 413 Payload Too Large",
    );
    check(
        format!("PUT /eureka/apps/A/b HTTP/1.1\r\n{body}"),
        "HTTP/1.1 413 Payload Too Large",
    );
    check(
        "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "HTTP/1.1 404 Not Found",
    );
    check(
        "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK",
    );
    check(
        "POST /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "HTTP/1.1 405 Method Not Allowed",
    );
    check(
        "B(D / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "HTTP/1.1 400 Bad Request",
    );
    assert_eq!(
        exchange(&mut server.connect(), HEARTBEAT),
        "HTTP/1.1 404 Not Found",
        "the server goes on"
    );
}

#[test]
fn connections_above_the_limit_of_files_are_refused_politely_until_others_leave() {
    const FILES: usize = 128;
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("ulimit -n {FILES}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_peerage"));
    let server = Server::start_by(shell);
    let mut held = Vec::new();
    let refused = loop {
        let mut next = server.connect();
        match exchange(&mut next, HEARTBEAT).as_str() {
            "HTTP/1.1 404 Not Found" => held.push(next),
            other => break other.to_owned(),
        }
        assert!(held.len() < FILES, "the limit was never met");
    };
    assert_eq!(refused, "HTTP/1.1 503 Service Unavailable");
    let mut first = held.swap_remove(0);
    assert_eq!(
        exchange(&mut first, HEARTBEAT),
        "HTTP/1.1 404 Not Found",
        "those within go on"
    );
    drop((first, held));
    let answered =
        (0..1000).any(|_| exchange(&mut server.connect(), HEARTBEAT) == "HTTP/1.1 404 Not Found");
    assert!(answered, "after the others left");
}
