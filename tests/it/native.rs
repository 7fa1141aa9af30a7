//! The native API over HTTP, in memory: what is read, written and done by it, and what is refused.
//!
//! Here: the calls as tests need them. Not here: streams and long polls (`stream`). What must always hold: every test
//! says what it wants of an answer in the words of the documents.

mod acting;
mod drains;
mod explain;
mod hostile;
mod instances;
mod published;
mod rights;
mod writing;

use serde_json::{Value, json};

use crate::service::{Answer, Service};

/// What an instance registers that says no more than it must.
fn plain(zone: &str) -> Value {
    json!({"host": "host-1.example", "ip": "10.1.2.3", "port": 8080, "zone": zone})
}

/// Sends JSON, and reads JSON.
async fn call(service: &Service, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = send(
        service,
        method,
        path,
        &[("Content-Type", "application/json")],
        Some(&body),
    )
    .await;
    (answer.status, read(&answer))
}

async fn send(
    service: &Service,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let body = body.map(|body| body.to_string().into_bytes());
    service
        .send(
            method,
            &format!("/api/v1{path}"),
            headers.iter().copied(),
            body,
        )
        .await
}

fn read(answer: &Answer) -> Value {
    let text = answer.text().expect("the body is text");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

async fn get(service: &Service, path: &str) -> Value {
    let answer = send(service, "GET", path, &[], None).await;
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        answer.text().unwrap_or_default()
    );
    read(&answer)
}

/// Registers, and expects no refusal.
async fn register(service: &Service, key: &str, body: Value) -> Value {
    let (status, answer) = call(service, "PUT", &format!("/instances/{key}"), body).await;
    assert!(matches!(status, 200 | 201), "{key}: {status} {answer}");
    answer
}

async fn beat(service: &Service, key: &str) -> u16 {
    send(
        service,
        "PUT",
        &format!("/instances/{key}/lease"),
        &[],
        None,
    )
    .await
    .status
}

/// Does something as an operator, and expects no refusal.
async fn act(service: &Service, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = call(service, method, path, body).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// A problem: its status, its kind, its detail.
fn problem(answer: &Answer) -> (u16, String, String) {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{:?}",
        answer.text()
    );
    let document = read(answer);
    assert_eq!(document["status"], answer.status);
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    assert!(
        !text("title").is_empty() && !text("detail").is_empty(),
        "{document}"
    );
    let kind = text("type");
    (
        answer.status,
        kind.strip_prefix("/problems/")
            .unwrap_or("no kind")
            .to_owned(),
        text("detail"),
    )
}

/// The kind of problem that a call meets.
async fn refused(service: &Service, method: &str, path: &str, body: Value) -> (u16, String) {
    let answer = send(
        service,
        method,
        path,
        &[("Content-Type", "application/json")],
        Some(&body),
    )
    .await;
    let (status, kind, _) = problem(&answer);
    (status, kind)
}

/// The texts under one name in a list.
fn texts<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    let items = list.as_array().expect("a list");
    items
        .iter()
        .map(|item| item[name].as_str().expect("a text"))
        .collect()
}
