//! JSON compared: field sets, types and arrays count, the order of keys does not.

use serde_json::{Map, Value};

use super::super::memory::{Placeholder, digits};
use super::{Comparison, show};

impl Comparison<'_> {
    /// Collects in what `got` differs from `want`.
    pub(crate) fn json(&mut self, at: &str, want: &Value, got: &Value) {
        match (want, got) {
            (Value::String(text), _) if Placeholder::parse(text).is_some() => {
                self.placeholder(at, text, got);
            }
            (Value::Object(want), Value::Object(got)) => self.fields(at, want, got),
            (Value::Array(want), Value::Array(got)) => self.elements(at, want, got),
            _ if want == got => {}
            _ => self.differs(at, &format!("expected {}, got {}", show(want), show(got))),
        }
    }

    fn placeholder(&mut self, at: &str, text: &str, got: &Value) {
        let Some(wanted) = Placeholder::parse(text) else {
            return;
        };
        let number = match got {
            Value::String(digit_text) if wanted.as_text => digits(digit_text),
            Value::Number(number) if !wanted.as_text => number.as_i64(),
            _ => None,
        };
        if let Some(wrong) = self.memory.misfit(&wanted, number) {
            self.differs(at, &format!("{wrong} for {text}, got {}", show(got)));
        }
    }

    fn fields(&mut self, at: &str, want: &Map<String, Value>, got: &Map<String, Value>) {
        for (name, value) in want {
            let at = format!("{at}.{name}");
            match got.get(name) {
                Some(found) => self.json(&at, value, found),
                None => self.differs(&at, &format!("missing, expected {}", show(value))),
            }
        }
        let unexpected = got.iter().filter(|(name, _)| !want.contains_key(*name));
        for (name, value) in unexpected.filter(|_| self.exact) {
            let what = format!("not expected, got {}", show(value));
            self.found.push(format!("{at}.{name}: {what}"));
        }
    }

    fn elements(&mut self, at: &str, want: &[Value], got: &[Value]) {
        if want.len() != got.len() {
            let labels: Vec<_> = got.iter().map(label).collect();
            let counts = format!("expected {} elements, got {}", want.len(), got.len());
            self.differs(at, &format!("{counts}: {}", show(&labels.join(", "))));
        }
        let sorts = at.ends_with(".application") || at.ends_with(".instance");
        for (index, (want, got)) in ordered(want, sorts)
            .into_iter()
            .zip(ordered(got, sorts))
            .enumerate()
        {
            self.json(&format!("{at}[{index}]"), want, got);
        }
    }
}

/// Applications and instances come in any order; other arrays are lists.
fn ordered(elements: &[Value], sorts: bool) -> Vec<&Value> {
    let mut ordered: Vec<_> = elements.iter().collect();
    if sorts {
        ordered.sort_by_key(|element| label(element));
    }
    ordered
}

/// What tells applications and instances apart.
fn label(element: &Value) -> String {
    let named = ["name", "instanceId", "hostName"]
        .into_iter()
        .find_map(|field| element[field].as_str());
    named.map_or_else(|| element.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::memory::Memory;
    use super::*;
    use serde_json::json;

    fn check(exact: bool, want: &Value, got: &Value, expected: &[&str]) {
        let mut memory = Memory::at(0);
        let mut comparison = Comparison::new(&mut memory, exact);
        comparison.json("body", want, got);
        assert_eq!(comparison.found, expected);
    }

    #[test]
    fn equal_values_do_not_differ_whatever_their_order() {
        let want = json!({"b": [1, "x"], "a": null, "instance": [{"instanceId": "1"}, {"instanceId": "2"}]});
        let got = json!({"a": null, "instance": [{"instanceId": "2"}, {"instanceId": "1"}], "b": [1, "x"]});
        check(true, &want, &got, &[]);
    }

    #[test]
    fn a_number_is_not_its_digits() {
        check(
            true,
            &json!(1),
            &json!("1"),
            &["body: expected 1, got \"1\""],
        );
        let wrong = "body: expected digits as text for <text int>, got 1";
        check(true, &json!("<text int>"), &json!(1), &[wrong]);
        let wrong = "body: expected a number for <int>, got \"1\"";
        check(true, &json!("<int>"), &json!("1"), &[wrong]);
    }

    #[test]
    fn missing_fields_differ_and_others_only_where_it_is_exact() {
        let (want, got) = (json!({"a": 1}), json!({"b": 2}));
        let missing = "body.a: missing, expected 1";
        check(false, &want, &got, &[missing]);
        check(true, &want, &got, &[missing, "body.b: not expected, got 2"]);
    }

    #[test]
    fn arrays_have_the_same_length_even_where_it_is_not_exact() {
        let counts = "body: expected 1 elements, got 2: 1, 2";
        check(false, &json!([1]), &json!([1, 2]), &[counts]);
        check(
            false,
            &json!({"a": 1}),
            &json!([]),
            &["body: expected {\"a\":1}, got []"],
        );
    }
}
