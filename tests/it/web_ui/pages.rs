//! What pages show, and what they must never do.

use serde_json::json;

use super::{BROWSER, PAGES, inhabited, page, register, text};
use crate::service::Service;

#[actix_web::test]
async fn every_page_is_there_and_guarded() {
    let service = inhabited(&[]).await;
    for path in PAGES {
        let answer = page(&service, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        let text = answer.text().expect("pages are text");
        assert!(
            text.contains("<html lang=\"en\"")
                && text.contains("<main id=\"main\"")
                && text.contains("<h1"),
            "{path}"
        );
        assert!(
            !text.contains(" style=") && !text.contains("<script>") && !text.contains(" onclick="),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_page_asks_nobody_else_for_anything() {
    let service = inhabited(&[]).await;
    for path in PAGES {
        let text = text(&service, path).await;
        for attribute in ["href=\"", "src=\"", "action=\""] {
            let targets = text
                .split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            let foreign = targets.filter(|target| target.contains("//") || target.starts_with('/'));
            assert_eq!(foreign.collect::<Vec<_>>(), Vec::<&str>::new(), "{path}");
        }
    }
}

#[actix_web::test]
async fn the_worst_comes_first_and_in_words() {
    let service = inhabited(&[]).await;
    let overview = text(&service, "/").await;
    assert!(overview.contains("BROKEN has no instance up"), "{overview}");
    assert!(
        overview.contains("ORDERS has no instance up in zone-b"),
        "{overview}"
    );
    assert!(
        overview.contains("2 instances of 2 services say that they are down"),
        "{overview}"
    );
    assert!(
        overview.contains("ui/mark-bad.svg") && overview.contains("<title>(3) Overview"),
        "{overview}"
    );
    let places = [
        "data-key=\"BROKEN\"",
        "data-key=\"ORDERS\"",
        "data-key=\"ALONE\"",
    ]
    .map(|row| overview.find(row));
    assert!(
        places.is_sorted() && places.iter().all(Option::is_some),
        "{places:?}"
    );
}

#[actix_web::test]
async fn losing_a_zone_is_thought_through() {
    let service = inhabited(&[]).await;
    let without = text(&service, "/?lose=zone-a").await;
    assert!(
        without.contains("Without zone-a 1 of 3 services would have no instance up: ALONE."),
        "{without}"
    );
    assert!(
        without.contains("0 of 1") && without.contains("1 of 2"),
        "{without}"
    );
    assert!(
        without.contains("href=\"./\" data-soft data-closes"),
        "one can go back"
    );
    let nowhere = text(&service, "/?lose=nowhere").await;
    assert!(
        !nowhere.contains("Without"),
        "a zone that is not there is not lost"
    );
}

#[actix_web::test]
async fn an_empty_registry_says_how_to_connect_until_somebody_did() {
    let service = Service::start(&[]).await;
    let empty = text(&service, "/?client=python").await;
    assert!(
        empty.contains("Waiting for the first registration"),
        "{empty}"
    );
    assert!(
        empty.contains("http://registry.example:8761/eureka/"),
        "{empty}"
    );
    assert!(
        empty.contains("py_eureka_client"),
        "the tab that was chosen"
    );
    register(&service, "FIRST", "first-1", "UP", json!({})).await;
    let first = text(&service, "/").await;
    assert!(first.contains("The first instance is here"), "{first}");
    assert!(first.contains("instances/FIRST/first-1"), "{first}");
    let many = text(&inhabited(&[]).await, "/").await;
    assert!(
        !many.contains("Connect a"),
        "nobody has to be told any more"
    );
}

#[actix_web::test]
async fn a_host_that_is_no_address_gets_into_no_snippet() {
    let service = Service::start(&[]).await;
    for host in ["evil.example;rm -rf ~", "a'b", "x$(id)", "<script>"] {
        let headers = [("Accept", "text/html"), ("Host", host)];
        let answer = service
            .send("GET", "/connect?client=curl", headers, None)
            .await;
        let text = answer.text().expect("pages are text");
        assert!(
            !text.contains("evil") && !text.contains("$(id)") && !text.contains("<script>"),
            "{host}"
        );
        assert!(text.contains("/eureka/apps"), "{host}");
    }
}

#[actix_web::test]
async fn whatever_clients_registered_is_shown_as_text() {
    let service = Service::start(&[]).await;
    let markup = "\"><img src=x onerror=alert(1)>'<script>alert(2)</script>";
    let metadata = json!({
        "zone": markup, markup: markup, "link": "javascript:alert(3)", "bidi": "\u{202e}gnp.exe",
        "long": "x".repeat(100_000), "version": markup, "db.password": "hunter2",
    });
    for n in 0..4 {
        register(
            &service,
            markup,
            &format!("{markup}/../{n}?#%2F"),
            "UP",
            metadata.clone(),
        )
        .await;
    }
    let name = percent_encoding::utf8_percent_encode(markup, percent_encoding::NON_ALPHANUMERIC)
        .to_string();
    let upper = percent_encoding::utf8_percent_encode(
        &markup.to_uppercase(),
        percent_encoding::NON_ALPHANUMERIC,
    )
    .to_string();
    for path in [
        "/".to_owned(),
        format!("/?lose={name}"),
        "/services".to_owned(),
        "/zones".to_owned(),
        "/connect".to_owned(),
        format!("/services/{upper}"),
        format!("/services/{upper}?view=metadata"),
        format!("/services/{upper}?view=timeline"),
        format!("/services?query={name}"),
        format!("/services?query=%22{name}"),
        format!("/help?x={name}"),
        "/instances".to_owned(),
        format!("/instances?query={name}&sort={name}&group_by={name}&after={name}"),
        format!("/instances?group_by=meta.{name}"),
        "/instances?group_by=version".to_owned(),
        format!("/instances/{upper}/{name}%2F..%2F1%3F%23%252F"),
        "/events".to_owned(),
        format!("/events?query=%22{name}&kind={name}&before={name}"),
        format!("/events?event={name}"),
        "/cluster".to_owned(),
    ] {
        let answer = page(&service, &path).await;
        let text = answer.text().expect("pages are text");
        let lower = text.to_lowercase();
        assert!(
            !lower.contains("<img")
                && !lower.contains("<script>")
                && !lower.contains("href=\"javascript:"),
            "{path}"
        );
        assert!(!text.contains("hunter2"), "{path} tells a secret");
        assert!(text.len() < 200_000, "{path} has {} bytes", text.len());
    }
}

#[actix_web::test]
async fn what_is_not_there_is_not_found() {
    let service = inhabited(&[]).await;
    let nobody = page(&service, "/services/NOBODY").await;
    assert_eq!(nobody.status, 404);
    assert!(
        nobody
            .text()
            .expect("pages are text")
            .contains("No service is called NOBODY")
    );
    assert_eq!(page(&service, "/ui/nothing.js").await.status, 404);
    assert_eq!(page(&service, "/ui/report.css").await.status, 404);
}

#[actix_web::test]
async fn pages_stand_where_the_settings_say_with_all_that_belongs_to_them() {
    let service = inhabited(&[("eureka.dashboard.path", "/ops/registry".to_owned())]).await;
    let overview = text(&service, "/ops/registry/").await;
    assert!(
        overview.contains("data-server=\"../../\" ") && overview.contains("data-pages=\"./\""),
        "{overview}"
    );
    let one = text(&service, "/ops/registry/services/ORDERS").await;
    assert!(
        one.contains("data-server=\"../../../\"") && one.contains("href=\"../ui/pages.css\""),
        "{one}"
    );
    assert_eq!(
        page(&service, "/ops/registry/ui/pages.css").await.status,
        200
    );
    let without_slash = page(&service, "/ops/registry").await;
    assert_eq!(without_slash.header("location"), Some("registry/"));
}

#[actix_web::test]
async fn terminals_get_ten_lines_and_old_addresses_go_on() {
    let service = inhabited(&[]).await;
    let plain = service.send("GET", "/", [("Accept", "*/*")], None).await;
    let plain = plain.text().expect("lines are text");
    assert_eq!(plain.lines().count(), 10, "{plain}");
    assert!(plain.contains("instances     5"), "{plain}");
    let last = text(&service, "/lastn").await;
    assert!(last.contains("<h1>Events</h1>"), "{last}");
    let checked = page(&service, "/check?app=orders&id=a%2Fb%3F").await;
    assert_eq!(
        checked.header("location"),
        Some("instances/ORDERS/a%2Fb%3F")
    );
}

#[actix_web::test]
async fn the_look_is_remembered_and_leads_nowhere_else() {
    let service = inhabited(&[]).await;
    let form = |body: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        service.send("POST", "/look", headers, Some(body.as_bytes().to_vec()))
    };
    let chosen = form("theme=dark&back=services%3Fsort%3Dname").await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (303, Some("./services?sort=name"))
    );
    assert!(
        chosen
            .header("set-cookie")
            .expect("a cookie")
            .starts_with("peerage-look=dark;")
    );
    assert_eq!(
        form("theme=dark&back=%2F%2Fevil.example")
            .await
            .header("location"),
        Some("./")
    );
    assert_eq!(form("theme=pink&back=").await.status, 400);
    let headers = BROWSER
        .into_iter()
        .chain([("Cookie", "x=y; peerage-look=dark")]);
    let dark = service
        .send("GET", "/", headers, None)
        .await
        .text()
        .expect("pages are text");
    assert!(dark.contains("<html lang=\"en\" data-theme=\"dark\">"));
}

#[actix_web::test]
async fn a_service_is_shown_as_lanes_a_matrix_and_over_time() {
    let service = inhabited(&[]).await;
    let lanes = text(&service, "/services/orders").await;
    assert!(
        lanes.contains("No instance is up in zone-b") && lanes.contains("host.example:8080"),
        "{lanes}"
    );
    let matrix = text(&service, "/services/ORDERS?view=metadata").await;
    assert!(
        matrix.contains("differs") && matrix.contains("<code>1.1</code>"),
        "{matrix}"
    );
    let gone = service
        .send("DELETE", "/eureka/apps/ORDERS/orders-zone-b", BROWSER, None)
        .await;
    assert_eq!(gone.status, 200);
    let timeline = text(&service, "/services/ORDERS?view=timeline").await;
    assert!(
        timeline.contains("orders-zone-b")
            && timeline.contains("gone")
            && timeline.contains("cancelled"),
        "{timeline}"
    );
}
