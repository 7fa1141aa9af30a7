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
mod dispatch;
pub(crate) mod error;
mod instances;
mod limits;
pub(crate) mod negotiate;
mod operation;
mod operations;
mod peers;
mod query;
pub(crate) mod readers;
mod stitch;
mod target;
pub(crate) mod v1;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, CONNECTION, HeaderValue};
use actix_web::{App, Error, FromRequest, Handler, HttpResponse, Resource, web};

pub(crate) use self::connections::{Connections, limit_unread};
use self::dispatch::{at_once, drained, eureka, within_limits};
use self::error::Refusal;
pub(crate) use self::instances::Name;
pub use self::operation::Operation;
pub(crate) use self::operations::uptime;
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
        .configure(v1::routes)
        .configure(|config| dashboard::routes(config, pages))
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
