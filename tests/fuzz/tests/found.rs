//! What was found once does not come back.

use std::fs;
use std::path::Path;

use peerage::eureka::Format;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 9] = [
    ("json", |body| {
        peerage_fuzz::registration(Format::Json, body)
    }),
    ("xml", |body| peerage_fuzz::registration(Format::Xml, body)),
    ("batch", peerage_fuzz::batch),
    ("calls", peerage_fuzz::calls),
    ("names", peerage_fuzz::names),
    ("datagram", peerage_fuzz::datagram),
    ("gossip", peerage_fuzz::gossip),
    ("stream", peerage_fuzz::stream),
    ("snapshot", peerage_fuzz::snapshot),
];

/// What libFuzzer found, if it has found anything.
#[test]
fn regressions_do_no_harm() {
    let regressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for (name, target) in TARGETS {
        let Ok(inputs) = fs::read_dir(regressions.join(name)) else {
            continue;
        };
        for input in inputs {
            let path = input.expect("the folder is readable").path();
            let input = fs::read(&path).expect("the input is readable");
            std::panic::catch_unwind(|| target(&input))
                .unwrap_or_else(|_| panic!("found again: {}", path.display()));
        }
    }
}

/// What two servers really say to each other.
#[test]
fn what_peers_say_does_no_harm() {
    let seeds = peerage_fuzz::seeds();
    assert!(seeds.len() > 100);
    for (name, input) in seeds {
        let targets = TARGETS.iter().filter(|(of, _)| *of == name);
        targets.for_each(|(_, target)| target(&input));
    }
}

/// A peer's heartbeat for an older copy is answered with ours. A thousand of them were answered with a thousand copies:
/// a batch of one megabyte could be answered with gigabytes.
#[test]
fn old_heartbeats_do_not_multiply_an_instance() {
    let register = format!(
        r#"{{"appName": "A", "id": "i", "action": "Register", "instanceInfo": {{
            "app": "A", "instanceId": "i", "hostName": "h", "ipAddr": "10.0.0.1", "lastDirtyTimestamp": "5",
            "dataCenterInfo": {{"name": "MyOwn"}}, "metadata": {{"k": "{}"}}}}}}"#,
        "v".repeat(200_000)
    );
    let beat = r#"{"appName": "A", "id": "i", "action": "Heartbeat", "lastDirtyTimestamp": 1}"#;
    let items = [vec![register.as_str()], vec![beat; 200]]
        .concat()
        .join(",");
    peerage_fuzz::batch(format!(r#"{{"replicationList": [{items}]}}"#).as_bytes());
}
