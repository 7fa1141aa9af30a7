//! The description of this API, in OpenAPI 3.1.
//!
//! What must always hold: it has every route and no other; a test compares the two.

use std::sync::LazyLock;

use utoipa::OpenApi;
use utoipa::openapi;

use super::{acting, cluster, events, instances, snapshot, standing, stream, watch, writing};
use crate::native::documents;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Peerage",
        description = "A registry of services, natively. Times are RFC 3339 in UTC, durations milliseconds in fields that \
                       end in `_ms`. A field that is here stays; readers pass over fields they do not know. Refusals are \
                       `application/problem+json`.",
    ),
    paths(
        instances::list,
        instances::one,
        instances::explain,
        instances::services,
        instances::service,
        instances::zones,
        standing::protection,
        standing::settings,
        standing::overrides,
        standing::described,
        cluster::seen_here,
        cluster::seen_there,
        cluster::shown_here,
        snapshot::snapshot,
        events::events,
        stream::stream,
        watch::instances,
        watch::service,
        writing::register,
        writing::renew,
        writing::cancel,
        acting::overrule,
        acting::give_back,
        acting::evict,
        acting::evict_expired,
        acting::release,
        acting::drain,
        acting::all_drains,
        acting::one_drain,
        acting::undo_drain,
    ),
    components(schemas(
        documents::Compact,
        documents::Undo,
        documents::EventKind,
        documents::Snapshot,
        documents::Delta,
        documents::Bookmark,
        documents::Resync,
        documents::Bye,
        documents::LeaseMoved,
    )),
    tags(
        (name = "instances", description = "What is registered, and why."),
        (name = "services", description = "The same by application and by zone."),
        (name = "events", description = "What happens, as it happens."),
        (name = "cluster", description = "The servers of the registry."),
        (name = "writing", description = "What clients say, in plain JSON."),
        (name = "acting", description = "What operators do. From the server's own machine only, unless the setting `actions` says otherwise."),
    ),
)]
struct Described;

/// The description.
pub(super) fn description() -> openapi::OpenApi {
    Described::openapi()
}

/// The same as JSON. It never changes while a server runs.
pub(super) static TEXT: LazyLock<String> =
    LazyLock::new(|| description().to_json().unwrap_or_default());
