//! Data directories of real processes: what is remembered, and what becomes of it on bad days.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::process::{Server, line};

/// A directory that is gone after the test.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("peerage-it-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn start(&self, further: &[&str]) -> Server {
        Server::start_with(&[&["--data-dir", self.path()], further].concat())
    }

    fn identity(&self) -> Value {
        serde_json::from_slice(&fs::read(self.0.join("identity.json")).unwrap()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What a server says of itself: its id and its epoch.
fn who(server: &Server) -> (String, u64) {
    let (_, answer) = server.ask("GET", "/api/v1/cluster", "");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let document: Value = serde_json::from_str(body).unwrap();
    let me = &document["server"];
    (
        me["id"].as_str().unwrap().to_owned(),
        me["epoch"].as_u64().unwrap(),
    )
}

pub(crate) fn warned_of(server: &Server, event: &str) -> bool {
    server
        .beginning
        .iter()
        .any(|line| line["event"] == event && line["level"] == "warn")
}

pub(crate) fn metric(server: &Server, name: &str) -> f64 {
    let (_, page) = server.ask("GET", "/metrics", "");
    let found = page
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    found.unwrap_or_else(|| panic!("{name} is not in\n{page}"))
}

#[test]
fn a_server_keeps_its_id_under_another_name_and_every_start_is_later() {
    let place = Place::new("keeps");
    let first = place.start(&["--name", "a"]);
    let (id, epoch) = who(&first);
    assert_eq!(
        place.identity()["epoch"],
        epoch,
        "it is written before it is used"
    );
    drop(first);
    let second = place.start(&["--name", "b"]);
    let (same, later) = who(&second);
    assert_eq!(same, id);
    assert!(later > epoch, "{later} {epoch}");
}

#[test]
fn a_start_is_later_than_the_last_though_the_clock_went_back_a_year() {
    let place = Place::new("clock");
    drop(place.start(&[]));
    let mut written = place.identity();
    let ahead = written["epoch"].as_u64().unwrap() + 31_536_000_000;
    written["epoch"] = ahead.into();
    fs::write(place.0.join("identity.json"), written.to_string()).unwrap();
    assert_eq!(who(&place.start(&[])).1, ahead + 1);
}

#[test]
fn without_a_data_directory_a_server_goes_by_its_name() {
    let [one, same, other] = ["a", "a", "b"].map(|name| Server::start_with(&["--name", name]));
    assert_eq!(who(&one).0, who(&same).0);
    assert_ne!(who(&one).0, who(&other).0);
}

#[test]
fn a_second_process_is_refused_with_what_to_do() {
    let place = Place::new("second");
    let first = place.start(&[]);
    let mut second = Command::new(env!("CARGO_BIN_EXE_peerage"));
    second.args(["--data-dir", place.path(), "--listen", "127.0.0.1:0"]);
    let refused = second.output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("is in use by another server"), "{said}");
    assert!(said.contains("--data-dir"), "{said}");
    assert_eq!(first.ask("GET", "/livez", "").0, 200);
}

#[test]
fn a_place_where_no_directory_can_be_is_refused() {
    let place = Place::new("file");
    fs::write(&place.0, "a file").unwrap();
    let mut refused = Command::new(env!("CARGO_BIN_EXE_peerage"));
    let refused = refused.args(["--data-dir", place.path()]).output().unwrap();
    fs::remove_file(&place.0).unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("choose another with --data-dir"), "{said}");
}

#[test]
fn a_file_that_makes_no_sense_is_set_aside_and_the_server_starts() {
    let place = Place::new("senseless");
    for content in ["", "{\"node\":", "{\"format\": 2}", "\u{1f9ea}"] {
        fs::create_dir_all(&place.0).unwrap();
        fs::write(place.0.join("identity.json"), content).unwrap();
        let server = place.start(&[]);
        assert!(warned_of(&server, "identity_unreadable"), "{content}");
        assert_eq!(server.ask("GET", "/readyz", "").0, 200);
        let aside = fs::read_to_string(place.0.join("identity.json.set-aside")).unwrap();
        assert_eq!(aside, content);
        assert_eq!(place.identity()["epoch"], who(&server).1);
    }
}

#[test]
fn a_full_disk_is_warned_of_and_counted_until_there_is_room() {
    let place = Place::new("full");
    drop(place.start(&[]));
    let before = place.identity();
    let next = place.0.join("identity.json.next");
    symlink("/dev/full", &next).unwrap();
    let mut server = place.start(&[]);
    assert!(
        warned_of(&server, "identity_unwritten"),
        "{:#?}",
        server.beginning
    );
    assert_eq!(place.identity(), before, "what was remembered stays");
    assert_eq!(server.ask("GET", "/readyz", "").0, 200);
    assert!(metric(&server, "peerage_data_dir_write_failures_total ") >= 1.0);
    assert!((metric(&server, "peerage_data_dir_behind ") - 1.0).abs() < 0.1);
    assert_eq!(who(&server).0, before["node"].as_str().unwrap());
    fs::remove_file(&next).unwrap();
    let unwritten = line(&mut server.log, &["identity_unwritten", "identity_written"]);
    assert_eq!(
        unwritten["event"], "identity_written",
        "it is warned of once"
    );
    assert_eq!(place.identity()["epoch"], who(&server).1);
    assert!(metric(&server, "peerage_data_dir_behind ") < 0.1);
}

#[test]
fn a_directory_that_takes_nothing_is_warned_of() {
    // Nobody may make files there, whoever they are.
    let server = Server::start_with(&["--data-dir", "/sys/kernel", "--name", "a"]);
    for event in ["data_dir_unlocked", "identity_unwritten"] {
        assert!(
            warned_of(&server, event),
            "{event}: {:#?}",
            server.beginning
        );
    }
    assert_eq!(server.ask("GET", "/readyz", "").0, 200);
    assert_eq!(who(&server).0, who(&Server::start_with(&["--name", "a"])).0);
}

#[test]
fn a_server_that_may_write_no_byte_serves_on() {
    let place = Place::new("limited");
    let mut shell = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    shell.args([
        "-c",
        limited,
        env!("CARGO_BIN_EXE_peerage"),
        "--data-dir",
        place.path(),
    ]);
    let server = Server::start_by(shell);
    assert!(
        warned_of(&server, "identity_unwritten"),
        "{:#?}",
        server.beginning
    );
    assert_eq!(server.ask("GET", "/readyz", "").0, 200);
}

#[test]
fn peers_known_before_are_found_without_being_told_of() {
    let place = Place::new("known");
    let other = Server::start_with(&["--name", "other"]);
    let mut server = place.start(&["--name", "this", "--join", &other.peer_address]);
    line(&mut server.log, &["peer_up"]);
    let address = &other.peer_address;
    while place.identity()["known"].as_array().unwrap().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(place.identity()["known"][0]["address"], **address);
    drop(server);
    let mut again = place.start(&["--name", "this"]);
    assert_eq!(again.beginning.last().unwrap()["event"], "joining");
    let met = line(&mut again.log, &["peer_up"]);
    assert_eq!(met["peer"], "other");
    let elsewhere = place.identity();
    drop(again);
    let mut foreign = place.start(&["--name", "this", "--cluster-name", "another"]);
    assert_eq!(
        foreign.beginning.last().unwrap()["event"],
        "ready",
        "there it knows nobody"
    );
    assert_ne!(place.identity(), elsewhere);
    foreign.signal(rustix::process::Signal::TERM);
    line(&mut foreign.log, &["stopped"]);
}
