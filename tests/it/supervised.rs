//! Servers that systemd runs, with the test in systemd's place.
//!
//! Here: what is said at which turn of a server's life. Not here: the words by themselves (`src/server/systemd.rs`), the
//! unit (`.packaging/check`). Nothing sleeps: the test waits for words, and for lines of the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::process::{PATIENCE, Server, line};

/// The end of the line that systemd has in its hand.
struct Systemd {
    ear: UnixDatagram,
    place: PathBuf,
}

impl Systemd {
    fn new(name: &str) -> Self {
        let name = format!("peerage-it-{name}-{}", std::process::id());
        let place = std::env::temp_dir().join(name);
        drop(fs::remove_file(&place));
        let ear = UnixDatagram::bind(&place).unwrap();
        ear.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { ear, place }
    }

    fn start(&self, watchdog: Duration, settings: &[(&str, &str)]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
        command.env("NOTIFY_SOCKET", &self.place);
        command.env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        command.envs(settings.iter().copied());
        Server::start_by(command)
    }

    /// What is said next.
    fn hear(&self) -> String {
        let mut words = [0; 512];
        let len = self.ear.recv(&mut words).unwrap();
        String::from_utf8(words[..len].to_vec()).unwrap()
    }

    /// What is said next but for the watchdog.
    fn hear_news(&self) -> String {
        let mut said = std::iter::from_fn(|| Some(self.hear()));
        said.find(|words| words != "WATCHDOG=1").unwrap()
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.place));
    }
}

#[test]
fn systemd_hears_of_every_turn_in_the_life_of_a_server() {
    let systemd = Systemd::new("turns");
    let mut server = systemd.start(Duration::from_millis(200), &[]);
    assert_eq!(systemd.hear(), "READY=1\nSTATUS=ready");
    for _ in 0..3 {
        assert_eq!(systemd.hear(), "WATCHDOG=1");
    }
    // There is nothing to read again, and still it must not end the server.
    server.signal(Signal::HUP);
    assert_eq!(systemd.hear_news(), "RELOADING=1");
    assert_eq!(systemd.hear_news(), "READY=1");
    server.signal(Signal::TERM);
    let stopping = systemd.hear_news();
    assert!(
        stopping.starts_with("STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC="),
        "{stopping}"
    );
    line(&mut server.log, &["stopped"]);
    assert_eq!(server.code(), Some(0));
}

#[test]
fn a_server_that_looks_for_its_peers_is_ready_for_systemd_when_it_serves_lists() {
    let systemd = Systemd::new("joins");
    let brisk = [
        ("PEERAGE__CLUSTER__JOIN", "127.0.0.1:1"),
        ("PEERAGE__CLUSTER__JOIN_WAIT", "500ms"),
        ("PEERAGE__CLUSTER__COLLECT_MIN", "100ms"),
        ("PEERAGE__CLUSTER__CALM", "100ms"),
        ("PEERAGE__CLUSTER__COLLECT_MAX", "2s"),
    ];
    let server = systemd.start(Duration::from_secs(30), &brisk);
    let asked = "STATUS=joining its peers\nEXTEND_TIMEOUT_USEC=30000000";
    assert_eq!(systemd.hear_news(), asked);
    let mut news = std::iter::from_fn(|| Some(systemd.hear_news()));
    let ready = news.find(|words| words != asked);
    assert_eq!(ready.as_deref(), Some("READY=1\nSTATUS=ready"));
    let (status, _) = server.ask("GET", "/eureka/apps", "");
    assert_eq!(status, 200);
}
