//! Texts between the tags of XML.

/// Appends a text with what has a meaning of its own escaped.
pub(in crate::eureka) fn write(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(plain) {
        return out.extend_from_slice(text.as_bytes());
    }
    for c in text.chars() {
        match c {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '"' => out.extend_from_slice(b"&quot;"),
            '\'' => out.extend_from_slice(b"&apos;"),
            '\r' => out.extend_from_slice(b"&#xd;"),
            c if allows(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => out.extend_from_slice("\u{fffd}".as_bytes()),
        }
    }
}

/// Whether a byte of UTF-8 stands for itself for certain. Nearly all texts are made of such bytes alone.
const fn plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

/// Whether XML can hold a character at all, even as a reference. One that it cannot is written as U+FFFD: to spoil one
/// character is better than to spoil the registry for everybody.
pub(in crate::eureka) const fn allows(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= ' ',
    }
}
