//! Subscribers that are slow, greedy, or come from elsewhere.

use std::time::Duration;

use serde_json::{Value, json};

use super::reader::Reader;
use super::{JSON, NOTHING, call, get, register};
use crate::service::Service;

async fn small() -> Service {
    let settings = [
        ("PEERAGE__EVENTS__KEEP", "100".to_owned()),
        ("PEERAGE__STREAM__SUBSCRIBERS", "3".to_owned()),
    ];
    Service::start(&settings).await
}

async fn churn(service: &Service, times: usize) {
    for number in 0..times {
        register(service, "A", &format!("i-{}", number % 7)).await;
        if number % 10 == 0 {
            service.state().publish();
        }
    }
}

async fn resyncs(service: &Service, reason: &str) -> String {
    let page = call(service, "GET", "/metrics").await.text().expect("text");
    let line = format!("peerage_subscriber_resyncs_total{{reason=\"{reason}\"}} ");
    let found = page.lines().find_map(|text| text.strip_prefix(&*line));
    found.expect("a metric").to_owned()
}

#[actix_web::test]
async fn one_that_reads_too_slowly_is_told_so_and_cut_off_and_can_come_back() {
    let service = small().await;
    let mut slow = Reader::open(&service, "", &NOTHING).await;
    slow.read(&service);
    churn(&service, 150).await;
    let told = slow.read(&service);
    let last = told.last().expect("a last word");
    assert_eq!(
        (&*last.event, last.data["reason"].as_str()),
        ("resync", Some("too_slow"))
    );
    assert!(slow.ended);
    assert_eq!(resyncs(&service, "too_slow").await, "1");
    drop(slow);
    let since = format!("since={}", last.id.as_deref().expect("where to go on"));
    let mut back = Reader::open(&service, &since, &NOTHING).await;
    let told = back.read(&service);
    assert_eq!(told[0].event, "bookmark", "nothing happened since");
    register(&service, "A", "later").await;
    assert_eq!(back.read(&service)[0].event, "delta");
}

#[actix_web::test]
async fn one_that_reads_at_all_is_not_cut_off_however_much_happens() {
    let service = small().await;
    let mut reader = Reader::open(&service, "", &NOTHING).await;
    for _ in 0..20 {
        churn(&service, 50).await;
        let told = reader.read(&service);
        assert!(told.iter().all(|message| message.event != "resync"));
    }
    assert!(!reader.ended);
}

#[actix_web::test]
async fn a_position_that_is_too_old_or_of_another_start_reads_anew_and_goes_on() {
    let service = small().await;
    churn(&service, 150).await;
    let here = get(&service, "/api/v1/events").await["revision"]
        .as_str()
        .expect("one")
        .to_owned();
    let epoch = here.split_once('-').expect("two parts").0;
    let check = async |since: &str, reason: &str| {
        let mut reader = Reader::open(&service, &format!("since={since}"), &NOTHING).await;
        let told = reader.read(&service);
        assert_eq!(
            (&*told[0].event, told[0].data["reason"].as_str()),
            ("resync", Some(reason))
        );
        assert_eq!(told[0].id.as_deref(), Some(&*here));
        assert!(!reader.ended);
    };
    check(&format!("{epoch}-3"), "too_old").await;
    check("17-120", "other_epoch").await;
    check(&format!("{epoch}-999999"), "other_epoch").await;
    let mut reader = Reader::open(&service, "", &[("Last-Event-ID", "nonsense")]).await;
    assert_eq!(reader.read(&service)[0].event, "resync");
}

#[actix_web::test]
async fn there_are_only_so_many_and_who_goes_makes_room() {
    let service = small().await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Reader::open(&service, "", &NOTHING).await);
    }
    let refused = call(&service, "GET", "/api/v1/stream").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let refused = call(&service, "GET", "/api/v1/watch/instances").await;
    assert_eq!(refused.status, 503, "a long poll takes a place as well");
    open.pop();
    let reader = Reader::open(&service, "", &NOTHING).await;
    assert_eq!(reader.status, 200);
}

#[actix_web::test]
async fn what_nobody_reads_is_not_kept_for_anybody() {
    let service = Service::start(&[]).await;
    let mut readers = Vec::new();
    for _ in 0..50 {
        readers.push(Reader::open(&service, "", &NOTHING).await);
    }
    churn(&service, 500).await;
    let told = call(&service, "GET", "/metrics")
        .await
        .text()
        .expect("text");
    let bytes = told
        .lines()
        .find_map(|line| line.strip_prefix("peerage_subscriber_bytes_total "));
    assert_eq!(
        bytes,
        Some("0"),
        "nothing is handed on before it is asked for"
    );
    for reader in &mut readers {
        let told = reader.read(&service);
        let events: u64 = told
            .iter()
            .filter_map(|message| message.data["changes"].as_array())
            .flatten()
            .filter_map(|change| change["events"].as_u64())
            .sum();
        assert_eq!(events, 500);
    }
}

#[actix_web::test]
async fn a_drain_waits_for_those_who_follow_until_they_were_told() {
    let mut service = Service::start(&[]).await;
    service.advance(Duration::from_secs(100));
    for id in ["i-1", "i-2"] {
        register(&service, "A", id).await;
    }
    let [mut swift, mut slow] = [
        Reader::open(&service, "rows=yes", &NOTHING).await,
        Reader::open(&service, "query=app:b", &[("User-Agent", "slow")]).await,
    ];
    swift.read(&service);
    slow.read(&service);
    let body = br#"{"app": "A", "id": "i-1", "by": "ann"}"#.to_vec();
    let begun = service
        .send("POST", "/api/v1/drain", JSON, Some(body))
        .await;
    let begun: Value = serde_json::from_slice(&begun.body).expect("a drain");
    let path = format!("/api/v1/drains/{}", begun["id"]);
    assert_eq!(get(&service, &path).await["fetched_since"]["fetched"], 0);
    swift.read(&service);
    let now = get(&service, &path).await;
    assert_eq!(now["fetched_since"]["fetched"], 1);
    assert_eq!(
        now["fetched_since"]["waiting_for"],
        json!(["slow at 127.0.0.1"])
    );
    // It asked for other instances, and knows now that none of these has changed.
    let told = slow.read(&service);
    assert!(told.iter().all(|message| message.event == "notice"));
    assert_eq!(get(&service, &path).await["state"], "drained");
}
