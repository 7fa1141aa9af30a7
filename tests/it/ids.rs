//! Instances without an id of their own.

use crate::service::Service;

const NOTHING: [(&str, &str); 0] = [];
const REGISTRATION: &str = r#"{"instance": {"instanceId": "", "hostName": "host-1", "app": "ORDERS",
    "ipAddr": "10.0.0.1", "status": "UP", "dataCenterInfo": {"name": "MyOwn"}}}"#;

/// As at Netflix's server, whose effective id is the host name where `instanceId` is missing or empty.
#[actix_web::test]
async fn an_instance_whose_id_is_empty_goes_by_its_host_name() {
    let service = Service::start(&[]).await;
    let json = [("Content-Type", "application/json")];
    let body = Some(REGISTRATION.into());
    let answer = service
        .send("POST", "/eureka/apps/ORDERS", json, body)
        .await;
    assert_eq!(answer.status, 204);
    for (method, path, expected) in [
        ("GET", "/eureka/apps/ORDERS/host-1", 200),
        ("GET", "/eureka/instances/host-1", 200),
        ("PUT", "/eureka/apps/ORDERS/host-1", 200),
        ("PUT", "/eureka/apps/ORDERS/host-1/status?value=DOWN", 200),
        ("DELETE", "/eureka/apps/ORDERS/host-1/status", 200),
        ("DELETE", "/eureka/apps/ORDERS/host-1", 200),
        ("PUT", "/eureka/apps/ORDERS/host-1", 404),
    ] {
        let answer = service.send(method, path, NOTHING, None).await;
        assert_eq!(answer.status, expected, "{method} {path}");
    }
}

/// There the path with nothing behind the slash is the application's, which can be read and registered at.
#[actix_web::test]
async fn a_path_that_ends_in_an_empty_id_is_the_applications() {
    let service = Service::start(&[]).await;
    for method in ["PUT", "DELETE"] {
        let answer = service
            .send(method, "/eureka/apps/ORDERS/", NOTHING, None)
            .await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(
            answer.header("allow"),
            Some("HEAD,GET,POST,OPTIONS"),
            "{method}"
        );
    }
}
