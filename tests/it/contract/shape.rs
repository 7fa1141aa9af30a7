//! The shape of every JSON answer, whatever a conversation looks at.
//!
//! Spring's clients reject a whole registry for one unknown field, so nothing extra is ever harmless.

use serde_json::Value;

use super::memory::digits;

type Check = fn(&Value) -> bool;
type Fields = [(&'static str, Check)];

/// Whether `body` is a well-formed document of the kind its root names, or none of Eureka's kinds. The compact form
/// knows fewer fields, and times as numbers.
pub(crate) fn is_well_formed(body: &Value, compact: bool) -> bool {
    let instance = if compact {
        compact_instance
    } else {
        full_instance
    };
    let documents = ["applications", "application", "instance"];
    let Some(root) = documents.into_iter().find(|root| body.get(root).is_some()) else {
        return true;
    };
    let inner = &body[root];
    let fits = match root {
        "applications" => applications(inner, instance),
        "application" => application(inner, instance),
        // A single instance has no compact form.
        _ => full_instance(inner),
    };
    fits && body.as_object().is_some_and(|roots| roots.len() == 1)
}

fn applications(value: &Value, instance: Check) -> bool {
    let required: &Fields = &[
        ("versions__delta", digit_text),
        ("apps__hashcode", text),
        ("application", array),
    ];
    record(value, required, &[]) && all(&value["application"], |one| application(one, instance))
}

fn application(value: &Value, instance: Check) -> bool {
    record(value, &[("name", text), ("instance", array)], &[]) && all(&value["instance"], instance)
}

const COMMON: &Fields = &[
    ("app", text),
    ("ipAddr", text),
    ("hostName", text),
    ("status", status),
    ("port", port),
    ("securePort", port),
    ("dataCenterInfo", data_center),
];

const COMMON_OPTIONAL: &Fields = &[
    ("instanceId", text),
    ("vipAddress", text),
    ("secureVipAddress", text),
    ("asgName", text),
    ("actionType", action),
];

fn compact_instance(value: &Value) -> bool {
    let required = [COMMON, &[("lastUpdatedTimestamp", whole)]].concat();
    record(value, &required, COMMON_OPTIONAL)
}

fn full_instance(value: &Value) -> bool {
    let own: &Fields = &[
        ("lastUpdatedTimestamp", digit_text),
        ("lastDirtyTimestamp", digit_text),
        ("overriddenStatus", status),
        ("countryId", whole),
        ("leaseInfo", lease),
        ("metadata", text_map),
        ("isCoordinatingDiscoveryServer", boolean_text),
    ];
    let own_optional: &Fields = &[
        ("sid", text),
        ("appGroupName", text),
        ("homePageUrl", text),
        ("statusPageUrl", text),
        ("healthCheckUrl", text),
        ("secureHealthCheckUrl", text),
    ];
    record(
        value,
        &[COMMON, own].concat(),
        &[COMMON_OPTIONAL, own_optional].concat(),
    )
}

fn lease(value: &Value) -> bool {
    let required: &Fields = &[
        ("renewalIntervalInSecs", whole),
        ("durationInSecs", whole),
        ("registrationTimestamp", whole),
        ("lastRenewalTimestamp", whole),
        ("evictionTimestamp", whole),
        ("serviceUpTimestamp", whole),
    ];
    record(value, required, &[])
}

fn data_center(value: &Value) -> bool {
    record(
        value,
        &[("@class", text), ("name", data_center_name)],
        &[("metadata", text_map)],
    )
}

fn port(value: &Value) -> bool {
    record(value, &[("$", whole), ("@enabled", boolean_text)], &[])
}

fn status(value: &Value) -> bool {
    one_of(
        value,
        &["UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"],
    )
}

fn action(value: &Value) -> bool {
    one_of(value, &["ADDED", "MODIFIED", "DELETED"])
}

fn data_center_name(value: &Value) -> bool {
    one_of(value, &["Netflix", "Amazon", "MyOwn"])
}

fn boolean_text(value: &Value) -> bool {
    one_of(value, &["true", "false"])
}

fn one_of(value: &Value, names: &[&str]) -> bool {
    value.as_str().is_some_and(|name| names.contains(&name))
}

fn text(value: &Value) -> bool {
    value.is_string()
}

fn digit_text(value: &Value) -> bool {
    value.as_str().and_then(digits).is_some()
}

fn whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

fn array(value: &Value) -> bool {
    value.is_array()
}

fn text_map(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|map| map.values().all(Value::is_string))
}

fn all(value: &Value, check: impl Fn(&Value) -> bool) -> bool {
    value
        .as_array()
        .is_some_and(|elements| elements.iter().all(check))
}

/// An object with all the required fields, perhaps some of the optional ones, and no others.
fn record(value: &Value, required: &Fields, optional: &Fields) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let complete = required.iter().all(|(name, _)| object.contains_key(*name));
    let known = |name: &str| {
        required
            .iter()
            .chain(optional)
            .find(|(field, _)| *field == name)
    };
    complete
        && object
            .iter()
            .all(|(name, value)| known(name).is_some_and(|(_, fits)| fits(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn instance() -> Value {
        json!({
            "app": "A", "ipAddr": "1", "hostName": "h", "status": "UP", "overriddenStatus": "UNKNOWN",
            "port": {"$": 1, "@enabled": "true"}, "securePort": {"$": 2, "@enabled": "false"}, "countryId": 1,
            "dataCenterInfo": {"@class": "c", "name": "MyOwn"}, "metadata": {"k": "v"},
            "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": 90, "registrationTimestamp": 1,
                          "lastRenewalTimestamp": 1, "evictionTimestamp": 0, "serviceUpTimestamp": 0},
            "isCoordinatingDiscoveryServer": "false", "lastUpdatedTimestamp": "1", "lastDirtyTimestamp": "1"
        })
    }

    fn listed(instance: &Value) -> Value {
        let application = json!({"name": "A", "instance": [instance]});
        json!({"applications": {"versions__delta": "1", "apps__hashcode": "UP_1_", "application": [application]}})
    }

    #[test]
    fn documents_as_clients_know_them_are_well_formed() {
        assert!(is_well_formed(&listed(&instance()), false));
        assert!(is_well_formed(&json!({"instance": instance()}), false));
        assert!(is_well_formed(&json!({"whatever": 1}), false));
    }

    #[test]
    fn a_field_too_many_too_few_or_of_another_type_is_found() {
        for (field, value) in [
            ("new", json!("x")),
            ("countryId", json!("1")),
            ("lastDirtyTimestamp", json!(1)),
        ] {
            let mut changed = instance();
            changed[field] = value;
            assert!(!is_well_formed(&listed(&changed), false), "{field}");
        }
        let mut less = instance();
        less.as_object_mut().expect("an object").remove("status");
        assert!(!is_well_formed(&listed(&less), false));
        assert!(!is_well_formed(
            &json!({"instance": instance(), "more": 1}),
            false
        ));
    }

    #[test]
    fn the_compact_form_has_fields_of_its_own() {
        assert!(!is_well_formed(&listed(&instance()), true));
        assert!(is_well_formed(&json!({"instance": instance()}), true));
    }
}
