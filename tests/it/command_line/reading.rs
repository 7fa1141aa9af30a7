//! Commands that ask.

use serde_json::{Value, json};

use super::{Said, body, done, read, register, run, serve};

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

/// Holds what the command line says of an instance against what the API says. Answers the code.
pub(crate) fn explained_alike(server: std::net::SocketAddr, api: &Value, name: &str) -> String {
    let document = done(server, &["explain", name]).document();
    let mut steady = [settled(document), settled(api.clone())];
    for document in &mut steady {
        // Facts count seconds.
        document.as_object_mut().unwrap().remove("facts");
        document.as_object_mut().unwrap().remove("sentence");
        document.as_object_mut().unwrap().remove("next");
    }
    assert_eq!(steady[0], steady[1], "{name}");
    let code = api["code"].as_str().unwrap();
    let table = done(server, &["explain", name, "-o", "table"]).output;
    let head = format!("{name}  {code}: {}\n", api["title"].as_str().unwrap());
    assert!(table.starts_with(&head), "{table}");
    for part in ["actions", "notes"] {
        for said in api[part].as_array().unwrap() {
            for field in ["do", "why", "cli", "text"] {
                let words = said[field].as_str().unwrap_or_default();
                assert!(table.contains(words), "{words} is missing in {table}");
            }
        }
    }
    code.to_owned()
}

#[test]
fn an_explanation_is_the_same_from_api_and_command_line() {
    let server = serve(&[]);
    let ask = |method: &str, path: &str, body: &str| server.ask(method, path, body);
    for id in ["fresh", "overridden", "cancelled", "evicted"] {
        register(&server, "ORDERS", id, json!({}));
    }
    done(
        server.address,
        &[
            "override",
            "set",
            "ORDERS/overridden",
            "down",
            "--reason",
            "test",
            "-y",
        ],
    );
    done(
        server.address,
        &["evict", "ORDERS/evicted", "--reason", "test", "-y"],
    );
    assert_eq!(
        ask("DELETE", "/api/v1/instances/ORDERS/cancelled", "").0,
        200
    );
    for code in ["fresh", "overridden", "cancelled", "evicted", "unknown"] {
        let api = read(&server, &format!("/api/v1/explain/ORDERS/{code}"));
        let name = format!("ORDERS/{code}");
        assert_eq!(explained_alike(server.address, &api, &name), code);
    }
}

#[test]
fn protection_is_unwell_and_says_who_is_held() {
    let server = serve(&[]);
    let slow = |zone: &str| json!({"zone": zone, "interval_ms": 1000, "duration_ms": 6000});
    for (id, zone) in [("o-1", "zone-a"), ("o-2", "zone-b"), ("o-3", "zone-c")] {
        register(&server, "ORDERS", id, slow(zone));
    }
    let path = "/api/v1/explain/ORDERS/o-1";
    while read(&server, path)["code"] != "protected_server" {}
    let api = read(&server, path);
    explained_alike(server.address, &api, "ORDERS/o-1");
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
