//! Paths and queries of links, spelt so that whatever clients called themselves stays one part of them.

use std::fmt::Write as _;

/// One part of a path.
pub fn part(text: &str) -> String {
    encoded(text, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~:@!$*,;=".contains(&byte)
    })
}

/// One value of a query.
pub fn value(text: &str) -> String {
    encoded(text, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~:@!*/,".contains(&byte)
    })
}

fn encoded(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to memory does not fail");
        }
    }
    out
}

/// A value of the query language: quoted where it would mean something else.
pub fn term(key: &str, text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.:@/".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return format!("{key}:{text}");
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{key}:\"{escaped}\"")
}

/// A word of a shell's command line.
pub fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A query of an address: those that are not empty, after a question mark; nothing if all are.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let said = pairs.iter().filter(|(_, text)| !text.is_empty());
    let spelt: Vec<_> = said
        .map(|(key, text)| format!("{key}={}", value(text)))
        .collect();
    if spelt.is_empty() {
        return String::new();
    }
    format!("?{}", spelt.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_one_part() {
        assert_eq!(
            part("a/b?c#d e&f\"<>"),
            "a%2Fb%3Fc%23d%20e&f%22%3C%3E".replace('&', "%26")
        );
        assert_eq!(value("a&b=c d"), "a%26b%3Dc%20d");
        assert_eq!(
            query(&[("query", ""), ("lose", "zone b")]),
            "?lose=zone%20b"
        );
        assert_eq!(query(&[("query", "")]), "");
    }

    #[test]
    fn words_for_shells_and_queries_are_quoted_where_they_must() {
        assert_eq!(shell("zone:a"), "zone:a");
        assert_eq!(shell("it's; rm -rf"), r"'it'\''s; rm -rf'");
        assert_eq!(term("zone", "eu-1"), "zone:eu-1");
        assert_eq!(term("zone", "a \"b\""), "zone:\"a \\\"b\\\"\"");
        assert_eq!(term("app", "A*"), "app:\"A*\"");
    }
}
