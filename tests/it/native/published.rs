//! The published description: served as it is, and every document of a real server fits it.

use serde_json::{Map, Value, json};

use super::{act, get, plain, register};
use crate::service::Service;

/// What does not fit a schema, each as `path: what`.
fn misfits(document: &Value, schema: &Value, all: &Value, path: &str, told: &mut Vec<String>) {
    let schema = resolved(schema, all);
    if let Some(parts) = schema["allOf"].as_array() {
        parts
            .iter()
            .for_each(|part| misfits(document, part, all, path, told));
        return;
    }
    if let Some(choices) = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array())
    {
        let fits = |choice: &Value| {
            let mut told = Vec::new();
            misfits(document, choice, all, path, &mut told);
            told.is_empty()
        };
        if !choices.iter().any(fits) {
            told.push(format!("{path}: fits none of the choices"));
        }
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let is = match document {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !(types.contains(&is) || is == "integer" && types.contains(&"number")) {
        told.push(format!("{path}: {is} is none of {types:?}"));
        return;
    }
    if let Some(names) = schema["enum"].as_array()
        && !names.contains(document)
    {
        told.push(format!("{path}: {document} is none of {names:?}"));
    }
    match document {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                misfits(
                    item,
                    &schema["items"],
                    all,
                    &format!("{path}[{number}]"),
                    told,
                );
            }
        }
        Value::Object(fields) => fields_misfit(fields, &schema, all, path, told),
        _ => {}
    }
}

fn fields_misfit(
    fields: &Map<String, Value>,
    schema: &Value,
    all: &Value,
    path: &str,
    told: &mut Vec<String>,
) {
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !fields.contains_key(name) {
            told.push(format!("{path}.{name}: is missing"));
        }
    }
    for (name, value) in fields {
        let known = &schema["properties"][name];
        let any = &schema["additionalProperties"];
        let fitting = if known.is_null() { any } else { known };
        misfits(value, fitting, all, &format!("{path}.{name}"), told);
    }
}

fn resolved(schema: &Value, all: &Value) -> Value {
    match schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
    {
        Some(name) => all["components"]["schemas"][name].clone(),
        None => schema.clone(),
    }
}

/// Properties that a schema describes, its parts' included.
fn described(schema: &Value, all: &Value) -> Vec<String> {
    let schema = resolved(schema, all);
    let own = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone());
    let parts = schema["allOf"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|part| described(part, all));
    own.chain(parts).collect()
}

fn answer_schema(all: &Value, path: &str, method: &str) -> Value {
    all["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"].clone()
}

#[actix_web::test]
async fn documents_of_a_real_server_fit_the_description() {
    let service = Service::start(&[]).await;
    let described_all = get(&service, "/openapi.json").await;
    assert_eq!(described_all["openapi"], "3.1.0");
    let all = &described_all;
    let mut body = plain("a");
    body["metadata"] = json!({"version": "1", "password": "x"});
    register(&service, "A/i", body).await;
    register(&service, "A/j", plain("b")).await;
    act(
        &service,
        "PUT",
        "/instances/A/i/override",
        json!({"status": "DOWN", "by": "ann", "reason": "x", "ttl_ms": 60_000}),
    )
    .await;
    let begun = act(
        &service,
        "POST",
        "/drain",
        json!({"app": "A", "id": "j", "by": "ann", "confirm_empties_zone": true}),
    )
    .await;
    let drain = format!("/drains/{}", begun["id"]);
    for (path, described_path) in [
        ("/instances", "/instances"),
        ("/instances?group_by=zone", "/instances"),
        ("/instances/A/i", "/instances/{app}/{id}"),
        ("/explain/A/i", "/explain/{app}/{id}"),
        ("/explain/A/nobody", "/explain/{app}/{id}"),
        ("/services", "/services"),
        ("/services/A", "/services/{name}"),
        ("/zones", "/zones"),
        ("/protection", "/protection"),
        ("/settings", "/settings"),
        ("/overrides", "/overrides"),
        ("/drains", "/drains"),
        (&drain, "/drains/{drain}"),
        ("/events", "/events"),
        ("/cluster", "/cluster"),
        ("/cluster/records", "/cluster/records"),
    ] {
        let document = get(&service, path).await;
        let schema = answer_schema(all, &format!("/api/v1{described_path}"), "get");
        assert!(schema.is_object(), "{described_path} has no schema");
        let mut told = Vec::new();
        misfits(&document, &schema, all, path, &mut told);
        assert_eq!(told, Vec::<String>::new());
        let names = described(&schema, all);
        let undescribed: Vec<_> = document
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !names.contains(name))
            .collect();
        assert!(
            undescribed.is_empty(),
            "{path}: {undescribed:?} are not described"
        );
    }
}

#[actix_web::test]
async fn a_document_that_does_not_fit_is_noticed() {
    let all = json!({"components": {"schemas": {"A": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}}}});
    let schema = json!({"$ref": "#/components/schemas/A"});
    for (document, fits) in [
        (json!({"b": "x"}), true),
        (json!({"b": 1}), false),
        (json!({}), false),
        (json!([]), false),
    ] {
        let mut told = Vec::new();
        misfits(&document, &schema, &all, "", &mut told);
        assert_eq!(told.is_empty(), fits, "{document}");
    }
}
