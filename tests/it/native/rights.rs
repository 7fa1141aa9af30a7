//! Who may act, and that pages of other sites never write.

use serde_json::{Value, json};

use super::{get, plain, problem, register, send};
use crate::service::Service;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Everything an operator can ask for.
fn actions() -> Vec<(&'static str, &'static str, Value)> {
    let who = json!({"by": "ann", "reason": "test"});
    vec![
        (
            "PUT",
            "/instances/A/i/override",
            json!({"by": "ann", "reason": "test", "status": "DOWN"}),
        ),
        ("DELETE", "/instances/A/i/override", who.clone()),
        ("POST", "/instances/A/i/evict", who.clone()),
        (
            "POST",
            "/evict",
            json!({"by": "ann", "reason": "test", "expired": true}),
        ),
        (
            "POST",
            "/drain",
            json!({"by": "ann", "reason": "test", "app": "A", "id": "i", "confirm_empties_zone": true}),
        ),
        ("DELETE", "/drains/1", who),
        (
            "POST",
            "/protection/release",
            json!({"by": "ann", "reason": "test", "guard": "server"}),
        ),
    ]
}

/// The kinds of problems that all actions meet with these headers; nothing must change meanwhile.
async fn refusals(service: &Service, headers: &[(&str, &str)]) -> Vec<String> {
    let before = get(service, "/instances").await["instances"].clone();
    let mut kinds = Vec::new();
    for (method, path, body) in actions() {
        let answer = send(service, method, path, headers, Some(&body)).await;
        let (status, kind, _) = problem(&answer);
        assert_eq!(status, 403, "{method} {path}: {kind}");
        kinds.push(kind);
    }
    assert_eq!(get(service, "/instances").await["instances"], before);
    kinds.dedup();
    kinds
}

async fn server(actions: &str) -> Service {
    let service = Service::start(&[
        ("PEERAGE__ACTIONS", actions.to_owned()),
        ("PEERAGE__NAME", "registry.example".to_owned()),
    ])
    .await;
    register(&service, "A/i", plain("a")).await;
    service
}

#[actix_web::test]
async fn actions_are_for_this_machine_alone_unless_the_settings_say_so() {
    let mut service = server("auto").await;
    service.from = "192.0.2.7:4000".parse().unwrap();
    assert_eq!(refusals(&service, &[JSON]).await, ["not-local"]);
    service.from = "[::ffff:127.0.0.1]:4000".parse().unwrap();
    for header in [
        ("X-Forwarded-For", "192.0.2.7"),
        ("Forwarded", "for=x"),
        ("Via", "1.1 proxy"),
        ("X-Real-IP", "192.0.2.7"),
    ] {
        assert_eq!(refusals(&service, &[JSON, header]).await, ["not-local"]);
    }
    let (method, path, body) = actions().remove(0);
    assert_eq!(
        send(&service, method, path, &[JSON], Some(&body))
            .await
            .status,
        200
    );
    assert_eq!(
        refusals(&server("off").await, &[JSON]).await,
        ["actions-off"]
    );
    let mut open = server("on").await;
    open.from = "192.0.2.7:4000".parse().unwrap();
    assert_eq!(
        send(&open, method, path, &[JSON], Some(&body)).await.status,
        200
    );
}

#[actix_web::test]
async fn an_action_must_say_that_it_is_meant() {
    let service = server("auto").await;
    assert_eq!(
        refusals(&service, &[("Content-Type", "text/plain")]).await,
        ["no-action-header"]
    );
    assert_eq!(
        refusals(
            &service,
            &[("Content-Type", "application/x-www-form-urlencoded")]
        )
        .await,
        ["no-action-header"]
    );
    let meant = [("X-Peerage-Action", "yes")];
    let undone = send(
        &service,
        "DELETE",
        "/instances/A/i/override?by=ann",
        &meant,
        None,
    )
    .await;
    assert_eq!(undone.status, 200);
    let nobody = send(&service, "DELETE", "/instances/A/i/override", &meant, None).await;
    assert_eq!(problem(&nobody).1, "bad-body");
}

#[actix_web::test]
async fn pages_of_other_sites_neither_act_nor_write() {
    let service = server("on").await;
    let foreign: [&[(&str, &str)]; 7] = [
        &[
            JSON,
            ("Host", "localhost:8761"),
            ("Origin", "http://evil.example"),
        ],
        &[JSON, ("Host", "localhost:8761"), ("Origin", "null")],
        &[
            JSON,
            ("Host", "localhost:8761"),
            ("Sec-Fetch-Site", "cross-site"),
        ],
        &[
            JSON,
            ("Host", "localhost:8761"),
            ("Sec-Fetch-Site", "same-site"),
        ],
        &[
            JSON,
            ("Host", "localhost:8761"),
            ("Origin", "http://localhost:9999"),
        ],
        // A name of somebody else's that was made to point here.
        &[
            JSON,
            ("Host", "evil.example:8761"),
            ("Origin", "http://evil.example:8761"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
        &[
            JSON,
            ("Host", "evil.example"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
    ];
    for headers in foreign {
        assert_eq!(
            refusals(&service, headers).await,
            ["cross-site"],
            "{headers:?}"
        );
        for (method, path) in [
            ("PUT", "/instances/A/new"),
            ("PUT", "/instances/A/i/lease"),
            ("DELETE", "/instances/A/i"),
        ] {
            let answer = send(&service, method, path, headers, Some(&plain("a"))).await;
            assert_eq!(
                problem(&answer).1,
                "cross-site",
                "{method} {path} {headers:?}"
            );
        }
    }
    assert_eq!(get(&service, "/instances").await["total"], 1);
}

#[actix_web::test]
async fn the_own_pages_act_under_every_name_of_the_server() {
    let settings = [
        ("PEERAGE__NAME", "registry.example".to_owned()),
        ("PEERAGE__API__HOSTS", "registry.internal".to_owned()),
    ];
    let service = Service::start(&settings).await;
    register(&service, "A/i", plain("a")).await;
    for host in [
        "localhost:8761",
        "127.0.0.1:8761",
        "[::1]:8761",
        "192.0.2.7",
        "registry.example:8761",
        "REGISTRY.internal",
    ] {
        let origin = format!("https://{host}");
        let headers = [
            JSON,
            ("Host", host),
            ("Origin", &*origin),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let body = json!({"by": "ann", "status": "DOWN"});
        let answer = send(
            &service,
            "PUT",
            "/instances/A/i/override",
            &headers,
            Some(&body),
        )
        .await;
        assert_eq!(answer.status, 200, "{host}: {:?}", answer.text());
    }
}
