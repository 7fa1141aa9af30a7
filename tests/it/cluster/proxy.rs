//! A stand-in before a server's peer port, by which everybody reaches it.
//!
//! Here: datagrams and streams, passed on by the rules of [`Links`]; who sends is told by the address it sends from.
//! Not here: which faults there are. What must always hold: bytes of a stream come in order or not at all.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::links::Links;

/// How often a thread that waits for datagrams looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(200);
/// What is passed on at once. Small, so that a slow link is slow evenly.
const CHUNK_BYTES: usize = 16 << 10;
/// No datagram is longer.
const DATAGRAM_BYTES: usize = 64 << 10;
/// How many datagrams are kept, to be replayed.
const KEPT_MAX: usize = 200;

/// The stand-in of one server.
pub(crate) struct Proxy {
    address: SocketAddr,
    kept: Arc<Mutex<VecDeque<Vec<u8>>>>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Clone)]
struct Way {
    links: Arc<Links>,
    to: usize,
    target: SocketAddr,
    /// Who sends from an address: a server's number, or one that is nobody's.
    who: fn(SocketAddr) -> usize,
}

impl Proxy {
    /// Listens at this address for the server of this number, which listens at `target`.
    pub(crate) fn start(
        links: &Arc<Links>,
        to: usize,
        [address, target]: [SocketAddr; 2],
        who: fn(SocketAddr) -> usize,
    ) -> io::Result<Self> {
        let (socket, listener) = (UdpSocket::bind(address)?, TcpListener::bind(address)?);
        socket.set_read_timeout(Some(LOOK))?;
        let links = links.clone();
        let way = Way {
            links,
            to,
            target,
            who,
        };
        let kept = Arc::new(Mutex::new(VecDeque::new()));
        let (keep, datagrams) = (kept.clone(), way.clone());
        let threads = vec![
            thread::spawn(move || pass_datagrams(&datagrams, &socket, &keep)),
            thread::spawn(move || accept(&way, &listener)),
        ];
        Ok(Self {
            address,
            kept,
            threads,
        })
    }

    /// The datagrams that last came by.
    pub(crate) fn datagrams(&self) -> Vec<Vec<u8>> {
        let kept = self
            .kept
            .lock()
            .expect("nobody panics with datagrams in hand");
        kept.iter().cloned().collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Wakes the thread that waits for streams, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        for thread in self.threads.drain(..) {
            // One that panicked has closed its socket too.
            drop(thread.join());
        }
    }
}

fn pass_datagrams(way: &Way, socket: &UdpSocket, kept: &Mutex<VecDeque<Vec<u8>>>) {
    let mut bytes = vec![0; DATAGRAM_BYTES];
    while !way.links.closing() {
        let Ok((length, from)) = socket.recv_from(&mut bytes) else {
            continue;
        };
        let datagram = &bytes[..length];
        way.links.count_datagram(length);
        if way.links.passes_datagrams((way.who)(from), way.to) {
            // Whether anybody is there is not the network's affair.
            drop(socket.send_to(datagram, way.target));
        }
        let mut kept = kept.lock().expect("nobody panics with datagrams in hand");
        kept.push_back(datagram.to_vec());
        if kept.len() > KEPT_MAX {
            kept.pop_front();
        }
    }
}

fn accept(way: &Way, listener: &TcpListener) {
    for stream in listener.incoming() {
        if way.links.closing() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let way = way.clone();
        thread::spawn(move || drop(serve(&way, &stream)));
    }
}

/// Passes a stream on in both directions, until both have ended.
fn serve(way: &Way, from: &TcpStream) -> io::Result<()> {
    let who = (way.who)(from.peer_addr()?);
    // Where nothing passes nobody is reached.
    if !way.links.admit(who, way.to, 0) {
        return Ok(());
    }
    let to = TcpStream::connect(way.target)?;
    [from, &to]
        .iter()
        .try_for_each(|stream| stream.set_nodelay(true))?;
    thread::scope(|scope| {
        scope.spawn(|| pass(way, (who, way.to), from, &to));
        pass(way, (way.to, who), &to, from);
    });
    Ok(())
}

fn pass(way: &Way, (who, whom): (usize, usize), mut from: &TcpStream, mut to: &TcpStream) {
    let mut bytes = vec![0; CHUNK_BYTES];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        way.links.count_stream(length);
        if !way.links.admit(who, whom, length) || to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    // The other end may be gone already.
    drop(from.shutdown(Shutdown::Read));
    drop(to.shutdown(Shutdown::Write));
}
