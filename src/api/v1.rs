//! The API for people and programs that operate servers, below `/api/v1`.
//!
//! Here: its routes on one screen; the handlers are in the files beside. Not here: what the documents mean (`native`,
//! `cluster`). What must always hold: everything below this path answers in JSON, refusals too; every route is in the
//! published description; and nobody acts who may not (`rights`).

mod acting;
mod cluster;
mod events;
mod extract;
mod fresh;
mod instances;
mod openapi;
mod problem;
pub(crate) mod rights;
mod snapshot;
mod standing;
pub(crate) mod stream;
#[cfg(test)]
mod tests;
pub(crate) mod watch;
mod writing;

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

pub(crate) use self::extract::asked;
use self::problem::Problem;
pub(crate) use self::problem::detail;
use super::READING;
use crate::server::State;

/// Where all of it stands.
const ROOT: &str = "/api/v1";

/// A path, the methods it has, and who answers them.
struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the published description is compared with it")
    )]
    path: &'static str,
    allow: &'static str,
    resource: Resource,
}

/// The routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let mut scope = web::scope(ROOT);
    for Route {
        allow, resource, ..
    } in table()
    {
        let otherwise = move |method: Method| async move {
            match method {
                Method::OPTIONS => HttpResponse::Ok().insert_header((ALLOW, allow)).finish(),
                _ => Problem::MethodNotAllowed(allow).answer(),
            }
        };
        scope = scope.service(resource.default_service(web::to(otherwise)));
    }
    config.service(scope.default_service(web::to(async || Problem::NoSuchPath.answer())));
}

/// All of them.
fn table() -> Vec<Route> {
    use web::{delete, post, put};
    let mut routes = vec![
        readable("/instances", instances::list),
        readable("/instances/{app}/{id}", instances::one).with(
            "DELETE,GET,HEAD,OPTIONS,PUT",
            |resource| {
                resource
                    .route(put().to(writing::register))
                    .route(delete().to(writing::cancel))
            },
        ),
        readable("/services", instances::services),
        readable("/services/{name}", instances::service),
        readable("/zones", instances::zones),
        readable("/explain/{app}/{id}", instances::explain),
        readable("/protection", standing::protection),
        readable("/settings", standing::settings),
        readable("/overrides", standing::overrides),
        readable("/openapi.json", standing::described),
        readable("/events", events::events),
        readable("/stream", stream::stream),
        readable("/watch/instances", watch::instances),
        readable("/watch/services/{name}", watch::service),
        readable("/drains", acting::all_drains),
        readable("/drains/{drain}", acting::one_drain)
            .with("DELETE,GET,HEAD,OPTIONS", |resource| {
                resource.route(delete().to(acting::undo_drain))
            }),
    ];
    routes.extend([
        readable("/cluster", cluster::seen_here),
        readable("/cluster/members/{member}", cluster::seen_there),
        readable("/cluster/records", cluster::shown_here),
        readable("/snapshot", snapshot::snapshot),
        writable("/instances/{app}/{id}/lease", "OPTIONS,PUT").with("OPTIONS,PUT", |resource| {
            resource.route(put().to(writing::renew))
        }),
        writable("/instances/{app}/{id}/override", "DELETE,OPTIONS,PUT").with(
            "DELETE,OPTIONS,PUT",
            |resource| {
                resource
                    .route(put().to(acting::overrule))
                    .route(delete().to(acting::give_back))
            },
        ),
        writable("/instances/{app}/{id}/evict", POSTING)
            .with(POSTING, |resource| resource.route(post().to(acting::evict))),
        writable("/evict", POSTING).with(POSTING, |resource| {
            resource.route(post().to(acting::evict_expired))
        }),
        writable("/drain", POSTING)
            .with(POSTING, |resource| resource.route(post().to(acting::drain))),
        writable("/protection/release", POSTING).with(POSTING, |resource| {
            resource.route(post().to(acting::release))
        }),
    ]);
    routes
}

const POSTING: &str = "OPTIONS,POST";

impl Route {
    /// The same with further methods.
    fn with(self, allow: &'static str, more: impl FnOnce(Resource) -> Resource) -> Self {
        Self {
            allow,
            resource: more(self.resource),
            ..self
        }
    }
}

/// A path that can be read.
fn readable<Show, Arguments>(path: &'static str, show: Show) -> Route
where
    Show: Handler<Arguments>,
    Show::Output: Responder + 'static,
    Arguments: FromRequest + 'static,
{
    let resource = web::resource(path)
        .route(web::get().to(show.clone()))
        .route(web::head().to(show));
    Route {
        path,
        allow: READING,
        resource,
    }
}

/// A path that cannot be read.
fn writable(path: &'static str, allow: &'static str) -> Route {
    Route {
        path,
        allow,
        resource: web::resource(path),
    }
}

/// Makes a document aside: with many instances that takes longer than heartbeats should wait for.
async fn aside<T: Send + 'static>(
    state: &web::Data<State>,
    make: impl FnOnce(&State) -> T + Send + 'static,
) -> Result<T, Problem> {
    let state = state.clone();
    web::block(move || make(&state))
        .await
        .map_err(|_ending| Problem::NotReady)
}

/// Refuses lists while this server would show a part for the whole.
fn lists_open(state: &State) -> Result<(), Problem> {
    if state.lists_open() {
        Ok(())
    } else {
        Err(Problem::NotReady)
    }
}
