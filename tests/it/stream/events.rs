//! What happened lately, as a document.

use serde_json::{Value, json};

use super::{NOTHING, call, get, register, register_as};
use crate::service::Service;

fn texts(document: &Value) -> Vec<String> {
    let events = document["events"].as_array().expect("events");
    events
        .iter()
        .map(|event| event["text"].as_str().expect("a sentence").to_owned())
        .collect()
}

#[actix_web::test]
async fn an_event_tells_what_happened_to_whom_and_who_asked() {
    let service = Service::start(&[]).await;
    register(&service, "ORDERS", "o-1").await;
    call(
        &service,
        "PUT",
        "/eureka/apps/ORDERS/o-1/status?value=OUT_OF_SERVICE",
    )
    .await;
    let document = get(&service, "/api/v1/events").await;
    let epoch = document["revision"]
        .as_str()
        .expect("one")
        .split_once('-')
        .expect("two")
        .0
        .to_owned();
    let expected = json!({
        "revision": format!("{epoch}-2"), "at": "2027-01-15T08:00:00.000Z", "kind": "overridden", "app": "ORDERS",
        "id": "o-1", "zone": "a", "status": "OUT_OF_SERVICE", "cause": "client", "actor": null, "from": null,
        "reason": null, "text": "overrode the status of ORDERS/o-1, now OUT_OF_SERVICE", "before": "UP",
        "after": "OUT_OF_SERVICE",
    });
    assert_eq!(document["events"][0], expected);
    assert_eq!(document["events"][1]["before"], Value::Null);
    assert_eq!(document["revision"], format!("{epoch}-2"));
}

#[actix_web::test]
async fn a_server_that_speaks_eurekas_replication_is_named_as_the_cause() {
    let service = Service::start(&[]).await;
    let headers = [
        ("Content-Type", "application/json"),
        ("x-netflix-discovery-replication", "true"),
    ];
    let body = super::registration("A", "i", "UP", "a").into_bytes();
    service
        .send("POST", "/eureka/apps/A", headers, Some(body))
        .await;
    let document = get(&service, "/api/v1/events").await;
    assert_eq!(document["events"][0]["cause"], "eureka_peer");
}

#[actix_web::test]
async fn pages_go_on_where_the_last_one_ended_until_there_are_no_more() {
    let service = Service::start(&[]).await;
    for id in 0..5 {
        register(&service, "A", &format!("i-{id}")).await;
    }
    let first = get(&service, "/api/v1/events?limit=2").await;
    assert_eq!(
        texts(&first),
        ["registered A/i-4 as UP", "registered A/i-3 as UP"]
    );
    let next = first["next"].as_str().expect("more");
    let second = get(&service, &format!("/api/v1/events?limit=2&before={next}")).await;
    assert_eq!(
        texts(&second),
        ["registered A/i-2 as UP", "registered A/i-1 as UP"]
    );
    let next = second["next"].as_str().expect("more");
    let third = get(&service, &format!("/api/v1/events?limit=2&before={next}")).await;
    assert_eq!((texts(&third).len(), &third["next"]), (1, &Value::Null));
    let elsewhere = get(&service, "/api/v1/events?before=17-4").await;
    assert!(
        texts(&elsewhere).is_empty(),
        "of another start nothing is known"
    );
}

#[actix_web::test]
async fn events_are_chosen_by_kind_and_by_query() {
    let service = Service::start(&[]).await;
    register_as(&service, "A", "i", "UP", "a").await;
    register_as(&service, "B", "j", "UP", "b").await;
    call(&service, "DELETE", "/eureka/apps/A/i").await;
    let check = async |query: &str, expected: &[&str]| {
        let document = get(&service, &format!("/api/v1/events?{query}")).await;
        assert_eq!(texts(&document), expected, "{query}");
    };
    check("kind=cancelled", &["cancelled A/i"]).await;
    check(
        "kind=cancelled,registered&query=zone:a",
        &["cancelled A/i", "registered A/i as UP"],
    )
    .await;
    check("query=app:b", &["registered B/j as UP"]).await;
    check("query=app:c", &[]).await;
    check("kind=no_such", &[]).await;
    for wrong in ["limit=many", "before=then", "query=zone:"] {
        let answer = call(&service, "GET", &format!("/api/v1/events?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn events_come_as_lines_to_who_asks_for_lines() {
    let service = Service::start(&[]).await;
    register(&service, "A", "i").await;
    register(&service, "A", "j").await;
    let accept = [("Accept", "application/x-ndjson")];
    let answer = service.send("GET", "/api/v1/events", accept, None).await;
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = answer.text().expect("text");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!((lines.len(), &lines[0]["id"]), (2, &json!("j")));
    let whole = service.send("GET", "/api/v1/events", NOTHING, None).await;
    assert_eq!(whole.header("content-type"), Some("application/json"));
}
