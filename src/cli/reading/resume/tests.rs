//! A reader and a server that may do anything a server does, at any time.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(revision: &str, kind: &str, id: &str, status: &str) -> Event {
    Event {
        revision: revision.to_owned(),
        kind: kind.to_owned(),
        app: Some("A".to_owned()),
        id: Some(id.to_owned()),
        status: Some(status.to_owned()),
        ..Event::default()
    }
}

fn line(name: &str, id: Option<&str>, data: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(&json!({"event": name, "id": id, "data": data})).unwrap()
}

fn snapshot(revision: &str, instances: &BTreeMap<Key, String>) -> Vec<u8> {
    let row = |((app, id), status): (&Key, &String)| Row {
        app: app.clone(),
        id: id.clone(),
        status: status.clone(),
        ..Row::default()
    };
    let whole = Snapshot {
        revision: revision.to_owned(),
        last: true,
        rows: instances.iter().map(row).collect(),
        ..Snapshot::default()
    };
    line("snapshot", Some(revision), &whole)
}

fn told(reader: &mut Reader, line: &[u8]) -> (Vec<String>, Turn) {
    let (events, turn) = reader.take(line).unwrap();
    let kinds = events.into_iter();
    let kinds = kinds.map(|event| format!("{} {}", event.kind, event.id.unwrap_or_default()));
    (kinds.collect(), turn)
}

#[test]
fn a_reader_without_a_place_asks_for_the_list_first() {
    let mut reader = Reader::default();
    assert_eq!(
        reader.path("zone:a"),
        "/api/v1/stream?topics=events&query=zone%3Aa&rows=yes"
    );
    let nothing = BTreeMap::new();
    assert_eq!(
        told(&mut reader, &snapshot("7-3", &nothing)),
        (vec![], Turn::GoOn)
    );
    assert_eq!(reader.path(""), "/api/v1/stream?topics=events&since=7-3");
}

#[test]
fn an_event_that_comes_twice_is_told_once() {
    let mut reader = Reader::since(Some("7-3".to_owned()));
    let delta = Delta {
        after: "7-1".to_owned(),
        revision: "7-5".to_owned(),
        events: vec![
            event("7-3", "registered", "a", "UP"),
            event("7-4", "registered", "b", "UP"),
            event("7-5", "evicted", "a", "UP"),
        ],
        ..Delta::default()
    };
    let line = line("delta", Some("7-5"), &delta);
    let expected = vec!["registered b".to_owned(), "evicted a".to_owned()];
    assert_eq!(told(&mut reader, &line), (expected, Turn::GoOn));
    assert_eq!(told(&mut reader, &line), (vec![], Turn::GoOn));
}

#[test]
fn only_kinds_that_are_wanted_are_told() {
    let mut reader = Reader::since(Some("7-3".to_owned())).of_kinds("evicted, cancelled");
    let delta = Delta {
        revision: "7-5".to_owned(),
        events: vec![
            event("7-4", "registered", "b", "UP"),
            event("7-5", "evicted", "a", "UP"),
        ],
        ..Delta::default()
    };
    let told = told(&mut reader, &line("delta", Some("7-5"), &delta));
    assert_eq!(told.0, ["evicted a"]);
}

#[test]
fn after_a_gap_the_differences_are_told() {
    let list = |instances: &[(&str, &str)]| -> BTreeMap<Key, String> {
        let entry = |(id, status): &(&str, &str)| {
            (("A".to_owned(), (*id).to_owned()), (*status).to_owned())
        };
        instances.iter().map(entry).collect()
    };
    let mut reader = Reader::default();
    let before = list(&[("a", "UP"), ("b", "UP"), ("c", "UP")]);
    told(&mut reader, &snapshot("7-3", &before));
    let resync = Resync {
        revision: "8-1".to_owned(),
        text: "the server was started again".to_owned(),
        ..Resync::default()
    };
    let gap = told(&mut reader, &line("resync", Some("8-1"), &resync));
    assert_eq!(gap, (vec!["resync ".to_owned()], Turn::ListAgain));
    assert!(reader.path("").ends_with("rows=yes"), "the list is wanted");
    let now = list(&[("a", "UP"), ("b", "DOWN"), ("d", "UP")]);
    let told = told(&mut reader, &snapshot("8-2", &now));
    assert_eq!(told.0, ["changed b", "disappeared c", "appeared d"]);
}

#[test]
fn a_server_that_stops_says_when_to_come_again() {
    let mut reader = Reader::since(Some("7-3".to_owned()));
    let bye = Bye {
        retry_ms: 1500,
        ..Bye::default()
    };
    assert_eq!(
        told(&mut reader, &line("bye", None, &bye)).1,
        Turn::Later(1500)
    );
    assert_eq!(reader.place(), Some("7-3"));
}

#[test]
fn messages_of_later_releases_are_passed_over() {
    let mut reader = Reader::since(Some("7-3".to_owned()));
    let unknown = json!({"event": "weather", "id": "7-4", "data": [1, {"x": null}], "more": 1});
    assert_eq!(
        told(&mut reader, unknown.to_string().as_bytes()).1,
        Turn::GoOn
    );
    assert_eq!(reader.place(), Some("7-4"));
    assert!(reader.take(b"<html>").is_err());
}

/// What happens next between a reader and a server.
#[derive(Clone, Debug)]
enum Happens {
    /// An instance, of few, gets a status or goes.
    Change(u8, u8),
    /// So many events are sent in one message.
    Sent(usize),
    /// The connection ends, before or after what was sent arrived.
    Cut,
    /// The server forgets all events, as after a start.
    Restart,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0..4_u8, 0..4_u8).prop_map(|(id, status)| Happens::Change(id, status)),
        6 => (1..5_usize).prop_map(Happens::Sent),
        2 => Just(Happens::Cut),
        1 => Just(Happens::Restart),
    ]
}

/// A server's account and list.
#[derive(Default)]
struct Server {
    epoch: u64,
    events: Vec<Event>,
    listed: BTreeMap<Key, String>,
}

impl Server {
    fn revision(&self, sequence: usize) -> String {
        format!("{}-{sequence}", self.epoch)
    }

    fn change(&mut self, id: u8, status: u8) {
        let revision = self.revision(self.events.len() + 1);
        let key = ("A".to_owned(), id.to_string());
        let event = match ["UP", "DOWN", "STARTING"].get(usize::from(status)) {
            Some(status) => {
                self.listed.insert(key, (*status).to_owned());
                event(&revision, "overridden", &id.to_string(), status)
            }
            None if self.listed.remove(&key).is_some() => {
                event(&revision, "cancelled", &id.to_string(), "UP")
            }
            None => return,
        };
        self.events.push(event);
    }

    /// The place of somebody who connects, and what is said first.
    fn connect(&self, path: &str) -> (usize, Vec<u8>) {
        let now = self.events.len();
        let since = path
            .split("since=")
            .nth(1)
            .map(|rest| rest.split('&').next().unwrap());
        let Some(since) = since else {
            return (now, snapshot(&self.revision(now), &self.listed));
        };
        let (epoch, sequence) = since.split_once('-').unwrap();
        if epoch == self.epoch.to_string() {
            return (sequence.parse().unwrap(), Vec::new());
        }
        let resync = Resync {
            revision: self.revision(now),
            ..Resync::default()
        };
        (now, line("resync", Some(&self.revision(now)), &resync))
    }

    fn delta(&self, place: usize, to: usize) -> Vec<u8> {
        let delta = Delta {
            after: self.revision(place),
            revision: self.revision(to),
            events: self.events[place..to].to_vec(),
            ..Delta::default()
        };
        line("delta", Some(&self.revision(to)), &delta)
    }
}

/// Somebody who reads and writes down what was told.
#[derive(Default)]
struct Audience {
    reader: Reader,
    told: Vec<Event>,
    /// What is listed by what was told alone.
    listed: BTreeMap<Key, String>,
}

impl Audience {
    /// Connects, again if need be, until the stream goes on. Answers the place.
    fn connect(&mut self, server: &Server) -> usize {
        loop {
            let (place, first) = server.connect(&self.reader.path(""));
            if first.is_empty() || self.take(&first) == Turn::GoOn {
                return place;
            }
        }
    }

    fn take(&mut self, line: &[u8]) -> Turn {
        let (events, turn) = self.reader.take(line).unwrap();
        events
            .iter()
            .for_each(|event| apply(&mut self.listed, event));
        self.told.extend(events);
        turn
    }
}

proptest! {
    #[test]
    fn whoever_reads_on_and_on_misses_and_doubles_nothing(story in vec(happens(), 1..80)) {
        let mut server = Server { epoch: 7, ..Server::default() };
        let mut audience = Audience::default();
        let mut account = Vec::new();
        let mut restarted = false;
        let mut place = audience.connect(&server);
        for step in story {
            match step {
                Happens::Change(id, status) => server.change(id, status),
                Happens::Sent(count) => {
                    let to = (place + count).min(server.events.len());
                    if to > place {
                        audience.take(&server.delta(place, to));
                        place = to;
                    }
                }
                Happens::Cut => place = audience.connect(&server),
                Happens::Restart => {
                    restarted = true;
                    account.append(&mut server.events);
                    server.epoch += 1;
                    place = audience.connect(&server);
                }
            }
        }
        account.append(&mut server.events.clone());
        if server.events.len() > place {
            audience.take(&server.delta(place, server.events.len()));
        }
        if !restarted {
            prop_assert_eq!(&audience.told, &account);
        }
        prop_assert_eq!(&audience.listed, &server.listed, "what was told adds up to what is listed");
        let mut seen = BTreeSet::new();
        for event in audience.told.iter().filter(|event| event.kind == "overridden" || event.kind == "cancelled") {
            prop_assert!(seen.insert(event.revision.clone()), "{} twice", event.revision);
        }
    }
}
