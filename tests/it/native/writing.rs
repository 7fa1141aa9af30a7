//! Register, renew, cancel in plain JSON, and what Eureka's clients see of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{beat, call, get, plain, problem, refused, register, send};
use crate::service::Service;

const NOTHING: [(&str, &str); 0] = [];

#[actix_web::test]
async fn an_instance_registers_beats_and_leaves_and_each_may_be_said_again() {
    let mut service = Service::start(&[]).await;
    let (status, first) = call(&service, "PUT", "/instances/orders/o-1", plain("a")).await;
    assert_eq!(
        (status, &first["app"], &first["renew_every_ms"]),
        (201, &json!("ORDERS"), &json!(30_000))
    );
    service.advance(Duration::from_secs(10));
    let (status, again) = call(&service, "PUT", "/instances/orders/o-1", plain("a")).await;
    assert_eq!(status, 200);
    assert_ne!(first["deadline"], again["deadline"]);
    service.advance(Duration::from_secs(80));
    let (status, renewed) = call(&service, "PUT", "/instances/ORDERS/o-1/lease", Value::Null).await;
    assert_eq!((status, &renewed["status"]), (200, &json!("UP")));
    service.advance(Duration::from_secs(89));
    assert_eq!(get(&service, "/instances").await["total"], 1);
    let gone = send(&service, "DELETE", "/instances/orders/o-1", &[], None).await;
    assert_eq!(
        (gone.status, super::read(&gone)["was"].clone()),
        (200, json!(true))
    );
    let again = send(&service, "DELETE", "/instances/orders/o-1", &[], None).await;
    assert_eq!(
        (again.status, super::read(&again)["was"].clone()),
        (200, json!(false))
    );
    let lost = send(&service, "PUT", "/instances/orders/o-1/lease", &[], None).await;
    assert_eq!(problem(&lost).1, "unknown-instance");
}

#[actix_web::test]
async fn eureka_clients_read_it_as_one_of_theirs() {
    let service = Service::start(&[]).await;
    let body = json!({
        "host": "h.example", "ip": "10.0.0.1", "port": 8080, "secure_port": 8443, "zone": "eu-a", "status": "STARTING",
        "metadata": {"version": "1"}, "interval_ms": 5000, "duration_ms": 15000,
        "urls": {"home": "http://h/", "status": "http://h/info", "health": "http://h/health"},
    });
    register(&service, "orders/o-1", body).await;
    let answer = service
        .send(
            "GET",
            "/eureka/apps/ORDERS/o-1",
            [("Accept", "application/json")],
            None,
        )
        .await;
    let instance: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let instance = &instance["instance"];
    assert_eq!(
        (
            &instance["instanceId"],
            &instance["app"],
            &instance["status"]
        ),
        (&json!("o-1"), &json!("ORDERS"), &json!("STARTING"))
    );
    assert_eq!(
        (
            &instance["port"]["$"],
            &instance["securePort"]["$"],
            &instance["securePort"]["@enabled"]
        ),
        (&json!(8080), &json!(8443), &json!("true"))
    );
    assert_eq!(
        (&instance["vipAddress"], &instance["secureVipAddress"]),
        (&json!("orders"), &json!("orders"))
    );
    assert_eq!(
        instance["metadata"],
        json!({"version": "1", "zone": "eu-a"})
    );
    assert_eq!(
        (
            &instance["leaseInfo"]["renewalIntervalInSecs"],
            &instance["leaseInfo"]["durationInSecs"]
        ),
        (&json!(5), &json!(15))
    );
    // And an Eureka heartbeat renews it.
    let beat = service
        .send("PUT", "/eureka/apps/ORDERS/o-1", NOTHING, None)
        .await;
    assert_eq!(beat.status, 200);
}

#[actix_web::test]
async fn a_registration_that_changes_something_is_the_newer_one() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    register(&service, "A/i", plain("b")).await;
    assert_eq!(get(&service, "/instances/A/i").await["zone"], "b");
    register(&service, "A/i", plain("a")).await;
    assert_eq!(get(&service, "/instances/A/i").await["zone"], "a");
}

#[actix_web::test]
async fn an_instance_without_an_address_has_that_of_its_host_or_of_its_request() {
    let service = Service::start(&[]).await;
    register(&service, "A/host", json!({"host": "10.9.8.7", "port": 1})).await;
    register(&service, "A/request", json!({"host": "h", "port": 1})).await;
    assert_eq!(get(&service, "/instances/A/host").await["ip"], "10.9.8.7");
    assert_eq!(
        get(&service, "/instances/A/request").await["ip"],
        "127.0.0.1"
    );
}

#[actix_web::test]
async fn a_registration_that_makes_no_sense_is_refused_with_the_field() {
    let service = Service::start(&[]).await;
    let with = |name: &str, value: Value| {
        let mut body = plain("a");
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("host", json!("")), "host"),
        (with("status", json!("BUSY")), "status"),
        (with("interval_ms", json!(0)), "interval_ms"),
        (with("interval_ms", json!(1500)), "interval_ms"),
        (with("interval_ms", json!(120_000)), "interval_ms"),
        (with("duration_ms", json!(u64::MAX)), "duration_ms"),
        (with("vip", json!("x".repeat(5000))), "vip"),
        (
            with("metadata", json!({"k": "v".repeat(300_000)})),
            "metadata",
        ),
    ] {
        let answer = send(
            &service,
            "PUT",
            "/instances/A/i",
            &[("Content-Type", "application/json")],
            Some(&body),
        )
        .await;
        assert_eq!(problem(&answer).1, "bad-body");
        assert_eq!(super::read(&answer)["field"], field);
    }
    for body in [
        json!({}),
        json!([]),
        with("port", json!(70_000)),
        with("port", json!("80")),
        with("colour", json!("red")),
    ] {
        assert_eq!(
            refused(&service, "PUT", "/instances/A/i", body).await,
            (400, "bad-body".to_owned())
        );
    }
    let plain_text = send(
        &service,
        "PUT",
        "/instances/A/i",
        &[("Content-Type", "text/plain")],
        Some(&plain("a")),
    )
    .await;
    assert_eq!(problem(&plain_text).1, "not-json");
    assert_eq!(get(&service, "/instances").await["total"], 0);
}

#[actix_web::test]
async fn a_server_that_leaves_takes_no_new_instances() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    assert_eq!(beat(&service, "A/i").await, 200);
    assert_eq!(beat(&service, "A/j").await, 404);
}
