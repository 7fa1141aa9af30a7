//! Lists, one instance, services, zones: what is registered, as it is told.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{act, beat, call, get, plain, problem, register, send, texts};
use crate::service::Service;

/// Three services in two zones.
async fn shop() -> Service {
    let service = Service::start(&[]).await;
    for (key, zone, version) in [
        ("ORDERS/o-1", "a", "1.0"),
        ("ORDERS/o-2", "b", "1.1"),
        ("ORDERS/o-3", "b", "1.1"),
        ("STOCK/s-1", "a", "2.0"),
        ("BILLS/b-1", "b", "3.0"),
    ] {
        let mut body = plain(zone);
        body["metadata"] = json!({"version": version});
        register(&service, key, body).await;
    }
    service
}

#[actix_web::test]
async fn a_list_is_filtered_sorted_grouped_and_paged() {
    let service = shop().await;
    let all = get(&service, "/instances").await;
    assert_eq!(
        texts(&all["instances"], "id"),
        ["b-1", "o-1", "o-2", "o-3", "s-1"]
    );
    assert_eq!(
        (&all["total"], &all["matched"], &all["next"]),
        (&json!(5), &json!(5), &Value::Null)
    );
    let some = get(&service, "/instances?query=app:orders%20zone:b").await;
    assert_eq!(texts(&some["instances"], "id"), ["o-2", "o-3"]);
    assert_eq!((&some["total"], &some["matched"]), (&json!(5), &json!(2)));
    let sorted = get(&service, "/instances?sort=-version").await;
    assert_eq!(
        texts(&sorted["instances"], "id"),
        ["b-1", "s-1", "o-2", "o-3", "o-1"]
    );
    let grouped = get(&service, "/instances?group_by=zone&sort=-id").await;
    assert_eq!(
        texts(&grouped["instances"], "id"),
        ["s-1", "o-1", "o-3", "o-2", "b-1"]
    );
    assert_eq!(texts(&grouped["groups"], "value"), ["a", "b"]);
    assert_eq!(
        grouped["groups"][1],
        json!({"value": "b", "instances": 3, "statuses": {"UP": 3}})
    );
    let by_key = get(&service, "/instances?group_by=meta.version").await;
    assert_eq!(
        texts(&by_key["groups"], "value"),
        ["1.0", "1.1", "2.0", "3.0"]
    );
}

#[actix_web::test]
async fn pages_of_any_order_add_up_to_the_whole() {
    let service = shop().await;
    for order in [
        "",
        "&sort=-version",
        "&group_by=zone&sort=-id",
        "&group_by=meta.version",
        "&sort=worst",
    ] {
        let whole = get(&service, &format!("/instances?limit=100{order}")).await;
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let page = get(&service, &format!("/instances?limit=2{order}{after}")).await;
            paged.extend(
                texts(&page["instances"], "id")
                    .into_iter()
                    .map(str::to_owned),
            );
            match page["next"].as_str() {
                Some(next) => {
                    after = format!(
                        "&after={}",
                        percent_encoding::utf8_percent_encode(
                            next,
                            percent_encoding::NON_ALPHANUMERIC
                        )
                    )
                }
                None => break,
            }
        }
        assert_eq!(paged, texts(&whole["instances"], "id"), "{order}");
    }
}

#[actix_web::test]
async fn the_compact_form_says_the_same_in_numbers() {
    let service = shop().await;
    let compact = get(&service, "/instances?view=compact&query=app:orders").await;
    let columns: Vec<_> = compact["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let column = |row: &Value, name: &str| {
        row[columns.iter().position(|known| *known == name).unwrap()].clone()
    };
    let named = |row: &Value, name: &str, table: &str| {
        compact[table][usize::try_from(column(row, name).as_u64().unwrap()).unwrap()].clone()
    };
    let rows = compact["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let full = get(&service, "/instances?query=app:orders").await;
    for (row, full) in rows.iter().zip(full["instances"].as_array().unwrap()) {
        assert_eq!(row.as_array().unwrap().len(), columns.len());
        assert_eq!(named(row, "app", "apps"), full["app"]);
        assert_eq!(column(row, "id"), full["id"]);
        assert_eq!(named(row, "host", "hosts"), full["host"]);
        assert_eq!(named(row, "zone", "zones"), full["zone"]);
        assert_eq!(named(row, "status", "statuses"), full["status"]);
        assert_eq!(named(row, "lease", "leases"), full["lease"]["state"]);
        assert_eq!(named(row, "code", "codes"), full["code"]);
        assert_eq!(named(row, "version", "versions"), full["version"]);
        assert_eq!(
            (column(row, "heard_s"), column(row, "left_s")),
            (json!(0), json!(90))
        );
    }
}

#[actix_web::test]
async fn one_instance_is_told_in_full_with_its_three_statuses() {
    let service = Service::start(&[]).await;
    let body = json!({
        "host": "h", "ip": "10.0.0.1", "port": 80, "secure_port": 443, "vip": "orders.internal",
        "metadata": {"zone": "z", "db.password": "swordfish", "feed": "http://user:pass@host/x"},
        "urls": {"health": "http://a:b@h/health"},
    });
    register(&service, "ORDERS/o%2F1%20%25", body).await;
    let done =
        json!({"status": "out_of_service", "by": "ann", "reason": "new disk", "ttl_ms": 3_600_000});
    act(
        &service,
        "PUT",
        "/instances/orders/o%2F1%20%25/override",
        done,
    )
    .await;
    let one = get(&service, "/instances/orders/o%2F1%20%25").await;
    assert_eq!(
        (&one["app"], &one["id"]),
        (&json!("ORDERS"), &json!("o/1 %"))
    );
    assert_eq!(
        texts(&one["statuses"], "from"),
        ["shown", "client", "override"]
    );
    assert_eq!(
        texts(&one["statuses"], "status"),
        ["OUT_OF_SERVICE", "UP", "OUT_OF_SERVICE"]
    );
    assert_eq!(
        (&one["override"]["by"], &one["override"]["reason"]),
        (&json!("ann"), &json!("new disk"))
    );
    assert_eq!(one["metadata"]["db.password"], "•••");
    assert_eq!(one["metadata"]["feed"], "http://•••@host/x");
    assert_eq!(one["masked"], json!(["db.password"]));
    assert_eq!(one["urls"]["health"], "http://•••@h/health");
    assert!(!one.to_string().contains("swordfish") && !one.to_string().contains("pass@"));
    assert_eq!(
        (&one["code"], &one["explanation"]["code"]),
        (&json!("overridden"), &json!("overridden"))
    );
    assert_eq!(texts(&one["events"], "kind"), ["overridden", "registered"]);
    assert_eq!(
        (&one["events"][0]["cause"], &one["events"][0]["actor"]),
        (&json!("operator"), &json!("ann"))
    );
    assert_eq!(one["versions"]["lease"]["rank"], "live");
    let unknown = send(&service, "GET", "/instances/orders/nobody", &[], None).await;
    assert_eq!(problem(&unknown).1, "unknown-instance");
}

#[actix_web::test]
async fn zones_are_told_by_the_first_that_knows_and_with_what_that_was() {
    let settings = [
        ("PEERAGE__ZONES__METADATA_KEYS", "rack".to_owned()),
        (
            "PEERAGE__ZONES__NETWORKS",
            "10.0.0.0/8=wide,10.1.0.0/16=narrow".to_owned(),
        ),
    ];
    let service = Service::start(&settings).await;
    for (id, ip, metadata) in [
        ("said", "10.1.0.1", json!({"zone": "own", "rack": "r"})),
        ("key", "10.1.0.1", json!({"rack": "r"})),
        ("narrow", "10.1.0.1", json!({})),
        ("wide", "10.2.0.1", json!({})),
        (
            "nothing",
            "192.0.2.1",
            json!({"topology.kubernetes.io/zone": "k"}),
        ),
    ] {
        register(
            &service,
            &format!("A/{id}"),
            json!({"host": "h", "ip": ip, "port": 1, "metadata": metadata}),
        )
        .await;
    }
    let list = get(&service, "/instances?sort=id").await;
    let told: Vec<_> = list["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["id"].as_str().unwrap(),
                row["zone"].as_str().unwrap(),
                row["zone_from"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "key r key",
            "narrow narrow network",
            "nothing unknown unknown",
            "said own metadata",
            "wide wide network"
        ]
    );
    let notes = get(&service, "/explain/A/wide").await["notes"].clone();
    assert_eq!(texts(&notes, "code"), ["zone_guessed"]);
    assert_eq!(
        get(&service, "/instances?query=zone:unknown").await["matched"],
        1
    );
    let zones = get(&service, "/zones").await;
    assert_eq!(
        texts(&zones["zones"], "name"),
        ["narrow", "own", "r", "unknown", "wide"]
    );
}

#[actix_web::test]
async fn services_come_worst_first_and_zones_say_what_is_left_without_them() {
    let service = shop().await;
    let mut body = plain("a");
    body["status"] = json!("DOWN");
    register(&service, "STOCK/s-1", body.clone()).await;
    register(&service, "ORDERS/o-1", body).await;
    let services = get(&service, "/services").await;
    assert_eq!(
        texts(&services["services"], "name"),
        ["STOCK", "ORDERS", "BILLS"]
    );
    assert_eq!(
        texts(&services["services"], "worst"),
        ["none_up", "zone_without_up", "fine"]
    );
    assert_eq!(
        services["services"][1]["zones"],
        json!({"a": {"DOWN": 1}, "b": {"UP": 2}})
    );
    let zones = get(&service, "/zones").await;
    assert_eq!(zones["zones"][0]["statuses"], json!({"DOWN": 2}));
    assert_eq!(zones["zones"][0]["only_here"], json!(["STOCK"]));
    assert_eq!(zones["lose"][1]["zone"], "b");
    assert_eq!(
        zones["lose"][1]["services"],
        json!([{"name": "ORDERS", "left_up": 0, "of_up": 2}, {"name": "BILLS", "left_up": 0, "of_up": 1}])
    );
    let one = get(&service, "/services/orders").await;
    assert_eq!((&one["instances"], &one["up"]), (&json!(3), &json!(2)));
    assert_eq!(texts(&one["by_zone"], "name"), ["a", "b"]);
    let version = one["metadata"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key"] == "version")
        .unwrap();
    assert_eq!(version["differs"], true);
    assert_eq!(
        version["values"][0],
        json!({"value": "1.1", "instances": 2, "ids": ["o-2", "o-3"]})
    );
    let unknown = send(&service, "GET", "/services/nobody", &[], None).await;
    assert_eq!(problem(&unknown).1, "unknown-service");
}

#[actix_web::test]
async fn a_reader_that_has_the_document_is_told_so_until_something_changes() {
    let mut service = shop().await;
    for path in [
        "/instances",
        "/instances?view=compact",
        "/services",
        "/services/orders",
        "/zones",
        "/protection",
        "/settings",
        "/overrides",
    ] {
        let first = send(&service, "GET", path, &[], None).await;
        let tag = first.header("etag").unwrap_or_default().to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let again = send(&service, "GET", path, &[("If-None-Match", &tag)], None).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let tag = send(&service, "GET", "/instances", &[], None)
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let status = async |service: &Service| {
        send(
            service,
            "GET",
            "/instances",
            &[("If-None-Match", &tag)],
            None,
        )
        .await
        .status
    };
    service.advance(Duration::from_secs(20));
    for key in [
        "ORDERS/o-1",
        "ORDERS/o-2",
        "ORDERS/o-3",
        "STOCK/s-1",
        "BILLS/b-1",
    ] {
        assert_eq!(beat(&service, key).await, 200);
    }
    assert_eq!(status(&service).await, 304, "heartbeats are no change");
    service.advance(Duration::from_secs(50));
    assert_eq!(status(&service).await, 200, "a client that is late is one");
}

#[actix_web::test]
async fn a_mistake_in_a_query_is_told_with_its_place() {
    let service = shop().await;
    let answer = send(
        &service,
        "GET",
        "/instances?query=zone:a%20stauts:up",
        &[],
        None,
    )
    .await;
    let (status, kind, detail) = problem(&answer);
    assert_eq!((status, &*kind), (400, "bad-query"));
    assert!(detail.contains("did you mean status:?"), "{detail}");
    let document = super::read(&answer);
    assert_eq!(
        (
            &document["position"],
            &document["length"],
            &document["suggestion"]
        ),
        (&json!(7), &json!(6), &json!("status:"))
    );
    for path in [
        "/instances?sort=shoe",
        "/instances?group_by=shoe",
        "/instances?limit=x",
        "/instances?after=x",
        "/instances?view=x",
        "/services?query=a:b",
    ] {
        let answer = send(&service, "GET", path, &[], None).await;
        assert_eq!(problem(&answer).1, "bad-query", "{path}");
    }
}

#[actix_web::test]
async fn every_refusal_below_the_path_is_a_problem() {
    let service = shop().await;
    for (method, path, expected) in [
        ("GET", "/nothing", (404, "no-such-path")),
        ("GET", "/instances/a", (404, "no-such-path")),
        ("POST", "/instances", (405, "method-not-allowed")),
        ("GET", "/drain", (405, "method-not-allowed")),
        ("PATCH", "/instances/a/b", (405, "method-not-allowed")),
        ("GET", "/drains/7", (404, "unknown-drain")),
        ("GET", "/drains/seven", (400, "bad-query")),
        ("GET", "/cluster/members/nobody", (404, "unknown-member")),
    ] {
        let answer = send(&service, method, path, &[], None).await;
        let (status, kind, _) = problem(&answer);
        assert_eq!((status, &*kind), expected, "{method} {path}");
        assert_eq!(answer.header("allow").is_some(), status == 405);
    }
}

#[actix_web::test]
async fn lists_are_refused_while_they_would_be_a_part_for_the_whole() {
    let settings = [
        (
            "eureka.instance.registry.default-open-for-traffic-count",
            "0".to_owned(),
        ),
        (
            "eureka.server.wait-time-in-ms-when-sync-empty",
            "60000".to_owned(),
        ),
    ];
    let service = Service::start(&settings).await;
    register(&service, "A/i", plain("z")).await;
    for path in [
        "/instances",
        "/instances?view=compact",
        "/services",
        "/services/a",
        "/zones",
        "/cluster/records",
    ] {
        let answer = send(&service, "GET", path, &[], None).await;
        assert_eq!(
            (problem(&answer).0, &*problem(&answer).1),
            (503, "not-ready"),
            "{path}"
        );
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    assert_eq!(get(&service, "/explain/A/i").await["code"], "fresh");
    assert_eq!(get(&service, "/explain/A/other").await["code"], "unknown");
}

#[actix_web::test]
async fn settings_are_those_of_the_command_line() {
    // Only a server that was started has them; the shape is that of the document all the same.
    let service = Service::start(&[]).await;
    let settings = get(&service, "/settings").await;
    let names: BTreeSet<_> = settings
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, BTreeSet::from(["settings", "spring"]));
    assert_eq!(call(&service, "GET", "/settings", json!({})).await.0, 200);
}
