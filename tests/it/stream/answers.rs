//! What a stream begins with, what it tells, and of whom.

use std::time::Duration;

use serde_json::{Value, json};

use super::reader::Reader;
use super::{NOTHING, call, get, register, register_as};
use crate::service::Service;

fn names(messages: &[super::reader::Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message.event.as_str())
        .collect()
}

#[actix_web::test]
async fn a_stream_begins_with_where_it_begins_and_is_kept_by_nobody() {
    let service = Service::start(&[]).await;
    register(&service, "ORDERS", "o-1").await;
    let mut reader = Reader::open(&service, "", &NOTHING).await;
    let header = |name: &str| {
        let found = reader.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(
        (reader.status, &*header("content-type")),
        (200, "text/event-stream")
    );
    assert!(header("cache-control").contains("no-cache"));
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("content-encoding"), "");
    let messages = reader.read(&service);
    assert_eq!(names(&messages), ["snapshot"]);
    let data = &messages[0].data;
    assert_eq!(data["revision"], messages[0].id.clone().expect("an id"));
    assert_eq!(
        (&data["total"], &data["statuses"]),
        (&json!(1), &json!({"UP": 1}))
    );
    assert_eq!(data["rows"], json!([]));
    let retry = reader.retry_ms.expect("when to come back");
    assert!((1000..5000).contains(&retry));
}

#[actix_web::test]
async fn a_snapshot_has_the_rows_that_were_asked_for_in_parts() {
    let service = Service::start(&[]).await;
    for id in 0..700 {
        register(&service, "A", &format!("i-{id:03}")).await;
    }
    register(&service, "B", "other").await;
    let mut reader = Reader::open(&service, "rows=yes&query=app:a", &NOTHING).await;
    let messages = reader.read(&service);
    assert!(messages.len() > 1 && names(&messages).iter().all(|name| *name == "snapshot"));
    let rows: Vec<_> = messages
        .iter()
        .flat_map(|message| message.data["rows"].as_array().expect("rows"))
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(rows.len(), 700);
    assert!(rows.is_sorted());
    let last: Vec<_> = messages
        .iter()
        .map(|message| message.id.is_some())
        .collect();
    assert_eq!(
        last.iter().filter(|last| **last).count(),
        1,
        "only a whole list is a position"
    );
    assert_eq!(last.last(), Some(&true));
}

#[actix_web::test]
async fn changes_within_a_moment_are_told_as_one_per_instance() {
    let service = Service::start(&[]).await;
    let mut reader = Reader::open(&service, "", &NOTHING).await;
    reader.read(&service);
    register(&service, "A", "i").await;
    register(&service, "A", "j").await;
    call(
        &service,
        "PUT",
        "/eureka/apps/A/i/status?value=OUT_OF_SERVICE",
    )
    .await;
    let messages = reader.read(&service);
    assert_eq!(names(&messages), ["delta"]);
    let told: Vec<_> = messages[0].data["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            json!([
                change["id"],
                change["kind"],
                change["events"],
                change["what"],
                change["row"]["status"]
            ])
        })
        .collect();
    let expected = [
        json!(["j", "registered", 1, "registered", "UP"]),
        json!(["i", "registered", 2, "overridden", "OUT_OF_SERVICE"]),
    ];
    assert_eq!(told, expected);
    call(&service, "DELETE", "/eureka/apps/A/i/status").await;
    call(&service, "DELETE", "/eureka/apps/A/j").await;
    let changes = reader.read(&service)[0].data["changes"].clone();
    let kinds: Vec<_> = changes
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| change["kind"].clone())
        .collect();
    assert_eq!(kinds, [json!("status"), json!("removed")]);
    assert_eq!(changes[1]["row"], Value::Null);
}

#[actix_web::test]
async fn renewals_are_told_to_nobody_but_who_asks_for_that_lease() {
    tokio::time::pause();
    let mut service = Service::start(&[]).await;
    register(&service, "A", "i").await;
    let mut all = Reader::open(&service, "topics=registry,events", &NOTHING).await;
    let mut one = Reader::open(&service, "topics=lease:a/i", &NOTHING).await;
    all.read(&service);
    tokio::time::advance(Duration::from_millis(5)).await;
    assert_eq!(names(&one.read(&service)), ["snapshot", "lease"]);
    service.advance(Duration::from_secs(30));
    call(&service, "PUT", "/eureka/apps/A/i").await;
    assert_eq!(names(&all.read(&service)), Vec::<&str>::new());
    tokio::time::advance(Duration::from_millis(1100)).await;
    let told = one.read(&service);
    assert_eq!(names(&told), ["lease"]);
    assert_eq!(told[0].id, None, "a renewal is no place in the account");
    assert_eq!(
        told[0].data["lease"]["renewed_at"],
        "2027-01-15T08:00:30.000Z"
    );
    tokio::time::advance(Duration::from_millis(1100)).await;
    assert!(one.read(&service).is_empty(), "nothing moved");
    call(&service, "DELETE", "/eureka/apps/A/i").await;
    tokio::time::advance(Duration::from_millis(1100)).await;
    assert_eq!(one.read(&service)[0].data["lease"], Value::Null);
}

#[actix_web::test]
async fn who_asks_for_a_part_learns_of_all_that_enter_and_leave_it_and_of_nobody_else() {
    let service = Service::start(&[]).await;
    register_as(&service, "A", "up", "UP", "a").await;
    register_as(&service, "A", "far", "UP", "b").await;
    let mut reader = Reader::open(&service, "query=zone:a+status:up", &NOTHING).await;
    reader.read(&service);
    let told = |messages: &[super::reader::Message]| {
        let changes = messages
            .iter()
            .flat_map(|message| message.data["changes"].as_array().expect("changes"));
        changes
            .map(|change| {
                format!(
                    "{} {}",
                    change["kind"].as_str().unwrap(),
                    change["id"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
    };
    call(&service, "PUT", "/eureka/apps/A/far/metadata?k=v").await;
    assert!(reader.read(&service).is_empty(), "it is of no interest");
    call(&service, "PUT", "/eureka/apps/A/up/status?value=DOWN").await;
    assert_eq!(told(&reader.read(&service)), ["removed up"]);
    call(&service, "PUT", "/eureka/apps/A/up/metadata?k=v").await;
    assert!(reader.read(&service).is_empty(), "it is known no more");
    let last = reader.last_id.clone().expect("a place");
    call(&service, "DELETE", "/eureka/apps/A/up/status").await;
    register_as(&service, "A", "new", "UP", "a").await;
    assert_eq!(
        told(&reader.read(&service)),
        ["registered up", "registered new"]
    );
    call(&service, "DELETE", "/eureka/apps/A/new").await;
    let mut again = Reader::open(&service, &format!("query=zone:a&since={last}"), &NOTHING).await;
    let seen = told(&again.read(&service)[1..]);
    let expected = ["updated up", "status up", "registered new", "removed new"];
    assert_eq!(
        seen, expected,
        "one who comes back may know of all that changed"
    );
}

#[actix_web::test]
async fn what_people_should_know_of_is_told_as_a_notice() {
    let mut service = Service::start(&[]).await;
    for id in 0..10 {
        register(&service, "A", &format!("i-{id}")).await;
    }
    let mut reader = Reader::open(&service, "topics=cluster", &NOTHING).await;
    reader.read(&service);
    service.advance(Duration::from_secs(75));
    let told = reader.read(&service);
    let kinds: Vec<_> = told
        .iter()
        .map(|message| (&*message.event, message.data["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("notice", "protection_began"),
            ("notice", "protection_began")
        ]
    );
    let events = get(&service, "/api/v1/events?kind=protection_began").await;
    assert_eq!(events["events"].as_array().expect("events").len(), 2);
    let zones: Vec<_> = told
        .iter()
        .map(|message| message.data["zone"].clone())
        .collect();
    assert_eq!(zones, [Value::Null, json!("a")]);
}

#[actix_web::test]
async fn lines_say_the_same_as_events() {
    let service = Service::start(&[]).await;
    let accept = [("Accept", "application/x-ndjson")];
    let response = service.open("GET", "/api/v1/stream", accept, None).await;
    assert_eq!(
        response.headers().get("content-type").expect("one"),
        "application/x-ndjson"
    );
    let mut body = Box::pin(response.into_body());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let piece = actix_web::body::MessageBody::poll_next(body.as_mut(), &mut context);
    let std::task::Poll::Ready(Some(Ok(piece))) = piece else {
        panic!("a first line");
    };
    let line: Value = serde_json::from_slice(&piece).expect("one line of JSON");
    assert_eq!(
        (&line["event"], &line["id"]),
        (&json!("snapshot"), &line["data"]["revision"])
    );
}

#[actix_web::test]
async fn what_is_asked_for_wrongly_is_a_problem_with_its_place() {
    let service = Service::start(&[]).await;
    let check = async |query: &str, says: &str| {
        let answer = call(&service, "GET", &format!("/api/v1/stream?{query}")).await;
        let text = answer.text().expect("text");
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{query}"
        );
        assert!(text.contains(says), "{query}: {text}");
    };
    check("since=yesterday", "EPOCH-SEQUENCE").await;
    check("topics=all", "registry, cluster, events").await;
    check("query=colour:red", "").await;
}

#[actix_web::test]
async fn a_head_alone_has_no_body_and_takes_no_place() {
    let service = Service::start(&[("PEERAGE__STREAM__SUBSCRIBERS", "1".to_owned())]).await;
    for _ in 0..3 {
        let answer = call(&service, "HEAD", "/api/v1/stream").await;
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
}
