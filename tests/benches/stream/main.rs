//! What a real release process does with many subscribers, measured.
//!
//!     cargo bench --bench stream -- quick          every part, small, in about a minute
//!     cargo bench --bench stream -- full           as large as is promised, in about five
//!     cargo bench --bench stream -- full busy      one part: busy, crowd or deaf
//!
//! Here: the parts and what they print. Not here: whether anything is right (`tests/it/stream`). What must always hold:
//! every figure is measured in this run. Server, writers and subscribers share the machine, so every latency is an upper
//! bound.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod crowd;
mod measure;
mod server;
mod writer;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use self::crowd::{Crowd, Manner};
use self::measure::{Spread, Usage, pass};
use self::server::Server;
use self::writer::{Beats, Writes};

/// How large things are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Quick,
    Full,
}

impl Scale {
    const fn of(self, quick: usize, full: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

type Part = fn(Scale);

const PARTS: [(&str, Part); 3] = [("busy", busy), ("crowd", crowd), ("deaf", deaf)];

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (scale, wanted) = match words.split_first() {
        Some((word, rest)) if word == "full" => (Scale::Full, rest),
        Some((word, rest)) if word == "quick" => (Scale::Quick, rest),
        _ => {
            println!("say quick or full, and which of busy, crowd, deaf if not all");
            return ExitCode::from(2);
        }
    };
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n{name}");
            part(scale);
        }
    }
    ExitCode::SUCCESS
}

/// 200 subscribers on everything while 1000 instances change every second.
fn busy(scale: Scale) {
    let (server, subscribers) = (Server::start(), scale.of(50, 200));
    server.fill(10_000);
    let before = Usage::of(server.process_id());
    let writes = Arc::new(Writes::default());
    let crowd = Crowd::gather(server.address(), subscribers, Manner::Reading, &writes);
    let joined = Usage::of(server.process_id());
    let beats = Beats::start(server.address());
    let seconds = scale.of(5, 30);
    let written = writes.make(server.address(), 1000, seconds);
    pass(Duration::from_secs(1));
    let after = Usage::of(server.process_id());
    println!(
        "{subscribers} subscribers, {written:.0} changes a second for {seconds} s, 10000 instances"
    );
    println!("  told after           {}", Spread::of(crowd.latencies()));
    println!("  heartbeats answered  {}", Spread::of(beats.stop()));
    println!(
        "  told in all          {:.0} MiB, {} messages",
        crowd.mebibytes(),
        crowd.messages()
    );
    println!("  cut off or resynced  {}", crowd.resyncs());
    println!("  {}", after.since(&joined, seconds));
    println!(
        "  a subscriber takes   {:.1} KiB at rest",
        joined.kibibytes_more(&before) / subscribers as f64
    );
    println!(
        "  memory               {} before, {} with subscribers, {} at the end",
        before, joined, after
    );
}

/// As many subscribers as instances, each on everything.
fn crowd(scale: Scale) {
    let (server, count) = (Server::start(), scale.of(1000, 10_000));
    server.fill(count);
    let before = Usage::of(server.process_id());
    let writes = Arc::new(Writes::default());
    let crowd = Crowd::gather(server.address(), count, Manner::Reading, &writes);
    let joined = Usage::of(server.process_id());
    println!("{count} instances and as many subscribers, each on everything");
    println!(
        "  memory               {before} before, {joined} with subscribers: {:.1} KiB each",
        joined.kibibytes_more(&before) / count as f64
    );
    for (rate, seconds) in [(0, 20), (10, 20), (100, 20), (1000, 20)] {
        let told = crowd.forget();
        let start = Usage::of(server.process_id());
        let beats = Beats::start(server.address());
        let written = writes.make(server.address(), rate, seconds);
        let end = Usage::of(server.process_id());
        let (beats, latencies) = (Spread::of(beats.stop()), Spread::of(crowd.latencies()));
        println!("  {written:.0} changes a second for {seconds} s");
        println!("    heartbeats answered  {beats}");
        println!("    told after           {latencies}");
        println!(
            "    told                 {:.0} MiB/s, {} resyncs",
            (crowd.mebibytes() - told) / seconds as f64,
            crowd.resyncs()
        );
        println!("    {}; memory {end}", end.since(&start, seconds));
    }
}

/// Subscribers that ask for everything and read nothing.
fn deaf(scale: Scale) {
    let (server, count) = (Server::start(), scale.of(200, 2000));
    server.fill(10_000);
    let before = Usage::of(server.process_id());
    let writes = Arc::new(Writes::default());
    let reader = Crowd::gather(server.address(), 5, Manner::Reading, &writes);
    let crowd = Crowd::gather(server.address(), count, Manner::Deaf, &writes);
    let joined = Usage::of(server.process_id());
    let beats = Beats::start(server.address());
    let seconds = scale.of(10, 120);
    let written = writes.make(server.address(), 1000, seconds);
    let after = Usage::of(server.process_id());
    println!(
        "{count} subscribers that read nothing, {written:.0} changes a second for {seconds} s"
    );
    println!("  heartbeats answered  {}", Spread::of(beats.stop()));
    println!("  those who read       {}", Spread::of(reader.latencies()));
    println!(
        "  memory               {before} before, {joined} with subscribers, {after} at the end: {:.1} KiB each",
        after.kibibytes_more(&before) / count as f64
    );
    println!(
        "  still connected      {} of {count}",
        server.subscribers().saturating_sub(5)
    );
    drop(crowd);
}
