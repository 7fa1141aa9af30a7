//! A stand-in between command and server that cuts connections in the midst of what is said.

use std::io::{Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Passes bytes on to a server, and from it so many at most.
pub(super) struct Cutter {
    /// Where it is reached.
    pub(super) address: SocketAddr,
    server: Arc<Mutex<SocketAddr>>,
    cuts: Arc<AtomicU32>,
}

impl Cutter {
    /// Stands before a server, and cuts each connection after so many bytes as are drawn from this seed: from one power
    /// of two to another, so that both heads and long messages are cut, and any message comes through at last.
    pub(super) fn before(server: SocketAddr, seed: u64, least: u32, most: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cutter = Self {
            address: listener.local_addr().unwrap(),
            server: Arc::new(Mutex::new(server)),
            cuts: Arc::default(),
        };
        let (server, cuts) = (cutter.server.clone(), cutter.cuts.clone());
        let mut chance = StdRng::seed_from_u64(seed);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let power = chance.random_range(least..most);
                let budget = chance.random_range(1_usize << power..2 << power);
                let server = *server.lock().unwrap();
                let cuts = cuts.clone();
                thread::spawn(move || pass(client, server, budget, &cuts));
            }
        });
        cutter
    }

    /// Leads to another server from the next connection on.
    pub(super) fn lead_to(&self, server: SocketAddr) {
        *self.server.lock().unwrap() = server;
    }

    /// How many connections it has cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cuts.load(Ordering::Relaxed)
    }
}

fn pass(client: TcpStream, server: SocketAddr, mut budget: usize, cuts: &AtomicU32) {
    let Ok(mut server) = TcpStream::connect(server) else {
        return;
    };
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        // Either side may be gone, which ends it.
        drop(std::io::copy(&mut from, &mut to));
    });
    let (mut client, mut buffer) = (client, [0; 512]);
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        let passed = read.min(budget);
        budget -= passed;
        if client.write_all(&buffer[..passed]).is_err() {
            break;
        }
        if budget == 0 {
            cuts.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
    drop(client.shutdown(Shutdown::Both));
    drop(server.shutdown(Shutdown::Both));
}
