//! Files that a server starts from.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| peerage_fuzz::snapshot(input));
