//! Documents that need not be sent again: weak entity tags, and 304.
//!
//! What must always hold: a tag is of what a document says, without the times that move by themselves; so a reader that
//! is told 304 misses no change of status, code or standing.

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// A document, or 304 if the reader has it already.
pub(super) fn document<T: Serialize + Hash>(request: &HttpRequest, document: &T) -> HttpResponse {
    let tag = tag(document);
    if known(request.headers(), &tag) {
        return HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .finish();
    }
    HttpResponse::Ok()
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .json(document)
}

/// A document that is another whenever it is asked for.
pub(super) fn moving<T: Serialize>(document: &T) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(document)
}

fn tag(document: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    document.hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Whether a reader names the tag. Weakly: `W/` does not count.
fn known(headers: &HeaderMap, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let mut lists = headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|list| list.to_str().ok());
    lists
        .any(|list| list.trim() == "*" || list.split(',').any(|known| strong(known) == strong(tag)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_compared_weakly_and_within_lists() {
        let known_in = |list: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(list));
            known(&headers, "W/\"a\"")
        };
        for list in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(known_in(list), "{list}");
        }
        for list in ["", "\"b\"", "W/\"aa\""] {
            assert!(!known_in(list), "{list}");
        }
    }
}
