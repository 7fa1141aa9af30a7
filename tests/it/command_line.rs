//! The command line against real servers: what it prints, what it exits with, what it does when interrupted.
//!
//! Here: running it, and what all its commands have in common. What must always hold: nothing sleeps; what is waited for
//! is a line or the end of a process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acting;
mod cutter;
pub(crate) mod reading;
mod watching;

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::process::Server;

/// A server that tells soon and logs little: nobody reads its log, and what nobody reads fills the pipe.
fn serve(arguments: &[&str]) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    let filter = "warn,peerage::server=info,peerage::server::state=warn";
    command.args(arguments).env("PEERAGE__LOG__FILTER", filter);
    command.env("PEERAGE__STREAM__COALESCE", "20ms");
    Server::start_by(command)
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: i32,
    output: String,
    errors: String,
}

impl Said {
    /// Its output as a document.
    fn document(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Its output as documents.
    fn lines(&self) -> Vec<Value> {
        let lines = self.output.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// A command that asks this server.
fn command(server: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    command
        .args(arguments)
        .env("PEERAGE_ADDR", server.to_string())
        .env("USER", "anna")
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end.
fn run(server: SocketAddr, arguments: &[&str]) -> Said {
    let ended = command(server, arguments).output().unwrap();
    Said {
        code: ended.status.code().unwrap_or(-1),
        output: String::from_utf8(ended.stdout).unwrap(),
        errors: String::from_utf8(ended.stderr).unwrap(),
    }
}

/// Runs a command that must succeed.
fn done(server: SocketAddr, arguments: &[&str]) -> Said {
    let said = run(server, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    said
}

/// A command that goes on, and what it prints.
struct Running {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(server: SocketAddr, arguments: &[&str]) -> Self {
        let mut command = command(server, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// The next line it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "it ended: {line:?}");
        line
    }

    fn document(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Reads a document of the API.
fn read(server: &Server, path: &str) -> Value {
    let (status, answer) = server.ask("GET", path, "");
    assert_eq!(status, 200, "{path}: {answer}");
    serde_json::from_str(body(&answer)).unwrap()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// Registers an instance in plain JSON, with more than it needs to have.
fn register(server: &Server, app: &str, id: &str, more: Value) {
    let mut registration =
        json!({"host": "host-1", "port": 8080, "ip": "10.0.0.1", "zone": "zone-a"});
    let fields = registration.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let path = format!("/api/v1/instances/{app}/{id}");
    let (status, answer) = server.ask("PUT", &path, &registration.to_string());
    assert!([200, 201].contains(&status), "{app}/{id}: {answer}");
}

#[test]
fn where_nobody_listens_the_code_is_4_and_the_next_step_is_said() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for arguments in [
        &["apps"][..],
        &["instances"],
        &["explain", "A/a"],
        &["events"],
        &["events", "--follow"],
        &["watch"],
        &["protection"],
        &["override", "list"],
        &["override", "clear", "A/a", "--yes"],
        &["drain", "A/a", "--yes"],
        &["drain", "undo", "1", "--yes"],
        &["evict", "A/a", "--yes"],
        &["evict", "--expired", "--yes"],
    ] {
        let said = run(free, arguments);
        assert_eq!(said.code, 4, "{arguments:?}: {said:?}");
        assert!(said.errors.contains("--addr or PEERAGE_ADDR"), "{said:?}");
        assert_eq!(said.output, "", "{arguments:?}");
    }
}

#[test]
fn wrong_usage_is_2_and_reaches_no_server() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for arguments in [
        &["explain", "ORDERS"][..],
        &["instances", "--limit", "0"],
        &["instances", "--timeout", "5"],
        &["instances", "-o", "yaml"],
        &["override", "set", "A/a", "SIDEWAYS"],
        &["override", "set", "A/a", "UNKNOWN"],
        &["drain"],
        &["drain", "A/a", "--zone", "b"],
        &["evict"],
        &["evict", "A/a", "--expired"],
        &["protection", "release", "zone"],
        &["completions", "tcsh"],
    ] {
        let said = run(free, arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(
            !said.errors.is_empty() && said.output.is_empty(),
            "{said:?}"
        );
    }
}

#[test]
fn shells_and_the_manual_know_every_command() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell", "man"] {
        let said = done(nobody, &["completions", shell]);
        for command in ["drain", "explain", "watch"] {
            assert!(said.output.contains(command), "{shell}: {command}");
        }
    }
    let dir = std::env::temp_dir().join(format!("peerage-man-{}", std::process::id()));
    let dir = dir.to_str().unwrap();
    done(nobody, &["completions", "man", "--dir", dir]);
    let page = std::fs::read_to_string(format!("{dir}/peerage-drain-undo.1")).unwrap();
    assert!(page.contains("Let the instances of a drain serve again"));
    std::fs::remove_dir_all(dir).unwrap();
    let file = env!("CARGO_BIN_EXE_peerage");
    let said = run(nobody, &["completions", "bash", "--dir", file]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.errors.contains("name a directory"), "{said:?}");
}
