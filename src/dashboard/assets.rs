//! The files that pages load: fixed names, checked anew by tag each time, compressed once.
//!
//! What must always hold: only files of the table of `web-ui` are served, from disk as well.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::assets::{self, Asset};

use super::answer::{guard, gzip};
use crate::api::negotiate;
use crate::server::State;

/// Files are compressed once for all.
const FILE_EFFORT: u32 = 9;

struct Packed {
    tag: String,
    gzip: Vec<u8>,
}

static PACKED: LazyLock<BTreeMap<&'static str, Packed>> = LazyLock::new(|| {
    let packed = assets::ALL.iter().map(|asset| {
        let bytes = asset.bytes();
        let packed = Packed {
            tag: tag(&bytes),
            gzip: gzip(&bytes, FILE_EFFORT),
        };
        (asset.name, packed)
    });
    packed.collect()
});

/// `GET ui/{name}`
pub(super) async fn show(
    state: web::Data<State>,
    name: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let Some(asset) = assets::find(&name) else {
        return HttpResponse::NotFound().finish();
    };
    match &state.config.dashboard.ui_dir {
        Some(folder) => from_disk(folder.path(), asset),
        None => embedded(&request, asset),
    }
}

fn embedded(request: &HttpRequest, asset: &Asset) -> HttpResponse {
    let Some(packed) = PACKED.get(asset.name) else {
        return HttpResponse::NotFound().finish();
    };
    let mut answer = HttpResponse::Ok();
    guard(&mut answer)
        .insert_header((ETAG, packed.tag.as_str()))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((VARY, "Accept-Encoding"))
        .content_type(asset.mime);
    if known(request, &packed.tag) {
        return answer
            .status(actix_web::http::StatusCode::NOT_MODIFIED)
            .finish();
    }
    if negotiate::gzip(request.headers()) {
        let body = packed.gzip.as_slice();
        return answer.insert_header((CONTENT_ENCODING, "gzip")).body(body);
    }
    answer.body(asset.bytes())
}

/// Whether the browser has it already. Both encodings go by one tag, which is weak therefore.
fn known(request: &HttpRequest, tag: &str) -> bool {
    let mut lists = request.headers().get_all(IF_NONE_MATCH);
    lists.any(|list| {
        list.to_str()
            .is_ok_and(|list| list.contains(tag) || list.trim() == "*")
    })
}

/// While designing: the file as it is now.
fn from_disk(folder: &Path, asset: &Asset) -> HttpResponse {
    let folder = folder.join("assets");
    let parts = asset
        .parts
        .iter()
        .map(|(name, _)| std::fs::read(folder.join(name)));
    match parts.collect::<Result<Vec<_>, _>>() {
        Ok(parts) => guard(&mut HttpResponse::Ok())
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type(asset.mime)
            .body(parts.concat()),
        Err(error) => {
            tracing::warn!(
                event = "ui_dir",
                "failed to read {} in {}: {error}",
                asset.name,
                folder.display()
            );
            HttpResponse::NotFound().finish()
        }
    }
}

/// Names these bytes (FNV-1a, 64 bits): enough to tell releases apart.
fn tag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("W/\"{hash:016x}\"")
}
