//! What people and programs who operate servers are told.

use serde_json::Value;

use crate::service::{Answer, Service};

const NOTHING: [(&str, &str); 0] = [];
const REGISTRATION: &str = r#"{"instance": {"instanceId": "ID", "hostName": "h", "app": "APP", "ipAddr": "10.0.0.1",
    "status": "UP", "dataCenterInfo": {"name": "MyOwn"}}}"#;

async fn get(service: &Service, path: &str) -> Answer {
    service.send("GET", path, NOTHING, None).await
}

async fn read(service: &Service, path: &str) -> Value {
    let answer = get(service, path).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{path}"
    );
    serde_json::from_slice(&answer.body).expect(path)
}

async fn register(service: &Service, app: &str, id: &str) {
    let body = REGISTRATION
        .replace("APP", app)
        .replace("ID", id)
        .into_bytes();
    let (path, json) = (
        format!("/eureka/apps/{app}"),
        [("Content-Type", "application/json")],
    );
    let answer = service.send("POST", &path, json, Some(body)).await;
    assert_eq!(answer.status, 204, "{app}/{id}");
}

/// The document with what differs from machine to machine taken out.
fn comparable(mut document: Value) -> String {
    for field in ["id", "name", "version"] {
        assert!(document["server"][field].is_string(), "{field}");
        document["server"][field] = "…".into();
    }
    serde_json::to_string_pretty(&document).expect("JSON")
}

#[actix_web::test]
async fn a_lone_server_is_a_cluster_of_one_that_agrees_with_itself() {
    let service = Service::start(&[]).await;
    register(&service, "ORDERS", "o-1").await;
    let document = read(&service, "/api/v1/cluster").await;
    insta::assert_snapshot!(comparable(document), @r#"
    {
      "agreed": true,
      "counts": {
        "adoptions": 0,
        "applied_writes": 0,
        "compares": 0,
        "datagrams_foreign": 0,
        "datagrams_forged": 0,
        "datagrams_malformed": 0,
        "datagrams_replayed": 0,
        "datagrams_unknown": 0,
        "digest_mismatches": 0,
        "pulls": 0,
        "pushed_writes": 0,
        "records_unreadable": 0,
        "refutations": 0,
        "relays_received": 0,
        "relays_sent": 0,
        "streams_senseless": 0,
        "streams_unproved": 0
      },
      "isolated_since": null,
      "members": [],
      "name": "peerage",
      "orphans": [],
      "protected": [],
      "server": {
        "address": null,
        "digest": "0000000000000000",
        "doubt": 0,
        "epoch": 1800000000000,
        "id": "…",
        "instances": 1,
        "key": null,
        "leases_owned": 1,
        "leases_silent": 0,
        "name": "…",
        "ready": true,
        "renewals_per_minute": 0,
        "seen_hash": "0000000000000000",
        "sequence": 0,
        "serves": {
          "lists": true,
          "new_leases": true,
          "not_found": true,
          "writes": true
        },
        "stage": "ready",
        "started_at": "2027-01-15T08:00:00.000Z",
        "url": "http://localhost:8761/",
        "version": "…",
        "zone": ""
      }
    }
    "#);
}

#[actix_web::test]
async fn a_member_is_found_by_its_name_and_by_its_id() {
    let service = Service::start(&[]).await;
    let document = read(&service, "/api/v1/cluster").await;
    for field in ["id", "name"] {
        let member = document["server"][field].as_str().expect(field);
        let path = format!("/api/v1/cluster/members/{member}");
        assert_eq!(read(&service, &path).await, document);
    }
}

#[actix_web::test]
async fn refusals_are_documents_about_problems() {
    let service = Service::start(&[]).await;
    let check = async |method: &str, path: &str, expected: u16| {
        let answer = service.send(method, path, NOTHING, None).await;
        assert_eq!(answer.status, expected, "{method} {path}");
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{method} {path}");
        let document: Value = serde_json::from_slice(&answer.body).expect(path);
        assert_eq!(document["status"], expected, "{method} {path}");
        assert!(document["detail"].is_string(), "{method} {path}");
    };
    check("GET", "/api/v1/nothing", 404).await;
    check("GET", "/api/v1/cluster/members/nobody", 404).await;
    check("POST", "/api/v1/cluster", 405).await;
    check("GET", "/api/v1/cluster/records?limit=many", 400).await;
    check("GET", "/api/v1/cluster/records?after=nothing", 400).await;
}

#[actix_web::test]
async fn a_server_whose_lists_are_closed_shows_no_records() {
    let closed = [
        (
            "eureka.server.wait-time-in-ms-when-sync-empty",
            "60000".to_owned(),
        ),
        (
            "eureka.instance.registry.default-open-for-traffic-count",
            "0".to_owned(),
        ),
    ];
    let service = Service::start(&closed).await;
    assert_eq!(get(&service, "/api/v1/cluster/records").await.status, 503);
    let document = read(&service, "/api/v1/cluster").await;
    assert_eq!(document["server"]["ready"], false);
    assert_eq!(document["server"]["serves"]["lists"], false);
}

#[actix_web::test]
async fn records_come_in_pages_in_the_order_of_their_keys() {
    let service = Service::start(&[]).await;
    for (app, id) in [
        ("B", "2"),
        ("A", "1"),
        ("B", "1"),
        ("C", "1"),
        ("A", "x/%y"),
    ] {
        register(&service, app, id).await;
    }
    let (mut path, mut keys) = ("/api/v1/cluster/records?limit=2".to_owned(), Vec::new());
    loop {
        let page = read(&service, &path).await;
        let records = page["records"].as_array().expect("records");
        assert!(records.len() <= 2);
        keys.extend(
            records
                .iter()
                .map(|record| format!("{} {}", record["app"], record["id"])),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!(
            "/api/v1/cluster/records?limit=2&after={}",
            next.replace('%', "%25")
        );
    }
    let expected = [
        r#""A" "1""#,
        r#""A" "x/%y""#,
        r#""B" "1""#,
        r#""B" "2""#,
        r#""C" "1""#,
    ];
    assert_eq!(keys, expected);
}

#[actix_web::test]
async fn a_record_tells_its_status_its_override_and_who_wrote_what() {
    let service = Service::start(&[]).await;
    register(&service, "ORDERS", "o-1").await;
    let path = "/eureka/apps/ORDERS/o-1/status?value=OUT_OF_SERVICE";
    service.send("PUT", path, NOTHING, None).await;
    let page = read(&service, "/api/v1/cluster/records?key=ORDERS/o-1").await;
    let record = &page["records"][0];
    assert_eq!(record["status"], "OUT_OF_SERVICE");
    assert_eq!(record["override"], "OUT_OF_SERVICE");
    let versions = &record["versions"];
    let owner = versions["lease"]["origin"].as_str().expect("an origin");
    let document = read(&service, "/api/v1/cluster").await;
    let id = document["server"]["id"].as_str().expect("an id");
    assert!(owner.starts_with(id), "{owner} {id}");
    assert_eq!(versions["override"]["rank"], "live");
    let nobody = read(&service, "/api/v1/cluster/records?key=ORDERS/o-2").await;
    assert_eq!(nobody["records"], Value::Array(Vec::new()));
}

#[actix_web::test]
async fn metrics_tell_of_the_cluster() {
    let service = Service::start(&[]).await;
    let page = get(&service, "/metrics").await.text().expect("text");
    for line in [
        "peerage_cluster_agreed 1.0",
        "peerage_isolated 0.0",
        "peerage_stage{stage=\"ready\"} 1.0",
        "peerage_peers{state=\"up\"} 0.0",
        "peerage_compares_total 0",
        "peerage_relays_total{direction=\"sent\"} 0",
        "peerage_datagrams_dropped_total{reason=\"foreign\"} 0",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
}
