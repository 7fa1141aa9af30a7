//! How many connections there are, and what becomes of those above the limit.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;

/// Counts open connections.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<AtomicUsize>,
    max: usize,
}

/// Lets the system end the connection of a client that for so long takes nothing of what it is sent. A stream has no end
/// by which it would be missed, and one who asks for it and never reads would hold a connection for ever.
pub(crate) fn limit_unread(socket: &dyn Any, max: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(socket) = socket.downcast_ref::<TcpStream>()
        && let Err(error) = SockRef::from(socket).set_tcp_user_timeout(Some(max))
    {
        tracing::debug!("cannot limit for how long a connection is not read: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (socket, max);
}

/// Marks a connection above the limit: its first request is refused and it is closed, so that clients learn at once
/// to go elsewhere instead of waiting for a server that does not accept them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surplus;

/// Counts a connection for as long as it is open.
#[derive(Debug)]
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    /// No connections yet, and at most so many.
    pub(crate) fn new(max: usize) -> Self {
        Self {
            open: Arc::default(),
            max,
        }
    }

    /// How many there may be.
    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts a new connection and marks it if there are too many.
    pub(crate) fn admit(&self, connection: &mut Extensions) {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        connection.insert(Arc::new(Open(self.open.clone())));
        if before >= self.max {
            connection.insert(Surplus);
        }
    }
}
