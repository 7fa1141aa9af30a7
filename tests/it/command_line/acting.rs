//! Commands that act.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{Running, done, read, register, run, serve};
use crate::process::Server;

fn status(server: &Server, id: &str) -> String {
    let instance = read(server, &format!("/api/v1/instances/ORDERS/{id}"));
    instance["status"].as_str().unwrap().to_owned()
}

/// The last event of an instance.
fn last(server: &Server, id: &str) -> Value {
    read(server, &format!("/api/v1/events?query=id:{id}&limit=1"))["events"][0].clone()
}

#[test]
fn a_program_that_does_not_say_yes_changes_nothing_and_learns_what_would_follow() {
    let server = serve(&[]);
    register(&server, "ORDERS", "o-1", json!({}));
    for arguments in [
        &["override", "set", "ORDERS/o-1", "DOWN"][..],
        &["override", "clear", "ORDERS/o-1"],
        &["drain", "ORDERS/o-1"],
        &["drain", "--zone", "zone-a"],
        &["evict", "ORDERS/o-1"],
        &["evict", "--expired"],
    ] {
        let said = run(server.address, arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(
            said.errors.contains("nothing was done") && said.errors.contains("--yes"),
            "{said:?}"
        );
        assert!(
            said.errors.lines().count() > 1,
            "what would follow: {said:?}"
        );
    }
    assert_eq!(status(&server, "o-1"), "UP");
}

#[test]
fn an_override_is_set_listed_and_cleared_in_the_name_of_its_operator() {
    let server = serve(&[]);
    register(&server, "ORDERS", "o-1", json!({}));
    let set = [
        "override",
        "set",
        "ORDERS/o-1",
        "out_of_service",
        "--ttl",
        "2h",
        "--reason",
        "disk",
        "-y",
    ];
    let said = done(server.address, &set);
    assert!(
        said.errors.contains("It will be shown as OUT_OF_SERVICE"),
        "{said:?}"
    );
    let set = said.document();
    assert!(!set["effect"].as_str().unwrap().is_empty());
    assert_eq!(status(&server, "o-1"), "OUT_OF_SERVICE");
    let event = last(&server, "o-1");
    assert_eq!(
        (&event["revision"], &event["actor"]),
        (&set["revision"], &json!("anna"))
    );
    assert_eq!(
        (&event["cause"], &event["reason"]),
        (&json!("operator"), &json!("disk"))
    );
    let table = done(server.address, &["override", "list", "-o", "table"]).output;
    assert!(table.contains("anna") && table.contains("disk"), "{table}");
    done(
        server.address,
        &["override", "clear", "ORDERS/o-1", "-y", "--by", "bert"],
    );
    assert_eq!(status(&server, "o-1"), "UP");
    assert_eq!(last(&server, "o-1")["actor"], "bert");
}

#[test]
fn one_is_evicted_and_those_that_are_over_are() {
    let server = serve(&[]);
    for id in ["o-1", "o-2", "o-3", "o-4"] {
        register(
            &server,
            "ORDERS",
            id,
            json!({"interval_ms": 1000, "duration_ms": 3000}),
        );
    }
    register(&server, "PAY", "p-1", json!({}));
    // All are silent, and so protected, long before the first of them is over; an operator may overrule that.
    let over = || {
        read(
            &server,
            "/api/v1/instances?query=lease:over%20protected:yes",
        )["matched"]
            .clone()
    };
    while over() != 4 {}
    let said = done(
        server.address,
        &[
            "evict",
            "--expired",
            "-f",
            "-id:o-4",
            "-y",
            "--reason",
            "gone",
        ],
    );
    assert_eq!(said.document()["instances"], 3, "{said:?}");
    assert_eq!(read(&server, "/api/v1/instances")["total"], 2);
    let beats = done(server.address, &["evict", "PAY/p-1", "-y", "-o", "table"]);
    assert!(
        beats
            .errors
            .contains("back as soon as its client registers again"),
        "{beats:?}"
    );
    assert!(beats.output.contains("Done at revision"), "{beats:?}");
    let gone = run(server.address, &["evict", "PAY/p-1", "-y"]);
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(gone.errors.contains("PAY"), "{gone:?}");
}

/// A client that reads the registry.
fn fetch(server: &Server) {
    assert_eq!(server.ask("GET", "/eureka/apps", "").0, 200);
}

#[test]
fn a_drain_is_followed_until_its_instances_are_gone() {
    let server = serve(&[]);
    register(&server, "ORDERS", "o-1", json!({}));
    register(&server, "ORDERS", "o-2", json!({}));
    fetch(&server);
    let drain = [
        "drain",
        "ORDERS/o-1",
        "--wait",
        "--yes",
        "--reason",
        "new disk",
        "-o",
        "ndjson",
    ];
    let mut wait = Running::start(server.address, &drain);
    let first = wait.document();
    assert_eq!(
        (&first["state"], &first["reason"]),
        (&json!("draining"), &json!("new disk"))
    );
    assert_eq!(status(&server, "o-1"), "OUT_OF_SERVICE");
    assert_eq!(
        server.ask("DELETE", "/api/v1/instances/ORDERS/o-1", "").0,
        200
    );
    let last =
        std::iter::repeat_with(|| wait.document()).find(|drain| drain["state"] != "draining");
    assert_eq!(last.unwrap()["state"], "stopped");
    assert_eq!(wait.process.wait().unwrap().code(), Some(0));
}

#[test]
fn whoever_interrupts_a_drain_does_not_undo_it_and_is_told_so() {
    let server = serve(&[]);
    register(&server, "ORDERS", "o-1", json!({}));
    register(&server, "ORDERS", "o-2", json!({}));
    fetch(&server);
    let drain = [
        "drain", "--query", "id:o-1", "--wait", "--yes", "-o", "ndjson",
    ];
    let mut wait = Running::start(server.address, &drain);
    let number = wait.document()["id"].as_u64().unwrap().to_string();
    kill_process(Pid::from_child(&wait.process), Signal::INT).unwrap();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut wait.process.stderr.take().unwrap(), &mut errors).unwrap();
    assert_eq!(wait.process.wait().unwrap().code(), Some(1), "{errors}");
    assert!(errors.contains("the drain goes on"), "{errors}");
    assert!(
        errors.contains(&format!("peerage drain undo {number}")),
        "{errors}"
    );
    assert_eq!(status(&server, "o-1"), "OUT_OF_SERVICE");
    let mut again = Running::start(
        server.address,
        &["drain", "follow", &number, "-o", "ndjson"],
    );
    assert_eq!(again.document()["state"], "draining");
    done(server.address, &["drain", "undo", "--yes"]);
    assert_eq!(status(&server, "o-1"), "UP");
    let ended = std::iter::repeat_with(|| again.document()).find(|drain| drain["state"] == "ended");
    assert!(ended.is_some());
    assert_eq!(
        again.process.wait().unwrap().code(),
        Some(1),
        "it did not come to its end"
    );
}

#[test]
fn a_zone_is_emptied_only_by_those_who_say_that_it_is_meant() {
    let server = serve(&[]);
    register(&server, "ORDERS", "o-1", json!({}));
    register(&server, "ORDERS", "o-2", json!({"zone": "zone-b"}));
    let said = run(server.address, &["drain", "--zone", "zone-b", "--yes"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.errors
            .contains("Nobody will be left in service of ORDERS in zone zone-b"),
        "{said:?}"
    );
    assert!(said.errors.contains("--confirm-empties-zone"), "{said:?}");
    assert_eq!(status(&server, "o-2"), "UP");
    let meant = [
        "drain",
        "--zone",
        "zone-b",
        "--yes",
        "--confirm-empties-zone",
        "-o",
        "table",
    ];
    let said = done(server.address, &meant);
    assert!(said.output.contains("peerage drain follow"), "{said:?}");
    assert_eq!(status(&server, "o-2"), "OUT_OF_SERVICE");
    let nobody = run(server.address, &["drain", "--host", "host-9", "--yes"]);
    assert_eq!(nobody.code, 1, "{nobody:?}");
    assert!(nobody.errors.contains("no instance matches"), "{nobody:?}");
}
