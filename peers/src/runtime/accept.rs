//! Streams that others open to a node.
//!
//! Here: how many are let in, in all and from one address. What must always hold: strangers can take a part of the
//! places and of the open files of this process, and never all of them.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing::warn;

use super::links::Arrival;
use super::sockets;

/// Where the system refuses to accept, it is asked again after this.
const PAUSE: Duration = Duration::from_millis(500);

/// Accepts streams for ever, of which so many may be open at once.
pub(super) async fn accept(listener: TcpListener, max: usize, arrivals: mpsc::Sender<Arrival>) {
    let places = Places::new(max);
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let from = sockets::plain(from);
                if let Some(place) = places.take(from.ip()) {
                    let arrival = Arrival::Accepted(stream, from, place);
                    if arrivals.send(arrival).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => not_now(&error).await,
        }
    }
}

async fn not_now(error: &io::Error) {
    warn!(
        event = "peer_stream_refused",
        "the system lets no peer in for now: {error}"
    );
    tokio::time::sleep(PAUSE).await;
}

/// Counts who is in.
#[derive(Clone, Debug)]
struct Places {
    max: usize,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// A place that is free again when this is gone.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    of: IpAddr,
}

impl Places {
    fn new(max: usize) -> Self {
        Self {
            max,
            taken: Arc::default(),
        }
    }

    /// A place for a stream from this address, if there is any left. One address gets half of them at most.
    fn take(&self, of: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, same) = (taken.values().sum::<usize>(), taken.get(&of).copied());
        let same = same.unwrap_or_default();
        if all >= self.max || same >= self.max.div_ceil(2) {
            return None;
        }
        taken.insert(of, same + 1);
        let places = self.clone();
        Some(Place { places, of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self
            .places
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.of).map_or(0, |count| count - 1);
        match left {
            0 => taken.remove(&self.of),
            left => taken.insert(self.of, left),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_gets_half_of_the_places_and_gives_them_back() {
        let places = Places::new(4);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let held = [places.take(one), places.take(one)];
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(one).is_none(), "half of them are taken");
        let others = [places.take(other), places.take(other)];
        assert!(others.iter().all(Option::is_some));
        drop((held, others));
        assert!(places.take(one).is_some());
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
