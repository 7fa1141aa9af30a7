//! Datagrams, as they come from the network.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| peerage_fuzz::datagram(input));
