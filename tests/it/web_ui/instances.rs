//! Lists of instances, and one instance: what they tell, in which order, and as which files.

use serde_json::json;

use super::{inhabited, page, register, text};
use crate::service::Service;

/// The places of these texts in a page, in order.
fn places<const N: usize>(page: &str, texts: [&str; N]) -> [usize; N] {
    texts.map(|text| {
        page.find(text)
            .unwrap_or_else(|| panic!("{text} is not in {page}"))
    })
}

#[actix_web::test]
async fn a_list_is_sorted_and_filtered_by_the_server() {
    let service = inhabited(&[]).await;
    let all = text(&service, "/instances").await;
    assert!(all.contains("<span data-count>5</span> instances"), "{all}");
    let [alone, broken, orders] = places(
        &all,
        ["ALONE/alone-1", "BROKEN/broken-1", "ORDERS/orders-zone-a"],
    );
    assert!(alone < broken && broken < orders);
    let down = text(&service, "/instances?query=status:down&sort=-id").await;
    assert!(
        down.contains("<b data-count>2</b> of 5") && !down.contains("alone-1"),
        "{down}"
    );
    let [orders, broken] = places(&down, ["ORDERS/orders-zone-b", "BROKEN/broken-1"]);
    assert!(orders < broken);
}

#[actix_web::test]
async fn groups_are_told_with_their_counts_and_lead_to_their_instances() {
    let service = inhabited(&[]).await;
    let zones = text(&service, "/instances?group_by=zone").await;
    for zone in ["zone-a", "zone-b", "zone-c"] {
        assert!(
            zones.contains(&format!("data-key=\"group-{zone}\"")),
            "{zones}"
        );
        assert!(
            zones.contains(&format!("data-key=\"head-{zone}\"")),
            "{zones}"
        );
        assert!(
            zones.contains(&format!("instances?query=zone:{zone}\"")),
            "{zones}"
        );
    }
    let versions = text(&service, "/instances?meta=version").await;
    assert!(versions.contains("data-key=\"group-1.1\""), "{versions}");
    assert!(versions.contains("data-key=\"group-(none)\""), "{versions}");
}

#[actix_web::test]
async fn what_makes_no_sense_is_said_and_lists_nothing() {
    let service = inhabited(&[]).await;
    for (path, said) in [
        ("/instances?query=zon:a", "did you mean"),
        ("/instances?sort=nonsense", "Nothing is sorted by"),
        ("/instances?group_by=nonsense", "Nothing is put together by"),
        ("/instances?after=nonsense", "names no place"),
    ] {
        let page = text(&service, path).await;
        assert!(
            page.contains(said) && !page.contains("data-row data-key"),
            "{path}: {page}"
        );
    }
}

#[actix_web::test]
async fn a_long_list_is_paged_and_no_page_is_large() {
    let service = Service::start(&[]).await;
    for n in 0..250 {
        register(&service, "MANY", &format!("m-{n:03}"), "UP", json!({})).await;
    }
    let (mut path, mut seen, mut pages) = ("/instances".to_owned(), Vec::new(), 0);
    loop {
        let page = text(&service, &path).await;
        assert!(page.matches('<').count() < 6000, "{path}");
        let rows = page.split("data-key=\"MANY/").skip(1);
        seen.extend(
            rows.filter_map(|row| row.split('"').next())
                .map(str::to_owned),
        );
        pages += 1;
        let Some(rest) = page
            .split("rel=\"next\"")
            .next()
            .filter(|_| page.contains("rel=\"next\""))
        else {
            break;
        };
        let href = rest
            .rsplit("href=\"")
            .next()
            .and_then(|rest| rest.split('"').next());
        path = format!(
            "/{}",
            href.expect("a link")
                .trim_start_matches("./")
                .replace("&#38;", "&")
        );
    }
    let expected: Vec<_> = (0..250).map(|n| format!("m-{n:03}")).collect();
    assert_eq!((pages, seen), (3, expected));
}

#[actix_web::test]
async fn the_whole_list_can_be_taken_along() {
    let service = inhabited(&[]).await;
    register(&service, "CALC", "=1+1", "UP", json!({"zone": "a,\"b"})).await;
    let csv = page(&service, "/instances.csv?query=app:calc").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let csv = csv.text().expect("text");
    assert_eq!(csv.lines().count(), 2);
    assert!(
        csv.contains("CALC,'=1+1,UP,") && csv.contains("\"a,\"\"b\""),
        "{csv}"
    );
    let lines = text(&service, "/instances.ndjson?sort=id").await;
    let ids: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON"))
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(ids.len(), 6);
    assert_eq!(
        page(&service, "/instances.csv?query=zon:a").await.status,
        400
    );
}

#[actix_web::test]
async fn an_instance_is_told_with_its_statuses_its_lease_and_why() {
    let service = inhabited(&[]).await;
    let put = "/eureka/apps/ORDERS/orders-zone-a/status?value=OUT_OF_SERVICE";
    let none: [(&str, &str); 0] = [];
    assert_eq!(service.send("PUT", put, none, None).await.status, 200);
    let page = text(&service, "/instances/ORDERS/orders-zone-a").await;
    for said in [
        "<code class=\"quiet\">overridden</code>",
        "Said by its client",
        "Set from outside",
        "an override is stronger",
        "<svg class=\"lease\"",
        "said by its metadata, under zone",
        "href=\"../../api/v1/instances/ORDERS/orders-zone-a\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[actix_web::test]
async fn secrets_are_masked() {
    let service = Service::start(&[]).await;
    register(
        &service,
        "A",
        "a",
        "UP",
        json!({"db.password": "hunter2", "team": "red"}),
    )
    .await;
    let page = text(&service, "/instances/A/a").await;
    assert!(
        !page.contains("hunter2") && page.contains("masked") && page.contains("red"),
        "{page}"
    );
}

#[actix_web::test]
async fn one_that_is_gone_is_explained_and_not_found() {
    let service = inhabited(&[]).await;
    let none: [(&str, &str); 0] = [];
    let left = service
        .send("DELETE", "/eureka/apps/ALONE/alone-1", none, None)
        .await;
    assert_eq!(left.status, 200);
    for (path, code) in [
        ("/instances/ALONE/alone-1", "cancelled"),
        ("/instances/NOBODY/never", "unknown"),
    ] {
        let answer = page(&service, path).await;
        assert_eq!(answer.status, 404, "{path}");
        let text = answer.text().expect("pages are text");
        assert!(
            text.contains(&format!("<code class=\"quiet\">{code}</code>"))
                && text.contains("not listed"),
            "{path}: {text}"
        );
        assert!(!text.contains("act/evict"), "{path}");
    }
}
