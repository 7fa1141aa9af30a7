//! What a request says its body is.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap};

use crate::eureka::Format;

/// What a request says its body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) format: Format,
    /// The format in which it is refused: Eureka answers in XML unless the type is nothing but `application/json`.
    pub(crate) error_format: Format,
}

/// Charsets Java lets through. Bodies are read as UTF-8 in any case, as Java does.
const CHARSETS: [&str; 2] = ["utf-8", "iso-8859-1"];

impl Content {
    /// JSON or XML, in a charset that is let through; `None` is neither.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (essence, parameters) = header.split_once(';').unwrap_or((header, ""));
        let format = match essence.trim().to_ascii_lowercase().as_str() {
            "application/json" => Format::Json,
            "application/xml" => Format::Xml,
            _ => return None,
        };
        let error_format = if header == "application/json" {
            Format::Json
        } else {
            Format::Xml
        };
        let known = charset(parameters).is_none_or(|charset| {
            CHARSETS
                .iter()
                .any(|known| charset.eq_ignore_ascii_case(known))
        });
        known.then_some(Self {
            format,
            error_format,
        })
    }
}

fn charset(parameters: &str) -> Option<&str> {
    let mut pairs = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Some(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn check(header: &str, expected: Option<(Format, Format)>) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(header).unwrap());
        let found = Content::of(&headers).map(|content| (content.format, content.error_format));
        assert_eq!(found, expected, "{header}");
    }

    #[test]
    fn only_json_and_xml_in_known_charsets_are_taken() {
        check("application/json", Some((Format::Json, Format::Json)));
        check(
            "Application/JSON;charset=UTF-8",
            Some((Format::Json, Format::Xml)),
        );
        check(
            "application/xml; charset=\"iso-8859-1\"",
            Some((Format::Xml, Format::Xml)),
        );
        check("application/json;charset=UTF-16", None);
        check("text/xml", None);
        check("application/jsonp", None);
    }
}
