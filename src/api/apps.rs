//! Lists: everything, what changed lately, one application, a virtual address.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::{HttpResponse, web};

use super::body::Pieces;
use super::cache::{Cache, Edition, List};
use super::error::Refusal;
use super::negotiate;
use crate::eureka::Dialect;
use crate::eureka::document::{self, Header};
use crate::registry::instance::AppName;
use crate::registry::listing::StatusCounts;
use crate::registry::{self, entry::Entry};
use crate::server::State;

/// `GET /apps` and `GET /apps/delta`, once the document is there.
pub(crate) async fn list(
    state: &web::Data<State>,
    list: List,
    headers: &HeaderMap,
) -> HttpResponse {
    let dialect = negotiate::dialect(headers);
    serve(
        &Cache::get(state, list, dialect).await,
        dialect,
        negotiate::gzip(headers),
        state,
    )
}

/// The same, if it is there already.
pub(crate) fn list_ready(state: &State, list: List, headers: &HeaderMap) -> Option<HttpResponse> {
    let dialect = negotiate::dialect(headers);
    let edition = state.cache.ready(state, list, dialect)?;
    Some(serve(&edition, dialect, negotiate::gzip(headers), state))
}

fn serve(edition: &Arc<Edition>, dialect: Dialect, gzip: bool, state: &State) -> HttpResponse {
    let document = &edition.document;
    let mut answer = HttpResponse::Ok();
    answer.content_type(dialect.format.content_type());
    state.metrics.fetched(if gzip {
        document.gzip_len()
    } else {
        document.plain_len()
    });
    if !gzip {
        return answer.body(Pieces::new(document.plain_len(), document.plain()));
    }
    answer.insert_header((CONTENT_ENCODING, "gzip"));
    match document.whole() {
        Some(whole) => answer.body(whole.clone()),
        None => answer.body(Pieces::new(document.gzip_len(), document.gzip())),
    }
}

/// `GET /apps/{app}`.
pub(crate) fn application(
    state: &State,
    app: &str,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let snapshot = state.registry.refresh();
    let mut instances = snapshot.registered.application(app).peekable();
    if instances.peek().is_none() {
        return Err(registry::Refusal::NotRegistered.into());
    }
    let dialect = negotiate::dialect(headers);
    let mut out = Vec::new();
    document::application(
        &mut out,
        dialect,
        &AppName::new(app),
        instances.map(|entry| entry.shown()),
    );
    Ok(HttpResponse::Ok()
        .content_type(dialect.format.content_type())
        .body(out))
}

/// Which list of virtual addresses is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vips {
    Plain,
    Secure,
}

/// `GET /vips/{vip}` and `GET /svips/{vip}`. Nobody there is an empty list, not a 404.
pub(crate) fn vip(state: &State, vips: Vips, vip: &str, headers: &HeaderMap) -> HttpResponse {
    let snapshot = state.registry.refresh();
    let named = |entry: &&Arc<Entry>| match vips {
        Vips::Plain => entry.instance().vips().any(|known| known == vip),
        Vips::Secure => entry.instance().secure_vips().any(|known| known == vip),
    };
    let entries: Vec<_> = snapshot.registered.iter().filter(named).cloned().collect();
    let hash = StatusCounts::of(&entries).hash_code();
    let header = Header {
        version: -1,
        hash: &hash,
    };
    let groups = entries.chunk_by(|a, b| a.key().app == b.key().app);
    let groups = groups.filter_map(|group| {
        Some((
            &group.first()?.key().app,
            group.iter().map(|entry| entry.shown()),
        ))
    });
    let dialect = negotiate::dialect(headers);
    let mut out = Vec::new();
    document::applications(&mut out, dialect, &header, groups);
    HttpResponse::Ok()
        .content_type(dialect.format.content_type())
        .body(out)
}
