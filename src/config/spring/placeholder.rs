//! `${NAME}` and `${NAME:default}` in values.

/// How deep a value may refer to others. More is a circle.
const DEEPEST: usize = 16;

/// Puts the values of names in their places. A name without a value or a default is refused.
pub(super) fn resolve(
    text: &str,
    value_of: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    resolve_within(DEEPEST, text, value_of)
}

fn resolve_within(
    depth: usize,
    text: &str,
    value_of: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let Some(start) = text.find("${") else {
        return Ok(text.to_owned());
    };
    let deeper = depth.checked_sub(1);
    let deeper = deeper.ok_or_else(|| format!("'{text}' refers to itself"))?;
    let (before, rest) = (&text[..start], &text[start + 2..]);
    let end = closing_brace(rest).ok_or_else(|| format!("'{text}' lacks a closing brace"))?;
    let (name, default) = match rest[..end].split_once(':') {
        Some((name, default)) => (name, Some(default)),
        None => (&rest[..end], None),
    };
    let value = value_of(name)
        .or_else(|| default.map(str::to_owned))
        .ok_or_else(|| {
            format!(
                "'${{{name}}}' has neither a value nor a default; set {name}, or write ${{{name}:default}}"
            )
        })?;
    Ok(format!(
        "{before}{}{}",
        resolve_within(deeper, &value, value_of)?,
        resolve_within(depth, &rest[end + 1..], value_of)?
    ))
}

/// The brace that closes one opened just before, over inner ones.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (position, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(position);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::resolve;

    fn check(text: &str, expected: Result<&str, &str>) {
        let value_of = |name: &str| match name {
            "PORT" => Some("9000".to_owned()),
            "PORT_OF_OURS" => Some("${UNSET:${PORT}}".to_owned()),
            "CIRCLE" => Some("${CIRCLE}".to_owned()),
            _ => None,
        };
        let outcome = resolve(text, &value_of);
        assert_eq!(
            outcome.as_deref().map_err(String::as_str),
            expected,
            "{text}"
        );
    }

    #[test]
    fn names_give_way_to_values_or_defaults() {
        check("8761", Ok("8761"));
        check("${PORT}", Ok("9000"));
        check("${PORT:8761}", Ok("9000"));
        check("${OTHER:8761}", Ok("8761"));
        check("a-${OTHER:${PORT}}-b", Ok("a-9000-b"));
    }

    #[test]
    fn values_may_refer_to_others_but_not_to_themselves() {
        check("${PORT_OF_OURS}", Ok("9000"));
        check("${CIRCLE}", Err("'${CIRCLE}' refers to itself"));
    }

    #[test]
    fn a_name_without_value_and_default_is_refused() {
        check(
            "${OTHER}",
            Err(
                "'${OTHER}' has neither a value nor a default; set OTHER, or write ${OTHER:default}",
            ),
        );
        check("${PORT", Err("'${PORT' lacks a closing brace"));
    }
}
