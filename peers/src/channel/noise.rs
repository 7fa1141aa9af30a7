//! The two ends of a handshake, with the parts it is made of.
//!
//! Here: which pattern, and where its algorithms come from: ring, and Curve25519 of x25519-dalek, which ring lends for
//! single use only. Chance is handed in.

use rand::rngs::ChaCha20Rng;
use rand::{Rng as _, SeedableRng as _};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, RingResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, Error, HandshakeState};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use crate::keys::ClusterKey;

const PATTERN: &str = "Noise_NNpsk0_25519_AESGCM_SHA256";
/// Both ends must mean the same by what follows.
const PROLOGUE: &[u8] = b"peerage stream 1";
const POINT_BYTES: usize = 32;

/// Chance enough for one handshake.
pub(crate) type Seed = [u8; 32];

/// The end that calls.
pub(super) fn initiator(key: &ClusterKey, seed: Seed) -> HandshakeState {
    let noise = builder(seed).psk(0, key.secret());
    noise
        .and_then(Builder::build_initiator)
        .expect("the pattern wants one key")
}

/// The end that was called.
pub(super) fn responder(key: &ClusterKey, seed: Seed) -> HandshakeState {
    let noise = builder(seed).psk(0, key.secret());
    noise
        .and_then(Builder::build_responder)
        .expect("the pattern wants one key")
}

fn builder<'a>(seed: Seed) -> Builder<'a> {
    let pattern = PATTERN.parse().expect("the pattern is well formed");
    Builder::with_resolver(pattern, Box::new(Seeded(seed)))
        .prologue(PROLOGUE)
        .expect("there is no other prologue")
}

/// The algorithms, and chance that was handed in.
struct Seeded(Seed);

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Chance(ChaCha20Rng::from_seed(self.0))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::new(Pair::default()) as _)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        RingResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        RingResolver.resolve_cipher(choice)
    }
}

struct Chance(ChaCha20Rng);

impl Random for Chance {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

/// A pair of keys, for one handshake.
#[derive(Default)]
struct Pair {
    private: Zeroizing<[u8; POINT_BYTES]>,
    public: [u8; POINT_BYTES],
}

impl Dh for Pair {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        POINT_BYTES
    }

    fn priv_len(&self) -> usize {
        POINT_BYTES
    }

    fn set(&mut self, private: &[u8]) {
        let both = self.private.iter_mut().zip(private);
        both.for_each(|(to, byte)| *to = *byte);
        self.public = x25519(*self.private, X25519_BASEPOINT_BYTES);
    }

    fn generate(&mut self, chance: &mut dyn Random) -> Result<(), Error> {
        let mut private = Zeroizing::new([0; POINT_BYTES]);
        chance.try_fill_bytes(&mut *private)?;
        self.set(&*private);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        &*self.private
    }

    fn dh(&self, public: &[u8], shared: &mut [u8]) -> Result<(), Error> {
        let public = *public.first_chunk().ok_or(Error::Dh)?;
        let place = shared.first_chunk_mut().ok_or(Error::Dh)?;
        *place = x25519(*self.private, public);
        Ok(())
    }
}
