//! What is handed out beside the binary speaks of metrics that there are.
//!
//! Here: alert rules, the board and the list of metrics in `.packaging/monitoring`, against the page of a real server that
//! has a peer and a client. Not here: whether Prometheus can read the rules and when they ring (`.packaging/check`). What
//! must always hold: no name is known to the test but what the files and the page say.

mod page;
mod queries;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use self::page::Page;
use self::queries::{grouped, selections};
use crate::cluster::patience::until;
use crate::process::Server;

/// Labels that Prometheus adds.
const ADDED: [&str; 2] = ["instance", "job"];
const REGISTRATION: &str = r#"{"instance": {"instanceId": "o-1", "hostName": "h", "app": "ORDERS", "ipAddr": "10.0.0.1",
    "status": "UP", "dataCenterInfo": {"name": "MyOwn"}}}"#;

fn file(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(".packaging/monitoring").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The page of a server that has a peer, and a client that registered, beat, and was taken out of service.
fn page() -> Page {
    let server = Server::start_with(&["--name", "a", "--zone", "z"]);
    let peer = Server::start_with(&["--name", "b", "--join", &server.peer_address]);
    let path = "/eureka/apps/ORDERS/o-1";
    let status = format!("{path}/status?value=OUT_OF_SERVICE");
    for (method, path, body) in [
        ("POST", "/eureka/apps/ORDERS", REGISTRATION),
        ("PUT", path, ""),
        ("PUT", &*status, ""),
        ("GET", "/eureka/apps", ""),
    ] {
        let (code, answer) = server.ask(method, path, body);
        assert!((200..300).contains(&code), "{method} {path}: {answer}");
    }
    let read = || Page::read(&server.ask("GET", "/metrics", "").1);
    until("all is known of the peer", || {
        let known = |name| {
            read()
                .family(name)
                .is_some_and(|family| family.has_samples())
        };
        known("peerage_peer_clock_offset_seconds") && known("peerage_peer_digest_match")
    });
    let page = read();
    drop(peer);
    page
}

/// Every text of a document that stands under one of these names.
fn texts(document: &Value, names: &[&str]) -> Vec<String> {
    match document {
        Value::Array(items) => items.iter().flat_map(|item| texts(item, names)).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if names.contains(&&**name) => vec![text.clone()],
                _ => texts(value, names),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What a text about metrics says that the page does not.
fn untrue(text: &str, page: &Page) -> Vec<String> {
    let mut untrue = Vec::new();
    for (name, conditions) in selections(text) {
        let Some(family) = page.family_of_sample(&name) else {
            untrue.push(format!("there is no {name}"));
            continue;
        };
        for (label, values) in conditions {
            let known = ADDED.contains(&&*label) || family.knows(&label, &values);
            if !known {
                untrue.push(format!("{name} has no {label} of {values:?}"));
            }
        }
    }
    let labels: BTreeSet<_> = page.labels().into_iter().chain(ADDED).collect();
    let groups = grouped(text).into_iter();
    let unknown = groups.filter(|label| !labels.contains(&**label));
    untrue.extend(unknown.map(|label| format!("nothing has the label {label}")));
    untrue
}

#[test]
fn alerts_board_and_list_speak_of_metrics_that_there_are() {
    let page = page();
    let alerts = file("alerts.yml");
    let board: Value = serde_json::from_str(&file("board.json")).expect("the board is JSON");
    let board = texts(&board, &["expr", "legendFormat", "query", "titleFormat"]).join("\n");
    for (name, text) in [("alerts.yml", &alerts), ("board.json", &board)] {
        assert!(selections(text).len() > 15, "{name} is read");
        assert_eq!(untrue(text, &page), [""; 0], "{name}");
    }
    let listed = file("metrics.md");
    let rows: Vec<_> = listed
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let missing = page.missing_in(&rows);
    assert!(
        missing.is_empty(),
        "metrics.md lacks\n{}",
        missing.join("\n")
    );
    assert_eq!(
        rows.len(),
        page.len(),
        "metrics.md tells of what is not there"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP peerage_a Things.\n# TYPE peerage_a counter\npeerage_a_total{kind=\"x\"} 1\n\
        # HELP peerage_t Time.\n# TYPE peerage_t histogram\npeerage_t_bucket{le=\"1.0\"} 1\n# EOF\n";

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(untrue(text, &Page::read(PAGE)), expected, "{text}");
    }

    #[test]
    fn what_is_on_the_page_may_be_spoken_of() {
        check(
            "sum by (kind, job) (rate(peerage_a_total{kind=\"x\",job=\"j\"}[5m]))",
            &[],
        );
        check(
            "histogram_quantile(0.9, sum by (le) (peerage_t_bucket))",
            &[],
        );
        check("{{ $labels.kind }} {{kind}} of peerage_a_total.", &[]);
    }

    #[test]
    fn a_list_that_lacks_a_metric_or_a_label_is_found() {
        let page = Page::read(PAGE);
        let rows = [
            "| `peerage_a_total` | counter | `kind` | Things |",
            "| `peerage_t` | histogram |  | Time |",
        ];
        assert_eq!(page.missing_in(&rows), [""; 0]);
        assert_eq!(page.missing_in(&rows[1..]), rows[..1]);
        let unlabelled = rows[0].replace("`kind`", "");
        assert_eq!(page.missing_in(&[&unlabelled, rows[1]]), rows[..1]);
    }

    #[test]
    fn what_is_not_is_found() {
        check("peerage_a > 1", &["there is no peerage_a"]);
        check("peerage_t_total", &["there is no peerage_t_total"]);
        check(
            "peerage_a_total{kind=~\"x|y\"}",
            &["peerage_a_total has no kind of [\"x\", \"y\"]"],
        );
        check(
            "peerage_a_total{sort!=\"x\"}",
            &["peerage_a_total has no sort of [\"x\"]"],
        );
        check(
            "sum by (sort) (peerage_a_total)",
            &["nothing has the label sort"],
        );
        check("{{ $labels.sort }}", &["nothing has the label sort"]);
    }
}
