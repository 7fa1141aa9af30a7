//! What operators and monitors ask: health, readiness, metrics, status.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpResponse, web};
use serde_json::json;

use super::negotiate;
use crate::cluster::view::{Member, Standing};
use crate::eureka::status_page::{self, StatusPage};
use crate::registry::instance::{AppName, Instance, Port};
use crate::registry::view::{Action, LeaseTimes, Shown};
use crate::server::State;
use crate::{cluster, metrics};

/// `GET /livez`: whoever reads this knows that requests are answered.
pub(crate) async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "UP"}))
}

/// `GET /readyz`: whether clients should be sent here, check by check.
pub(crate) async fn readyz(state: web::Data<State>) -> HttpResponse {
    let body = json!({
        "status": if state.ready() { "UP" } else { "OUT_OF_SERVICE" },
        "checks": {
            "lists_open": state.lists_open(),
            "in_touch": state.in_touch(),
            "not_draining": !state.draining(),
        },
    });
    let mut answer = if state.ready() {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.json(body)
}

/// `GET /health` and `GET /actuator/health`, as Spring's tools expect it.
pub(crate) async fn health(state: web::Data<State>) -> HttpResponse {
    if state.ready() {
        HttpResponse::Ok().json(json!({"status": "UP"}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "OUT_OF_SERVICE"}))
    }
}

/// `GET /metrics`.
pub(crate) async fn metrics(state: web::Data<State>) -> HttpResponse {
    let seen = cluster::seen(&state).await;
    let page = web::block(move || metrics::print(&state, seen))
        .await
        .expect("printing metrics does not panic");
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(page)
}

/// `GET /eureka/status`.
pub(crate) async fn status(state: &State, headers: &HeaderMap) -> HttpResponse {
    let statistics = crate::process::statistics();
    let config = &state.config;
    let mut general = vec![
        ("num-of-cpus", config.http.workers.to_string()),
        (
            "current-memory-usage",
            format!("{}mb", statistics.resident_bytes / (1024 * 1024)),
        ),
        ("server-uptime", uptime(state)),
        ("environment", config.environment.clone()),
        ("datacenter", config.datacenter.clone()),
    ];
    general.extend(config.zone.clone().map(|zone| ("zone", zone)));
    let peers = Replicas::of(state).await;
    let own = own_instance(state);
    let page = StatusPage {
        general: &general,
        application: &peers.rows(),
        instance: shown(&own, state),
        healthy: config
            .status
            .min_available_peers
            .map(|min| peers.available.len() >= min as usize),
    };
    let format = negotiate::format(headers);
    let mut out = Vec::new();
    status_page::write(&mut out, format, &page);
    HttpResponse::Ok()
        .content_type(format.content_type())
        .body(out)
}

/// The URLs of the other servers, as Eureka calls them.
struct Replicas {
    available: Vec<String>,
    unavailable: Vec<String>,
}

impl Replicas {
    async fn of(state: &State) -> Self {
        let members = cluster::view(state).await.members.into_iter();
        let members = members.filter(|member| member.standing != Standing::Left);
        let (available, unavailable): (Vec<_>, _) =
            members.partition(|member| member.standing != Standing::Down && member.ready);
        let urls = |members: Vec<Member>| {
            let known = members.into_iter().filter(|member| !member.url.is_empty());
            known
                .map(|member| format!("{}eureka/", member.url))
                .collect()
        };
        Self {
            available: urls(available),
            unavailable: urls(unavailable),
        }
    }

    /// Java puts a comma between those it knows, and one behind each of the others.
    fn rows(&self) -> [(&'static str, String); 3] {
        let all: Vec<_> = self
            .available
            .iter()
            .chain(&self.unavailable)
            .cloned()
            .collect();
        let each = |urls: &[String]| urls.iter().map(|url| format!("{url},")).collect();
        [
            ("registered-replicas", all.join(", ")),
            ("available-replicas", each(&self.available)),
            ("unavailable-replicas", each(&self.unavailable)),
        ]
    }
}

/// Hours and minutes since the start, as Eureka's page has it.
pub(crate) fn uptime(state: &State) -> String {
    let minutes = state.clock.now().since(state.started_at).as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// This server as if it were registered with itself.
fn own_instance(state: &State) -> Instance {
    let name = &state.config.name;
    let address = state.address.get();
    let ip = address.map_or("127.0.0.1".to_owned(), |address| address.ip().to_string());
    let port = address.map_or(state.config.listen.port(), |address| address.port());
    Instance {
        id: Some(format!("{name}:{port}").into()),
        port: Port {
            number: port.into(),
            enabled: true,
        },
        last_dirty: i64::try_from(state.started_at.as_millis()).unwrap_or(i64::MAX),
        ..Instance::new(AppName::new("peerage"), name, &ip)
    }
}

fn shown<'a>(own: &'a Instance, state: &State) -> Shown<'a> {
    let since = state.started_at;
    Shown {
        instance: own,
        status: own.status,
        overridden: None,
        times: LeaseTimes {
            registered_at: since,
            renewed_at: state.clock.now(),
            ended_at: None,
            up_since: Some(since),
        },
        updated_at: since,
        action: Action::Added,
    }
}
