//! Conversations: paths, queries, bodies, and time that passes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| peerage_fuzz::calls(input));
