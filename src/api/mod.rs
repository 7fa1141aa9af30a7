//! The HTTP API: extract, call, encode.
//!
//! Here: both entrances to the Eureka API, and what they have in common. Heartbeats and lists that need no work are
//! answered [at once](at_once), in front of actix's router, since routing costs more than they do; everything else
//! comes by [`routes`]. Not here: any decision about instances (`registry`) or spelling (`eureka`). What must always
//! hold: both entrances read paths with [`target`], and ask [`admit`] before they do anything.

mod apps;
pub(crate) mod body;
pub(crate) mod cache;
mod connections;
mod error;
mod instances;
mod limits;
pub(crate) mod negotiate;
mod operation;
mod operations;
mod peers;
mod query;
mod stitch;
mod target;

use actix_web::dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CONNECTION, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, web};

use self::apps::Vips;
use self::cache::List;
pub(crate) use self::connections::{Connections, Surplus};
pub(crate) use self::instances::Name;
pub use self::operation::Operation;
pub(crate) use self::operations::uptime;
use self::query::Query;
use self::target::Target;
use crate::dashboard;
use crate::server::State;

/// The service: the whole of it, without sockets.
pub fn service(
    state: web::Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    >,
> {
    let (fast, routed) = (state.clone(), state.clone());
    App::new()
        .app_data(state)
        .configure(move |config| routes(config, &routed))
        .wrap_fn(move |request, next| {
            use actix_web::dev::Service as _;
            let turn = match at_once(&fast, &request) {
                Some(answer) => Ok((answer, request)),
                None => Err(next.call(request)),
            };
            let state = fast.clone();
            async move {
                let mut answered = match turn {
                    Ok((answer, mut request)) => {
                        let answer = drained(&state, request.take_payload(), answer).await;
                        request.into_response(answer)
                    }
                    Err(routed) => routed.await?,
                };
                if state.draining() {
                    answered
                        .headers_mut()
                        .insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(answered)
            }
        })
}

/// What is not Eureka's has its own path; what is left is Eureka's, or nothing.
fn routes(config: &mut web::ServiceConfig, state: &State) {
    let pages = &state.config.dashboard;
    config
        .route("/livez", web::get().to(operations::livez))
        .route("/readyz", web::get().to(operations::readyz))
        .route("/health", web::get().to(operations::health))
        .route("/actuator/health", web::get().to(operations::health))
        .route("/metrics", web::get().to(operations::metrics))
        .configure(|config| dashboard::routes(config, pages.enabled, pages.path.as_str()))
        .default_service(web::to(eureka));
}

/// Answers what needs neither a body nor time: heartbeats, and lists that are encoded already.
fn at_once(state: &State, request: &ServiceRequest) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::PUT | Method::GET) {
        return None;
    }
    let begun = state.clock.ticks();
    let (target, operation) = admit(state, request.request()).ok()?;
    let headers = request.headers();
    let answer = match (operation, &target) {
        (Operation::Renew, Target::Instance(app, id)) => instances::renew(
            state,
            Name { app, id },
            Query::new(request.query_string()),
            headers,
        ),
        (Operation::FetchAll, _) => apps::list_ready(state, List::All, headers)?,
        (Operation::FetchDelta, _) => apps::list_ready(state, List::Delta, headers)?,
        _ => return None,
    };
    state.metrics.answered(
        operation,
        answer.status(),
        state.clock.ticks().saturating_sub(begun),
    );
    Some(answer)
}

/// Everything else of the Eureka API.
async fn eureka(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let begun = state.clock.ticks();
    let admitted = admit(&state, &request);
    let operation = admitted
        .as_ref()
        .map_or(Operation::Other, |(_, operation)| *operation);
    let answer = match admitted {
        Ok((target, operation)) => answer(&state, &request, &target, operation, payload).await,
        Err(refused) => drained(&state, payload.into_inner(), refused).await,
    };
    state.metrics.answered(
        operation,
        answer.status(),
        state.clock.ticks().saturating_sub(begun),
    );
    answer
}

/// Finds out what a request is about and whether it may go on: limits of the head, path, method, readiness.
fn admit<'a>(
    state: &State,
    request: &'a HttpRequest,
) -> Result<(Target<'a>, Operation), HttpResponse> {
    if request.conn_data::<Surplus>().is_some() {
        return Err(HttpResponse::ServiceUnavailable().force_close().finish());
    }
    let limits = &state.config.limits;
    let path = request.uri().path();
    if path.len() + request.query_string().len() > limits.path.bytes() {
        return Err(HttpResponse::UriTooLong().finish());
    }
    let head: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if head > limits.head.bytes() {
        return Err(HttpResponse::RequestHeaderFieldsTooLarge().finish());
    }
    let target = Target::parse(path).map_err(error::no_target)?;
    if request.method() == Method::OPTIONS {
        return Err(HttpResponse::Ok()
            .insert_header((ALLOW, target.allow()))
            .finish());
    }
    let operation = target
        .operation(request.method())
        .ok_or_else(|| error::method_not_allowed(&target))?;
    if operation == Operation::FetchDelta && !state.config.delta.enabled {
        return Err(error::delta_disabled());
    }
    if operation.reads_list() && !state.lists_open() {
        return Err(error::not_ready());
    }
    Ok((target, operation))
}

async fn answer(
    state: &web::Data<State>,
    request: &HttpRequest,
    target: &Target<'_>,
    operation: Operation,
    payload: web::Payload,
) -> HttpResponse {
    let limits = &state.config.limits;
    let max = if operation == Operation::Replicate {
        limits.batch_body
    } else {
        limits.body
    };
    let body = match body::collect(payload, max.bytes(), limits.body_timeout).await {
        Ok(body) => body,
        Err(refusal) => return error::body(refusal),
    };
    let (headers, query) = (request.headers(), Query::new(request.query_string()));
    match (operation, target) {
        (Operation::Register, Target::App(app)) => instances::register(state, app, headers, &body),
        (Operation::Renew, Target::Instance(app, id)) => {
            instances::renew(state, Name { app, id }, query, headers)
        }
        (Operation::Cancel, Target::Instance(app, id)) => {
            instances::cancel(state, Name { app, id }, headers)
        }
        (Operation::SetStatus, Target::InstanceStatus(app, id)) => {
            instances::set_status(state, Name { app, id }, query, headers)
        }
        (Operation::RemoveStatus, Target::InstanceStatus(app, id)) => {
            instances::remove_status(state, Name { app, id }, query, headers)
        }
        (Operation::SetMetadata, Target::InstanceMetadata(app, id)) => {
            instances::set_metadata(state, Name { app, id }, query)
        }
        (Operation::FetchAll, _) => apps::list(state, List::All, headers).await,
        (Operation::FetchDelta, _) => apps::list(state, List::Delta, headers).await,
        (Operation::FetchApplication, Target::App(app)) => apps::application(state, app, headers),
        (Operation::FetchInstance, Target::Instance(app, id)) => {
            instances::fetch(state, Name { app, id }, headers)
        }
        (Operation::FetchInstance, Target::InstanceById(id)) => {
            instances::fetch_by_id(state, id, headers)
        }
        (Operation::FetchVip, Target::Vip(vip)) => apps::vip(state, Vips::Plain, vip, headers),
        (Operation::FetchVip, Target::SecureVip(vip)) => {
            apps::vip(state, Vips::Secure, vip, headers)
        }
        (Operation::FetchStatus, _) => operations::status(state, headers),
        (Operation::Replicate, _) => peers::replicate(state, headers, &body),
        // The groups are Amazon's, and this server is not.
        (Operation::SetAsgStatus, _) => HttpResponse::build(StatusCode::BAD_REQUEST).finish(),
        _ => error::not_found(),
    }
}

/// Takes a body nobody looks at off the connection, which could not be used again otherwise.
async fn drained(state: &State, payload: Payload, answer: HttpResponse) -> HttpResponse {
    if matches!(payload, Payload::None) {
        return answer;
    }
    let limits = &state.config.limits;
    match body::collect(payload, limits.body.bytes(), limits.body_timeout).await {
        Ok(_) => answer,
        Err(refusal) => error::body(refusal),
    }
}
