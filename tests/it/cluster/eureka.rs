//! What clients, operators and tests ask a server in Eureka's words.
//!
//! Here: calls as functions, lists as maps. Not here: when they are made. What must always hold: an answer that is not
//! a list is no list, never an empty one.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::http::{Answer, ask};

/// An instance, and how often its client beats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instance {
    pub(crate) app: String,
    pub(crate) id: String,
    /// How long its lease lasts, in seconds.
    pub(crate) lease_secs: u32,
}

impl Instance {
    pub(crate) fn new(app: &str, id: impl ToString) -> Self {
        Self {
            app: app.to_owned(),
            id: format!("{app}-{}", id.to_string()),
            lease_secs: 90,
        }
    }

    /// With a lease that ends in a test's time. Its client beats every second.
    pub(crate) fn brief(app: &str, id: impl ToString) -> Self {
        Self {
            lease_secs: 5,
            ..Self::new(app, id)
        }
    }

    pub(crate) fn path(&self) -> String {
        format!("/eureka/apps/{}/{}", self.app, self.id)
    }

    /// What its client says when it registers.
    pub(crate) fn body(&self) -> String {
        let interval = if self.lease_secs < 30 {
            1
        } else {
            self.lease_secs / 3
        };
        let lease = json!({ "renewalIntervalInSecs": interval, "durationInSecs": self.lease_secs });
        let body = json!({ "instance": {
            "instanceId": self.id, "hostName": "host", "app": self.app, "ipAddr": "10.0.0.1", "status": "UP",
            "port": { "$": 8080, "@enabled": "true" }, "vipAddress": self.app, "leaseInfo": lease,
            "dataCenterInfo": {
                "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn",
            },
        } });
        body.to_string()
    }

    pub(crate) fn register(&self, at: SocketAddr) -> io::Result<Answer> {
        ask(
            at,
            "POST",
            &format!("/eureka/apps/{}", self.app),
            &self.body(),
        )
    }

    pub(crate) fn beat(&self, at: SocketAddr) -> io::Result<Answer> {
        ask(at, "PUT", &self.path(), "")
    }

    pub(crate) fn cancel(&self, at: SocketAddr) -> io::Result<Answer> {
        ask(at, "DELETE", &self.path(), "")
    }

    /// An operator's word on its status.
    pub(crate) fn override_by(&self, at: SocketAddr, status: &str) -> io::Result<Answer> {
        ask(
            at,
            "PUT",
            &format!("{}/status?value={status}", self.path()),
            "",
        )
    }

    pub(crate) fn tell(&self, at: SocketAddr, key: &str, value: &str) -> io::Result<Answer> {
        ask(
            at,
            "PUT",
            &format!("{}/metadata?{key}={value}", self.path()),
            "",
        )
    }
}

/// What is shown of an instance: everything but its times.
pub(crate) type Shown = (String, String, BTreeMap<String, String>);

/// The list of a server, by id; none if it answers anything else than a list.
pub(crate) fn list(at: SocketAddr) -> Option<BTreeMap<String, Shown>> {
    let answer = ask(at, "GET", "/eureka/apps", "").ok()?;
    (answer.status == 200).then(|| read(&answer.body))
}

fn read(body: &[u8]) -> BTreeMap<String, Shown> {
    let list: Value = serde_json::from_slice(body).expect("a list is JSON");
    let apps = list["applications"]["application"]
        .as_array()
        .expect("a list has applications");
    let instances = apps
        .iter()
        .filter_map(|app| app["instance"].as_array())
        .flatten();
    instances
        .map(|instance| (text(&instance["instanceId"]), shown(instance)))
        .collect()
}

fn shown(instance: &Value) -> Shown {
    let metadata = instance["metadata"].as_object().into_iter().flatten();
    let metadata = metadata.map(|(key, value)| (key.clone(), text(value)));
    (
        text(&instance["status"]),
        text(&instance["overriddenStatus"]),
        metadata.collect(),
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
