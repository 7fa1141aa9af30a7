//! Commands that ask.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Said, body, done, read, register, run, serve};
use crate::cluster::http::ask;
use crate::cluster::patience::until;
use crate::process::Server;

/// What differs between two answers of the same server though nothing changed.
fn settled(mut document: Value) -> Value {
    match &mut document {
        Value::Object(fields) => {
            fields.remove("as_of");
            fields
                .values_mut()
                .for_each(|value| *value = settled(value.take()));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = settled(item.take())),
        _ => {}
    }
    document
}

#[test]
fn programs_get_the_documents_of_the_api() {
    let server = serve(&["--zone", "zone-a"]);
    register(&server, "ORDERS", "o-1", json!({}));
    register(
        &server,
        "PAY",
        "p-1",
        json!({"zone": "zone-b", "metadata": {"version": "1.4"}}),
    );
    for (arguments, path) in [
        (&["apps"][..], "/api/v1/services"),
        (
            &["apps", "-f", "zone:zone-b"],
            "/api/v1/services?query=zone:zone-b",
        ),
        (&["instances"], "/api/v1/instances"),
        (
            &["instances", "-f", "meta.version:1.*"],
            "/api/v1/instances?query=meta.version:1.*",
        ),
        (
            &["instances", "--group-by", "zone", "--sort", "-app"],
            "/api/v1/instances?group_by=zone&sort=-app",
        ),
        (&["protection"], "/api/v1/protection"),
        (&["override", "list"], "/api/v1/overrides"),
        (&["drain", "list"], "/api/v1/drains"),
    ] {
        let said = done(server.address, arguments).document();
        assert_eq!(settled(said), settled(read(&server, path)), "{arguments:?}");
    }
    let lines = done(server.address, &["instances", "-o", "ndjson"]).lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["id"], "o-1");
}

#[test]
fn more_instances_than_one_answer_has_are_all_listed() {
    const MANY: usize = 1203;
    let server = serve(&[]);
    for number in 0..MANY {
        register(&server, "ORDERS", &format!("o-{number:04}"), json!({}));
    }
    let said = done(server.address, &["instances"]).document();
    assert_eq!(said["instances"].as_array().unwrap().len(), MANY);
    assert_eq!(said["next"], Value::Null);
    let some = done(server.address, &["instances", "--limit", "1100"]).document();
    assert_eq!(some["instances"].as_array().unwrap().len(), 1100);
    let table = done(
        server.address,
        &["instances", "--limit", "2", "-o", "table"],
    )
    .output;
    assert!(
        table.ends_with("1203 instances, 2 of them listed\n"),
        "{table}"
    );
}

#[test]
fn a_mistake_in_a_query_is_pointed_at() {
    let server = serve(&[]);
    for arguments in [
        &["instances", "-f"][..],
        &["apps", "-f"],
        &["events", "-f"],
        &["watch", "-f"],
        &["drain", "--yes", "--query"],
        &["evict", "--yes", "--expired", "-f"],
    ] {
        let query = "status:up zoen:a";
        let said = run(server.address, &[arguments, &[query]].concat());
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        let lines: Vec<_> = said.errors.lines().collect();
        let place = lines.iter().position(|line| line.contains(query));
        let place = place.unwrap_or_else(|| panic!("{arguments:?}: {said:?}"));
        let caret = lines[place + 1].find('^');
        assert_eq!(caret, lines[place].find("zoen"), "{said:?}");
        assert!(said.errors.contains("zone"), "what was meant: {said:?}");
    }
}

/// A text with all numbers alike: explanations count seconds, and two that are asked for one after the other count others.
fn timeless(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_ascii_digit(), "0");
    let mut plain = plain.replace("0.0", "0");
    while plain.contains("00") {
        plain = plain.replace("00", "0");
    }
    plain
}

/// Holds all that the command line says of an instance against what the API says of it. Answers the code.
pub(crate) fn explained_alike(server: SocketAddr, name: &str) -> String {
    let (mut told, mut document, mut table) = (Value::Null, Value::Null, String::new());
    // Between the calls a unit may change: 119 s, then 2 min.
    until("both say the same", || {
        let answer = ask(server, "GET", &format!("/api/v1/explain/{name}"), "").unwrap();
        told = settled(serde_json::from_slice(&answer.body).unwrap());
        document = settled(done(server, &["explain", name]).document());
        table = timeless(&done(server, &["explain", name, "-o", "table"]).output);
        timeless(&told.to_string()) == timeless(&document.to_string())
            && all_in(&told, name, &table)
    });
    for field in [
        "app", "id", "server", "code", "title", "since", "actions", "notes",
    ] {
        assert_eq!(told[field], document[field], "{field} of {name}");
    }
    told["code"].as_str().unwrap().to_owned()
}

/// Whether a table for people has all that a document says.
fn all_in(told: &Value, name: &str, table: &str) -> bool {
    let words = |value: &Value| timeless(value.as_str().unwrap_or_default());
    let [code, title, sentence] = ["code", "title", "sentence"].map(|field| words(&told[field]));
    let head = format!("{}  {code}: {title}\n\n{sentence}\n", timeless(name));
    let parts = ["facts", "actions", "notes"].map(|part| told[part].as_array().unwrap().clone());
    let mut said = parts.iter().flatten().chain([&told["next"]]);
    let fields = ["text", "do", "why", "cli", "what"];
    table.starts_with(&head)
        && said.all(|said| {
            fields
                .iter()
                .all(|field| table.contains(&words(&said[*field])))
        })
}

/// Waits for a code, and holds both against each other.
fn await_alike(server: &Server, id: &str, code: &str) {
    let name = format!("ORDERS/{id}");
    until(code, || explained_alike(server.address, &name) == code);
}

/// What a client registers that does not beat.
fn silent(zone: &str, interval_ms: u64, duration_ms: u64) -> Value {
    json!({"zone": zone, "interval_ms": interval_ms, "duration_ms": duration_ms})
}

#[test]
fn an_explanation_is_the_same_from_api_and_command_line() {
    let server = serve(&[]);
    for id in ["fresh", "overridden", "cancelled", "evicted"] {
        register(&server, "ORDERS", id, json!({}));
    }
    let set = [
        "override",
        "set",
        "ORDERS/overridden",
        "down",
        "--reason",
        "test",
        "-y",
    ];
    done(server.address, &set);
    done(
        server.address,
        &["evict", "ORDERS/evicted", "--reason", "test", "-y"],
    );
    let (status, _) = server.ask("DELETE", "/api/v1/instances/ORDERS/cancelled", "");
    assert_eq!(status, 200);
    for code in ["fresh", "overridden", "cancelled", "evicted", "unknown"] {
        await_alike(&server, code, code);
    }
    let events = read(&server, "/api/v1/events?query=id:evicted&limit=1");
    let text = "evicted ORDERS/evicted; operator anna asked for it";
    assert_eq!(events["events"][0]["text"], text, "its lease was not over");
}

#[test]
fn so_is_one_of_a_client_that_falls_silent() {
    let server = serve(&[]);
    // Few enough are silent that the server's own guard does not mind.
    for number in 0..24 {
        register(&server, "PAY", &format!("p-{number}"), json!({}));
    }
    register(&server, "ORDERS", "late", silent("zone-a", 1000, 600_000));
    for id in ["lost-1", "lost-2"] {
        register(&server, "ORDERS", id, silent("zone-c", 1000, 3000));
    }
    await_alike(&server, "late", "late");
    await_alike(&server, "lost-1", "protected_zone");
    let unguarded = {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_peerage"));
        command.env("PEERAGE__PRESERVATION__ENABLED", "false");
        Server::start_by(command)
    };
    for number in 0..10 {
        register(
            &unguarded,
            "ORDERS",
            &format!("o-{number}"),
            silent("zone-a", 1000, 1000),
        );
    }
    // Two of them may go in a minute.
    until("some went", || {
        read(&unguarded, "/api/v1/instances")["total"] == 8
    });
    let left = read(&unguarded, "/api/v1/instances?query=lease:over");
    let id = left["instances"][0]["id"].as_str().unwrap();
    await_alike(&unguarded, id, "expired_awaiting_quota");
}

#[test]
fn protection_is_unwell_and_says_who_is_held() {
    let server = serve(&[]);
    for (id, zone) in [("o-1", "zone-a"), ("o-2", "zone-b"), ("o-3", "zone-c")] {
        register(&server, "ORDERS", id, silent(zone, 1000, 3000));
    }
    await_alike(&server, "o-1", "protected_server");
    let said = run(server.address, &["protection", "-o", "table"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.output.contains("server: ") && said.output.contains("o-1"),
        "{said:?}"
    );
    let wrong = run(
        server.address,
        &["protection", "release", "zone", "nowhere", "--yes"],
    );
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(
        wrong.errors.contains("what protects here is server"),
        "{wrong:?}"
    );
    done(
        server.address,
        &[
            "protection",
            "release",
            "server",
            "--yes",
            "--reason",
            "they are gone",
        ],
    );
    assert_eq!(run(server.address, &["protection"]).code, 0);
}

/// Text that clears the screen, sets a title, hides, turns the direction around, ends a line.
const HOSTILE: &str = "x\u{1b}[2J\u{9b}8m\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{200b}\r\ny";

fn harmless(said: &Said) {
    let acts =
        |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{200b}\u{2028}".contains(c);
    for text in [&said.output, &said.errors] {
        assert!(!text.contains(acts), "{text:?}");
    }
}

#[test]
fn hostile_text_from_clients_never_reaches_a_terminal_raw() {
    let server = serve(&[]);
    let more = json!({"host": HOSTILE, "zone": HOSTILE, "vip": HOSTILE, "metadata": {"version": HOSTILE, "k": HOSTILE}});
    register(&server, "ORDERS", "o%1B%5B2J", more);
    for form in ["table", "json", "ndjson"] {
        for arguments in [
            &["apps"][..],
            &["instances"],
            &["instances", "--group-by", "zone"],
            &["explain", "ORDERS/o\u{1b}[2J"],
            &["explain", "ORDERS/\u{202e}nobody"],
            &["events"],
        ] {
            harmless(&done(server.address, &[arguments, &["-o", form]].concat()));
        }
    }
    let name = "ORDERS/o\u{1b}[2J";
    harmless(&done(
        server.address,
        &["override", "set", name, "DOWN", "-y", "--reason", "x"],
    ));
    harmless(&done(server.address, &["override", "list", "-o", "table"]));
    harmless(&run(server.address, &["drain", name]));
    harmless(&run(
        server.address,
        &["instances", "-f", "zone:\"\u{1b}[2J"],
    ));
    let (_, api) = server.ask("GET", "/api/v1/instances", "");
    let said = done(server.address, &["instances"]).document();
    let api: Value = serde_json::from_str(body(&api)).unwrap();
    assert_eq!(
        said["instances"][0]["host"], api["instances"][0]["host"],
        "and programs get all of it"
    );
}
