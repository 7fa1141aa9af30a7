//! Many subscribers in one thread.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::measure::pass;
use crate::writer::Writes;

/// Of so many subscribers one looks at what it is told.
const ATTENTIVE: usize = 50;

/// What subscribers do with what they are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Reading,
    /// They never read, and take little into their sockets.
    Deaf,
}

/// The subscribers.
pub(crate) struct Crowd(Arc<Heard>);

#[derive(Default)]
struct Heard {
    joined: AtomicUsize,
    bytes: AtomicU64,
    messages: AtomicUsize,
    resyncs: AtomicUsize,
    latencies: Mutex<Vec<Duration>>,
}

impl Crowd {
    /// Opens so many streams, and waits until all have begun.
    pub(crate) fn gather(
        address: SocketAddr,
        count: usize,
        manner: Manner,
        writes: &Arc<Writes>,
    ) -> Self {
        let heard = Arc::new(Heard::default());
        let (ears, writes) = (heard.clone(), writes.clone());
        thread::spawn(move || {
            let runtime = Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            LocalSet::new().block_on(&runtime, async move {
                for number in 0..count {
                    let (heard, writes) = (ears.clone(), writes.clone());
                    tokio::task::spawn_local(async move {
                        let attentive = number % ATTENTIVE == 0;
                        listen(address, manner, &heard, attentive.then_some(&*writes)).await
                    });
                    if number % 100 == 99 {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                std::future::pending::<()>().await;
            });
        });
        while heard.joined.load(Ordering::Relaxed) < count {
            pass(Duration::from_millis(50));
        }
        pass(Duration::from_secs(2));
        Self(heard)
    }

    pub(crate) fn latencies(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.0.latencies.lock().expect("nobody panics with it"))
    }

    pub(crate) fn mebibytes(&self) -> f64 {
        self.0.bytes.load(Ordering::Relaxed) as f64 / 1024.0 / 1024.0
    }

    pub(crate) fn messages(&self) -> usize {
        self.0.messages.load(Ordering::Relaxed)
    }

    pub(crate) fn resyncs(&self) -> usize {
        self.0.resyncs.load(Ordering::Relaxed)
    }

    /// Forgets the latencies so far. Answers how much was told until now, in mebibytes.
    pub(crate) fn forget(&self) -> f64 {
        self.latencies();
        self.mebibytes()
    }
}

async fn listen(
    address: SocketAddr,
    manner: Manner,
    heard: &Heard,
    attentive: Option<&Writes>,
) -> Option<()> {
    let socket = TcpSocket::new_v4().ok()?;
    if manner == Manner::Deaf {
        socket.set_recv_buffer_size(4096).ok()?;
    }
    let mut stream = socket.connect(address).await.ok()?;
    let head = "GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut buffer = vec![
        0;
        if attentive.is_some() {
            256 * 1024
        } else {
            4096
        }
    ];
    let read = stream.read(&mut buffer).await.ok()?;
    assert!(
        buffer[..read].starts_with(b"HTTP/1.1 200"),
        "the server takes everybody"
    );
    heard.joined.fetch_add(1, Ordering::Relaxed);
    if manner == Manner::Deaf {
        std::future::pending::<()>().await;
    }
    let mut rest = String::new();
    loop {
        let read = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        heard.bytes.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(writes) = attentive {
            rest.push_str(&String::from_utf8_lossy(&buffer[..read]));
            take(&mut rest, heard, writes);
        }
    }
}

/// Takes what was told whole.
fn take(rest: &mut String, heard: &Heard, writes: &Writes) {
    const VERSION: &str = "\"version\":\"";
    while let Some(end) = rest.find("\n\n") {
        let message: String = rest.drain(..end + 2).collect();
        heard.messages.fetch_add(1, Ordering::Relaxed);
        if message.contains("event: resync") {
            heard.resyncs.fetch_add(1, Ordering::Relaxed);
        }
        let mut latencies = heard.latencies.lock().expect("nobody panics with it");
        for told in message.split(VERSION).skip(1) {
            let version = told
                .split('"')
                .next()
                .and_then(|version| version.parse().ok());
            latencies.extend(version.and_then(|version| writes.age(version)));
        }
    }
}
