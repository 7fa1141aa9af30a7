//! A server process and its log.
//!
//! Here: starting, signals, what it says. Not here: what it serves. What must always hold: a process ends with the value
//! that holds it, and its log is read for as long as it writes.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::eureka;
use super::http;
use super::patience::until;

/// The file of a key that all servers share, if any: said once, by the benchmark.
pub(crate) static KEY_FILE: OnceLock<PathBuf> = OnceLock::new();

/// What a server is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) zone: String,
    /// Where clients reach it.
    pub(crate) http: SocketAddr,
    /// Where it hears peers.
    pub(crate) peers: SocketAddr,
    /// Where peers are told that it hears them.
    pub(crate) advertise: SocketAddr,
    pub(crate) join: Vec<String>,
    pub(crate) cluster_name: String,
    /// Settings, by their names in the environment.
    pub(crate) settings: Vec<(&'static str, &'static str)>,
    /// What precedes the command, such as `taskset`.
    pub(crate) before: Vec<String>,
}

/// A server process.
pub(crate) struct Server {
    process: Child,
    http: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(told: &Told) -> Self {
        let mut process = command(told).spawn().expect("the server's binary starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (log.clone(), process.stderr.take());
        thread::spawn(move || read(stderr.expect("it is piped"), &lines));
        let http = told.http;
        Self { process, http, log }
    }

    pub(crate) fn ready(&self) -> bool {
        http::ask(self.http, "GET", "/readyz", "").is_ok_and(|answer| answer.ok())
    }

    pub(crate) fn list(&self) -> Option<std::collections::BTreeMap<String, eureka::Shown>> {
        eureka::list(self.http)
    }

    /// A digest of all it holds, versions included; none if it does not tell.
    pub(crate) fn digest(&self) -> Option<String> {
        let answer = http::ask(self.http, "GET", "/api/v1/cluster", "").ok()?;
        let cluster: Value = serde_json::from_slice(&answer.body).ok()?;
        Some(cluster["server"]["digest"].as_str()?.to_owned())
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("the process is there");
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the server ends", || {
            status = self.process.try_wait().expect("a child can be waited for");
            status.is_some()
        });
        status.expect("that was waited for")
    }

    /// How many lines of its log contain all of these words, in whatever case.
    pub(crate) fn says(&self, words: &[&str]) -> usize {
        let log = self.log.lock().expect("nobody panics with a log in hand");
        let fits = |line: &&String| words.iter().all(|word| line.to_lowercase().contains(word));
        log.iter().filter(fits).count()
    }

    /// How long its log is.
    pub(crate) fn lines(&self) -> usize {
        self.log
            .lock()
            .expect("nobody panics with a log in hand")
            .len()
    }

    /// The end of its log, but for what is told of single instances.
    pub(crate) fn last_words(&self) -> String {
        const LINES: usize = 40;
        let log = self.log.lock().expect("nobody panics with a log in hand");
        let lines: Vec<_> = log
            .iter()
            .filter(|line| !line.contains("\"rev\""))
            .cloned()
            .collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(told: &Told) -> Command {
    let binary = env!("CARGO_BIN_EXE_peerage").to_owned();
    let mut words = told.before.iter().cloned().chain([binary]);
    let mut command = Command::new(words.next().expect("there is the binary at least"));
    command.args(words).args(["serve", "--log-format", "json"]);
    command.args([
        "--name",
        &told.name,
        "--zone",
        &told.zone,
        "--cluster-name",
        &told.cluster_name,
    ]);
    command.args([
        "--listen",
        &told.http.to_string(),
        "--peer-listen",
        &told.peers.to_string(),
    ]);
    command.args(["--advertise", &told.advertise.to_string()]);
    command.args(told.join.iter().flat_map(|seed| ["--join", seed]));
    command.envs(
        told.settings
            .iter()
            .map(|(name, value)| (format!("PEERAGE__{name}"), value)),
    );
    command.envs(
        KEY_FILE
            .get()
            .map(|file| ("PEERAGE__CLUSTER__KEY_FILE", file)),
    );
    command.stderr(Stdio::piped());
    command
}

fn read(stderr: ChildStderr, lines: &Mutex<Vec<String>>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        lines
            .lock()
            .expect("nobody panics with a log in hand")
            .push(line);
    }
}
