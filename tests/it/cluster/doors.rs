//! Servers beside each other without anything between them: what each serves at which stage.
//!
//! Here: starting together, agreeing, leaving. Not here: faults. What must always hold: a server sends clients elsewhere
//! rather than give them half an answer.

use rustix::process::Signal;

use super::patience::until;
use crate::process::{Server, line};

/// Registers an instance of application A, and answers the status.
fn register(server: &Server, id: &str) -> u16 {
    let instance = format!(
        r#"{{"instance":{{"instanceId":"{id}","hostName":"h","app":"A","ipAddr":"10.0.0.1","status":"UP",
        "dataCenterInfo":{{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}}}}}}"#
    );
    server.ask("POST", "/eureka/apps/A", &instance).0
}

fn lists(server: &Server, id: &str) -> bool {
    let (status, answer) = server.ask("GET", "/eureka/apps", "");
    status == 200 && answer.contains(&format!("\"instanceId\":\"{id}\""))
}

fn joined_to(server: &Server, name: &str) -> Server {
    Server::start_with(&["--name", name, "--join", &server.peer_address])
}

#[test]
fn what_is_registered_at_one_server_is_listed_by_the_others() {
    let one = Server::start_with(&["--name", "one"]);
    assert_eq!(register(&one, "before"), 204);
    let other = joined_to(&one, "other");
    until("the joiner lists what was there", || {
        lists(&other, "before")
    });
    assert_eq!(register(&other, "after"), 204);
    until("the first lists what came later", || lists(&one, "after"));
    let (renewed, _) = other.ask("PUT", "/eureka/apps/A/before", "");
    assert_eq!(renewed, 200, "a client may beat anywhere");
}

#[test]
fn a_server_that_leaves_takes_nothing_with_it() {
    let one = Server::start_with(&["--name", "one"]);
    let mut other = joined_to(&one, "other");
    until("the joiner is ready", || {
        other.ask("GET", "/readyz", "").0 == 200
    });
    assert_eq!(register(&other, "i"), 204);
    until("the first lists it", || lists(&one, "i"));
    other.signal(Signal::TERM);
    line(&mut other.log, &["handing_over"]);
    assert_eq!(other.ask("GET", "/readyz", "").0, 503);
    assert_eq!(register(&other, "new"), 503, "it takes no new leases");
    assert_eq!(register(&other, "i"), 204, "it keeps those it has");
    assert_eq!(other.code(), Some(0));
    assert!(lists(&one, "i"));
}

/// Everything that writes and means the instances.
const NATIVE_WRITES: [(&str, &str, &str); 8] = [
    ("PUT", "/instances/A/b", r#"{"host": "h", "port": 80}"#),
    ("PUT", "/instances/A/b/lease", ""),
    ("DELETE", "/instances/A/b", ""),
    (
        "PUT",
        "/instances/A/b/override",
        r#"{"status": "DOWN", "by": "ann"}"#,
    ),
    ("DELETE", "/instances/A/b/override", r#"{"by": "ann"}"#),
    ("POST", "/instances/A/b/evict", r#"{"by": "ann"}"#),
    ("POST", "/evict", r#"{"expired": true, "by": "ann"}"#),
    ("POST", "/drain", r#"{"zone": "a", "by": "ann"}"#),
];

#[test]
fn a_server_whose_seeds_are_silent_sends_clients_elsewhere() {
    let server = Server::start_with(&["--join", "127.0.0.1:1"]);
    assert_eq!(server.ask("GET", "/readyz", "").0, 503);
    assert_eq!(
        server.ask("GET", "/eureka/apps", "").0,
        503,
        "never a partial list"
    );
    assert_eq!(
        server.ask("PUT", "/eureka/apps/A/b", "").0,
        503,
        "others may know it"
    );
    assert_eq!(server.ask("GET", "/eureka/apps/A/b", "").0, 503);
    assert_eq!(register(&server, "i"), 503, "others may go by this name");
    for (method, path, body) in NATIVE_WRITES {
        let (status, answer) = server.ask(method, &format!("/api/v1{path}"), body);
        assert_eq!(status, 503, "{path}: {answer}");
        assert!(
            answer.contains("application/problem+json") && answer.contains("/problems/not-ready"),
            "{answer}"
        );
        assert!(answer.contains("retry-after: "), "{answer}");
    }
    assert_eq!(server.ask("GET", "/livez", "").0, 200);
    server.signal(Signal::TERM);
    assert_eq!(server.code(), Some(0));
}
