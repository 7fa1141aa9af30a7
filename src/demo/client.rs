//! One client of the demo: an instance that registers, beats, and calls the next server when one does not answer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::http::Connection;
use super::servers::SERVERS;

/// How often it beats. Its lease lasts three times as long.
pub(super) const INTERVAL: Duration = Duration::from_secs(2);
/// After how many beats it reads what changed.
const BEATS_PER_FETCH: u32 = 5;
/// After how many beats away from home it tries the server of its zone again.
const BEATS_AWAY: u32 = 20;

/// What a client is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Register, and beat.
    Live,
    /// Neither beat nor say anything, as if it had crashed or its network were cut.
    FallSilent,
    /// Cancel, and be away.
    Leave,
}

/// Who it is.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    /// Its application.
    pub(super) app: &'static str,
    /// Its id.
    pub(super) id: String,
    /// Its zone, which has a server of its own.
    pub(super) zone: usize,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    identity: Identity,
    servers: [SocketAddr; SERVERS],
    orders: watch::Receiver<Order>,
    at: usize,
    connection: Connection,
    beats: u32,
    beats_away: u32,
}

impl Client {
    /// A client that calls the server of its zone first.
    pub(super) fn new(
        identity: Identity,
        servers: [SocketAddr; SERVERS],
        orders: watch::Receiver<Order>,
    ) -> Self {
        let at = identity.zone % SERVERS;
        Self {
            connection: Connection::to(servers[at]),
            identity,
            servers,
            orders,
            at,
            beats: 0,
            beats_away: 0,
        }
    }

    /// Does what it is ordered, until nobody orders any more. Begins after a delay, so that not all call at once.
    pub(super) async fn live(mut self, delay: Duration) {
        sleep(delay).await;
        loop {
            let order = *self.orders.borrow_and_update();
            // Whatever went wrong has moved it to another server, and the next beat comes soon.
            drop(self.obey(order).await);
            let pause = if order == Order::Live {
                INTERVAL
            } else {
                Duration::MAX
            };
            if let Ok(Err(_over)) = timeout(pause, self.orders.changed()).await {
                return;
            }
        }
    }

    async fn obey(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Live => self.beat().await,
            Order::FallSilent => {
                self.call(self.at);
                Ok(())
            }
            Order::Leave => self.send("DELETE", &self.path(), "").await.map(drop),
        }
    }

    async fn beat(&mut self) -> io::Result<()> {
        self.look_home();
        self.beats += 1;
        match self.send("PUT", &self.path(), "").await? {
            404 => self.register().await,
            200 if self.beats.is_multiple_of(BEATS_PER_FETCH) => {
                self.send("GET", "/eureka/apps/delta", "").await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn register(&mut self) -> io::Result<()> {
        let path = format!("/eureka/apps/{}", self.identity.app);
        self.send("POST", &path, &self.registration())
            .await
            .map(drop)
    }

    /// Sends a request, if need be to one server after the other.
    async fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<u16> {
        let mut last = Err(io::ErrorKind::NotConnected.into());
        for _ in 0..SERVERS {
            last = match self.connection.send(method, path, body).await {
                Ok(answer) if answer.status < 500 => return Ok(answer.status),
                Ok(answer) => Ok(answer.status),
                Err(error) => Err(error),
            };
            self.call((self.at + 1) % SERVERS);
        }
        last
    }

    /// Calls this server from now on.
    fn call(&mut self, server: usize) {
        self.at = server;
        self.connection = Connection::to(self.servers[server]);
    }

    /// Goes back to the server of its zone after a while.
    fn look_home(&mut self) {
        let home = self.identity.zone % SERVERS;
        self.beats_away = if self.at == home {
            0
        } else {
            self.beats_away + 1
        };
        if self.beats_away > BEATS_AWAY {
            self.call(home);
        }
    }

    fn path(&self) -> String {
        self.identity.path()
    }

    fn registration(&self) -> String {
        let Identity { app, id, zone } = &self.identity;
        let (interval, zone) = (INTERVAL.as_secs(), zone_name(*zone));
        serde_json::json!({"instance": {
            "instanceId": id, "app": app, "hostName": id, "ipAddr": "127.0.0.1", "status": "UP",
            "vipAddress": app.to_lowercase(),
            "port": {"$": 8080, "@enabled": "true"},
            "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
            "leaseInfo": {"renewalIntervalInSecs": interval, "durationInSecs": 3 * interval},
            "metadata": {"zone": zone},
        }})
        .to_string()
    }
}

impl Identity {
    /// Its place in the Eureka API.
    pub(super) fn path(&self) -> String {
        format!("/eureka/apps/{}/{}", self.app, self.id)
    }
}

/// What a zone is called.
pub(super) fn zone_name(zone: usize) -> String {
    let letter = char::from_digit(u32::try_from(zone % SERVERS).unwrap_or(0) + 10, 36);
    format!("zone-{}", letter.unwrap_or('a'))
}
