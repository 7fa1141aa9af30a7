//! What real clients send: accepted as they need it, and read back as they sent it.
//!
//! Every request in `tests/golden/clients` meets a service of its own, on which there is what the client's operation
//! takes for granted. The connection preface of HTTP/2 is none of the service's business and left out.

use serde_json::{Value, json};

use super::answer::differences;
use super::conversation::Expected;
use super::memory::Memory;
use super::registration;
use super::report;
use super::wire::{Recorded, clients};
use super::xml::Element;
use crate::service::{Answer, Service};

#[actix_web::test]
async fn every_request_of_every_client_is_accepted() {
    let (mut failures, mut sent) = (Vec::new(), 0);
    for requests in clients() {
        for (at, request) in requests.iter().enumerate() {
            let service = Service::start(&[]).await;
            prepare(&service, request, own_registration(&requests, at)).await;
            let answer = request.send(&service).await;
            sent += 1;
            failures.extend(refusal(request, &answer));
        }
    }
    report(&failures, sent);
}

/// The registration a request follows: the last before it, or else the first of all.
fn own_registration(requests: &[Recorded], at: usize) -> Option<&Recorded> {
    let before = requests[..at]
        .iter()
        .rfind(|request| request.is_registration());
    before.or_else(|| requests.iter().find(|request| request.is_registration()))
}

/// What is wrong with the answer for the client that gets it. A heartbeat answered with 404 has no body: several
/// clients fail to read one, and then never register again.
fn refusal(request: &Recorded, answer: &Answer) -> Option<String> {
    let (got, needed) = (answer.status, needed_status(request));
    if got != needed {
        return Some(format!(
            "{}: the client needs {needed}, got {got}",
            request.file
        ));
    }
    let full = needed == 404 && !answer.body.is_empty();
    full.then(|| format!("{}: a 404 with a body", request.file))
}

/// The status the client needs. One client tries several places until it finds the API: elsewhere it is 404.
fn needed_status(request: &Recorded) -> u16 {
    match request.operation.as_str() {
        _ if !request.path.starts_with("/eureka/") => 404,
        "heartbeat-answered-404" => 404,
        _ if request.is_registration() => 204,
        _ => 200,
    }
}

/// Puts on the service what the operation takes for granted: the client's own registration, if it beats, changes or
/// reads, and the neighbour it looks up by name.
async fn prepare(service: &Service, request: &Recorded, own: Option<&Recorded>) {
    let operation = request.operation.as_str();
    if request.is_registration() || operation == "heartbeat-answered-404" {
        return;
    }
    if let Some(registration) = own {
        registration.send(service).await;
    }
    if matches!(operation, "fetch-app" | "fetch-vip" | "fetch-svip") {
        let name = request.path.rsplit('/').next().unwrap_or_default();
        register_neighbour(service, name).await;
    }
}

/// Registers somebody whose application and virtual addresses go by one name.
async fn register_neighbour(service: &Service, name: &str) {
    let instance = json!({"instance": {
        "app": name, "instanceId": "neighbour", "hostName": "neighbour", "ipAddr": "10.0.0.2",
        "vipAddress": name, "secureVipAddress": name,
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}
    }});
    let headers = [("Content-Type", "application/json")];
    let path = format!("/eureka/apps/{name}");
    let body = Some(instance.to_string().into_bytes());
    let answer = service.send("POST", &path, headers, body).await;
    assert_eq!(answer.status, 204, "the neighbour {name} is registered");
}

#[actix_web::test]
async fn every_registration_reads_back_as_it_was_sent() {
    let (mut failures, mut sent) = (Vec::new(), 0);
    for request in clients()
        .into_iter()
        .flatten()
        .filter(Recorded::is_registration)
    {
        sent += 1;
        let found = read_back(&request).await;
        if !found.is_empty() {
            failures.push(format!("{}:\n    {}", request.file, found.join("\n    ")));
        }
    }
    report(&failures, sent);
}

/// Registers, reads the instance in both formats, and tells in what it differs from what was sent.
async fn read_back(request: &Recorded) -> Vec<String> {
    let service = Service::start(&[]).await;
    request.send(&service).await;
    let shown = registration::shown(&sent_instance(request));
    let id = shown.get("instanceId").unwrap_or(&shown["hostName"]);
    let path = format!("{}/{}", request.path, id.as_str().unwrap_or_default());
    let mut found = Vec::new();
    for (format, want) in [
        ("application/json", in_json(&shown)),
        ("application/xml", in_xml(&shown)),
    ] {
        let answer = service.send("GET", &path, [("Accept", format)], None).await;
        let mut memory = Memory::at(service.now_ms());
        found.extend(differences(&want, &answer, false, &mut memory));
    }
    found
}

fn in_json(shown: &Value) -> Expected {
    Expected {
        status: 200,
        body: Some(json!({"instance": shown})),
        ..Expected::default()
    }
}

fn in_xml(shown: &Value) -> Expected {
    Expected {
        status: 200,
        xml: Some(vec![registration::in_xml(shown).to_string()]),
        ..Expected::default()
    }
}

/// The instance as it was sent, as JSON also where it was XML.
fn sent_instance(request: &Recorded) -> Value {
    if request.is_xml() {
        let sent = Element::parse(request.text());
        return registration::from_xml(&sent.expect("clients send XML"));
    }
    let mut document: Value = serde_json::from_str(request.text()).expect("clients send JSON");
    document["instance"].take()
}
