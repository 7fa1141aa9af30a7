//! What is in datagrams of the cluster.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| peerage_fuzz::gossip(input));
