//! The three servers of the demo.
//!
//! Here: their settings, and starting and stopping them. What must always hold: each is started as `peerage serve`
//! starts one, from settings.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::client::zone_name;
use crate::config::{self, Flags, Given, Loaded, Place, Sources};
use crate::server::{self, Running};

/// How many there are, each in its zone.
pub(super) const SERVERS: usize = 3;

/// Times in which something can be seen while one looks: clients beat fifteen times as often as real ones.
const SHORTENED: [(&str, &str); 6] = [
    ("lease.quota-window", "10s"),
    ("preservation.hold", "10s"),
    ("preservation.limit-short", "2min"),
    ("preservation.limit-long", "3min"),
    ("cluster.isolation", "5s"),
    ("shutdown.grace", "4s"),
];

/// Servers, of which one may be stopped at times.
pub(super) struct Servers {
    port_base: u16,
    running: [Option<Running>; SERVERS],
}

impl Servers {
    /// Starts them on six ports from this one on: the first alone, the others to join it.
    pub(super) async fn start(port_base: u16) -> Result<Self, String> {
        (port_base..=port_base + 5).try_for_each(free)?;
        let mut running = [None, None, None];
        for (place, running) in running.iter_mut().enumerate() {
            let seeds = (place > 0).then_some(0);
            *running = Some(server::start(load(port_base, place, seeds)?).await?);
        }
        Ok(Self { port_base, running })
    }

    /// Where they serve.
    pub(super) fn addresses(&self) -> [SocketAddr; SERVERS] {
        let base = self.port_base;
        [base, base + 1, base + 2].map(|port| (Ipv4Addr::LOCALHOST, port).into())
    }

    /// Lets one leave in order.
    pub(super) async fn stop(&mut self, place: usize) {
        if let Some(running) = self.running.get_mut(place).and_then(Option::take) {
            running.stop().await;
        }
    }

    /// Starts one again, to join the next.
    pub(super) async fn start_again(&mut self, place: usize) -> Result<(), String> {
        let next = (place + 1) % SERVERS;
        let started = server::start(load(self.port_base, place, Some(next))?).await?;
        if let Some(running) = self.running.get_mut(place) {
            *running = Some(started);
        }
        Ok(())
    }

    /// Lets all leave at once.
    pub(super) async fn stop_all(self) {
        let running = self.running.into_iter().flatten();
        futures_util::future::join_all(running.map(Running::stop)).await;
    }
}

/// What a server is called.
pub(super) fn name(place: usize) -> String {
    zone_name(place).replace("zone", "server")
}

fn free(port: u16) -> Result<(), String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| {
        format!(
            "cannot listen on port {port}: {error}: stop what listens there, or choose six other ports with --port-base"
        )
    })
}

/// The settings of the server at a place, which joins the one at another.
fn load(port_base: u16, place: usize, join: Option<usize>) -> Result<Loaded, String> {
    let port = |place: usize| port_base.saturating_add(u16::try_from(place).unwrap_or(0));
    let peers = |place| format!("127.0.0.1:{}", port(SERVERS + place));
    let own = [
        ("listen", format!("127.0.0.1:{}", port(place))),
        ("name", name(place)),
        ("zone", zone_name(place)),
        ("cluster.name", "demo".to_owned()),
        ("cluster.peer-listen", peers(place)),
    ];
    let join = join.map(|other| ("cluster.join", peers(other)));
    let shortened = SHORTENED.map(|(key, text)| (key, text.to_owned()));
    let given = own
        .into_iter()
        .chain(join)
        .chain(shortened)
        .map(|(key, text)| Given {
            key: key.to_owned(),
            text,
            place: Place::Flag("demo"),
        });
    let sources = Sources {
        flags: Flags {
            given: given.collect(),
            ..Flags::default()
        },
        env: Vec::new(),
        read_file: &|_path| Err(std::io::ErrorKind::NotFound.into()),
    };
    config::load(&sources).map_err(|mistakes| mistakes.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_all_servers_are_right_and_differ_in_name_zone_and_ports() {
        let loaded = [(0, None), (1, Some(0)), (2, Some(0))]
            .map(|(place, join)| load(8761, place, join).unwrap().config);
        let told =
            loaded.map(|config| format!("{} {:?} {}", config.name, config.zone, config.listen));
        insta::assert_snapshot!(told.join("\n"), @r#"
        server-a Some("zone-a") 127.0.0.1:8761
        server-b Some("zone-b") 127.0.0.1:8762
        server-c Some("zone-c") 127.0.0.1:8763
        "#);
    }

    #[test]
    fn a_taken_port_is_one_sentence_and_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = free(port).expect_err("it is taken");
        assert!(said.contains("--port-base"), "{said}");
    }
}
