//! Keys of instances as bytes: the application, a zero, the id.
//!
//! Here: both directions. What must always hold: two keys have the same bytes only if they are equal, and the bytes
//! are in the order of the keys wherever names have no control characters.

use std::sync::Arc;

use peers::record::{Bytes, Key as KeyBytes};

use crate::registry::entry::Key;
use crate::registry::instance::AppName;

/// Ends the application.
const END: u8 = 0;
/// Comes before a byte of the application that would be read as [`END`] or as this.
const ESCAPE: u8 = 1;

/// The bytes of a key.
pub(super) fn write(key: &Key) -> KeyBytes {
    let mut bytes = Vec::with_capacity(key.app.as_str().len() + 1 + key.id.len());
    for byte in key.app.as_str().bytes() {
        if byte <= ESCAPE {
            bytes.push(ESCAPE);
        }
        bytes.push(if byte == END { ESCAPE + 1 } else { byte });
    }
    bytes.push(END);
    bytes.extend(key.id.bytes());
    KeyBytes(Bytes::from(bytes.as_slice()))
}

/// The key that has these bytes, if there is one.
pub(super) fn read(bytes: &KeyBytes) -> Option<Arc<Key>> {
    let KeyBytes(Bytes(whole)) = bytes;
    let end = whole.iter().position(|byte| *byte == END)?;
    let (app, id) = (whole.get(..end)?, whole.get(end + 1..)?);
    let app = String::from_utf8(unescaped(app)?).ok()?;
    let key = Key {
        app: AppName::new(&app),
        id: std::str::from_utf8(id).ok()?.into(),
    };
    (key.app.as_str() == app).then(|| key.into())
}

fn unescaped(app: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = app.iter();
    let mut plain = Vec::with_capacity(app.len());
    while let Some(byte) = bytes.next() {
        plain.push(match *byte {
            ESCAPE => match *bytes.next()? {
                ESCAPE => ESCAPE,
                escaped if escaped == ESCAPE + 1 => END,
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(plain)
}
