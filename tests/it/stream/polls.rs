//! The long poll, under paused time.

use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::{spawn, task::JoinHandle};
use serde_json::Value;

use super::{call, register};
use crate::service::{Answer, Service};

const SERVICE: &str = "/api/v1/watch/services/a";

async fn start() -> Rc<Service> {
    tokio::time::pause();
    let service = Rc::new(Service::start(&[]).await);
    let turns = service.clone();
    spawn(async move {
        // A server that runs gives turns by itself.
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            turns.state().publish();
        }
    });
    service
}

fn index(answer: &Answer) -> String {
    let text = answer
        .header("x-peerage-index")
        .expect("an index")
        .to_owned();
    if answer.status == 200 {
        let document: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(document["index"], text, "in the document, too");
    }
    text
}

async fn at_once(service: &Service, path: &str) -> Answer {
    let before = tokio::time::Instant::now();
    let answer = call(service, "GET", path).await;
    assert_eq!(before.elapsed(), Duration::ZERO, "{path} waited");
    answer
}

/// Begins a call and lets it come to where it waits.
async fn waiting(service: &Rc<Service>, path: String) -> JoinHandle<Answer> {
    let service = service.clone();
    let call = spawn(async move { call(&service, "GET", &path).await });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!call.is_finished(), "it waits");
    call
}

#[actix_web::test]
async fn without_an_index_or_with_an_unknown_one_the_answer_comes_at_once() {
    let service = start().await;
    register(&service, "A", "i").await;
    let answer = at_once(&service, SERVICE).await;
    assert_eq!(answer.status, 200);
    let known = index(&answer);
    let (epoch, rest) = known.split_once('-').expect("parts");
    for other in ["", "nonsense", &format!("{}9-{rest}", epoch), "1-2-3"] {
        let answer = at_once(&service, &format!("{SERVICE}?index={other}")).await;
        assert_eq!(answer.status, 200, "{other}");
    }
}

#[actix_web::test]
async fn a_change_answers_who_waits_for_it_and_nobody_else() {
    let service = start().await;
    register(&service, "A", "i").await;
    register(&service, "B", "j").await;
    let a = index(&at_once(&service, SERVICE).await);
    let b = index(&at_once(&service, "/api/v1/watch/services/B").await);
    let for_a = waiting(&service, format!("{SERVICE}?index={a}&wait=60s")).await;
    let for_b = waiting(
        &service,
        format!("/api/v1/watch/services/B?index={b}&wait=60s"),
    )
    .await;
    register(&service, "A", "k").await;
    let answer = for_a.await.expect("an answer");
    assert_eq!(answer.status, 200);
    let document: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(document["rows"].as_array().expect("rows").len(), 2);
    assert_ne!(index(&answer), a);
    assert!(!for_b.is_finished());
    for_b.abort();
}

#[actix_web::test]
async fn when_nothing_changes_the_time_runs_out_a_little_late() {
    let service = start().await;
    register(&service, "A", "i").await;
    let known = index(&at_once(&service, SERVICE).await);
    let mut took = Vec::new();
    for _ in 0..8 {
        let before = tokio::time::Instant::now();
        let answer = call(
            &service,
            "GET",
            &format!("{SERVICE}?index={known}&wait=32s"),
        )
        .await;
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        assert_eq!(index(&answer), known);
        took.push(before.elapsed());
    }
    assert!(
        took.iter()
            .all(|took| (Duration::from_secs(32)..Duration::from_secs(34)).contains(took)),
        "{took:?}"
    );
    took.dedup();
    assert!(took.len() > 1, "they do not all end together: {took:?}");
}

#[actix_web::test]
async fn nobody_waits_for_longer_than_five_minutes() {
    let service = start().await;
    let known = index(&at_once(&service, SERVICE).await);
    let before = tokio::time::Instant::now();
    call(
        &service,
        "GET",
        &format!("{SERVICE}?index={known}&wait=24000s"),
    )
    .await;
    assert!(before.elapsed() < Duration::from_secs(320));
    let answer = call(&service, "GET", &format!("{SERVICE}?wait=soon")).await;
    assert_eq!(answer.status, 400);
}

#[actix_web::test]
async fn heartbeats_are_no_change() {
    let service = start().await;
    register(&service, "A", "i").await;
    let known = index(&at_once(&service, SERVICE).await);
    let watching = waiting(&service, format!("{SERVICE}?index={known}&wait=10s")).await;
    call(&service, "PUT", "/eureka/apps/A/i").await;
    assert_eq!(watching.await.expect("an answer").status, 304);
}

#[actix_web::test]
async fn a_service_that_does_not_exist_can_be_waited_for() {
    let service = start().await;
    let nobody = at_once(&service, SERVICE).await;
    assert_eq!(nobody.status, 200);
    let watching = waiting(&service, format!("{SERVICE}?index={}", index(&nobody))).await;
    register(&service, "A", "i").await;
    assert_eq!(watching.await.expect("an answer").status, 200);
}

#[actix_web::test]
async fn instances_that_match_are_waited_for_and_others_are_no_news() {
    let service = start().await;
    register(&service, "A", "i").await;
    let path = "/api/v1/watch/instances?query=app:b";
    let known = index(&at_once(&service, path).await);
    let watching = waiting(&service, format!("{path}&index={known}&wait=60s")).await;
    register(&service, "A", "k").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!watching.is_finished(), "it goes on waiting");
    register(&service, "B", "j").await;
    let answer = watching.await.expect("an answer");
    let document: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(document["instances"].as_array().expect("rows").len(), 1);
}

#[actix_web::test]
async fn several_changes_at_once_are_one_answer() {
    let service = start().await;
    let known = index(&at_once(&service, SERVICE).await);
    let watching = waiting(&service, format!("{SERVICE}?index={known}")).await;
    for id in 0..5 {
        register(&service, "A", &format!("i-{id}")).await;
    }
    let answer = watching.await.expect("an answer");
    let document: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(document["rows"].as_array().expect("rows").len(), 5);
    assert_eq!(
        at_once(&service, &format!("{SERVICE}?index=x"))
            .await
            .header("x-peerage-index"),
        answer.header("x-peerage-index")
    );
}

#[actix_web::test]
async fn a_change_that_was_taken_back_is_no_news_and_neither_is_who_says_the_same_again() {
    let service = start().await;
    register(&service, "A", "i").await;
    let known = index(&at_once(&service, SERVICE).await);
    let watching = waiting(&service, format!("{SERVICE}?index={known}&wait=10s")).await;
    register(&service, "A", "i").await;
    call(&service, "PUT", "/eureka/apps/A/i/status?value=DOWN").await;
    call(&service, "DELETE", "/eureka/apps/A/i/status").await;
    assert_eq!(watching.await.expect("an answer").status, 304);
}

#[actix_web::test]
async fn however_many_wait_for_one_service_all_are_answered() {
    let service = start().await;
    register(&service, "A", "i").await;
    let known = index(&at_once(&service, SERVICE).await);
    let mut watching = Vec::new();
    for _ in 0..500 {
        watching.push(waiting(&service, format!("{SERVICE}?index={known}&wait=60s")).await);
    }
    register(&service, "A", "k").await;
    let mut indices = Vec::new();
    for call in watching {
        let answer = call.await.expect("an answer");
        assert_eq!(answer.status, 200);
        indices.push(index(&answer));
    }
    indices.dedup();
    assert_eq!(indices.len(), 1, "all are told the same");
}
