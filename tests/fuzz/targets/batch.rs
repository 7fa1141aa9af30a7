//! Batches, as peers send them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| peerage_fuzz::batch(input));
