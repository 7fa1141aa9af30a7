//! What a cluster of real release processes does on real sockets, next to the targets and to Java's figures.
//!
//!     cargo bench --bench cluster -- quick              every row, small, in about five minutes
//!     cargo bench --bench cluster -- full [ROW...]      every row, or those named, as large as the targets say
//!     cargo bench --bench cluster -- full keyed [ROW...] the same, with servers that share a key
//!
//! Here: the rows and the table. Not here: whether anything is right (`tests/it/cluster`). What must always hold: every
//! figure is measured in this run; what stands beside it is a target or was measured of Java's servers, and says so.
//! Servers, clients and stand-ins share the machine, so every latency is an upper bound.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../../it/cluster/eureka.rs"]
#[expect(dead_code, reason = "tests call more than is measured")]
mod eureka;
#[path = "../../it/cluster/http.rs"]
mod http;
#[path = "../../it/cluster/kills.rs"]
mod kills;
#[path = "../../it/cluster/links.rs"]
#[expect(dead_code, reason = "tests know more faults than are measured")]
mod links;
#[path = "../../it/cluster/net.rs"]
mod net;
#[path = "../../it/cluster/patience.rs"]
mod patience;
#[path = "../../it/cluster/places.rs"]
#[expect(dead_code, reason = "tests look at more")]
mod places;
#[path = "../../it/cluster/proxy.rs"]
#[expect(dead_code, reason = "tests replay datagrams")]
mod proxy;
#[path = "../../it/cluster/server.rs"]
#[expect(dead_code, reason = "tests look at more")]
mod server;
#[path = "../../it/cluster/stage.rs"]
#[expect(dead_code, reason = "tests look at more")]
mod stage;
#[path = "../../it/cluster/waits.rs"]
mod waits;

mod attack;
mod faults;
mod load;
mod measure;
mod returns;
mod sizes;
mod spread;
mod table;

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;

use self::table::{Row, print};

/// How large things are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Quick,
    Full,
}

impl Scale {
    /// One of two numbers.
    const fn of(self, quick: usize, full: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

type Measure = fn(Scale) -> Vec<Row>;

/// Every part of the benchmark by its name.
const PARTS: [(&str, Measure); 11] = [
    ("spread", spread::idle),
    ("writes", spread::under_writes),
    ("cut", spread::across_a_cut),
    ("crash", faults::crash),
    ("heal", faults::heal),
    ("join", sizes::join),
    ("idle", sizes::idle),
    ("deaf", sizes::deaf),
    ("attack", attack::mutated),
    ("returns", returns::returns),
    ("kills", returns::kills),
];

/// The part that takes longest, last.
const BEATS: (&str, Measure) = ("beats", load::beats);

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (key, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word == "keyed");
    let _key = key.first().map(|_| Key::made());
    let parts: Vec<_> = PARTS.into_iter().chain([BEATS]).collect();
    let names: Vec<_> = parts.iter().map(|(name, _)| *name).collect();
    let (scale, wanted) = match words.split_first() {
        Some((word, rest)) if word == "quick" => (Scale::Quick, rest),
        Some((word, rest)) if word == "full" => (Scale::Full, rest),
        _ => {
            println!(
                "say quick or full, and which of {} if not all",
                names.join(" ")
            );
            return ExitCode::from(2);
        }
    };
    if let Some(unknown) = wanted.iter().find(|word| !names.contains(&word.as_str())) {
        println!("there is no {unknown}, only {}", names.join(" "));
        return ExitCode::from(2);
    }
    let chosen = parts
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| word == name));
    let rows: Vec<_> = chosen
        .flat_map(|(name, measure)| measured(name, *measure, scale))
        .collect();
    print(&rows);
    ExitCode::SUCCESS
}

/// The file of a key that all servers share from then on, which is gone after the benchmark.
struct Key(PathBuf);

impl Key {
    fn made() -> Self {
        let name = format!("peerage-bench-key-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        let key = peerage::cli::cluster_key().text;
        std::fs::write(&file, key).expect("the temporary directory can be written to");
        server::KEY_FILE.get_or_init(|| file.clone());
        Self(file)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// The rows of a part; one that says so, if a server failed.
fn measured(name: &str, measure: Measure, scale: Scale) -> Vec<Row> {
    eprintln!("measuring {name}");
    let failed = |_panic| {
        let what = name.to_owned();
        let ours = "failed, see above".to_owned();
        vec![Row {
            what,
            target: "",
            java: "",
            ours,
            met: Some(false),
        }]
    };
    let rows = catch_unwind(|| measure(scale)).unwrap_or_else(failed);
    rows.iter()
        .for_each(|row| eprintln!("{}: {}", row.what, row.ours));
    rows
}
