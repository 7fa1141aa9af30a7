//! `.properties`, as Java reads them.

use super::find::Entry;

/// Every key, in the order of the file. A comment `#---` begins a new document, as Spring has it.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut document = 1;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let line = line.trim_start();
        if matches!(line.trim_end(), "#---" | "!---") {
            document += 1;
        }
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = line.to_owned();
        while continues(&logical) {
            logical.pop();
            logical.push_str(lines.next().map_or("", |(_, line)| line.trim_start()));
        }
        let (key, value) = divide(&logical);
        entries.push(Entry {
            key: unescape(key),
            value: unescape(value),
            line: number + 1,
            document,
        });
    }
    entries
}

/// Whether a line ends in an odd number of backslashes.
fn continues(line: &str) -> bool {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// Key and value are divided by the first `=`, `:` or blank that no backslash precedes.
fn divide(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let divides = !escaped && (c == '=' || c == ':' || c.is_whitespace());
        escaped = c == '\\' && !escaped;
        divides
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start())
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.next() } else { Some(c) };
        match next {
            Some(_) if c != '\\' => plain.push(c),
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => plain.push(by_number(&mut chars)),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

/// The letter of the four hexadecimal digits that follow.
fn by_number(chars: &mut std::str::Chars<'_>) -> char {
    let digits: String = chars.take(4).collect();
    let number = u32::from_str_radix(&digits, 16).ok();
    number
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn check(text: &str, expected: &[(&str, &str, usize)]) {
        let entries = read(text);
        let read: Vec<_> = entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.value.as_str(), entry.line))
            .collect();
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn keys_end_at_the_first_sign_or_blank() {
        check(
            "a.b=1\n  c : 2\nd 3\ne",
            &[("a.b", "1", 1), ("c", "2", 2), ("d", "3", 3), ("e", "", 4)],
        );
        check("url=http://h:1/x=y", &[("url", "http://h:1/x=y", 1)]);
    }

    #[test]
    fn comments_are_skipped_and_backslashes_carry_lines_over() {
        check(
            "# no\n! no\n\na=1,\\\n   2\nb=3",
            &[("a", "1,2", 4), ("b", "3", 6)],
        );
    }

    #[test]
    fn escapes_stand_for_letters() {
        check(r"a\:b=caf\u00e9\tx", &[("a:b", "café\tx", 1)]);
    }
}
