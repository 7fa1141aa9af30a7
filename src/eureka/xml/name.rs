//! Metadata keys as names of XML elements.
//!
//! Here: XStream's escapes, which Java's readers undo, and two of our own. What must always hold: every key gives a
//! valid name, and reading the name gives the key again.
//!
//! | key | name | whose |
//! |---|---|---|
//! | `_` | `__` | XStream's |
//! | `$` | `_-` | XStream's |
//! | what cannot stand in a name everywhere | `_.` and four hex digits, per UTF-16 unit | XStream's |
//! | `:` | `_.003a` | ours: a plain colon would be a namespace prefix that nobody declared |
//! | the empty key | `_` | ours: nothing else is written so, and to Java's readers it is a key like any other |

use std::io::Write;

/// The name of the empty key.
const EMPTY: &str = "_";

/// Appends the name of a key.
pub(in crate::eureka) fn write(out: &mut Vec<u8>, key: &str) {
    if key.is_empty() {
        return out.extend_from_slice(EMPTY.as_bytes());
    }
    for (at, c) in key.char_indices() {
        match c {
            '_' => out.extend_from_slice(b"__"),
            '$' => out.extend_from_slice(b"_-"),
            _ if starts_name(c) || (at > 0 && continues_name(c)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => escape(out, c),
        }
    }
}

fn escape(out: &mut Vec<u8>, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        write!(out, "_.{unit:04x}").expect("a Vec takes every byte");
    }
}

/// The key that a name stands for. Clients write names that were never escaped, so what is no escape stands for itself.
pub(in crate::eureka) fn read(name: &str) -> String {
    if name == EMPTY {
        return String::new();
    }
    let mut units = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let length = match unescape(rest) {
            Some((unit, length)) => {
                units.push(unit);
                length
            }
            None => {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf16_lossy(&units)
}

/// The UTF-16 unit of the escape that a text begins with, and the escape's length.
fn unescape(text: &str) -> Option<(u16, usize)> {
    let escaped = text.strip_prefix('_')?;
    match escaped.chars().next()? {
        '_' => Some((u16::from(b'_'), 2)),
        '-' => Some((u16::from(b'$'), 2)),
        '.' => {
            let digits = escaped.get(1..5)?;
            let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let unit = u16::from_str_radix(digits, 16).ok()?;
            hex.then_some((unit, 6))
        }
        _ => None,
    }
}

/// Whether a name may begin with a character. XStream goes by the fifth edition of XML 1.0, which many readers do not
/// know: expat, and with it Python's and PHP's, refuses a whole document for one letter of it. So these are letters of
/// the fourth edition, of the scripts that keys are commonly written in; all others are escaped.
const fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{ff}'
        | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}'
        | '\u{401}'..='\u{40c}' | '\u{40e}'..='\u{44f}' | '\u{451}'..='\u{45c}'
        | '\u{3041}'..='\u{3094}' | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}')
}

/// Whether a name may go on with a character that cannot begin it.
const fn continues_name(c: char) -> bool {
    matches!(c, '-' | '.' | '0'..='9')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(key: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, key);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_written_as_java_reads_them() {
        let check = |key: &str, name: &str| {
            assert_eq!(written(key), name);
            assert_eq!(read(name), key);
        };
        check("zone", "zone");
        check("management.port", "management.port");
        check("with_underscore", "with__underscore");
        check("a$b", "a_-b");
        check("a b", "a_.0020b");
        check("a/b", "a_.002fb");
        check("2nd", "_.0032nd");
        check("-x", "_.002dx");
        check("a:b", "a_.003ab");
        check("città", "città");
        check("区域", "区域");
        check("ĳ", "_.0133");
        check("🦀", "_.d83e_.dd80");
        check("\u{1}", "_.0001");
        check("", "_");
        check("_", "__");
        check("__-", "____-");
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        let check = |name: &str, key: &str| assert_eq!(read(name), key);
        check("my_key", "my_key");
        check("a_", "a_");
        check("a_.00", "a_.00");
        check("a_.zzzz", "a_.zzzz");
        check("a_.+123", "a_.+123");
        check("_.d83e", "\u{fffd}");
        check("_.00ä1", "_.00ä1");
    }

    proptest! {
        #[test]
        fn every_key_is_read_back(key in any::<String>()) {
            prop_assert_eq!(read(&written(&key)), key);
        }

        #[test]
        fn every_name_is_one_plain_name(key in any::<String>()) {
            let name = written(&key);
            let mut chars = name.chars();
            prop_assert!(chars.next().is_some_and(starts_name));
            prop_assert!(chars.all(|c| starts_name(c) || continues_name(c)));
        }
    }
}
