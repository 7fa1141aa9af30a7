//! Codes that a server alone can come to, made for real. Those that take peers: `tests/it/cluster/explained`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{act, beat, get, plain, register, texts};
use crate::service::Service;

/// The code, and when the next thing happens, in seconds from now.
async fn told(service: &Service, key: &str) -> (String, Option<i64>) {
    let told = get(service, &format!("/explain/{key}")).await;
    // List, instance and explanation say the same.
    let row = get(
        service,
        &format!("/instances?query=id:{}", key.split_once('/').unwrap().1),
    )
    .await["instances"][0]
        .clone();
    if row.is_object() {
        assert_eq!(row["code"], told["code"]);
        assert_eq!(
            get(service, &format!("/instances/{key}")).await["explanation"]["code"],
            told["code"]
        );
    }
    (
        told["code"].as_str().unwrap().to_owned(),
        next(service, &told),
    )
}

fn next(service: &Service, told: &Value) -> Option<i64> {
    let at = chrono::DateTime::parse_from_rfc3339(told["next"]["at"].as_str()?).unwrap();
    Some((at.timestamp_millis() - service.now_ms()).div_euclid(1000))
}

fn code(code: &str, next: Option<i64>) -> (String, Option<i64>) {
    (code.to_owned(), next)
}

/// How many are listed.
async fn listed(service: &Service) -> u64 {
    get(service, "/instances").await["total"].as_u64().unwrap()
}

#[actix_web::test]
async fn a_lease_is_fresh_then_late_then_over_and_gone_when_it_was_said() {
    let mut service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    assert_eq!(told(&service, "A/i").await, code("fresh", Some(90)));
    service.advance(Duration::from_secs(44));
    assert_eq!(told(&service, "A/i").await, code("fresh", Some(46)));
    service.advance(Duration::from_secs(2));
    assert_eq!(told(&service, "A/i").await, code("late", Some(44)));
    assert_eq!(
        get(&service, "/instances?query=lease:late").await["matched"],
        1
    );
    service.advance(Duration::from_secs(44));
    assert_eq!(listed(&service).await, 1);
    service.advance(Duration::from_secs(1));
    assert_eq!(listed(&service).await, 0);
    assert_eq!(told(&service, "A/i").await, code("evicted", None));
    let memory = get(&service, "/explain/A/i").await["facts"].clone();
    assert!(texts(&memory, "name").contains(&"remembered_until"));
    // Its record is forgotten after a while, and the events still tell.
    service.advance(Duration::from_secs(3600));
    assert_eq!(told(&service, "A/i").await, code("evicted", None));
    assert_eq!(told(&service, "A/nobody").await, code("unknown", None));
}

#[actix_web::test]
async fn what_left_is_cancelled_and_what_is_overruled_is_overridden() {
    let service = Service::start(&[]).await;
    register(&service, "A/i", plain("a")).await;
    act(
        &service,
        "PUT",
        "/instances/A/i/override",
        json!({"status": "DOWN", "by": "ann", "reason": "x", "ttl_ms": 60_000}),
    )
    .await;
    assert_eq!(told(&service, "A/i").await, code("overridden", Some(60)));
    let left = super::send(&service, "DELETE", "/instances/A/i", &[], None).await;
    assert_eq!(left.status, 200);
    assert_eq!(told(&service, "A/i").await, code("cancelled", None));
}

#[actix_web::test]
async fn what_waits_for_the_quota_goes_when_it_was_said() {
    let mut service =
        Service::start(&[("PEERAGE__PRESERVATION__ENABLED", "false".to_owned())]).await;
    for id in 10..30 {
        register(&service, &format!("A/{id}"), plain("a")).await;
    }
    service.advance(Duration::from_secs(92));
    assert_eq!(listed(&service).await, 17);
    let left = get(&service, "/instances?limit=1").await["instances"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (word, next) = told(&service, &format!("A/{left}")).await;
    assert_eq!(word, "expired_awaiting_quota");
    let next = u64::try_from(next.expect("a time")).unwrap();
    service.advance(Duration::from_secs(next - 1));
    assert_eq!(listed(&service).await, 17);
    service.advance(Duration::from_secs(2));
    assert_eq!(listed(&service).await, 14);
}

/// So many instances in each zone, of which so many fall silent for good.
async fn silence(zones: &[(&str, usize, usize)]) -> Service {
    let mut service = Service::start(&[]).await;
    let mut alive = Vec::new();
    for (zone, all, silent) in zones {
        for number in 0..*all {
            let key = format!("A/{zone}-{number}");
            register(&service, &key, plain(zone)).await;
            alive.extend((number >= *silent).then_some(key));
        }
    }
    for _ in 0..10 {
        service.advance(Duration::from_secs(10));
        for key in &alive {
            beat(&service, key).await;
        }
    }
    service
}

#[actix_web::test]
async fn a_lost_zone_and_a_silent_server_are_told_apart() {
    let mut zone = silence(&[("a", 20, 0), ("b", 3, 3)]).await;
    let (word, next) = told(&zone, "A/b-0").await;
    assert_eq!(word, "protected_zone");
    // A small loss is believed after ten minutes.
    assert!(
        next.is_some_and(|next| (480..600).contains(&next)),
        "{next:?}"
    );
    assert_eq!(
        get(&zone, "/instances?query=protected:yes").await["matched"],
        3
    );
    zone.advance(Duration::from_secs(30));
    assert_eq!(listed(&zone).await, 23);

    let server = silence(&[("a", 10, 3), ("b", 10, 3)]).await;
    assert_eq!(told(&server, "A/a-0").await.0, "protected_server");
    assert_eq!(told(&server, "A/a-9").await.0, "fresh");

    // Whatever both guards hold is told by the one that says more.
    let both = silence(&[("a", 5, 0), ("b", 5, 5)]).await;
    assert_eq!(told(&both, "A/b-0").await.0, "protected_zone");
}

#[actix_web::test]
async fn protection_ends_when_it_was_said_at_the_latest() {
    let mut service = silence(&[("a", 20, 0), ("b", 3, 3)]).await;
    let (_, next) = told(&service, "A/b-0").await;
    let mut left = u64::try_from(next.expect("a time")).unwrap();
    let beating = async |service: &Service| {
        for number in 0..20 {
            beat(service, &format!("A/a-{number}")).await;
        }
    };
    while left > 10 {
        service.advance(Duration::from_secs(10));
        beating(&service).await;
        left -= 10;
    }
    assert_eq!(listed(&service).await, 23);
    service.advance(Duration::from_secs(left + 2));
    assert!(listed(&service).await < 23);
}

#[actix_web::test]
async fn odd_things_are_noted() {
    let mut service = Service::start(&[]).await;
    register(
        &service,
        "A/i",
        json!({"host": "localhost", "ip": "127.0.0.1", "port": 1}),
    )
    .await;
    let notes = get(&service, "/explain/A/i").await["notes"].clone();
    assert_eq!(texts(&notes, "code"), ["suspicious_address"]);
    // An Eureka client whose clock is an hour ahead, and another with the same id.
    let ahead = service.now_ms() + 3_600_000;
    let body = json!({"instance": {
        "instanceId": "j", "hostName": "h", "app": "A", "ipAddr": "10.0.0.1", "status": "UP", "lastDirtyTimestamp": ahead,
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
    }});
    let headers = [("Content-Type", "application/json")];
    let answer = service
        .send(
            "POST",
            "/eureka/apps/A",
            headers,
            Some(body.to_string().into_bytes()),
        )
        .await;
    assert_eq!(answer.status, 204);
    for _ in 0..4 {
        service.advance(Duration::from_secs(20));
        for dirty in [ahead, ahead - 5000] {
            let beat = service
                .send(
                    "PUT",
                    &format!("/eureka/apps/A/j?lastDirtyTimestamp={dirty}"),
                    headers,
                    None,
                )
                .await;
            assert_eq!(beat.status, 200);
        }
    }
    let notes = get(&service, "/explain/A/j").await["notes"].clone();
    assert_eq!(texts(&notes, "code"), ["duplicate_sender", "clock_off"]);
}
