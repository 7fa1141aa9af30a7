//! What each key of Spring's means here.
//!
//! Here: the tables of keys, in Spring's own spelling; a `*` at the end stands for anything. Not here: how values are
//! turned into settings ([`effect`](super::effect)).

use super::Class;
use super::effect::Effect;
use Class::{Different, Mapped, NotNeeded, Unsupported};
use Effect::{
    Address, CacheInterval, CacheSwitch, CountOrNone, EmptyWait, Millis, OpenCount, Opposite, Port,
    Share, Switch, Text,
};

/// Keys that act.
static ACTING: &[(&str, Effect)] = &[
    (
        "eureka.server.enable-self-preservation",
        Switch("preservation.enabled"),
    ),
    (
        "eureka.server.renewal-percent-threshold",
        Share("preservation.threshold"),
    ),
    (
        "eureka.server.eviction-interval-timer-in-ms",
        Millis(&["lease.sweep-interval", "lease.quota-window"]),
    ),
    ("eureka.server.disable-delta", Opposite("delta.enabled")),
    (
        "eureka.server.retention-time-in-m-s-in-delta-queue",
        Millis(&["delta.retention"]),
    ),
    (
        "eureka.server.delta-retention-timer-interval-in-ms",
        Millis(&["delta.prune-interval"]),
    ),
    (
        "eureka.server.response-cache-update-interval-ms",
        CacheInterval("reads.rebuilds-per-second"),
    ),
    (
        "eureka.server.use-read-only-response-cache",
        CacheSwitch("reads.rebuilds-per-second"),
    ),
    ("eureka.server.wait-time-in-ms-when-sync-empty", EmptyWait),
    (
        "eureka.instance.registry.default-open-for-traffic-count",
        OpenCount,
    ),
    ("eureka.server.default-open-for-traffic-count", OpenCount),
    (
        "eureka.server.sync-when-timestamp-differs",
        Switch("registry.compare-timestamps"),
    ),
    (
        "eureka.server.min-available-instances-for-peer-replication",
        CountOrNone("status.min-available-peers"),
    ),
    ("eureka.instance.hostname", Text("name")),
    ("eureka.instance.metadata-map.zone", Text("zone")),
    ("eureka.environment", Text("environment")),
    ("eureka.datacenter", Text("datacenter")),
    ("eureka.dashboard.path", Text("dashboard.path")),
    ("eureka.dashboard.enabled", Switch("dashboard.enabled")),
    ("server.port", Port),
    ("server.address", Address),
];

/// Keys that do nothing, by class and reason.
struct Group {
    class: Class,
    note: &'static str,
    keys: &'static [&'static str],
}

/// The more particular first: the first that fits counts.
static INERT: &[Group] = &[
    Group {
        class: Different,
        note: "there is no read-only cache; answers are as new as the registry",
        keys: &["eureka.server.response-cache-auto-expiration-in-seconds"],
    },
    Group {
        class: Different,
        note: "nothing is expected in sum: silence is judged by each lease's own interval",
        keys: &[
            "eureka.server.expected-client-renewal-interval-seconds",
            "eureka.server.renewal-threshold-update-interval-ms",
            "eureka.server.expected-number-of-renews-per-min",
            "eureka.instance.registry.expected-number-of-clients-sending-renews",
        ],
    },
    Group {
        class: Different,
        note: "/metrics is always served; see metrics.per-application",
        keys: &["eureka.server.metrics.enabled"],
    },
    Group {
        class: NotNeeded,
        note: "there are no pools or caches to size",
        keys: &[
            "eureka.server.peer-node-total-connections*",
            "eureka.server.peer-node-connection-idle-timeout-seconds",
            "eureka.server.max-threads-*",
            "eureka.server.min-threads-*",
            "eureka.server.max-idle-thread-*",
            "eureka.server.initial-capacity-of-response-cache",
        ],
    },
    Group {
        class: Different,
        note: "servers agree with each other as they please; see the settings under cluster",
        keys: &[
            "eureka.server.registry-sync-retries",
            "eureka.server.registry-sync-retry-wait-ms",
            "eureka.server.peer-*",
            "eureka.server.my-url",
            "eureka.server.max-elements-in-*",
            "eureka.server.max-time-for-replication",
            "eureka.server.number-of-replication-retries",
            "eureka.server.batch-replication",
            "eureka.server.enable-replicated-request-compression",
        ],
    },
    Group {
        class: NotNeeded,
        note: "JSON and XML are each written in one way, and what is broken is always refused",
        keys: &[
            "eureka.server.json-codec-name",
            "eureka.server.xml-codec-name",
            "eureka.server.experimental*",
            "eureka.server.version.filter.debug.response-header",
            "eureka.server.log-identity-headers",
        ],
    },
    Group {
        class: Unsupported,
        note: "requests are not limited in number",
        keys: &["eureka.server.rate-limiter-*"],
    },
    Group {
        class: Unsupported,
        note: "there are no remote regions",
        keys: &[
            "eureka.server.remote-region-*",
            "eureka.server.disable-delta-for-remote-regions",
            "eureka.server.disable-transparent-fallback-to-other-region",
            "eureka.server.g-zip-content-from-remote-region",
            "eureka.client.region",
            "eureka.client.availability-zones*",
        ],
    },
    Group {
        class: Unsupported,
        note: "nothing is asked of Amazon",
        keys: &[
            "eureka.server.a-w-s-*",
            "eureka.server.e-i-p-*",
            "eureka.server.a-s-g-*",
            "eureka.server.route53-*",
            "eureka.server.binding-strategy",
            "eureka.server.prime-aws-replica-connections",
            "eureka.server.use-aws-asg-api",
            "eureka.server.list-auto-scaling-groups-role-name",
        ],
    },
    Group {
        class: Unsupported,
        note: "servers written in Java are no peers; name servers of this kind with --join",
        keys: &[
            "eureka.client.service-url*",
            "eureka.client.eureka-server-d-n-s-name",
            "eureka.client.use-dns-for-fetching-service-urls",
        ],
    },
    Group {
        class: Unsupported,
        note: "this server speaks plain http only, and calls no other",
        keys: &["eureka.client.tls*"],
    },
    Group {
        class: Unsupported,
        note: "clients must speak plain http to this server; for https put a proxy before it",
        keys: &["server.ssl*", "spring.ssl*"],
    },
    Group {
        class: Unsupported,
        note: "clients find Eureka at /eureka, below no other path; change their URLs or let a proxy cut the path off",
        keys: &[
            "server.servlet.context-path",
            "server.servlet-path",
            "server.context-path",
            "spring.mvc.servlet.path",
            "spring.webflux.base-path",
        ],
    },
    Group {
        class: Unsupported,
        note: "nobody is asked for a password: who reaches the port may read and register",
        keys: &["spring.security*"],
    },
    Group {
        class: Unsupported,
        note: "/health, /actuator/health and /metrics are served at the one port, and not elsewhere",
        keys: &[
            "management.server*",
            "management.endpoints.web.base-path",
            "management.endpoints.web.path-mapping*",
        ],
    },
    Group {
        class: Unsupported,
        note: "settings are read from what --spring-config names, and from nowhere else",
        keys: &[
            "spring.config.import*",
            "spring.config.location",
            "spring.config.additional-location",
            "spring.config.name",
            "spring.cloud.config*",
        ],
    },
    Group {
        class: Mapped,
        note: "chooses documents; a profile's own file is read if another --spring-config names it",
        keys: &["spring.profiles.active*"],
    },
    Group {
        class: Unsupported,
        note: "profiles are active only if spring.profiles.active names them",
        keys: &[
            "spring.profiles.include*",
            "spring.profiles.group*",
            "spring.profiles.default",
        ],
    },
    Group {
        class: Mapped,
        note: "says for which profile its document counts",
        keys: &["spring.profiles*", "spring.config.activate.on-profile*"],
    },
    Group {
        class: NotNeeded,
        note: "the server is no client of itself",
        keys: &["eureka.client.*", "eureka.instance.*"],
    },
];

/// What is known of a key: its class, why, and what it does.
pub(super) struct Meaning {
    pub(super) class: Class,
    pub(super) note: String,
    pub(super) effect: Option<&'static Effect>,
}

/// What a key means, in any spelling.
pub(super) fn meaning(key: &str) -> Meaning {
    let squeezed_key = squeezed(key);
    let acting = ACTING
        .iter()
        .find(|(known, _)| squeezed(known) == squeezed_key);
    if let Some((_, effect)) = acting {
        return Meaning {
            class: effect.class(),
            note: effect.note(),
            effect: Some(effect),
        };
    }
    let inert = INERT
        .iter()
        .find(|group| group.keys.iter().any(|known| fits(known, &squeezed_key)));
    let (class, note) = match inert {
        Some(group) => (group.class, group.note.to_owned()),
        None => (Class::Foreign, stranger(&squeezed_key)),
    };
    Meaning {
        class,
        note,
        effect: None,
    }
}

fn fits(pattern: &str, squeezed_key: &str) -> bool {
    let letters = squeezed(pattern);
    match pattern.ends_with('*') {
        true => squeezed_key.starts_with(&letters),
        false => squeezed_key == letters,
    }
}

/// A key of nobody's may be a misspelt one.
fn stranger(squeezed_key: &str) -> String {
    if !squeezed_key.starts_with("eureka") {
        return "none of Eureka's".to_owned();
    }
    let likely = ACTING
        .iter()
        .map(|(known, _)| (strsim::jaro_winkler(squeezed_key, &squeezed(known)), known))
        .filter(|(likeness, _)| *likeness > 0.95)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match likely {
        Some((_, likely)) => format!("no key of Eureka's server; did you mean {likely}?"),
        None => "no key of Eureka's server".to_owned(),
    }
}

/// A key by its letters and digits alone, so that all of Spring's spellings of one key are one.
pub(super) fn squeezed(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Setting, TABLE};

    #[test]
    fn every_spelling_of_a_key_is_the_same_key() {
        for spelling in [
            "eureka.server.eviction-interval-timer-in-ms",
            "eureka.server.evictionIntervalTimerInMs",
            "eureka.server.eviction_interval_timer_in_ms",
            "EUREKA_SERVER_EVICTION_INTERVAL_TIMER_IN_MS",
            "EUREKA_SERVER_EVICTIONINTERVALTIMERINMS",
        ] {
            let note = meaning(spelling).note;
            assert_eq!(
                note, "sets lease.sweep-interval and lease.quota-window",
                "{spelling}"
            );
        }
    }

    #[test]
    fn no_key_hides_behind_an_earlier_one() {
        for group in INERT {
            for key in group.keys {
                let found = meaning(key.trim_end_matches('*'));
                assert_eq!(
                    (found.class, found.note.as_str()),
                    (group.class, group.note),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn every_key_that_acts_sets_what_exists() {
        let settings: Vec<_> = TABLE.iter().map(Setting::key).collect();
        for (key, effect) in ACTING {
            for target in effect.targets() {
                assert!(
                    settings.iter().any(|setting| setting == target),
                    "{key} sets {target}"
                );
            }
        }
    }

    #[test]
    fn a_misspelt_key_is_foreign_and_told_what_may_be_meant() {
        let found = meaning("eureka.server.enable-self-preservaton");
        assert_eq!(found.class, Class::Foreign);
        assert_eq!(
            found.note,
            "no key of Eureka's server; did you mean eureka.server.enable-self-preservation?"
        );
    }
}
