//! The published description and the routes are the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{ROOT, openapi, table};

#[test]
fn every_operation_has_a_name_of_its_own() {
    let described = serde_json::to_value(openapi::description()).unwrap();
    let items = described["paths"].as_object().unwrap().values();
    let names: Vec<_> = items
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|way| way["operationId"].to_string())
        .collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let described = serde_json::to_value(openapi::description()).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let described: BTreeMap<String, BTreeSet<String>> = paths
        .iter()
        .map(|(path, item)| {
            (
                path.clone(),
                item.as_object()
                    .unwrap()
                    .keys()
                    .map(|method| method.to_uppercase())
                    .collect(),
            )
        })
        .collect();
    let routed: BTreeMap<String, BTreeSet<String>> = table()
        .into_iter()
        .map(|route| {
            let methods = route
                .allow
                .split(',')
                .filter(|method| !matches!(*method, "HEAD" | "OPTIONS"));
            (
                format!("{ROOT}{}", route.path),
                methods.map(str::to_owned).collect(),
            )
        })
        .collect();
    assert_eq!(described, routed);
}
