//! The pages from outside: whole without JavaScript, harmless, small, and of one mind with their modules.

mod acting;
mod files;
mod instances;
mod modules;
mod pages;
mod queries;
mod servers;

use serde_json::json;

use crate::service::{Answer, Service};

/// What a browser says of itself.
const BROWSER: [(&str, &str); 2] = [
    ("Accept", "text/html,*/*;q=0.8"),
    ("Host", "registry.example:8761"),
];

/// All pages, as long as there are the instances of [`inhabited`].
const PAGES: [&str; 25] = [
    "/",
    "/?lose=zone-b",
    "/services",
    "/services?query=zone:zone-a&sort=name",
    "/services?query=zon:a",
    "/services/ORDERS",
    "/services/ORDERS?view=metadata",
    "/services/ORDERS?view=timeline&span=15",
    "/zones",
    "/zones?lose=zone-a&query=app:orders",
    "/instances",
    "/instances?query=zone:zone-a&sort=-updated&group_by=zone",
    "/instances?meta=version",
    "/instances?query=zon:a&sort=nonsense",
    "/instances/ORDERS/orders-zone-a",
    "/cluster",
    "/drains",
    "/events",
    "/events?kind=registered&query=app:orders",
    "/events?event=1-1",
    "/events?before=nonsense",
    "/settings",
    "/settings?show=set",
    "/connect?client=go",
    "/help",
];

/// A page.
async fn page(service: &Service, path: &str) -> Answer {
    service.send("GET", path, BROWSER, None).await
}

/// The text of a page that must be there.
async fn text(service: &Service, path: &str) -> String {
    let answer = page(service, path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text().expect("pages are text")
}

/// Registers an instance, with a status and metadata.
async fn register(
    service: &Service,
    app: &str,
    id: &str,
    status: &str,
    metadata: serde_json::Value,
) {
    let body = json!({"instance": {
        "app": app, "instanceId": id, "hostName": "host.example", "ipAddr": "10.0.0.5", "status": status,
        "vipAddress": app.to_lowercase(), "port": {"$": 8080, "@enabled": "true"}, "metadata": metadata,
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
    }});
    let body = serde_json::to_vec(&body).expect("values are JSON");
    let path = format!(
        "/eureka/apps/{}",
        percent_encoding::utf8_percent_encode(app, percent_encoding::NON_ALPHANUMERIC)
    );
    let answer = service
        .send(
            "POST",
            &path,
            [("Content-Type", "application/json")],
            Some(body),
        )
        .await;
    assert_eq!(answer.status, 204, "{app}/{id}");
}

/// A server with a few services in three zones, of which one is not well.
async fn inhabited(settings: &[(&str, String)]) -> Service {
    let service = Service::start(settings).await;
    for (zone, status) in [("zone-a", "UP"), ("zone-b", "DOWN"), ("zone-c", "UP")] {
        let metadata =
            json!({"zone": zone, "version": if zone == "zone-a" { "1.0" } else { "1.1" }});
        register(
            &service,
            "ORDERS",
            &format!("orders-{zone}"),
            status,
            metadata,
        )
        .await;
    }
    register(
        &service,
        "ALONE",
        "alone-1",
        "UP",
        json!({"zone": "zone-a"}),
    )
    .await;
    register(
        &service,
        "BROKEN",
        "broken-1",
        "DOWN",
        json!({"zone": "zone-c"}),
    )
    .await;
    service
}
