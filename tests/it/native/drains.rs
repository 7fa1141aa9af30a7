//! Drains: whom they take out, what they refuse, how they are followed and undone. With peers: `tests/it/cluster`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{act, beat, get, plain, problem, read, refused, register, send, texts};
use crate::service::Service;

async fn shop() -> Service {
    let service = Service::start(&[]).await;
    for (key, zone, host) in [
        ("A/1", "a", "h1"),
        ("A/2", "a", "h2"),
        ("A/3", "b", "h1"),
        ("B/1", "a", "h1"),
    ] {
        let mut body = plain(zone);
        body["host"] = json!(host);
        body["duration_ms"] = json!(900_000);
        register(&service, key, body).await;
    }
    service
}

fn drain(more: Value) -> Value {
    let mut body = json!({"by": "ann", "reason": "new kernel"});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

fn keys(drain: &Value) -> Vec<String> {
    let instances = drain["instances"].as_array().unwrap();
    instances
        .iter()
        .map(|each| {
            format!(
                "{}/{}",
                each["app"].as_str().unwrap(),
                each["id"].as_str().unwrap()
            )
        })
        .collect()
}

/// A client reads the registry.
async fn fetch(service: &Service, client: &str) {
    let headers = [
        ("Accept", "application/json"),
        ("DiscoveryIdentity-Name", client),
        ("DiscoveryIdentity-Id", "10.0.0.9"),
    ];
    assert_eq!(
        service
            .send("GET", "/eureka/apps/delta", headers, None)
            .await
            .status,
        200
    );
}

/// How far a drain has come.
async fn again(service: &Service, begun: &Value) -> Value {
    get(service, &format!("/drains/{}", begun["id"])).await
}

#[actix_web::test]
async fn a_drain_takes_instances_out_by_name_query_zone_and_host() {
    for (target, expected) in [
        (json!({"app": "a", "id": "1"}), vec!["A/1"]),
        (json!({"query": "app:a zone:a id:2"}), vec!["A/2"]),
        (
            json!({"zone": "b", "confirm_empties_zone": true}),
            vec!["A/3"],
        ),
        (
            json!({"host": "h1", "confirm_empties_zone": true}),
            vec!["A/1", "A/3", "B/1"],
        ),
        (
            json!({"host": "10.1.2.3", "confirm_empties_zone": true}),
            vec!["A/1", "A/2", "A/3", "B/1"],
        ),
    ] {
        let service = shop().await;
        let begun = act(&service, "POST", "/drain", drain(target)).await;
        assert_eq!(keys(&begun), expected);
        let out = get(&service, "/instances?query=status:out_of_service").await;
        assert_eq!(out["matched"], expected.len());
        assert_eq!(
            get(&service, "/events?limit=1").await["events"][0]["kind"],
            "drain_began"
        );
    }
}

#[actix_web::test]
async fn a_zone_is_not_emptied_unasked_and_nonsense_is_refused() {
    let service = shop().await;
    let answer = send(
        &service,
        "POST",
        "/drain",
        &[("Content-Type", "application/json")],
        Some(&drain(json!({"zone": "b"}))),
    )
    .await;
    assert_eq!(
        problem(&answer),
        (409, "empties-zone".to_owned(), problem(&answer).2)
    );
    assert_eq!(read(&answer)["services"], json!(["A in b"]));
    for (target, expected) in [
        (json!({}), (400, "bad-body")),
        (json!({"query": ""}), (400, "bad-body")),
        (json!({"query": "zone:"}), (400, "bad-query")),
        (json!({"zone": "a", "host": "h1"}), (400, "bad-body")),
        (json!({"app": "A"}), (400, "bad-body")),
        (
            json!({"app": "A", "id": "nobody"}),
            (404, "nothing-matches"),
        ),
        (json!({"zone": "nowhere"}), (404, "nothing-matches")),
        (json!({"zone": "a", "deadline_ms": 0}), (400, "bad-body")),
    ] {
        let (status, kind) = refused(&service, "POST", "/drain", drain(target.clone())).await;
        assert_eq!((status, &*kind), expected, "{target}");
    }
    assert_eq!(get(&service, "/overrides").await["overrides"], json!([]));
}

#[actix_web::test]
async fn a_drain_is_followed_until_every_client_has_read_it() {
    let mut service = shop().await;
    fetch(&service, "old").await;
    fetch(&service, "slow").await;
    service.advance(Duration::from_secs(100));
    fetch(&service, "swift").await;
    fetch(&service, "slow").await;
    service.advance(Duration::from_secs(5));
    let begun = act(
        &service,
        "POST",
        "/drain",
        drain(json!({"app": "A", "id": "1"})),
    )
    .await;
    let path = format!("/drains/{}", begun["id"]);
    assert_eq!(
        (&begun["state"], &begun["safe_to_stop"]),
        (&json!("draining"), &json!(false))
    );
    assert_eq!(
        (
            &begun["fetched_since"]["clients"],
            &begun["fetched_since"]["fetched"]
        ),
        (&json!(2), &json!(0))
    );
    service.advance(Duration::from_secs(10));
    fetch(&service, "swift").await;
    let now = get(&service, &path).await;
    assert_eq!(now["fetched_since"]["fetched"], 1);
    assert!(
        now["fetched_since"]["waiting_for"][0]
            .as_str()
            .unwrap()
            .contains("slow"),
        "{now}"
    );
    service.advance(Duration::from_secs(10));
    fetch(&service, "slow").await;
    let now = get(&service, &path).await;
    assert_eq!(
        (&now["state"], &now["safe_to_stop"]),
        (&json!("drained"), &json!(true)),
        "{now}"
    );
    let done = get(&service, "/events?limit=1").await["events"][0].clone();
    assert_eq!(done["kind"], "drain_done", "{done}");
    get(&service, &path).await;
    let last = get(&service, "/events?limit=1").await["events"][0].clone();
    assert_eq!(done, last, "it is noted once");
    send(&service, "DELETE", "/instances/A/1", &[], None).await;
    let now = get(&service, &path).await;
    assert_eq!(
        (&now["state"], &now["instances"][0]["status"]),
        (&json!("stopped"), &Value::Null)
    );
    assert_eq!(
        get(&service, "/drains").await["drains"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn a_server_that_just_started_waits_until_every_client_can_have_read_once() {
    let mut service = shop().await;
    let begun = act(
        &service,
        "POST",
        "/drain",
        drain(json!({"app": "A", "id": "1"})),
    )
    .await;
    assert_eq!(begun["safe_to_stop"], false);
    service.advance(Duration::from_secs(31));
    assert_eq!(again(&service, &begun).await["safe_to_stop"], true);
}

#[actix_web::test]
async fn a_drain_is_undone_where_nobody_has_said_otherwise_since() {
    let service = shop().await;
    let begun = act(
        &service,
        "POST",
        "/drain",
        drain(json!({"query": "app:a", "confirm_empties_zone": true})),
    )
    .await;
    let path = format!("/drains/{}", begun["id"]);
    act(
        &service,
        "PUT",
        "/instances/A/2/override",
        json!({"status": "DOWN", "by": "bob", "reason": "broken"}),
    )
    .await;
    let undone = act(&service, "DELETE", &path, json!({"by": "ann"})).await;
    assert_eq!(undone["state"], "ended");
    let list = get(&service, "/instances?query=app:a").await;
    assert_eq!(texts(&list["instances"], "status"), ["UP", "DOWN", "UP"]);
    assert_eq!(
        get(&service, "/events?limit=1").await["events"][0]["kind"],
        "drain_undone"
    );
    assert_eq!(
        act(&service, "DELETE", &path, json!({"by": "ann"})).await["state"],
        "ended"
    );
}

#[actix_web::test]
async fn a_drain_with_a_deadline_ends_by_itself() {
    let mut service = shop().await;
    let begun = act(
        &service,
        "POST",
        "/drain",
        drain(json!({"app": "A", "id": "1", "deadline_ms": 60_000})),
    )
    .await;
    assert!(begun["until"].is_string());
    service.advance(Duration::from_secs(62));
    assert_eq!(beat(&service, "A/1").await, 200);
    assert_eq!(get(&service, "/instances/A/1").await["status"], "UP");
    assert_eq!(again(&service, &begun).await["state"], "ended");
}

/// A service that has run for so long that all its readers are known, and a drain there.
async fn drained_with(readers: impl AsyncFn(&Service)) -> (Service, Value) {
    let mut service = shop().await;
    service.advance(Duration::from_secs(100));
    readers(&service).await;
    service.advance(Duration::from_secs(1));
    let target = drain(json!({"app": "A", "id": "1"}));
    let begun = act(&service, "POST", "/drain", target).await;
    service.advance(Duration::from_secs(1));
    (service, begun)
}

#[actix_web::test]
async fn whoever_reads_the_native_lists_is_waited_for() {
    for path in [
        "/instances?query=app:a",
        "/services/a",
        "/watch/instances?wait=0s",
        "/watch/services/a?wait=0s",
    ] {
        let (service, begun) = drained_with(async |service| drop(get(service, path).await)).await;
        assert_eq!(again(&service, &begun).await["state"], "draining", "{path}");
        get(&service, path).await;
        let now = again(&service, &begun).await;
        let clients = &now["fetched_since"]["clients"];
        assert_eq!(
            (&now["state"], clients),
            (&json!("drained"), &json!(1)),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn whoever_looks_is_not_waited_for() {
    let command_line = [("User-Agent", concat!("peerage/", env!("CARGO_PKG_VERSION")))];
    let (service, begun) = drained_with(async |service| {
        send(service, "GET", "/instances", &command_line, None).await;
        for path in [
            "/instances/A/1",
            "/services",
            "/zones",
            "/explain/A/1",
            "/drains",
        ] {
            get(service, path).await;
        }
    })
    .await;
    let now = again(&service, &begun).await;
    assert_eq!(
        (&now["state"], &now["fetched_since"]["clients"]),
        (&json!("drained"), &json!(0))
    );
}
