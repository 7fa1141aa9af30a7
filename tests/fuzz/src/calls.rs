//! Conversations: calls one after the other, each a line of the input.
//!
//! A line is a method, a path with its query, letters for what the headers say, and perhaps a body:
//! `POST /eureka/apps/A x <instance>…</instance>`. `x` stands for XML instead of JSON, `c` for compact, `p` for a peer.
//! `WAIT 90` lets time pass.

use peerage::eureka::{self, Dialect, Form, Format, Limits};
use peerage::registry::change::Sender;
use peerage::registry::instance::AppName;
use serde_json::Value;

use crate::document;
use crate::server::{Answer, Call, START, Server, block_on};

/// How many lines are looked at, so that every input takes bounded time.
const CALLS_MAX: usize = 16;

/// An instance that is registered before the first call, so that there is somebody to talk about.
const REGISTERED: &str = r#"{"instance": {"app": "A", "instanceId": "i", "hostName": "h", "ipAddr": "10.0.0.1",
    "vipAddress": "v", "secureVipAddress": "s", "dataCenterInfo": {"name": "MyOwn"}, "metadata": {"k": "v"}}}"#;

/// Whatever is called, every answer is one that clients can read, and so are the lists at the end.
pub fn calls(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    block_on(async {
        let server = Server::start().await;
        register(&server);
        for line in input.lines().take(CALLS_MAX) {
            follow(&server, line).await;
        }
        check_lists(&server).await;
    });
}

fn register(server: &Server) {
    let (body, limits) = (REGISTERED.as_bytes(), Limits::default());
    let registration = eureka::registration(Format::Json, body, &AppName::new("A"), &limits, START);
    let registration = registration.expect("this is a registration");
    server
        .state
        .registry
        .register(registration, Sender::Client, START);
}

async fn follow(server: &Server, line: &str) {
    let Some(call) = read(line) else {
        return;
    };
    if call.method == "WAIT" {
        return server.wait(call.path.parse().unwrap_or(1));
    }
    if let (Some(answer), "GET" | "HEAD" | "OPTIONS") = (server.send(&call).await, call.method) {
        check_spellings(server, &call, &answer).await;
    }
}

fn read(line: &str) -> Option<Call<'_>> {
    let mut words = line.splitn(4, ' ');
    let (method, path) = (words.next()?, words.next()?);
    let letters = words.next().unwrap_or_default();
    let body = words.next().unwrap_or_default().as_bytes();
    let (xml, compact) = (letters.contains('x'), letters.contains('c'));
    Some(Call {
        method,
        path,
        dialect: Dialect {
            format: if xml { Format::Xml } else { Format::Json },
            form: if compact { Form::Compact } else { Form::Full },
        },
        replicated: letters.contains('p'),
        body,
    })
}

/// A slash at the end and the version in front change nothing.
async fn check_spellings(server: &Server, call: &Call<'_>, answer: &Answer) {
    let (path, query) = call.path.split_once('?').unwrap_or((call.path, ""));
    let Some(rest) = path
        .strip_prefix("/eureka/")
        .filter(|rest| !rest.ends_with('/'))
    else {
        return;
    };
    let mut spellings = vec![format!("/eureka/{rest}/?{query}")];
    if rest != "v2" && !rest.starts_with("v2/") {
        spellings.push(format!("/eureka/v2/{rest}?{query}"));
    }
    for path in &spellings {
        let other = server.send(&Call { path, ..*call }).await;
        let other = other.expect("it differs in a part that is right");
        assert_eq!(other.status, answer.status, "{path} is not {}", call.path);
    }
}

/// All lists can be read, and their hash code counts what they list.
pub(crate) async fn check_lists(server: &Server) {
    let (all, delta) = (
        Call::new("GET", "/eureka/apps"),
        Call::new("GET", "/eureka/apps/delta"),
    );
    for dialect in document::DIALECTS {
        fetch(server, Call { dialect, ..all }).await;
    }
    fetch(server, delta).await;
    let all = fetch(server, all).await;
    check_hash(&serde_json::from_slice(&all.body).expect("a list is JSON"));
}

async fn fetch(server: &Server, call: Call<'_>) -> Answer {
    let answer = server.send(&call).await.expect("this is a request");
    assert_eq!(answer.status, 200, "{call:?}");
    answer
}

fn check_hash(list: &Value) {
    let list = &list["applications"];
    let elements = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let instances = elements(&list["application"])
        .into_iter()
        .flat_map(|app| elements(&app["instance"]));
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for instance in instances {
        *counts
            .entry(instance["status"].as_str().unwrap_or_default().into())
            .or_default() += 1;
    }
    let hash: String = counts
        .iter()
        .map(|(status, count)| format!("{status}_{count}_"))
        .collect();
    assert_eq!(list["apps__hashcode"], hash.as_str());
}
