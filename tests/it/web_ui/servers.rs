//! The pages of the cluster, of events and of settings.

use std::time::Duration;

use super::{inhabited, text};
use crate::service::Service;

#[actix_web::test]
async fn a_lone_server_is_a_cluster_of_one() {
    let service = inhabited(&[]).await;
    let cluster = text(&service, "/cluster").await;
    for said in [
        "One server, alone.",
        "This server is alone",
        "id=\"protection\"",
        "id=\"differences\"",
    ] {
        assert!(cluster.contains(said), "{said}: {cluster}");
    }
}

#[actix_web::test]
async fn what_a_guard_holds_is_listed() {
    let mut service = inhabited(&[]).await;
    service.advance(Duration::from_secs(200));
    let cluster = text(&service, "/cluster").await;
    for said in [
        "All leases of this server are protected",
        "What it holds",
        "held-ORDERS/orders-zone-a",
        "instances/ORDERS/orders-zone-a",
    ] {
        assert!(cluster.contains(said), "{said}: {cluster}");
    }
    let one = text(&service, "/instances/ORDERS/orders-zone-a").await;
    assert!(one.contains("<code class=\"quiet\">protected_"), "{one}");
    assert!(one.contains("<svg class=\"lease over\""), "{one}");
}

#[actix_web::test]
async fn events_are_told_by_kind_by_query_and_each_for_itself() {
    let service = inhabited(&[]).await;
    let all = text(&service, "/events").await;
    assert_eq!(all.matches("data-row").count(), 5, "{all}");
    let of_one = text(&service, "/events?query=app:broken").await;
    assert_eq!(of_one.matches("data-row").count(), 1);
    let went = text(&service, "/events?kind=cancelled,evicted,dropped").await;
    assert!(went.contains("Nothing of the kind happened"), "{went}");
    let link = of_one
        .split("events?event=")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let single = text(
        &service,
        &format!("/events?event={}", link.expect("a link")),
    )
    .await;
    assert!(
        single.contains("One event") && single.contains("BROKEN/broken-1"),
        "{single}"
    );
    assert_eq!(single.matches("data-row").count(), 1);
    let none = text(&service, "/events?event=1-1").await;
    assert!(
        none.contains("It is not remembered") && !none.contains("data-row"),
        "{none}"
    );
}

#[actix_web::test]
async fn events_are_paged() {
    let service = Service::start(&[]).await;
    for n in 0..130 {
        super::register(
            &service,
            "A",
            &format!("a-{n:03}"),
            "UP",
            serde_json::json!({}),
        )
        .await;
    }
    let newest = text(&service, "/events").await;
    assert_eq!(newest.matches("data-row").count(), 100);
    let next = newest
        .split("before=")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let earlier = text(
        &service,
        &format!("/events?before={}", next.expect("a next page")),
    )
    .await;
    assert_eq!(earlier.matches("data-row").count(), 30);
    assert!(
        earlier.contains("A/a-000") && earlier.contains("Newest"),
        "{earlier}"
    );
}
