//! Events, the stream and the long poll, as subscribers see them.

mod answers;
mod events;
mod polls;
mod processes;
mod property;
mod reader;
mod scripts;
mod subscribers;

use serde_json::Value;

use crate::service::{Answer, Service};

pub(crate) const NOTHING: [(&str, &str); 0] = [];
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

/// A registration as Eureka's clients send it.
pub(crate) fn registration(app: &str, id: &str, status: &str, zone: &str) -> String {
    format!(
        r#"{{"instance": {{"instanceId": "{id}", "hostName": "host-{id}", "app": "{app}", "ipAddr": "10.0.0.1",
            "status": "{status}", "dataCenterInfo": {{"name": "MyOwn"}}, "metadata": {{"zone": "{zone}"}}}}}}"#
    )
}

async fn register(service: &Service, app: &str, id: &str) {
    register_as(service, app, id, "UP", "a").await;
}

async fn register_as(service: &Service, app: &str, id: &str, status: &str, zone: &str) {
    let (path, body) = (
        format!("/eureka/apps/{app}"),
        registration(app, id, status, zone),
    );
    let answer = service
        .send("POST", &path, JSON, Some(body.into_bytes()))
        .await;
    assert_eq!(answer.status, 204, "{app}/{id}");
}

async fn call(service: &Service, method: &str, path: &str) -> Answer {
    service.send(method, path, NOTHING, None).await
}

async fn get(service: &Service, path: &str) -> Value {
    let answer = call(service, "GET", path).await;
    assert_eq!(answer.status, 200, "{path}");
    serde_json::from_slice(&answer.body).expect(path)
}
