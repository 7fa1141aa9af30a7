//! Forms that act: what they do, and for whom they do nothing.

use super::{inhabited, page, text};
use crate::service::{Answer, Service};

/// The number that a browser was given, and repeats.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

async fn send(service: &Service, what: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
    let cookie = format!("peerage-form={TOKEN}");
    let mut all = vec![
        ("Host", "localhost:8761"),
        ("Cookie", cookie.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    all.extend_from_slice(headers);
    let body = format!("token={TOKEN}&target=ORDERS/orders-zone-a&{form}");
    service
        .send(
            "POST",
            &format!("/act/{what}"),
            all,
            Some(body.into_bytes()),
        )
        .await
}

/// The status an instance is shown in.
async fn shown(service: &Service) -> String {
    let rows = text(service, "/instances.ndjson?query=id:orders-zone-a").await;
    let row: serde_json::Value = serde_json::from_str(rows.trim()).unwrap_or_default();
    row["status"].as_str().unwrap_or("gone").to_owned()
}

#[actix_web::test]
async fn a_form_takes_an_instance_out_and_another_puts_it_back() {
    let service = inhabited(&[]).await;
    let out = send(
        &service,
        "override",
        "status=OUT_OF_SERVICE&reason=test&by=anna",
        &[],
    )
    .await;
    assert_eq!(out.status, 303, "{:?}", out.text());
    assert_eq!(
        out.header("location"),
        Some("../instances/ORDERS/orders-zone-a")
    );
    assert_eq!(shown(&service).await, "OUT_OF_SERVICE");
    let events = text(&service, "/events?kind=overridden").await;
    assert!(events.contains("operator anna: test"), "{events}");
    let back = send(&service, "clear", "reason=&by=anna", &[]).await;
    assert_eq!(back.status, 303, "{:?}", back.text());
    assert_eq!(shown(&service).await, "UP");
    let evicted = send(&service, "evict", "reason=test&by=anna", &[]).await;
    assert_eq!(evicted.status, 303, "{:?}", evicted.text());
    assert_eq!(shown(&service).await, "gone");
}

#[actix_web::test]
async fn nothing_is_done_for_another_site_or_without_the_number_or_a_name() {
    let service = inhabited(&[]).await;
    let ask = "status=DOWN&reason=test&by=eve";
    for headers in [
        [("Origin", "http://evil.example")],
        [("Sec-Fetch-Site", "cross-site")],
    ] {
        let answer = send(&service, "override", ask, &headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    let other = send(
        &service,
        "override",
        &format!("{ask}&token="),
        &[("Origin", "null")],
    )
    .await;
    assert_eq!(other.status, 403);
    let stranger = [("Host", "evil.example"), ("Origin", "http://evil.example")];
    let answer = service
        .send(
            "POST",
            "/act/override",
            stranger,
            Some(b"target=ORDERS/orders-zone-a".to_vec()),
        )
        .await;
    assert_eq!(answer.status, 403);
    let nameless = send(&service, "override", "status=DOWN&reason=test&by=", &[]).await;
    assert_eq!(nameless.status, 409);
    assert!(nameless.text().expect("text").contains("Nothing was done"));
    assert_eq!(shown(&service).await, "UP");
}

#[actix_web::test]
async fn where_nobody_may_act_there_are_no_forms_and_none_is_taken() {
    let service = inhabited(&[("PEERAGE__ACTIONS", "off".to_owned())]).await;
    let one = text(&service, "/instances/ORDERS/orders-zone-a").await;
    assert!(
        !one.contains("act/") && one.contains("Nothing can be done to it from here"),
        "{one}"
    );
    let answer = send(&service, "override", "status=DOWN&reason=test&by=anna", &[]).await;
    assert_eq!(answer.status, 403);
    assert_eq!(shown(&service).await, "UP");
    assert_eq!(page(&service, "/act/override").await.status, 405);
}

#[actix_web::test]
async fn forms_are_there_for_whoever_may_act() {
    let service = inhabited(&[]).await;
    let local = [("Accept", "text/html"), ("Host", "localhost:8761")];
    let answer = service
        .send("GET", "/instances/ORDERS/orders-zone-a", local, None)
        .await;
    let text = answer.text().expect("pages are text");
    for form in ["../../act/override", "../../act/drain", "../../act/evict"] {
        assert!(text.contains(form), "{form}: {text}");
    }
}

#[actix_web::test]
async fn several_are_drained_followed_and_put_back() {
    let service = inhabited(&[]).await;
    let many = "do=drain&whom=all&query=app:orders%20zone:zone-a&reason=disk&by=anna";
    let refused = send(&service, "many", many, &[]).await;
    assert_eq!(refused.status, 409, "it would leave a zone without anybody");
    let begun = send(&service, "many", &format!("{many}&empties=yes"), &[]).await;
    let place = begun.header("location").unwrap_or_default();
    let number = place.strip_prefix("../drains/").unwrap_or("no drain");
    assert_eq!(begun.status, 303, "{:?}", begun.text());
    assert_eq!(shown(&service).await, "OUT_OF_SERVICE");
    let path = format!("/drains/{number}");
    let drain = text(&service, &path).await;
    for said in [
        "not to be stopped yet",
        "Clients that have read it: 0 of 0",
        "By anna: disk",
    ] {
        assert!(drain.contains(said), "{said}: {drain}");
    }
    assert!(text(&service, "/drains").await.contains(&path[1..]));
    assert_eq!(page(&service, "/drains/7").await.status, 404);
    let undone = send(
        &service,
        "undo",
        &format!("drain={number}&reason=&by=anna"),
        &[],
    )
    .await;
    assert_eq!(undone.status, 303, "{:?}", undone.text());
    assert_eq!(shown(&service).await, "UP");
    assert!(text(&service, &path).await.contains("it is over"));
}

#[actix_web::test]
async fn only_those_that_were_chosen_are_shown_otherwise() {
    let service = inhabited(&[]).await;
    let many = "do=override&status=DOWN&whom=chosen&reason=test&by=anna";
    let nobody = send(&service, "many", many, &[]).await;
    assert_eq!(nobody.status, 409, "nothing was chosen");
    let chosen = "chosen=ORDERS%2Forders-zone-a&chosen=ALONE%2Falone-1&chosen=GONE%2Fx";
    let done = send(&service, "many", &format!("{many}&{chosen}"), &[]).await;
    assert_eq!(done.status, 303, "{:?}", done.text());
    let rows = text(&service, "/instances.ndjson?query=overridden:yes").await;
    assert_eq!(rows.lines().count(), 2, "{rows}");
    let all = "do=clear&whom=all&query=overridden:yes&reason=&by=anna";
    let back = send(&service, "many", all, &[]).await;
    assert_eq!(
        back.header("location"),
        Some("../instances?query=overridden:yes")
    );
    assert_eq!(shown(&service).await, "UP");
}
