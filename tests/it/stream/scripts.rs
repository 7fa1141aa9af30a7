//! The programs of `tests/clients/native`, run as they stand there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cluster::patience::{PATIENCE, until};
use crate::process::Server;

/// So many lines of code such a program may have: it is to be read by people who write their own.
const LINES_MAX: usize = 30;

/// How each is run, and what begins a comment in it.
const PROGRAMS: [(&str, &str, &str); 3] = [
    ("python3", "client.py", "#"),
    ("node", "client.mjs", "//"),
    ("sh", "client.sh", "#"),
];

fn place(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients/native")
        .join(file)
}

/// A program that runs, and what it prints.
struct Program {
    process: Child,
    says: Receiver<String>,
}

impl Program {
    fn start(runner: &str, file: &str, arguments: [&str; 4]) -> Self {
        let mut process = Command::new(runner)
            .arg(place(file))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{runner} is needed to run {file}: {error}"));
        let output = process.stdout.take().unwrap();
        Self {
            process,
            says: lines(output),
        }
    }

    fn await_line(&self, wanted: &str) {
        let mut seen = Vec::new();
        while let Ok(line) = self.says.recv_timeout(PATIENCE) {
            if line == wanted {
                return;
            }
            seen.push(line);
        }
        panic!("it does not say {wanted:?}, only {seen:?}");
    }

    /// Ends its input, by which it is told to stop.
    fn stop(mut self) {
        drop(self.process.stdin.take());
        until("the program ends", || {
            self.process.try_wait().unwrap().is_some()
        });
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A shell that is killed leaves its children; asked to stop, it stops them.
        drop(self.process.stdin.take());
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap_or_default();
        drop(self.process.wait());
    }
}

fn lines(output: ChildStdout) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// Runs a program through the life of an instance.
fn live(runner: &str, file: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    command.env("PEERAGE__DRAIN__FETCH_INTERVAL", "2s");
    let server = Server::start_by(command);
    let url = format!("http://{}", server.connect().peer_addr().unwrap());
    let program = Program::start(runner, file, [&url, "ORDERS", "o-1", "8080"]);
    let listed = || server.ask("GET", "/eureka/apps/ORDERS/o-1", "").0 == 200;
    until("it registers", listed);
    program.await_line("listed o-1 UP");

    let other = super::registration("ORDERS", "o-2", "UP", "a");
    server.ask("POST", "/eureka/apps/ORDERS", &other);
    program.await_line("registered o-2");
    server.ask("DELETE", "/eureka/apps/ORDERS/o-2", "");
    program.await_line("removed o-2");

    let renewals = || server.ask("GET", "/metrics", "").1;
    until("it renews", || {
        let told = renewals();
        let line = told
            .lines()
            .find(|line| line.starts_with("peerage_renewals_total"));
        line.is_some_and(|line| !line.ends_with(" 0"))
    });
    server.ask("DELETE", "/eureka/apps/ORDERS/o-1", "");
    until("it registers again when its lease is lost", listed);

    program.stop();
    assert!(!listed(), "it has left");
    let events = server.ask("GET", "/api/v1/events?query=id:o-1", "").1;
    let events: Value = serde_json::from_str(events.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let told = |kind: &str| {
        let events = events["events"].as_array().unwrap();
        events
            .iter()
            .find(|event| event["kind"] == kind)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        told("overridden")["after"],
        "OUT_OF_SERVICE",
        "drained before it left"
    );
    assert_eq!(told("overridden")["actor"], file);
    assert_eq!(told("cancelled")["app"], "ORDERS");
}

#[test]
fn an_instance_in_python_lives_as_it_should() {
    live("python3", "client.py");
}

#[test]
fn an_instance_in_javascript_lives_as_it_should() {
    live("node", "client.mjs");
}

#[test]
fn an_instance_in_shell_lives_as_it_should() {
    live("sh", "client.sh");
}

#[test]
fn each_is_as_short_as_it_claims() {
    for (_, file, comment) in PROGRAMS {
        let text = fs::read_to_string(place(file)).unwrap();
        let code = text.lines().filter(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with(comment)
        });
        let count = code.count();
        assert!(count <= LINES_MAX, "{file}: {count} lines");
    }
}
