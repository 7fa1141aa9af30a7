//! A cluster of processes, a stand-in before each, and the network between them.
//!
//! Here: starting and stopping. Not here: addresses (`net`), waiting until servers agree (`waits`), what is done to them.
//! What must always hold: a server keeps its addresses when it is started again; all of it ends with the cluster.

use std::net::SocketAddr;
use std::sync::Arc;

use rustix::process::Signal;

use super::links::Links;
use super::net::{Net, who};
use super::proxy::Proxy;
use super::server::{Server, Told};

/// Times that suit a test: everything that is waited for comes after a second or two instead of half a minute.
const BRISK: [(&str, &str); 7] = [
    ("DRAIN__FETCH_INTERVAL", "2s"),
    ("CLUSTER__JOIN_WAIT", "2s"),
    ("CLUSTER__COLLECT_MIN", "3s"),
    ("CLUSTER__COLLECT_MAX", "30s"),
    ("CLUSTER__CALM", "500ms"),
    ("CLUSTER__RECONNECT", "500ms"),
    ("HTTP__WORKERS", "1"),
];

/// A cluster of processes.
pub(crate) struct Cluster {
    pub(crate) links: Arc<Links>,
    servers: Vec<Option<Server>>,
    proxies: Vec<Proxy>,
    before: Vec<Vec<String>>,
    /// Settings beside those that suit every test.
    settings: &'static [(&'static str, &'static str)],
    /// Whether peers reach each other without a stand-in, where nothing is cut and every microsecond counts.
    direct: bool,
    /// Released last, when nobody listens there any more.
    net: Net,
}

impl Cluster {
    /// Servers that are not started yet. None where the system has but one loopback address, which is told.
    pub(crate) fn of(size: usize) -> Option<Self> {
        let Some(net) = Net::claim() else {
            eprintln!("skipped: the system has no loopback addresses beside 127.0.0.1");
            return None;
        };
        let mut cluster = Self {
            links: Arc::default(),
            servers: (0..size).map(|_| None).collect(),
            proxies: Vec::new(),
            before: vec![Vec::new(); size],
            settings: &[],
            direct: false,
            net,
        };
        cluster.proxies = (0..size).map(|server| cluster.proxy(server)).collect();
        Some(cluster)
    }

    /// Servers that know each other and are ready.
    pub(crate) fn formed(size: usize) -> Option<Self> {
        Self::formed_with(size, &[])
    }

    /// The same with further settings.
    pub(crate) fn formed_with(
        size: usize,
        settings: &'static [(&'static str, &'static str)],
    ) -> Option<Self> {
        let mut cluster = Self::of(size)?;
        cluster.settings = settings;
        cluster.form();
        Some(cluster)
    }

    /// Starts all, the first one alone, so that it is ready at once.
    pub(crate) fn form(&mut self) {
        let first = Told {
            join: Vec::new(),
            ..self.told(0)
        };
        self.servers[0] = Some(Server::start(&first));
        self.await_ready(&[0]);
        (1..self.size()).for_each(|server| self.start(server));
        self.await_ready(&self.all());
        self.await_met();
    }

    /// Starts all as strangers: none is told of another.
    pub(crate) fn form_apart(&mut self) {
        for server in self.all() {
            let told = Told {
                join: Vec::new(),
                ..self.told(server)
            };
            self.start_as(server, &told);
        }
        self.await_ready(&self.all());
    }

    /// What precedes the command of this server, such as `taskset`.
    pub(crate) fn precede(&mut self, server: usize, words: &[&str]) {
        self.before[server] = words.iter().map(ToString::to_string).collect();
    }

    pub(crate) const fn size(&self) -> usize {
        self.before.len()
    }

    /// The numbers of all servers.
    pub(crate) fn all(&self) -> Vec<usize> {
        (0..self.size()).collect()
    }

    /// Where clients reach a server.
    pub(crate) fn http(&self, server: usize) -> SocketAddr {
        self.net.http(server)
    }

    /// Where clients reach each of the servers.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let all = self.all().into_iter();
        all.map(|server| self.http(server)).collect()
    }

    /// Where a server hears peers; nobody else is told of this address.
    pub(crate) fn peers(&self, server: usize) -> SocketAddr {
        self.net.peers(server)
    }

    /// Where peers reach a server.
    pub(crate) fn advertised(&self, server: usize) -> SocketAddr {
        match self.direct {
            true => self.peers(server),
            false => self.net.stand_in(server),
        }
    }

    /// From now on servers are told of each other, and not of stand-ins.
    pub(crate) fn go_direct(&mut self) {
        self.direct = true;
    }

    pub(crate) fn proxy_of(&self, server: usize) -> &Proxy {
        &self.proxies[server]
    }

    pub(crate) fn server(&self, server: usize) -> &Server {
        self.servers[server].as_ref().expect("the server runs")
    }

    pub(crate) fn server_mut(&mut self, server: usize) -> &mut Server {
        self.servers[server].as_mut().expect("the server runs")
    }

    /// What a server is told; its seeds are all others.
    pub(crate) fn told(&self, server: usize) -> Told {
        let others = self.all().into_iter().filter(|other| *other != server);
        Told {
            name: format!("server-{server}"),
            zone: format!("zone-{}", server % 3),
            http: self.http(server),
            peers: self.peers(server),
            advertise: self.advertised(server),
            join: others
                .map(|other| self.advertised(other).to_string())
                .collect(),
            cluster_name: "tested".to_owned(),
            settings: [&BRISK, self.settings].concat(),
            before: self.before[server].clone(),
        }
    }

    pub(crate) fn start(&mut self, server: usize) {
        self.start_as(server, &self.told(server));
    }

    /// Starts a server that is told something else than usual.
    pub(crate) fn start_as(&mut self, server: usize, told: &Told) {
        self.servers[server] = Some(Server::start(told));
    }

    /// Ends a server with no chance to say goodbye.
    pub(crate) fn kill(&mut self, server: usize) {
        self.servers[server] = None;
    }

    /// Tells a server to stop, and waits until it has.
    pub(crate) fn stop(&mut self, server: usize) {
        let running = self.server_mut(server);
        running.signal(Signal::TERM);
        let status = running.ended();
        assert_eq!(status.code(), Some(0), "{}", running.last_words());
        self.servers[server] = None;
    }

    fn proxy(&self, server: usize) -> Proxy {
        let addresses = [self.net.stand_in(server), self.peers(server)];
        Proxy::start(&self.links, server, addresses, who)
            .expect("the addresses of a claimed net are free")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (number, server) in self.servers.iter().enumerate() {
                let words = server
                    .as_ref()
                    .map_or("not running".to_owned(), Server::last_words);
                eprintln!("--- server-{number}\n{words}");
            }
        }
        self.servers.clear();
        self.links.close();
    }
}
