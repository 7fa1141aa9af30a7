//! Overrides, evictions, the release of protection: what they do, say, and leave in the events.

use std::time::Duration;

use serde_json::json;

use super::{act, beat, get, plain, problem, refused, register, send, texts};
use crate::service::Service;

fn who() -> serde_json::Value {
    json!({"by": "ann", "reason": "new disk"})
}

/// The newest event.
async fn newest(service: &Service) -> serde_json::Value {
    get(service, "/events?limit=1").await["events"][0].clone()
}

#[actix_web::test]
async fn an_override_has_a_reason_an_owner_and_an_end() {
    let mut service = Service::start(&[]).await;
    register(
        &service,
        "A/i",
        json!({"host": "h", "port": 1, "duration_ms": 900_000}),
    )
    .await;
    let body =
        json!({"status": "OUT_OF_SERVICE", "by": "ann", "reason": "new disk", "ttl_ms": 60_000});
    let done = act(&service, "PUT", "/instances/a/i/override", body).await;
    assert!(
        done["effect"]
            .as_str()
            .unwrap()
            .contains("ends by itself in 60 s"),
        "{done}"
    );
    let event = newest(&service).await;
    assert_eq!(done["revision"], event["revision"]);
    assert_eq!(
        (
            &event["kind"],
            &event["cause"],
            &event["actor"],
            &event["reason"]
        ),
        (
            &json!("overridden"),
            &json!("operator"),
            &json!("ann"),
            &json!("new disk")
        )
    );
    assert_eq!(
        (&event["before"], &event["after"]),
        (&json!("UP"), &json!("OUT_OF_SERVICE"))
    );
    let listed = get(&service, "/overrides").await;
    assert_eq!(texts(&listed["overrides"], "by"), ["ann"]);
    assert_eq!(
        get(&service, "/instances?query=overridden:yes%20status:out*").await["matched"],
        1
    );
    service.advance(Duration::from_secs(59));
    assert_eq!(
        get(&service, "/instances/A/i").await["status"],
        "OUT_OF_SERVICE"
    );
    service.advance(Duration::from_secs(2));
    assert_eq!(get(&service, "/instances/A/i").await["status"], "UP");
    let event = newest(&service).await;
    assert_eq!(
        (&event["kind"], &event["cause"]),
        (&json!("override_expired"), &json!("server"))
    );
    assert_eq!(get(&service, "/overrides").await["overrides"], json!([]));
}

#[actix_web::test]
async fn an_override_is_set_anew_and_taken_back() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    let set = |until: &str| json!({"status": "DOWN", "by": "ann", "reason": "x", "until": until});
    act(
        &service,
        "PUT",
        "/instances/A/i/override",
        set("2030-01-01T00:00:00Z"),
    )
    .await;
    act(
        &service,
        "PUT",
        "/instances/A/i/override",
        json!({"status": "DOWN", "by": "bob"}),
    )
    .await;
    let held = get(&service, "/overrides").await["overrides"][0].clone();
    assert_eq!(
        (&held["by"], &held["until"], &held["reason"]),
        (&json!("bob"), &json!(null), &json!(null))
    );
    let done = act(
        &service,
        "DELETE",
        "/instances/A/i/override",
        json!({"by": "eve"}),
    )
    .await;
    assert!(
        done["effect"]
            .as_str()
            .unwrap()
            .starts_with("It is shown as UP"),
        "{done}"
    );
    let done = act(
        &service,
        "DELETE",
        "/instances/A/i/override",
        json!({"by": "eve"}),
    )
    .await;
    assert!(
        done["effect"].as_str().unwrap().contains("nothing changes"),
        "{done}"
    );
}

#[actix_web::test]
async fn an_action_that_makes_no_sense_is_refused_with_the_field() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    for (body, field) in [
        (json!({"status": "GREEN", "by": "ann"}), "status"),
        (json!({"status": "UNKNOWN", "by": "ann"}), "status"),
        (json!({"status": "DOWN", "by": " "}), "by"),
        (json!({"status": "DOWN", "by": "a\nb"}), "by"),
        (json!({"status": "DOWN", "by": "a".repeat(129)}), "by"),
        (
            json!({"status": "DOWN", "by": "ann", "reason": "r".repeat(1025)}),
            "reason",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "ttl_ms": 0}),
            "ttl_ms",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "ttl_ms": u64::MAX}),
            "ttl_ms",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "until": "tomorrow"}),
            "until",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "until": "2001-01-01T00:00:00Z"}),
            "until",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "until": "9999-01-01T00:00:00Z"}),
            "until",
        ),
        (
            json!({"status": "DOWN", "by": "ann", "until": "2100-01-01T00:00:00Z", "ttl_ms": 5}),
            "until",
        ),
    ] {
        let answer = send(
            &service,
            "PUT",
            "/instances/A/i/override",
            &[("Content-Type", "application/json")],
            Some(&body),
        )
        .await;
        assert_eq!(problem(&answer).1, "bad-body", "{body}");
        assert_eq!(super::read(&answer)["field"], field, "{body}");
    }
    assert_eq!(
        refused(&service, "POST", "/instances/A/nobody/evict", who()).await,
        (404, "unknown-instance".to_owned())
    );
    assert_eq!(
        refused(
            &service,
            "PUT",
            "/instances/A/nobody/override",
            json!({"status": "DOWN", "by": "a"})
        )
        .await
        .1,
        "unknown-instance"
    );
    assert_eq!(
        refused(
            &service,
            "POST",
            "/evict",
            json!({"by": "ann", "expired": false})
        )
        .await
        .1,
        "bad-body"
    );
    assert_eq!(
        refused(
            &service,
            "POST",
            "/evict",
            json!({"by": "ann", "expired": true, "query": "a:"})
        )
        .await
        .1,
        "bad-query"
    );
    assert_eq!(
        refused(
            &service,
            "POST",
            "/protection/release",
            json!({"by": "ann", "guard": "server"})
        )
        .await,
        (409, "not-protecting".to_owned())
    );
    assert_eq!(
        refused(
            &service,
            "POST",
            "/protection/release",
            json!({"by": "ann", "guard": "zone"})
        )
        .await
        .1,
        "bad-body"
    );
    assert_eq!(
        get(&service, "/events").await["events"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn an_eviction_now_says_that_a_live_client_comes_back() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    let done = act(&service, "POST", "/instances/A/i/evict", who()).await;
    assert!(
        done["effect"]
            .as_str()
            .unwrap()
            .contains("registers again with its next heartbeat, within 30 s"),
        "{done}"
    );
    let event = newest(&service).await;
    assert_eq!(
        (&event["kind"], &event["cause"], &event["actor"]),
        (&json!("evicted"), &json!("operator"), &json!("ann"))
    );
    assert_eq!(event["revision"], done["revision"]);
    let told = get(&service, "/explain/A/i").await;
    assert_eq!(
        (
            &told["code"],
            told["sentence"]
                .as_str()
                .unwrap()
                .starts_with("Operator ann ended its lease")
        ),
        (&json!("evicted"), true)
    );
    assert_eq!(beat(&service, "A/i").await, 404);
}

/// Ten instances of zone a of which seven fell silent and are held, two of zone b that beat.
async fn held() -> Service {
    let mut service = Service::start(&[]).await;
    for id in 0..10 {
        register(&service, &format!("A/{id}"), plain("a")).await;
    }
    for id in 0..2 {
        register(&service, &format!("B/{id}"), plain("b")).await;
    }
    for _ in 0..10 {
        service.advance(Duration::from_secs(10));
        for key in ["A/0", "A/1", "A/2", "B/0", "B/1"] {
            beat(&service, key).await;
        }
    }
    service
}

#[actix_web::test]
async fn protection_is_told_with_what_it_holds_and_can_be_released() {
    let mut service = held().await;
    let protection = get(&service, "/protection").await;
    assert_eq!(
        (
            &protection["active"],
            &protection["owned"],
            &protection["silent"]
        ),
        (&json!(true), &json!(12), &json!(7))
    );
    assert_eq!(texts(&protection["guards"], "guard"), ["server", "zone"]);
    assert_eq!(
        (
            &protection["guards"][1]["zone"],
            &protection["guards"][1]["held"]
        ),
        (&json!("a"), &json!(7))
    );
    assert_eq!(
        texts(&protection["guards"][1]["leases"], "id"),
        ["3", "4", "5", "6", "7", "8", "9"]
    );
    let quota = &protection["quota"];
    assert_eq!((&quota["of"], &quota["next"]), (&json!(2), &json!(2)));
    for guard in [
        json!({"guard": "server", "by": "ann", "reason": "dead"}),
        json!({"guard": "zone", "zone": "a", "by": "ann", "reason": "dead"}),
    ] {
        let done = act(&service, "POST", "/protection/release", guard).await;
        assert!(
            done["effect"]
                .as_str()
                .unwrap()
                .contains("at most 2 in 60 s"),
            "{done}"
        );
        assert_eq!(newest(&service).await["kind"], "protection_released");
    }
    assert_eq!(get(&service, "/protection").await["active"], false);
    service.advance(Duration::from_secs(1));
    assert_eq!(get(&service, "/instances").await["total"], 10);
}

#[actix_web::test]
async fn those_whose_leases_are_over_can_be_evicted_together() {
    let service = held().await;
    let body = json!({"expired": true, "query": "id:3,4,0", "by": "ann", "reason": "dead"});
    let done = act(&service, "POST", "/evict", body).await;
    assert_eq!(done["instances"], 2);
    assert_eq!(
        done["skipped"],
        json!([{"app": "A", "id": "0", "why": "its lease runs"}, {"app": "B", "id": "0", "why": "its lease runs"}])
    );
    assert_eq!(get(&service, "/instances").await["total"], 10);
    let done = act(
        &service,
        "POST",
        "/evict",
        json!({"expired": true, "by": "ann"}),
    )
    .await;
    assert_eq!(done["instances"], 5);
    let done = act(
        &service,
        "POST",
        "/evict",
        json!({"expired": true, "by": "ann"}),
    )
    .await;
    assert!(done["effect"].as_str().unwrap().contains("nothing changes"));
}
