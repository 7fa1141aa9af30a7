//! How one answer differs from what was expected of it.

use serde_json::Value;

use super::compare::{Comparison, show};
use super::conversation::Expected;
use super::memory::Memory;
use super::shape::is_well_formed;
use super::xml::Element;
use crate::service::Answer;

/// Everything in which an answer differs from one expectation. `compact` says that the request asked for the form
/// with fewer fields.
pub(crate) fn differences(
    want: &Expected,
    answer: &Answer,
    compact: bool,
    memory: &mut Memory,
) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status != want.status {
        found.push(format!(
            "status: expected {}, got {}",
            want.status, answer.status
        ));
    }
    for (name, value) in &want.headers {
        let got = answer.header(name);
        if !header_fits(name, value.as_deref(), got) {
            found.push(format!("header {name}: expected {value:?}, got {got:?}"));
        }
    }
    match answer.text() {
        Ok(text) => {
            found.extend(piece_differences(want, &text));
            found.extend(body_differences(want, &text, compact, memory));
        }
        Err(error) => found.push(format!("body: expected readable text, but {error}")),
    }
    found
}

fn header_fits(name: &str, want: Option<&str>, got: Option<&str>) -> bool {
    match (want, got) {
        (Some("<any>"), got) => got.is_some(),
        (Some(want), Some(got)) if name == "Allow" => methods(want) == methods(got),
        _ => want == got,
    }
}

/// The methods in an `Allow` header, which come in any order.
fn methods(list: &str) -> Vec<&str> {
    let mut methods: Vec<_> = list
        .split([',', ' '])
        .filter(|method| !method.is_empty())
        .collect();
    methods.sort_unstable();
    methods
}

fn piece_differences(want: &Expected, text: &str) -> Vec<String> {
    let missing = want.contains.iter().filter(|piece| !text.contains(*piece));
    let present = want.lacks.iter().filter(|piece| text.contains(*piece));
    let missing = missing.map(|piece| format!("body: expected to contain {piece:?}"));
    let present = present.map(|piece| format!("body: expected not to contain {piece:?}"));
    missing.chain(present).collect()
}

fn body_differences(
    want: &Expected,
    text: &str,
    compact: bool,
    memory: &mut Memory,
) -> Vec<String> {
    match want {
        Expected {
            body: Some(Value::String(exactly)),
            ..
        } => text_differences(exactly, text),
        Expected {
            body: Some(json), ..
        } => json_differences(json, text, compact, Comparison::new(memory, true)),
        Expected {
            body_includes: Some(json),
            ..
        } => json_differences(json, text, compact, Comparison::new(memory, false)),
        Expected {
            xml: Some(lines), ..
        } => xml_differences(lines, text, Comparison::new(memory, true)),
        Expected {
            xml_includes: Some(lines),
            ..
        } => xml_differences(lines, text, Comparison::new(memory, false)),
        _ => Vec::new(),
    }
}

fn text_differences(want: &str, got: &str) -> Vec<String> {
    if want == got {
        return Vec::new();
    }
    vec![format!(
        "body: expected the text {want:?}, got {:?}",
        show(&got)
    )]
}

fn json_differences(
    want: &Value,
    text: &str,
    compact: bool,
    mut comparison: Comparison<'_>,
) -> Vec<String> {
    let Ok(got) = serde_json::from_str(text) else {
        return vec![format!("body: expected JSON, got {:?}", show(&text))];
    };
    comparison.json("body", want, &got);
    if !is_well_formed(&got, compact) {
        let fault = "not a well-formed document: a field missing, unknown or of the wrong type";
        comparison
            .found
            .push(format!("body: {fault}: {}", show(&got)));
    }
    comparison.found
}

fn xml_differences(lines: &[String], text: &str, mut comparison: Comparison<'_>) -> Vec<String> {
    let want = Element::parse_expected(lines).expect("an expectation is XML");
    match Element::parse(text) {
        Ok(got) => {
            comparison.xml("", &want, &got);
            comparison.found
        }
        Err(error) => vec![format!(
            "body: expected XML, got {:?} ({error})",
            show(&text)
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(want: &Value, status: u16, headers: &[(&str, &str)], body: &str, expected: &[&str]) {
        let want = serde_json::from_value(want.clone()).expect("an expectation");
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let answer = Answer {
            status,
            headers: headers.collect(),
            body: body.into(),
        };
        assert_eq!(
            differences(&want, &answer, false, &mut Memory::at(0)),
            expected
        );
    }

    #[test]
    fn an_answer_that_fits_does_not_differ() {
        check(&json!({"status": 204, "body": ""}), 204, &[], "", &[]);
        check(
            &json!({"status": 200, "body_includes": {"a": 1}}),
            200,
            &[],
            r#"{"a":1,"b":2}"#,
            &[],
        );
        check(
            &json!({"status": 200, "xml": ["<a><any></a>"]}),
            200,
            &[],
            "<a>1</a>",
            &[],
        );
        let allow = json!({"status": 405, "headers": {"Allow": "GET,PUT"}});
        check(&allow, 405, &[("allow", "PUT, GET")], "", &[]);
    }

    #[test]
    fn statuses_headers_and_pieces_of_text_count() {
        check(
            &json!({"status": 200}),
            404,
            &[],
            "",
            &["status: expected 200, got 404"],
        );
        let absent = json!({"status": 200, "headers": {"Location": null}});
        let wrong = "header Location: expected None, got Some(\"/\")";
        check(&absent, 200, &[("location", "/")], "", &[wrong]);
        let present = json!({"status": 200, "headers": {"Location": "<any>"}});
        check(
            &present,
            200,
            &[],
            "",
            &["header Location: expected Some(\"<any>\"), got None"],
        );
        let pieces = json!({"status": 200, "contains": ["a"], "lacks": ["b"]});
        let wrong = [
            "body: expected to contain \"a\"",
            "body: expected not to contain \"b\"",
        ];
        check(&pieces, 200, &[], "b", &wrong);
    }

    #[test]
    fn a_body_of_another_kind_is_found() {
        let text = json!({"status": 200, "body": ""});
        check(
            &text,
            200,
            &[],
            "x",
            &["body: expected the text \"\", got \"x\""],
        );
        let value = json!({"status": 200, "body": {"a": 1}});
        check(
            &value,
            200,
            &[],
            "<a/>",
            &["body: expected JSON, got \"<a/>\""],
        );
        let shapeless = json!({"status": 200, "body_includes": {}});
        let found = "body: not a well-formed document: a field missing, unknown or of the wrong type: {\"instance\":{}}";
        check(&shapeless, 200, &[], r#"{"instance":{}}"#, &[found]);
    }
}
