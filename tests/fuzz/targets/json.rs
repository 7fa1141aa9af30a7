//! Registrations in JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peerage::eureka::Format;

fuzz_target!(|body: &[u8]| peerage_fuzz::registration(Format::Json, body));
