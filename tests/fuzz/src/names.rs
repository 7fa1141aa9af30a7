//! Names: whatever an application and its instance are called, they are reached under the names they gave.

use actix_web::http::Method;
use peerage::registry::instance::AppName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::server::{Call, Server, block_on};

/// The longest name tried, in bytes. Encoded it is three times as long, and in upper case perhaps three times more.
const NAME_MAX: usize = 128;

/// The input is the name of an application, a line's end, and the id of an instance.
pub fn names(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else {
        return;
    };
    if let Some((app, id)) = input.split_once('\n')
        && nameable(app)
        && nameable(id)
    {
        block_on(live(AppName::new(app).as_str(), id));
    }
}

/// Names that a path can hold. Two are the cache keys of Java's lists, not applications.
fn nameable(name: &str) -> bool {
    let reserved = ["ALL_APPS", "ALL_APPS_DELTA"].contains(&AppName::new(name).as_str());
    !name.is_empty() && name.len() <= NAME_MAX && !name.contains('\0') && !reserved
}

/// The life of an instance, every call by its name.
async fn live(app: &str, id: &str) {
    let server = Server::start().await;
    let (app_path, path) = (path_to(&["apps", app]), path_to(&["apps", app, id]));
    let body = body(app, id).to_string();
    let register = Call {
        body: body.as_bytes(),
        ..Call::new("POST", &app_path)
    };
    assert_eq!(
        server.send(&register).await.map(|answer| answer.status),
        Some(204)
    );

    check_found(&server, app, id).await;
    do_all(&server, &path, id).await;
    let shown = fetch(&server, &path).await;
    assert_eq!(shown["instance"]["status"], "OUT_OF_SERVICE");
    assert_eq!(
        shown["instance"]["metadata"][id], id,
        "metadata set by query"
    );

    assert_eq!(status(&server, Method::DELETE, &path).await, 200);
    assert_eq!(status(&server, Method::GET, &path).await, 404);
}

/// It is found by its full name, by its id alone, in its application and by its virtual address.
async fn check_found(server: &Server, app: &str, id: &str) {
    let vip = id.split(',').next().unwrap_or_default();
    let by_name = fetch(server, &path_to(&["apps", app, id])).await;
    assert_eq!(by_name["instance"]["app"], app);
    assert_eq!(by_name["instance"]["instanceId"], id);
    assert_eq!(fetch(server, &path_to(&["instances", id])).await, by_name);
    let in_app = fetch(server, &path_to(&["apps", app])).await;
    assert_eq!(in_app["application"]["instance"][0], by_name["instance"]);
    if !vip.is_empty() {
        let by_vip = fetch(server, &path_to(&["vips", vip])).await;
        assert_eq!(
            by_vip["applications"]["application"][0]["instance"][0],
            by_name["instance"]
        );
    }
}

/// Everything that can be done to it succeeds.
async fn do_all(server: &Server, path: &str, id: &str) {
    let pair: String = form_urlencoded::Serializer::new(String::new())
        .append_pair(id, id)
        .finish();
    for path in [
        path.to_owned(),
        format!("{path}/status?value=OUT_OF_SERVICE"),
        format!("{path}/metadata?{pair}"),
    ] {
        assert_eq!(status(server, Method::PUT, &path).await, 200, "{path}");
    }
}

async fn status(server: &Server, method: Method, path: &str) -> u16 {
    let answer = server.send(&Call::new(method.as_str(), path)).await;
    answer.expect("what is encoded is a path").status
}

async fn fetch(server: &Server, path: &str) -> Value {
    let answer = server
        .send(&Call::new("GET", path))
        .await
        .expect("what is encoded is a path");
    assert_eq!(answer.status, 200, "{path}");
    serde_json::from_slice(&answer.body).expect("JSON was asked for")
}

fn path_to(segments: &[&str]) -> String {
    let encoded = segments
        .iter()
        .map(|segment| format!("/{}", utf8_percent_encode(segment, NON_ALPHANUMERIC)));
    format!("/eureka{}", encoded.collect::<String>())
}

fn body(app: &str, id: &str) -> Value {
    json!({"instance": {
        "app": app, "instanceId": id, "hostName": "h", "ipAddr": "10.0.0.1", "vipAddress": id,
        "dataCenterInfo": {"name": "MyOwn"},
    }})
}
