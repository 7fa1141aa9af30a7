//! Bad input costs nothing: whatever ids, metadata, queries and bodies are sent, the server answers, and goes on.

use serde_json::{Value, json};

use super::{beat, get, plain, problem, read, register, send};
use crate::service::Service;

/// Names that break careless programs, as they stand in a path.
const NAMES: [&str; 14] = [
    "..",
    "%2E%2E",
    "%2F",
    "%25",
    "%2525",
    "%00",
    "a%0A%0D",
    "%1B%5B31m",
    "%F0%9F%A6%80",
    "a'b%22c%3Bd",
    "%24%28x%29",
    "%3Cscript%3E",
    "-x",
    "con%09x",
];

#[actix_web::test]
async fn any_name_registers_is_found_explained_and_leaves() {
    let service = Service::start(&[]).await;
    for (number, name) in NAMES.iter().enumerate() {
        let key = format!("{name}/{name}");
        let registered = send(
            &service,
            "PUT",
            &format!("/instances/{key}"),
            &[("Content-Type", "application/json")],
            Some(&plain("a")),
        )
        .await;
        assert_eq!(
            registered.status,
            201,
            "{number} {name}: {:?}",
            registered.text()
        );
        assert_eq!(beat(&service, &key).await, 200, "{name}");
        let decoded = percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .unwrap();
        let one = get(&service, &format!("/instances/{key}")).await;
        assert_eq!(one["id"], *decoded, "{name}");
        let told = get(&service, &format!("/explain/{key}")).await;
        assert_eq!(told["code"], "fresh");
        for step in told["actions"].as_array().unwrap() {
            let cli = step["cli"].as_str().unwrap();
            assert!(!cli.contains(|c: char| c.is_control()), "{cli:?}");
        }
        assert_eq!(
            send(&service, "DELETE", &format!("/instances/{key}"), &[], None)
                .await
                .status,
            200
        );
    }
    assert_eq!(get(&service, "/services").await["total"], 0);
}

#[actix_web::test]
async fn names_that_are_no_text_and_names_that_are_too_long_are_refused() {
    let service = Service::start(&[]).await;
    let long = "x".repeat(5000);
    for (key, expected) in [
        ("%FF/i", "bad-query"),
        ("A/%FF%FE", "bad-query"),
        (&*format!("A/{long}"), "bad-body"),
        (&*format!("{long}/i"), "bad-body"),
        ("A/%20", "bad-body"),
    ] {
        let answer = send(
            &service,
            "PUT",
            &format!("/instances/{key}"),
            &[("Content-Type", "application/json")],
            Some(&plain("a")),
        )
        .await;
        let (status, kind, _) = problem(&answer);
        assert_eq!(
            (status, &*kind),
            (400, expected),
            "{}",
            &key[..key.len().min(20)]
        );
    }
    for key in ["%FF/i", "A/%FF"] {
        for path in ["instances", "explain"] {
            let answer = send(&service, "GET", &format!("/{path}/{key}"), &[], None).await;
            assert_eq!(problem(&answer).0, 400);
        }
    }
    assert_eq!(get(&service, "/instances").await["total"], 0);
}

#[actix_web::test]
async fn bodies_of_no_sense_are_refused_and_change_nothing() {
    let service = Service::start(&[]).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies = [
        "",
        "{",
        "null",
        "\u{0}",
        "[[[[",
        "{\"host\":1e999,\"port\":1}",
        "{\"host\":\"h\",\"port\":-1}",
        "{\"host\":\"\\ud800\",\"port\":1}",
        &deep,
    ];
    for path in [
        "/instances/A/i",
        "/instances/A/i/override",
        "/instances/A/i/evict",
        "/drain",
        "/evict",
        "/protection/release",
    ] {
        let method = if path.ends_with("/i") || path.ends_with("override") {
            "PUT"
        } else {
            "POST"
        };
        for body in bodies {
            let answer = service
                .send(
                    method,
                    &format!("/api/v1{path}"),
                    [("Content-Type", "application/json")],
                    Some(body.as_bytes().to_vec()),
                )
                .await;
            let (status, _, _) = problem(&answer);
            assert!(matches!(status, 400 | 403), "{method} {path}: {status}");
        }
        let much = vec![b' '; 2 << 20];
        let answer = service
            .send(
                method,
                &format!("/api/v1{path}"),
                [("Content-Type", "application/json")],
                Some(much),
            )
            .await;
        assert_eq!(
            problem(&answer),
            (413, "body-too-long".to_owned(), problem(&answer).2)
        );
    }
    assert_eq!(get(&service, "/instances").await["total"], 0);
}

#[actix_web::test]
async fn metadata_of_every_kind_are_kept_as_they_are() {
    let service = Service::start(&[]).await;
    let mut body = plain("a");
    body["metadata"] = json!({"": "empty", "\u{0}": "\u{1b}[31m", "<b>": "</script>", "k".repeat(500): "\"\\", "__proto__": "x", "🦀": "ü"});
    let expected = body["metadata"].clone();
    register(&service, "A/i", body).await;
    let one = get(&service, "/instances/A/i").await;
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&one["metadata"][key], value, "{key}");
    }
    let service_document = get(&service, "/services/a").await;
    assert!(service_document["metadata"].as_array().unwrap().len() > 5);
}

#[actix_web::test]
async fn queries_of_any_kind_are_answered_or_refused_with_a_place() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    let stars = format!("host:{}", "*a".repeat(1500));
    let many = "a ".repeat(70);
    for query in [
        "*",
        "?",
        "\"",
        ":",
        "-",
        "not:",
        "meta.:",
        "\u{0}",
        "🦀:x",
        "age:>99999999999999999999d",
        &stars,
        &many,
        "zone:a,,b",
        "(((",
        "%",
    ] {
        let encoded =
            percent_encoding::utf8_percent_encode(query, percent_encoding::NON_ALPHANUMERIC);
        for path in ["instances?", "instances?view=compact&", "services?"] {
            let answer = send(
                &service,
                "GET",
                &format!("/{path}query={encoded}"),
                &[],
                None,
            )
            .await;
            if answer.status != 200 {
                assert_eq!(problem(&answer).0, 400, "{query}");
                let document: Value = read(&answer);
                assert!(document["position"].is_u64(), "{document}");
            }
        }
    }
    for odd in [
        "query=%FF",
        "query=a&query=b",
        "limit=0",
        "limit=99999999",
        "after=%2F%2F%2F",
        "&&&=",
        "sort=",
        "group_by=meta.%00",
    ] {
        let answer = send(&service, "GET", &format!("/instances?{odd}"), &[], None).await;
        assert!(
            matches!(answer.status, 200 | 400),
            "{odd}: {}",
            answer.status
        );
    }
}
