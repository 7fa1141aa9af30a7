//! The rules: what each room may name, and which words have a place.

/// Touching the world outside, which pure rooms do not.
const OUTSIDE: [&str; 5] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
];

/// What a place may name of the outside, and what it must not. Of several that fit a file the longest counts.
pub(crate) struct Room {
    place: &'static str,
    /// The only packages and modules it may name; none means any.
    may: &'static [&'static str],
    never: &'static [&'static str],
    /// The rule, for people.
    pub(crate) why: &'static str,
}

impl Room {
    /// Whether a path may be named here, by its first part or its first two.
    pub(crate) fn admits(&self, head: &str, path: &str) -> bool {
        let listed = |names: &[&str]| names.contains(&head) || names.contains(&path);
        !listed(self.never) && (self.may.is_empty() || listed(self.may))
    }
}

/// The room a file belongs to.
pub(crate) fn room(place: &str) -> Option<&'static Room> {
    let fitting = ROOMS.iter().filter(|room| place.starts_with(room.place));
    fitting.max_by_key(|room| room.place.len())
}

const ROOMS: [Room; 15] = [
    Room {
        place: "src/registry/",
        may: &[
            "std",
            // Holds nothing that touches the world: addresses are values there.
            "core",
            "crate::registry",
            "crate::clock",
            "peers::version",
            "arc_swap",
            "dashmap",
            "rand",
        ],
        never: &OUTSIDE,
        why: "the registry is pure: it is handed time and chance, and knows no other room",
    },
    Room {
        place: "src/eureka/",
        may: &[
            "std",
            "crate::eureka",
            "crate::registry",
            "crate::clock",
            "quick_xml",
            "serde",
            "serde_json",
        ],
        never: &OUTSIDE,
        why: "Eureka's spelling is pure: text in, values out, and back",
    },
    Room {
        place: "src/api/",
        may: &[],
        never: &["dashmap", "foca", "tokio::net"],
        why: "handlers extract, call and encode",
    },
    Room {
        place: "src/native/",
        may: &[],
        never: &[
            "actix_http",
            "actix_web",
            "dashmap",
            "foca",
            "std::fs",
            "tokio",
        ],
        why: "documents and actions are made by plain functions, whoever asks for them and however",
    },
    Room {
        place: "src/dashboard/",
        may: &[],
        never: &["dashmap", "foca", "tokio::net"],
        why: "the dashboard shows what others know",
    },
    Room {
        place: "src/cluster",
        may: &[],
        never: &[
            "actix_http",
            "actix_web",
            "crate::cli",
            "dashmap",
            "foca",
            "std::fs",
            "std::thread",
            "tokio",
        ],
        why: "what is told of a cluster is gathered and worded, not served, stored or waited for",
    },
    Room {
        place: "src/identity",
        may: &[
            "std",
            "crate::draft",
            "peers::version",
            "serde",
            "serde_json",
        ],
        never: &["std::env", "std::process", "std::thread"],
        why: "what is remembered is a file, of which no other room is told",
    },
    Room {
        place: "src/replication",
        may: &[],
        never: &["actix_http", "actix_web"],
        why: "the bridge between registry and peers knows nothing of HTTP",
    },
    Room {
        place: "peers/src/",
        may: &[],
        never: &["chrono", "std::fs", "std::thread", "tokio"],
        why: "agreement is pure: only its runtime moves bytes and time",
    },
    Room {
        place: "peers/src/runtime",
        may: &[],
        never: &[],
        why: "the runtime is where agreement meets the world",
    },
    Room {
        place: "web-ui/src/",
        may: &[],
        never: &[
            "actix_http",
            "actix_web",
            "peerage",
            "peers",
            "std::fs",
            "std::net",
            "tokio",
        ],
        why: "pages are pure: values in, HTML out",
    },
    Room {
        place: "simulations/src/",
        may: &[],
        never: &[
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::UdpSocket",
            "std::thread",
            "tokio",
        ],
        why: "a simulated world has its own time and network, and one thread",
    },
    Room {
        place: "simulations/src/cli/",
        may: &[],
        never: &NETWORK,
        why: "many worlds may run side by side, each on one thread",
    },
    Room {
        place: "simulations/src/papers/crew.rs",
        may: &[],
        never: &NETWORK,
        why: "many worlds may run side by side, each on one thread",
    },
    Room {
        place: "simulations/src/world/sweep.rs",
        may: &[],
        never: &NETWORK,
        why: "many worlds may run side by side, each on one thread",
    },
];

const NETWORK: [&str; 4] = [
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "tokio",
];

/// A word that may stand only in some places, or in all but some.
pub(crate) struct Word {
    /// The word, in whatever case.
    pub(crate) word: &'static str,
    /// Whether a file may say it, by its place.
    pub(crate) allowed: fn(&str) -> bool,
    /// The rule, for people.
    pub(crate) why: &'static str,
}

pub(crate) const WORDS: [Word; 7] = [
    real_time("Instant::now"),
    real_time("SystemTime::now"),
    real_time("Utc::now"),
    real_time("Local::now"),
    Word {
        word: "dashmap",
        allowed: |place| place == "src/registry/store.rs",
        why: "its order differs from run to run, so it stays inside src/registry/store.rs",
    },
    Word {
        word: "eureka",
        allowed: |place| !place.starts_with("peers/"),
        why: "peers agree on records, whatever protocol clients speak",
    },
    Word {
        word: "async ",
        allowed: |place| !place.starts_with("src/registry/") && !place.starts_with("src/eureka/"),
        why: "pure rooms do not wait",
    },
];

const fn real_time(word: &'static str) -> Word {
    Word {
        word,
        allowed: |place| place == "src/clock.rs",
        why: "only src/clock.rs reads real time",
    }
}
