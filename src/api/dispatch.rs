//! From a request to the call it means, for both entrances.
//!
//! Here: what is asked of every request before it goes on, and which function answers it. Not here: paths
//! (`target`), the answers themselves. What must always hold: nothing is done for a request that was not admitted.

use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};

use super::apps::Vips;
use super::cache::List;
use super::connections::Surplus;
use super::error::Refusal;
use super::instances::Name;
use super::operation::Operation;
use super::query::Query;
use super::target::{NoTarget, Target};
use super::{apps, body, instances, operations, peers, readers};
use crate::registry;
use crate::server::State;

/// Answers what needs neither a body nor time: heartbeats, and lists that are encoded already.
pub(super) fn at_once(state: &State, request: &ServiceRequest) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::PUT | Method::GET) {
        return None;
    }
    let begun = state.clock.ticks();
    let (target, operation) = admit(state, request.request(), begun).ok()?;
    let headers = request.headers();
    let answer = match (operation, &target) {
        (Operation::Renew, Target::Instance(app, id)) => {
            let query = Query::new(request.query_string());
            let renewed = instances::renew(state, Name { app, id }, query, headers);
            renewed.unwrap_or_else(|refusal| settled(state, refusal).answer())
        }
        (Operation::FetchAll, _) => apps::list_ready(state, List::All, headers)?,
        (Operation::FetchDelta, _) => apps::list_ready(state, List::Delta, headers)?,
        _ => return None,
    };
    if operation.reads_list() {
        readers::note(state, request.request());
    }
    state.metrics.answered(
        operation,
        answer.status(),
        state.clock.ticks().saturating_sub(begun),
    );
    Some(answer)
}

/// Everything else of the Eureka API.
pub(super) async fn eureka(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let begun = state.clock.ticks();
    let (operation, answer) = match admit(&state, &request, begun) {
        Ok((target, operation)) => {
            let answer = answer(&state, &request, &target, operation, payload).await;
            if answer.is_ok() && operation.reads_list() {
                readers::note(&state, &request);
            }
            let refused = |refusal: Refusal| {
                tell(&state, &request, &refusal);
                settled(&state, refusal).answer()
            };
            (operation, answer.unwrap_or_else(refused))
        }
        Err(refusal) => {
            tell(&state, &request, &refusal);
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
pub(super) fn within_limits(state: &State, request: &HttpRequest) -> Result<(), Refusal> {
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
fn admit<'a>(
    state: &State,
    request: &'a HttpRequest,
    begun: Duration,
) -> Result<(Target<'a>, Operation), Refusal> {
    let target = Target::parse(request.uri().path()).map_err(Refusal::NoTarget)?;
    let Some(operation) = target.operation(request.method()) else {
        return Err(Refusal::MethodNotAllowed {
            allow: target.allow(),
        });
    };
    if operation == Operation::FetchDelta && !state.config.delta.enabled {
        return Err(Refusal::DeltaDisabled);
    }
    let doors = state.doors();
    if operation == Operation::Register {
        // Before anything refuses it: a server that nobody called opens its lists sooner.
        state.registry.hear_client();
    }
    if operation.reads_list() && !doors.lists || operation.writes() && !doors.writes {
        return Err(Refusal::NotReady);
    }
    if operation.speaks_for_now() && state.stalls.may_be_old(begun) {
        return Err(Refusal::MayBeOld);
    }
    Ok((target, operation))
}

/// What to say of an instance nobody here knows: as long as others may know it, that is no reason to register again.
fn settled(state: &State, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Registry(registry::Refusal::NotRegistered) if !state.doors().not_found => {
            Refusal::NotReady
        }
        refusal => refusal,
    }
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
        (Do::FetchStatus, _) => Ok(operations::status(state, headers).await),
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
pub(super) async fn drained(
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
