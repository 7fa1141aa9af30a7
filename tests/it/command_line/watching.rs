//! Reading on and on.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::cutter::Cutter;
use super::{Running, done, read, register, serve};
use crate::process::Server;

/// What seeds the lengths of connections that are cut.
const SEED: u64 = 6;

fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_default()
}

#[test]
fn every_change_is_told_once_over_connections_that_are_cut_anywhere() {
    const CHANGES: usize = 120;
    const BATCH: usize = 4;
    let server = serve(&[]);
    let cutter = Cutter::before(server.address, SEED, 9, 12);
    let since = read(&server, "/api/v1/instances");
    let mut watch = Running::start(
        cutter.address,
        &["watch", "-o", "ndjson", "--since", text(&since, "revision")],
    );
    let mut told = Vec::new();
    for number in 0..CHANGES {
        register(&server, "ORDERS", &format!("o-{number}"), json!({}));
        // What is told at once must come through a connection now and then.
        while number % BATCH == BATCH - 1 && told.len() <= number {
            told.push(watch.document());
        }
    }
    let ids: Vec<_> = told
        .iter()
        .map(|event| text(event, "id").to_owned())
        .collect();
    let expected: Vec<_> = (0..CHANGES).map(|number| format!("o-{number}")).collect();
    assert_eq!(ids, expected, "each once and in order");
    assert!(cutter.cuts() > 5, "cuts: {}", cutter.cuts());
}

/// Whether somebody reads the stream of a server.
fn subscribed(server: &Server) -> bool {
    let metrics = server.ask("GET", "/metrics", "").1;
    metrics.contains("peerage_subscribers{kind=\"stream\"} 1")
}

#[test]
fn after_a_server_has_forgotten_everything_what_differs_is_told() {
    let first = serve(&["--name", "first"]);
    let cutter = Cutter::before(first.address, SEED, 40, 41);
    for id in ["stays", "goes", "turns"] {
        register(&first, "ORDERS", id, json!({}));
    }
    let mut watch = Running::start(cutter.address, &["watch", "-o", "ndjson"]);
    // What it has told of is what it has listed, too.
    while !subscribed(&first) {}
    register(&first, "ORDERS", "later", json!({}));
    assert_eq!(text(&watch.document(), "id"), "later");

    let second = serve(&["--name", "second"]);
    for (id, status) in [
        ("stays", "UP"),
        ("turns", "DOWN"),
        ("later", "UP"),
        ("new", "UP"),
    ] {
        register(&second, "ORDERS", id, json!({"status": status}));
    }
    cutter.lead_to(second.address);
    drop(first);
    let mut told = BTreeMap::new();
    assert_eq!(text(&watch.document(), "kind"), "resync");
    for _ in 0..3 {
        let event = watch.document();
        told.insert(
            text(&event, "id").to_owned(),
            text(&event, "kind").to_owned(),
        );
    }
    let expected = [
        ("goes", "disappeared"),
        ("new", "appeared"),
        ("turns", "changed"),
    ];
    let expected = expected.map(|(id, kind)| (id.to_owned(), kind.to_owned()));
    assert_eq!(told, expected.into());
    register(&second, "ORDERS", "newer", json!({}));
    let next = watch.document();
    assert_eq!(
        (text(&next, "id"), text(&next, "kind")),
        ("newer", "registered")
    );
}

#[test]
fn a_query_and_kinds_choose_what_is_told() {
    let server = serve(&[]);
    let since = read(&server, "/api/v1/instances");
    let since = text(&since, "revision");
    register(&server, "ORDERS", "o-1", json!({"zone": "zone-b"}));
    register(&server, "ORDERS", "o-2", json!({}));
    server.ask("DELETE", "/api/v1/instances/ORDERS/o-2", "");
    let mut watch = Running::start(
        server.address,
        &["watch", "-f", "zone:zone-a", "--since", since],
    );
    let kinds = [watch.document(), watch.document()].map(|event| text(&event, "kind").to_owned());
    assert_eq!(kinds, ["registered", "cancelled"]);
    let mut gone = Running::start(
        server.address,
        &["events", "--kind", "cancelled", "--follow"],
    );
    assert_eq!(text(&gone.document(), "id"), "o-2");
    server.ask("DELETE", "/api/v1/instances/ORDERS/o-1", "");
    assert_eq!(text(&gone.document(), "id"), "o-1", "and so it goes on");
}

#[test]
fn whoever_interrupts_a_watch_is_told_where_to_go_on() {
    let server = serve(&[]);
    let since = read(&server, "/api/v1/instances");
    let since = text(&since, "revision");
    let mut watch = Running::start(
        server.address,
        &["watch", "--since", since, "-f", "app:ORDERS"],
    );
    register(&server, "ORDERS", "o-1", json!({}));
    let event = watch.document();
    kill_process(Pid::from_child(&watch.process), Signal::INT).unwrap();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut watch.process.stderr.take().unwrap(), &mut errors).unwrap();
    assert_eq!(watch.process.wait().unwrap().code(), Some(0), "{errors}");
    let next = format!(
        "peerage watch -f app:ORDERS --since {}",
        text(&event, "revision")
    );
    assert!(errors.contains(&next), "{errors}");
}

#[test]
fn events_are_those_of_the_api_in_the_order_in_which_they_happened() {
    let server = serve(&[]);
    for number in 0..5 {
        register(&server, "ORDERS", &format!("o-{number}"), json!({}));
    }
    let api = read(&server, "/api/v1/events?query=app:ORDERS&limit=3");
    let lines = done(
        server.address,
        &["events", "-f", "app:ORDERS", "--limit", "3", "-o", "ndjson"],
    )
    .lines();
    let newest_first: Vec<_> = lines.iter().rev().cloned().collect();
    assert_eq!(api["events"], json!(newest_first));
    let table = done(server.address, &["events", "-o", "table"]).output;
    assert_eq!(
        table
            .lines()
            .filter(|line| line.contains("ORDERS/o-"))
            .count(),
        5,
        "{table}"
    );
}
