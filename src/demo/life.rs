//! What happens to the clients of the demo.
//!
//! Here: drawing fates from the seed, ordering clients accordingly, and saying so. Not here: what servers make of it
//! (`watch`). What must always hold: nearly all clients live at any time but while a zone is lost, and whatever
//! befalls one ends.

use std::net::SocketAddr;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::client::{Client, INTERVAL, Identity, Order, zone_name};
use super::http::Connection;
use super::say;
use super::servers::{SERVERS, Servers, name};

const APPS: [&str; 12] = [
    "CATALOG", "ORDERS", "PAYMENTS", "BASKET", "SEARCH", "USERS", "STOCK", "SHIPPING", "MAIL",
    "PRICES", "REVIEWS", "GATEWAY",
];
/// How long nothing new happens after something did.
const CALM: Duration = Duration::from_secs(12);
/// How long a crashed client takes to come back: longer than its lease.
const AWAY: Duration = Duration::from_secs(15);
/// How long a zone is lost.
const ZONE_LOST: Duration = Duration::from_secs(20);
/// How long an operator keeps an instance out of service.
const OVERRIDDEN: Duration = Duration::from_secs(15);
/// How long a server is away.
const SERVER_AWAY: Duration = Duration::from_secs(10);
/// How long an instance is away while it is restarted: shorter than its lease.
const RESTART: Duration = Duration::from_millis(500);

/// All clients.
#[derive(Debug)]
pub(super) struct Life {
    clients: Vec<(Identity, watch::Sender<Order>)>,
    chance: StdRng,
    servers: [SocketAddr; SERVERS],
    /// They end with all of this.
    _tasks: JoinSet<()>,
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Crashes,
    Restart,
    ZoneLost,
    Override,
    ServerLeaves,
}

/// Each as often as it stands here.
const FATES: [Fate; 7] = [
    Fate::Crashes,
    Fate::Crashes,
    Fate::Restart,
    Fate::Restart,
    Fate::Override,
    Fate::ZoneLost,
    Fate::ServerLeaves,
];

impl Life {
    /// Brings so many clients to life, evenly in all zones.
    pub(super) fn begin(count: usize, chance: StdRng, servers: [SocketAddr; SERVERS]) -> Self {
        let mut tasks = JoinSet::new();
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            let identity = identity(number);
            let (order, orders) = watch::channel(Order::Live);
            let client = Client::new(identity.clone(), servers, orders);
            let delay = INTERVAL.mul_f64(number as f64 / count as f64);
            tasks.spawn_local(client.live(delay));
            clients.push((identity, order));
        }
        Self {
            clients,
            chance,
            servers,
            _tasks: tasks,
        }
    }

    /// Lets one thing happen after the other. Ends only if a server does not start again.
    pub(super) async fn go_on(&mut self, servers: &mut Servers) -> Result<(), String> {
        loop {
            sleep(CALM).await;
            match FATES.choose(&mut self.chance) {
                Some(Fate::Crashes) => self.crashes().await,
                Some(Fate::Restart) => self.restart().await,
                Some(Fate::ZoneLost) => self.zone_lost().await,
                Some(Fate::Override) => self.overriding().await,
                Some(Fate::ServerLeaves) => self.server_leaves(servers).await?,
                None => {}
            }
        }
    }

    /// A server, whose clients call the others meanwhile.
    async fn server_leaves(&mut self, servers: &mut Servers) -> Result<(), String> {
        let place = self.chance.random_range(0..SERVERS);
        let name = name(place);
        say(&format!(
            "{name} leaves: its clients call the others, which take over their leases; nobody disappears"
        ));
        servers.stop(place).await;
        sleep(SERVER_AWAY).await;
        say(&format!(
            "{name} starts: it catches up before it serves lists, and its clients come home in time"
        ));
        servers.start_again(place).await
    }

    /// A few clients, anywhere.
    async fn crashes(&mut self) {
        let few = (self.clients.len() / 60).max(1);
        let count = self.chance.random_range(1..=few);
        let chosen: Vec<_> = self.clients.sample(&mut self.chance, count).collect();
        let names: Vec<_> = chosen.iter().map(|(client, _)| client.name()).collect();
        say(&format!(
            "crash: {} fall silent; their leases end within 6 s",
            names.join(", ")
        ));
        order(&chosen, Order::FallSilent);
        sleep(AWAY).await;
        say(&format!("back: {} register again", names.join(", ")));
        order(&chosen, Order::Live);
    }

    /// One application, an instance after the other.
    async fn restart(&mut self) {
        let Some(app) = APPS.choose(&mut self.chance) else {
            return;
        };
        let chosen = self.clients.iter().filter(|(client, _)| client.app == *app);
        let chosen: Vec<_> = chosen.collect();
        say(&format!(
            "rolling restart: the {} instances of {app} cancel and register again, one by one",
            chosen.len()
        ));
        for client in chosen {
            order(&[client], Order::Leave);
            sleep(RESTART).await;
            order(&[client], Order::Live);
        }
    }

    async fn zone_lost(&mut self) {
        let zone = self.chance.random_range(0..SERVERS);
        let chosen = self
            .clients
            .iter()
            .filter(|(client, _)| client.zone == zone);
        let chosen: Vec<_> = chosen.collect();
        let (name, count, secs) = (zone_name(zone), chosen.len(), ZONE_LOST.as_secs());
        say(&format!(
            "{name} is cut off: its {count} clients fall silent for {secs} s; so many at once are kept, not evicted"
        ));
        order(&chosen, Order::FallSilent);
        sleep(ZONE_LOST).await;
        say(&format!("{name} is back: its clients beat on"));
        order(&chosen, Order::Live);
    }

    /// An operator takes an instance out of service at one server and puts it back at another.
    async fn overriding(&mut self) {
        let chosen = self.clients.choose(&mut self.chance);
        let (Some((client, _)), Some(one), Some(other)) = (
            chosen,
            self.servers.choose(&mut self.chance),
            self.servers.choose(&mut self.chance),
        ) else {
            return;
        };
        let (name, status) = (client.name(), format!("{}/status", client.path()));
        say(&format!("operator: takes {name} out of service, at {one}"));
        operate(*one, "PUT", &format!("{status}?value=OUT_OF_SERVICE")).await;
        sleep(OVERRIDDEN).await;
        say(&format!("operator: puts {name} back, at {other}"));
        operate(*other, "DELETE", &status).await;
    }
}

fn order(clients: &[&(Identity, watch::Sender<Order>)], order: Order) {
    for (_, client) in clients {
        client.send_replace(order);
    }
}

async fn operate(server: SocketAddr, method: &str, path: &str) {
    match Connection::to(server).send(method, path, "").await {
        Ok(answer) if answer.status == 200 => {}
        Ok(answer) => say(&format!("operator: {server} answered {}", answer.status)),
        Err(error) => say(&format!("operator: {server} did not answer: {error}")),
    }
}

fn identity(number: usize) -> Identity {
    let app = APPS
        .get(number / SERVERS % APPS.len())
        .copied()
        .unwrap_or("CATALOG");
    Identity {
        app,
        id: format!("{}-{number}", app.to_lowercase()),
        zone: number % SERVERS,
    }
}

impl Identity {
    fn name(&self) -> String {
        format!("{}/{}", self.app, self.id)
    }
}
