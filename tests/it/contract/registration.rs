//! What a registration looks like when it is read back.
//!
//! Here: the rules by which the Java server fills in what a client left out, written down once more and without a
//! look at `src/eureka`, which is what they test. They cover what real clients send; odd values are the business of
//! the recorded conversations.

use serde_json::{Map, Value, json};

use super::memory::digits;
use super::plain;
use super::xml::Element;

const DEFAULT_CLASS: &str = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
const EMPTY_MAP: &str = "java.util.Collections$EmptyMap";

/// Shown as they came, where they came.
const TEXTS: [&str; 12] = [
    "instanceId",
    "hostName",
    "ipAddr",
    "homePageUrl",
    "statusPageUrl",
    "healthCheckUrl",
    "secureHealthCheckUrl",
    "vipAddress",
    "secureVipAddress",
    "asgName",
    "app",
    "appGroupName",
];

/// The instance a GET in JSON must show, from the one that was registered.
pub(crate) fn shown(sent: &Value) -> Value {
    let status = status(&sent["status"], "UP");
    let mut shown = json!({
        "status": status,
        "overriddenStatus": status_override(sent),
        "port": port(&sent["port"], 7001, true),
        "securePort": port(&sent["securePort"], 7002, false),
        "countryId": whole(&sent["countryId"]).unwrap_or(1),
        "dataCenterInfo": {"@class": DEFAULT_CLASS, "name": sent["dataCenterInfo"]["name"]},
        "leaseInfo": lease(&sent["leaseInfo"], status == "UP"),
        "metadata": metadata(&sent["metadata"]),
        "isCoordinatingDiscoveryServer": "false",
        "lastUpdatedTimestamp": "<text ms>",
        "lastDirtyTimestamp": whole(&sent["lastDirtyTimestamp"]).map_or("<text ms>".into(), |time| time.to_string()),
        "actionType": "ADDED",
    });
    for field in TEXTS {
        if let Some(text) = sent[field].as_str() {
            let upper = matches!(field, "app" | "appGroupName");
            shown[field] = if upper {
                text.to_uppercase().into()
            } else {
                text.into()
            };
        }
    }
    if let Some(sid) = sent["sid"]
        .as_str()
        .filter(|sid| !matches!(*sid, "na" | "unknown"))
    {
        shown["sid"] = sid.into();
    }
    shown
}

/// A number, or a text of digits.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| digits(value.as_str()?))
}

fn status(sent: &Value, absent: &'static str) -> &'static str {
    let Some(name) = sent.as_str() else {
        return absent;
    };
    let known = ["UP", "DOWN", "STARTING", "OUT_OF_SERVICE"]
        .into_iter()
        .find(|known| *known == name);
    known.unwrap_or("UNKNOWN")
}

/// Clients spell the field in two ways.
fn status_override(sent: &Value) -> &'static str {
    let spelt = ["overriddenStatus", "overriddenstatus"].map(|name| status(&sent[name], "UNKNOWN"));
    spelt
        .into_iter()
        .find(|name| *name != "UNKNOWN")
        .unwrap_or("UNKNOWN")
}

fn port(sent: &Value, number: i64, enabled: bool) -> Value {
    let enabled = match &sent["@enabled"] {
        Value::Bool(is) => *is,
        Value::String(text) => text == "true",
        _ => enabled,
    };
    json!({"$": whole(&sent["$"]).unwrap_or(number), "@enabled": enabled.to_string()})
}

fn lease(sent: &Value, up: bool) -> Value {
    let seconds = |name: &str, default| {
        whole(&sent[name])
            .filter(|secs| *secs > 0)
            .unwrap_or(default)
    };
    json!({
        "renewalIntervalInSecs": seconds("renewalIntervalInSecs", 30),
        "durationInSecs": seconds("durationInSecs", 90),
        "registrationTimestamp": "<ms>",
        "lastRenewalTimestamp": "<ms>",
        "evictionTimestamp": 0,
        "serviceUpTimestamp": if up { json!("<ms>") } else { json!(0) },
    })
}

/// Java's name for an empty map is no entry, but how an empty map is shown.
fn metadata(sent: &Value) -> Value {
    let mut entries = sent.as_object().cloned().unwrap_or_default();
    entries.remove("@class");
    if entries.is_empty() {
        return json!({"@class": EMPTY_MAP});
    }
    entries.into()
}

/// An instance sent in XML, as it would have been sent in JSON.
pub(crate) fn from_xml(sent: &Element) -> Value {
    let fields = sent.children.iter().map(|child| {
        let value = match child.name.as_str() {
            "port" | "securePort" => {
                json!({"$": child.text, "@enabled": child.attributes["enabled"]})
            }
            "dataCenterInfo" | "leaseInfo" | "metadata" => texts(child),
            _ => json!(child.text),
        };
        (child.name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn texts(parent: &Element) -> Value {
    let entries = parent
        .children
        .iter()
        .map(|child| (unescape(&child.name), json!(child.text)));
    Value::Object(entries.collect())
}

/// The instance a GET in XML must show, from the one a GET in JSON must.
pub(crate) fn in_xml(shown: &Value) -> Element {
    let mut instance = Element::named("instance");
    for (name, value) in fields(shown) {
        instance.children.push(match name.as_str() {
            "overriddenStatus" => Element::named("overriddenstatus").with_text(&plain(value)),
            "port" | "securePort" => {
                let enabled = plain(&value["@enabled"]);
                Element::named(name)
                    .with_text(&plain(&value["$"]))
                    .with_attribute("enabled", &enabled)
            }
            _ => element(name, value),
        });
    }
    instance
}

/// An element with a field for each child, or with a text. Java's class is an attribute.
fn element(name: &str, value: &Value) -> Element {
    let mut element = Element::named(&escape(name));
    if !value.is_object() {
        return element.with_text(&plain(value));
    }
    for (name, value) in fields(value) {
        if name == "@class" {
            element = element.with_attribute("class", &plain(value));
        } else {
            element.children.push(self::element(name, value));
        }
    }
    element
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// How Java writes names in XML; what clients use needs no more of it than this.
fn escape(name: &str) -> String {
    name.replace('_', "__").replace('$', "_-")
}

fn unescape(name: &str) -> String {
    name.replace("_-", "$").replace("__", "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_leaves_out_is_filled_in() {
        let sent = json!({"app": "orders", "hostName": "h", "ipAddr": "1", "dataCenterInfo": {"name": "MyOwn"}});
        let shown = shown(&sent);
        assert_eq!(shown["app"], "ORDERS");
        assert_eq!(shown["status"], "UP");
        assert_eq!(shown["securePort"], json!({"$": 7002, "@enabled": "false"}));
        assert_eq!(shown["leaseInfo"]["durationInSecs"], 90);
        assert_eq!(shown["metadata"], json!({"@class": EMPTY_MAP}));
        assert_eq!(shown.get("instanceId"), None);
    }

    #[test]
    fn xml_and_json_say_the_same() {
        let written = "<instance><port enabled=\"true\">80</port><metadata><a__b>1</a__b></metadata></instance>";
        let read = from_xml(&Element::parse(written).expect("well-formed"));
        let expected = json!({"port": {"$": "80", "@enabled": "true"}, "metadata": {"a_b": "1"}});
        assert_eq!(read, expected);
        assert_eq!(
            in_xml(&expected).to_string(),
            "<instance><metadata><a__b>1</a__b></metadata>\
            <port enabled=\"true\">80</port></instance>"
        );
    }
}
