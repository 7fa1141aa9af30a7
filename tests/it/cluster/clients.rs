//! Clients that beat and move, and a watch over what servers show of them.
//!
//! Here: a crowd of clients by the rules of real ones; looks at lists, all the while. Not here: what happens
//! to servers meanwhile. What must always hold: a client goes to its next server when one fails it, and registers
//! where it is not known.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::eureka::{Instance, list};
use super::patience::{now, pass, until};

/// Between two beats of one client.
const INTERVAL: Duration = Duration::from_secs(1);
/// Between two looks of a watch.
const LOOK: Duration = Duration::from_millis(50);

/// What is asked for while threads run, and what they tell.
#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    rounds: AtomicUsize,
    told: Mutex<Vec<String>>,
}

impl Shared {
    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn tell(&self, what: String) {
        self.told
            .lock()
            .expect("nobody panics with a list in hand")
            .push(what);
    }
}

/// Something that goes on beside the test, until it is dropped.
pub(crate) struct Beside {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    fn start(run: impl FnOnce(&Shared) + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let theirs = shared.clone();
        let thread = Some(thread::spawn(move || run(&theirs)));
        Self { shared, thread }
    }

    /// Waits for so many rounds more.
    pub(crate) fn await_rounds(&self, rounds: usize) {
        let until_then = self.shared.rounds.load(Ordering::Relaxed) + rounds;
        until("clients and watches go on", || {
            self.shared.rounds.load(Ordering::Relaxed) >= until_then
        });
    }

    /// Ends it, and returns what it has to tell.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.join();
        std::mem::take(&mut self.shared.told.lock().expect("it has ended"))
    }

    fn join(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.join();
    }
}

/// A client with the servers it was told of, the one it uses first.
struct Client {
    instance: Instance,
    servers: Vec<SocketAddr>,
}

/// What these clients register.
pub(crate) fn instances(clients: &[(Instance, Vec<SocketAddr>)]) -> Vec<Instance> {
    let registered = clients.iter().map(|(instance, _)| instance);
    registered.cloned().collect()
}

/// Clients that beat every second, each registered at its first server. In the end they tell which had to register
/// again, since a server did not know them.
pub(crate) fn crowd(clients: Vec<(Instance, Vec<SocketAddr>)>) -> Beside {
    let clients: Vec<_> = clients
        .into_iter()
        .map(|(instance, servers)| Client { instance, servers })
        .collect();
    for client in &clients {
        let registered = || {
            client
                .instance
                .register(client.servers[0])
                .is_ok_and(|answer| answer.ok())
        };
        until("a client registers", registered);
    }
    Beside::start(move |shared| beat(clients, shared))
}

/// Each has a thread of its own, for one that waits for a server in vain must not keep another from beating.
fn beat(clients: Vec<Client>, shared: &Shared) {
    thread::scope(|scope| {
        for mut client in clients {
            scope.spawn(move || client.live(shared));
        }
        while !shared.over() {
            pass(INTERVAL);
            shared.rounds.fetch_add(1, Ordering::Relaxed);
        }
    });
}

impl Client {
    fn live(&mut self, shared: &Shared) {
        while !shared.over() {
            let began = now();
            self.beat(shared);
            pass(INTERVAL.saturating_sub(began.elapsed()));
        }
    }

    /// Tries its servers in turn until one takes the beat.
    fn beat(&mut self, shared: &Shared) {
        for _ in 0..self.servers.len() {
            match self
                .instance
                .beat(self.servers[0])
                .map(|answer| answer.status)
            {
                Ok(200) => return,
                Ok(404) => return self.register_again(shared),
                Ok(_) | Err(_) => self.servers.rotate_left(1),
            }
        }
    }

    fn register_again(&mut self, shared: &Shared) {
        shared.tell(format!(
            "{} had to register again at {}",
            self.instance.id, self.servers[0]
        ));
        if !self
            .instance
            .register(self.servers[0])
            .is_ok_and(|answer| answer.ok())
        {
            self.servers.rotate_left(1);
        }
    }
}

/// Looks at the lists of these servers again and again, and tells of every instance missing in one. No list is no
/// violation: clients then keep the one they have.
pub(crate) fn watch(servers: Vec<SocketAddr>, instances: &[&Instance]) -> Beside {
    let wanted: BTreeSet<_> = instances
        .iter()
        .map(|instance| instance.id.clone())
        .collect();
    let began = now();
    Beside::start(move |shared| {
        while !shared.over() {
            for server in &servers {
                let Some(list) = list(*server) else { continue };
                let missing: Vec<_> = wanted.iter().filter(|id| !list.contains_key(*id)).collect();
                if !missing.is_empty() {
                    let (at, count) = (began.elapsed(), missing.len());
                    shared.tell(format!(
                        "{at:.3?} at {server}: {count} of {} missing, {}",
                        wanted.len(),
                        missing[0]
                    ));
                }
            }
            shared.rounds.fetch_add(1, Ordering::Relaxed);
            pass(LOOK);
        }
    })
}

/// Asserts that a watch saw nothing missing.
pub(crate) fn assert_unbroken(watch: Beside) {
    let told = watch.end();
    assert!(
        told.is_empty(),
        "{} looks: {:#?}",
        told.len(),
        &told[..told.len().min(8)]
    );
}
