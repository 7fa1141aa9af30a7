//! Those who write and beat.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::measure::{now, pass};
use crate::server::Connection;

/// Among so many instances those are that change.
const INSTANCES: usize = 10_000;

/// What was written when: the place in the list is the version that was written.
#[derive(Debug, Default)]
pub(crate) struct Writes(Mutex<Vec<Instant>>);

impl Writes {
    /// Writes so many changes a second for so long, each to another instance. Answers how many a second they were.
    pub(crate) fn make(&self, address: SocketAddr, rate: usize, seconds: usize) -> f64 {
        let (began, time) = (now(), Duration::from_secs(seconds as u64));
        if rate == 0 {
            pass(time);
            return 0.0;
        }
        let mut connection = Connection::open(address);
        let mut made: usize = 0;
        while began.elapsed() < time {
            let due = Duration::from_secs_f64(made as f64 / rate as f64);
            pass(due.saturating_sub(began.elapsed()));
            let version = self.note();
            connection.register(version * 7 % INSTANCES, &version.to_string());
            made += 1;
        }
        made as f64 / began.elapsed().as_secs_f64()
    }

    fn note(&self) -> usize {
        let mut times = self.0.lock().expect("nobody panics with it");
        times.push(now());
        times.len() - 1
    }

    /// How long ago a version was written.
    pub(crate) fn age(&self, version: usize) -> Option<Duration> {
        let times = self.0.lock().expect("nobody panics with it");
        times.get(version).map(Instant::elapsed)
    }
}

/// Heartbeats, one hundred a second, each on time whatever the one before took.
pub(crate) struct Beats {
    going: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Duration>>,
}

impl Beats {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let going = Arc::new(AtomicBool::new(true));
        let goes = going.clone();
        let thread = thread::spawn(move || beat(address, &goes));
        Self { going, thread }
    }

    /// How long each took to be answered, counted from when it was due.
    pub(crate) fn stop(self) -> Vec<Duration> {
        self.going.store(false, Ordering::Relaxed);
        self.thread.join().expect("beats are answered")
    }
}

fn beat(address: SocketAddr, going: &AtomicBool) -> Vec<Duration> {
    const EVERY: Duration = Duration::from_millis(10);
    let (mut connection, began) = (Connection::open(address), now());
    let mut took = Vec::new();
    let mut due = Duration::ZERO;
    while going.load(Ordering::Relaxed) {
        pass(due.saturating_sub(began.elapsed()));
        connection.beat(took.len() % 1000);
        took.push(began.elapsed().saturating_sub(due));
        due += EVERY;
    }
    took
}
