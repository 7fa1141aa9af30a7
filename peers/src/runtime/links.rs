//! Streams: opened, read, written and closed, each by tasks of its own.
//!
//! Here: what stands between a node's [`LinkId`]s and TCP. Not here: what is said. What must always hold: whoever
//! sends faster than the node reads waits; a link that the node has closed, or was told to be closed, is never heard
//! of again.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::Aborted;
use super::accept::Place;
use crate::node::LinkId;

/// How long opening a stream may take.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long the last bytes may take when a stream is closed.
const FLUSH_MAX: Duration = Duration::from_secs(1);
/// What is read at once.
const CHUNK_BYTES: usize = 32 << 10;
/// What is gathered into one write.
const WRITE_BYTES: usize = 64 << 10;
/// Things that wait for the node. With [`CHUNK_BYTES`] this is 4 MiB, beyond which senders wait.
const ARRIVALS_MAX: usize = 128;
/// How many messages a writer takes up at once.
const BATCH_MAX: usize = 64;

/// What comes from streams.
#[derive(Debug)]
pub(super) enum Arrival {
    /// Somebody opened a stream to us.
    Accepted(TcpStream, SocketAddr, Place),
    /// A stream that was dialled is open.
    Connected(LinkId, TcpStream),
    /// Bytes came.
    Bytes(LinkId, Bytes),
    /// So many bytes were written to the socket.
    Sent(LinkId, usize),
    /// It ended, or could not be opened.
    Ended(LinkId),
}

/// All streams of a node.
#[derive(Debug)]
pub(super) struct Links {
    /// The address that streams are opened from; none where the node listens at every address.
    from: Option<IpAddr>,
    links: BTreeMap<LinkId, Link>,
    sender: mpsc::Sender<Arrival>,
    /// What they bring, in order for each.
    pub(super) arrivals: mpsc::Receiver<Arrival>,
    closing: JoinSet<()>,
}

#[derive(Debug)]
enum Link {
    Dialling(#[expect(dead_code, reason = "held so that it ends with the link")] Aborted),
    Open(Open),
}

#[derive(Debug)]
struct Open {
    out: mpsc::UnboundedSender<Bytes>,
    reader: Aborted,
    writer: JoinHandle<()>,
    place: Option<Place>,
}

impl Links {
    pub(super) fn new(from: SocketAddr) -> Self {
        let (sender, arrivals) = mpsc::channel(ARRIVALS_MAX);
        Self {
            from: Some(from.ip()).filter(|ip| !ip.is_unspecified()),
            links: BTreeMap::new(),
            sender,
            arrivals,
            closing: JoinSet::new(),
        }
    }

    /// By which others tell of streams.
    pub(super) fn sender(&self) -> mpsc::Sender<Arrival> {
        self.sender.clone()
    }

    /// Whether the node counts this link as open or being opened.
    pub(super) fn knows(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    /// Opens a stream.
    pub(super) fn dial(&mut self, link: LinkId, address: SocketAddr) {
        let (arrivals, from) = (self.sender.clone(), self.from);
        let dialling = Aborted::spawn(async move {
            let connected = timeout(CONNECT_MAX, connect(from, address)).await;
            let arrival = match connected {
                Ok(Ok(stream)) => Arrival::Connected(link, stream),
                Ok(Err(_)) | Err(_) => Arrival::Ended(link),
            };
            // Without anybody to tell, the stream is as good as closed.
            drop(arrivals.send(arrival).await);
        });
        self.links.insert(link, Link::Dialling(dialling));
    }

    /// Reads and writes a stream from now on. `place` is given back when it is closed.
    pub(super) fn open(&mut self, link: LinkId, stream: TcpStream, place: Option<Place>) {
        // A stream with delays is slower, and no worse.
        drop(stream.set_nodelay(true));
        let (from, to) = stream.into_split();
        let (out, messages) = mpsc::unbounded_channel();
        let reader = Aborted::spawn(read(from, link, self.sender.clone()));
        let writer = tokio::spawn(write(to, link, messages, self.sender.clone()));
        let open = Open {
            out,
            reader,
            writer,
            place,
        };
        self.links.insert(link, Link::Open(open));
    }

    /// Sends bytes after those before. How many may wait is the node's business, which is told of those sent.
    pub(super) fn send(&self, link: LinkId, bytes: Bytes) {
        if let Some(Link::Open(open)) = self.links.get(&link) {
            // A writer that has ended has told so.
            drop(open.out.send(bytes));
        }
    }

    /// Closes a stream when what was sent before is out, at the latest after [`FLUSH_MAX`].
    pub(super) fn close(&mut self, link: LinkId) {
        while self.closing.try_join_next().is_some() {}
        if let Some(Link::Open(open)) = self.links.remove(&link) {
            self.closing.spawn(flush(open));
        }
    }

    /// Forgets a stream that has ended.
    pub(super) fn forget(&mut self, link: LinkId) {
        if let Some(Link::Open(open)) = self.links.remove(&link) {
            open.writer.abort();
        }
    }

    /// Closes everything, and waits until that is done.
    pub(super) async fn finish(mut self) {
        let open: Vec<_> = self.links.keys().copied().collect();
        open.into_iter().for_each(|link| self.close(link));
        // Nobody waits for what still comes.
        self.arrivals.close();
        while self.closing.join_next().await.is_some() {}
    }
}

/// Lets the writer come to its end. What is read meanwhile is for nobody; but unread bytes would make the system
/// throw away those on their way to the other side.
async fn flush(open: Open) {
    let Open {
        out,
        reader,
        mut writer,
        place,
    } = open;
    drop(out);
    if timeout(FLUSH_MAX, &mut writer).await.is_err() {
        writer.abort();
    }
    drop((reader, place));
}

async fn read(mut from: OwnedReadHalf, link: LinkId, arrivals: mpsc::Sender<Arrival>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let bytes = match from.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(length) => chunk.get(..length).unwrap_or_default(),
        };
        let arrival = Arrival::Bytes(link, Bytes::copy_from_slice(bytes));
        if arrivals.send(arrival).await.is_err() {
            // The node is gone; what still comes is read so that the goodbye gets out.
            continue;
        }
    }
    drop(arrivals.send(Arrival::Ended(link)).await);
}

async fn write(
    to: OwnedWriteHalf,
    link: LinkId,
    mut messages: mpsc::UnboundedReceiver<Bytes>,
    arrivals: mpsc::Sender<Arrival>,
) {
    let mut to = BufWriter::with_capacity(WRITE_BYTES, to);
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while messages.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let Ok(sent) = write_all(&mut to, &mut batch).await else {
            drop(arrivals.send(Arrival::Ended(link)).await);
            return;
        };
        // Without anybody to count them, the rest is still sent.
        drop(arrivals.send(Arrival::Sent(link, sent)).await);
    }
    // Who does not take the end of a stream has closed it.
    drop(to.shutdown().await);
}

/// Answers how many bytes were written.
async fn write_all(
    to: &mut BufWriter<OwnedWriteHalf>,
    batch: &mut Vec<Bytes>,
) -> io::Result<usize> {
    let mut sent = 0;
    for message in batch.drain(..) {
        to.write_all(&message).await?;
        sent += message.len();
    }
    to.flush().await?;
    Ok(sent)
}

/// Opens a stream from the address at which this node listens, by which others and firewalls tell nodes apart.
async fn connect(from: Option<IpAddr>, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    if let Some(from) = from.filter(|from| from.is_ipv4() == to.is_ipv4()) {
        socket.bind((from, 0).into())?;
    }
    socket.connect(to).await
}
