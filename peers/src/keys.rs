//! The secrets that make a cluster one.
//!
//! Here: a cluster's key, its text, and the ring of those in use while one replaces another. Not here: what is sealed
//! with them (`envelope`, `channel`), files. What must always hold: no key is ever written to a log.
//!
//! A key is replaced in three steps, each on every server before the next: accept the new one as well, use it, no
//! longer accept the old one.

use std::fmt;

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// The most keys a ring holds: each costs a try per stream that somebody opens.
pub const KEYS_MAX: usize = 8;

/// A secret that all servers of a cluster share.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterKey {
    secret: Zeroizing<[u8; KEY_BYTES]>,
    print: Fingerprint,
}

/// What a key is called where it must not be told: the beginning of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 4]);

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKey;

/// The keys of a server: one that it uses, and those it accepts besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyring(Vec<ClusterKey>);

/// So many keys make no ring: there is none, or there are more than [`KEYS_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARing(pub usize);

impl ClusterKey {
    /// The key of these bytes, which have to be random.
    pub fn new(secret: [u8; KEY_BYTES]) -> Self {
        let hash = digest(&SHA256, &[b"peerage cluster key", &secret[..]].concat());
        let print = hash.as_ref().first_chunk().copied();
        Self {
            secret: Zeroizing::new(secret),
            print: Fingerprint(print.expect("a hash is longer")),
        }
    }

    /// Reads the text of a key: 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// If it is anything else.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        let (pairs, rest) = text.trim().as_bytes().as_chunks::<2>();
        if pairs.len() != KEY_BYTES || !rest.is_empty() {
            return Err(NotAKey);
        }
        for (byte, [high, low]) in secret.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self::new(*secret))
    }

    /// Its text. It is a secret.
    pub fn text(&self) -> Zeroizing<String> {
        let digits = self.secret.iter().map(|byte| format!("{byte:02x}"));
        Zeroizing::new(digits.collect())
    }

    /// What it may be called.
    pub const fn print(&self) -> Fingerprint {
        self.print
    }

    pub(crate) fn secret(&self) -> &[u8; KEY_BYTES] {
        &self.secret
    }
}

impl Keyring {
    /// A ring of keys; the first one is used. Keys that are there twice count once.
    ///
    /// # Errors
    ///
    /// If there is no key, or too many.
    pub fn new(keys: impl IntoIterator<Item = ClusterKey>) -> Result<Self, NotARing> {
        let mut ring = Vec::new();
        for key in keys {
            if !ring.contains(&key) {
                ring.push(key);
            }
        }
        match ring.len() {
            1..=KEYS_MAX => Ok(Self(ring)),
            count => Err(NotARing(count)),
        }
    }

    /// The one that is used.
    pub fn used(&self) -> &ClusterKey {
        self.0.first().expect("a ring has a key")
    }

    /// All that are accepted, the one that is used first.
    pub fn accepted(&self) -> impl Iterator<Item = &ClusterKey> {
        self.0.iter()
    }

    /// Whether a key is accepted.
    pub fn accepts(&self, print: Fingerprint) -> bool {
        self.accepted().any(|key| key.print == print)
    }
}

fn digit(character: u8) -> Result<u8, NotAKey> {
    let digit = char::from(character).to_digit(16).ok_or(NotAKey)?;
    u8::try_from(digit).or(Err(NotAKey))
}

impl fmt::Debug for ClusterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClusterKey({})", self.print)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key is {} hexadecimal digits", 2 * KEY_BYTES)
    }
}

impl fmt::Display for NotARing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 to {KEYS_MAX} keys are wanted, not {}", self.0)
    }
}

impl std::error::Error for NotAKey {}
impl std::error::Error for NotARing {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> ClusterKey {
        ClusterKey::new([byte; KEY_BYTES])
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let text = key(0xa7).text();
        assert_eq!(ClusterKey::parse(&format!(" {}\n", *text)), Ok(key(0xa7)));
        assert_eq!(
            ClusterKey::parse(&text.to_uppercase()),
            Ok(key(0xa7)),
            "digits may be large"
        );
    }

    #[test]
    fn anything_else_is_no_key() {
        for text in [
            "",
            "a7",
            &"a7".repeat(31),
            &"a7".repeat(33),
            &"ag".repeat(32),
        ] {
            assert_eq!(ClusterKey::parse(text), Err(NotAKey), "{text:?}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(
            format!("{:?}", key(7)),
            format!("ClusterKey({})", key(7).print())
        );
        assert_ne!(key(7).print(), key(8).print());
    }

    #[test]
    fn a_ring_uses_its_first_key_and_accepts_all() {
        let ring = Keyring::new([key(1), key(2), key(1)]).unwrap();
        assert_eq!((ring.used(), ring.accepted().count()), (&key(1), 2));
        assert!(ring.accepts(key(2).print()) && !ring.accepts(key(3).print()));
    }

    #[test]
    fn a_ring_has_one_to_eight_keys() {
        assert_eq!(Keyring::new([]), Err(NotARing(0)));
        assert_eq!(Keyring::new((0..9).map(key)), Err(NotARing(9)));
    }
}
