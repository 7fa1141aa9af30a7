//! The HTTP API: extract, call, encode.
//!
//! Here: both entrances to the Eureka API, and what they have in common. Heartbeats and lists that need no work are
//! answered at once (`at_once`), in front of actix's router, since routing costs more than they do; everything else
//! comes by `routes`. Not here: any decision about instances (`registry`) or spelling (`eureka`). What must always
//! hold: both entrances read paths with `target`, and ask `admit` before they do anything.

mod apps;
pub(crate) mod body;
pub(crate) mod cache;
mod connections;
mod content;
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
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, CONNECTION, HeaderMap, HeaderValue};
use actix_web::{App, Error, FromRequest, Handler, HttpRequest, HttpResponse, Resource, web};

use self::apps::Vips;
use self::cache::List;
pub(crate) use self::connections::{Connections, Surplus};
use self::error::Refusal;
pub(crate) use self::instances::Name;
pub use self::operation::Operation;
pub(crate) use self::operations::uptime;
use self::query::Query;
use self::target::{NoTarget, Target};
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
            let refused = within_limits(&fast, request.request()).err();
            let refused = refused.map(|refusal| refusal.answer());
            let turn = match refused.or_else(|| at_once(&fast, &request)) {
                Some(answer) => Ok((answer, request)),
                None => Err(next.call(request)),
            };
            let state = fast.clone();
            async move {
                let mut answered = match turn {
                    Ok((answer, request)) => {
                        let (request, payload) = request.into_parts();
                        let answer = drained(&state, &request, payload, answer).await;
                        ServiceResponse::new(request, answer)
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
        .service(page("/livez", operations::livez))
        .service(page("/readyz", operations::readyz))
        .service(page("/health", operations::health))
        .service(page("/actuator/health", operations::health))
        .service(page("/metrics", operations::metrics))
        .configure(|config| dashboard::routes(config, pages.enabled, pages.path.as_str()))
        .default_service(web::to(eureka));
}

/// A resource that can be read, and nothing else.
pub(crate) fn page<Show, Arguments>(path: &str, show: Show) -> Resource
where
    Show: Handler<Arguments, Output = HttpResponse>,
    Arguments: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(show.clone()))
        .route(web::head().to(show))
        .default_service(web::to(async |method: Method| match method {
            Method::OPTIONS => HttpResponse::Ok().insert_header((ALLOW, READING)).finish(),
            _ => Refusal::MethodNotAllowed {
                allow: READING.to_owned(),
            }
            .answer(),
        }))
}

const READING: &str = "HEAD,GET,OPTIONS";

/// Answers what needs neither a body nor time: heartbeats, and lists that are encoded already.
fn at_once(state: &State, request: &ServiceRequest) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::PUT | Method::GET) {
        return None;
    }
    let begun = state.clock.ticks();
    let (target, operation) = admit(state, request.request()).ok()?;
    let headers = request.headers();
    let answer = match (operation, &target) {
        (Operation::Renew, Target::Instance(app, id)) => {
            let query = Query::new(request.query_string());
            let renewed = instances::renew(state, Name { app, id }, query, headers);
            renewed.unwrap_or_else(|refusal| refusal.answer())
        }
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
    let (operation, answer) = match admit(&state, &request) {
        Ok((target, operation)) => {
            let answer = answer(&state, &request, &target, operation, payload).await;
            let refused = |refusal: Refusal| {
                tell(&state, &request, &refusal);
                refusal.answer()
            };
            (operation, answer.unwrap_or_else(refused))
        }
        Err(refusal) => {
            let answer = drained(&state, &request, payload.into_inner(), refusal.answer()).await;
            (Operation::Other, answer)
        }
    };
    state.metrics.answered(
        operation,
        answer.status(),
        state.clock.ticks().saturating_sub(begun),
    );
    answer
}

/// Refuses what is refused whatever it is about.
fn within_limits(state: &State, request: &HttpRequest) -> Result<(), Refusal> {
    if request.conn_data::<Surplus>().is_some() {
        return Err(Refusal::TooManyConnections);
    }
    let limits = &state.config.limits;
    let path = request.uri().path().len() + request.query_string().len();
    if path > limits.path.bytes() {
        return Err(Refusal::PathTooLong);
    }
    let headers = request.headers().iter();
    let lengths = headers.map(|(name, value)| name.as_str().len() + value.len());
    if lengths.sum::<usize>() > limits.head.bytes() {
        return Err(Refusal::HeadTooLong);
    }
    Ok(())
}

/// Tells people why an instance is not listed, as long as that does not fill the log.
fn tell(state: &State, request: &HttpRequest, refusal: &Refusal) {
    let Some(reason) = refusal.reason() else {
        return;
    };
    let Some(unsaid) = state.refusals.ask(state.clock.now()) else {
        return;
    };
    let path = request.path();
    let peer = request.peer_addr().map(|peer| peer.ip().to_string());
    let client_ip = peer.unwrap_or_default();
    tracing::info!(
        event = "refused",
        path,
        client_ip,
        unsaid,
        "refused a request to {path}: {reason}"
    );
}

/// Finds out what a request is about and whether it may go on: path, method, readiness.
fn admit<'a>(state: &State, request: &'a HttpRequest) -> Result<(Target<'a>, Operation), Refusal> {
    let target = Target::parse(request.uri().path()).map_err(Refusal::NoTarget)?;
    let Some(operation) = target.operation(request.method()) else {
        return Err(Refusal::MethodNotAllowed {
            allow: target.allow(),
        });
    };
    if operation == Operation::FetchDelta && !state.config.delta.enabled {
        return Err(Refusal::DeltaDisabled);
    }
    if operation.reads_list() && !state.lists_open() {
        return Err(Refusal::NotReady);
    }
    Ok((target, operation))
}

async fn answer(
    state: &web::Data<State>,
    request: &HttpRequest,
    target: &Target<'_>,
    operation: Operation,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    use Operation as Do;
    let limits = &state.config.limits;
    let max = if operation == Do::Replicate {
        limits.batch_body
    } else {
        limits.body
    };
    let body = body::collect(request.head(), payload, max.bytes(), limits.body_timeout).await?;
    let (headers, query) = (request.headers(), Query::new(request.query_string()));
    match (operation, target) {
        (Do::Options, target) => Ok(HttpResponse::Ok()
            .insert_header((ALLOW, target.allow()))
            .finish()),
        (Do::Register, Target::App(app)) => instances::register(state, app, headers, &body),
        (Do::FetchAll, _) => Ok(apps::list(state, List::All, headers).await),
        (Do::FetchDelta, _) => Ok(apps::list(state, List::Delta, headers).await),
        (Do::FetchApplication, Target::App(app)) => apps::application(state, app, headers),
        (Do::FetchInstance, Target::InstanceById(id)) => instances::fetch_by_id(state, id, headers),
        (Do::FetchVip, Target::Vip(vip)) => Ok(apps::vip(state, Vips::Plain, vip, headers)),
        (Do::FetchVip, Target::SecureVip(vip)) => Ok(apps::vip(state, Vips::Secure, vip, headers)),
        (Do::FetchStatus, _) => Ok(operations::status(state, headers)),
        (Do::Replicate, _) => peers::replicate(state, headers, &body),
        (Do::SetAsgStatus, _) => Err(Refusal::NotAtAmazon),
        (operation, target) => {
            let (app, id) = target
                .instance()
                .ok_or(Refusal::NoTarget(NoTarget::Unknown))?;
            about_instance(state, operation, Name { app, id }, query, headers)
        }
    }
}

/// What can be done with one instance.
fn about_instance(
    state: &State,
    operation: Operation,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    match operation {
        Operation::Renew => instances::renew(state, name, query, headers),
        Operation::Cancel => instances::cancel(state, name, headers),
        Operation::SetStatus => instances::set_status(state, name, query, headers),
        Operation::RemoveStatus => instances::remove_status(state, name, query, headers),
        Operation::SetMetadata => instances::set_metadata(state, name, query),
        Operation::FetchInstance => instances::fetch(state, name, headers),
        _ => Err(Refusal::NoTarget(NoTarget::Unknown)),
    }
}

/// Takes a body nobody looks at off the connection, which could not be used again otherwise.
async fn drained(
    state: &State,
    request: &HttpRequest,
    payload: Payload,
    answer: HttpResponse,
) -> HttpResponse {
    if matches!(payload, Payload::None) {
        return answer;
    }
    let limits = &state.config.limits;
    match body::collect(
        request.head(),
        payload,
        limits.body.bytes(),
        limits.body_timeout,
    )
    .await
    {
        Ok(_) => answer,
        Err(refusal) => refusal.answer(),
    }
}
