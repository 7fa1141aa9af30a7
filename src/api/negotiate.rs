//! What a client wants its answer to look like.

use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};

use crate::eureka::{Dialect, Form, Format};
use crate::registry::change::Sender;

const EUREKA_ACCEPT: HeaderName = HeaderName::from_static("x-eureka-accept");
const REPLICATION: HeaderName = HeaderName::from_static("x-netflix-discovery-replication");

/// JSON if `Accept` speaks of it anywhere, else XML, as the Java server decides on bodies. Never a refusal: real
/// clients send lists that contradict themselves.
pub(crate) fn format(headers: &HeaderMap) -> Format {
    if accepts(headers, b"json") {
        Format::Json
    } else {
        Format::Xml
    }
}

/// The format, and whether it is to be compact.
pub(crate) fn dialect(headers: &HeaderMap) -> Dialect {
    let compact = headers
        .get(EUREKA_ACCEPT)
        .is_some_and(|form| form.as_bytes().eq_ignore_ascii_case(b"compact"));
    Dialect {
        format: format(headers),
        form: if compact { Form::Compact } else { Form::Full },
    }
}

/// Whether a browser asks.
pub(crate) fn html(headers: &HeaderMap) -> bool {
    accepts(headers, b"text/html")
}

fn accepts(headers: &HeaderMap, word: &[u8]) -> bool {
    let mut lists = headers.get_all(ACCEPT);
    lists.any(|accept| contains_word(accept.as_bytes(), word))
}

/// Whether lists may be compressed. Quality values are not looked at, as Java does not.
pub(crate) fn gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .any(|accept| contains_word(accept.as_bytes(), b"gzip"))
}

/// Whether a server that replicates sent this, or a client.
pub(crate) fn sender(headers: &HeaderMap) -> Sender {
    match headers.get(REPLICATION) {
        Some(value) if value == "true" => Sender::Peer,
        _ => Sender::Client,
    }
}

fn contains_word(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn check(accept: &str, expected: Format) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        assert_eq!(format(&headers), expected, "{accept}");
    }

    #[test]
    fn json_is_for_whoever_speaks_of_it() {
        check("application/json", Format::Json);
        check("APPLICATION/JSON", Format::Json);
        check("application/xml, application/json", Format::Json);
        check("application/*+json", Format::Json);
        check("*/*", Format::Xml);
        check("text/html,application/xml;q=0.9,*/*;q=0.8", Format::Xml);
        check("text/plain", Format::Xml);
    }

    #[test]
    fn nothing_said_means_full_xml_uncompressed_from_a_client() {
        let headers = HeaderMap::new();
        assert_eq!(dialect(&headers), Dialect::full(Format::Xml));
        assert!(!gzip(&headers));
        assert_eq!(sender(&headers), Sender::Client);
    }
}
