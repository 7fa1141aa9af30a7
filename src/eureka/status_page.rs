//! The document of `/eureka/status`.
//!
//! Java's own JSON is broken unless a setting is made, so nobody depends on it; the shape is what was meant.

use super::dialect::{Dialect, Format};
use super::instance;
use super::pen::Pen;
use crate::registry::view::Shown;

/// The root of the XML form: the Java class by its full name.
const ROOT: &str = "com.netflix.eureka.util.StatusInfo";

/// What a server says of itself.
#[derive(Clone, Copy, Debug)]
pub struct StatusPage<'a> {
    /// Of the machine and the process.
    pub general: &'a [(&'a str, String)],
    /// Of the other servers.
    pub application: &'a [(&'a str, String)],
    /// The server as if it were registered.
    pub instance: Shown<'a>,
    /// Whether enough other servers are up, where a minimum is set.
    pub healthy: Option<bool>,
}

/// Appends the document.
pub fn write(out: &mut Vec<u8>, format: Format, page: &StatusPage<'_>) {
    let pen = &mut Pen::new(out, Dialect::full(format));
    pen.open_item(ROOT);
    pen.map("generalStats", pairs(page.general));
    pen.map("applicationStats", pairs(page.application));
    pen.open_field("instanceInfo");
    instance::write(pen, &page.instance);
    pen.close_field("instanceInfo");
    if let Some(healthy) = page.healthy {
        // The XML form is written from the field of the class, whose name is misspelt.
        pen.flag(pen.either("healthy", "isHeathly"), healthy);
    }
    pen.close_item(ROOT);
}

fn pairs<'a>(texts: &'a [(&'a str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    texts.iter().map(|(name, text)| (*name, text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::eureka::{Limits, registration};
    use crate::registry::instance::AppName;

    #[test]
    fn the_page_is_written_in_both_formats() {
        let body = r#"{"instance":{"app":"A","hostName":"h","ipAddr":"1","dataCenterInfo":{"name":"MyOwn"}}}"#;
        let (app, now) = (AppName::new("A"), Timestamp::from_millis(5));
        let registration =
            registration(Format::Json, body.as_bytes(), &app, &Limits::default(), now).unwrap();
        let text = |format, healthy| {
            let page = StatusPage {
                general: &[
                    ("num-of-cpus", "2".into()),
                    ("server-uptime", "00:01".into()),
                ],
                application: &[],
                instance: crate::eureka::laws::shown(&registration.instance),
                healthy,
            };
            let mut out = Vec::new();
            write(&mut out, format, &page);
            String::from_utf8(out).unwrap()
        };
        let json = text(Format::Json, Some(true));
        assert!(json.starts_with(
            r#"{"generalStats":{"num-of-cpus":"2","server-uptime":"00:01"},"applicationStats":{"@class""#
        ));
        assert!(json.contains(r#"},"instanceInfo":{"hostName":"h","app":"A""#));
        assert!(json.ends_with(r#""actionType":"ADDED"},"healthy":true}"#));
        assert!(text(Format::Json, None).ends_with(r#""actionType":"ADDED"}}"#));
        let xml = text(Format::Xml, Some(false));
        assert!(xml.starts_with(
            "<com.netflix.eureka.util.StatusInfo>\n  <generalStats>\n    <num-of-cpus>2</num-of-cpus>"
        ));
        assert!(xml.ends_with(
            "\n  </instanceInfo>\n  <isHeathly>false</isHeathly>\n</com.netflix.eureka.util.StatusInfo>"
        ));
    }
}
