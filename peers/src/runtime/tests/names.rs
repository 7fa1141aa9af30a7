//! Seeds that are names, asked of a small name server of the test's own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};

use super::*;

/// What is known of each name.
type Zone = Arc<Mutex<BTreeMap<Name, Vec<RData>>>>;

/// A name server whose zone the test writes. It ends with the test's process.
struct NameServer {
    address: SocketAddr,
    zone: Zone,
    asked: Arc<Mutex<usize>>,
}

impl NameServer {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (zone, asked) = (Zone::default(), Arc::<Mutex<usize>>::default());
        let address = socket.local_addr().unwrap();
        let (known, count) = (zone.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                *count.lock().unwrap() += 1;
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let answer = answer(question, &known.lock().unwrap());
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            }
        });
        Self {
            address,
            zone,
            asked,
        }
    }

    fn say(&self, name: &str, data: RData) {
        let name = name.parse().unwrap();
        self.zone.lock().unwrap().insert(name, vec![data]);
    }

    fn names(&self) -> Names {
        Names::At(vec![self.address])
    }

    /// Waits until it was asked so many times more.
    async fn await_asked(&self, times: usize) {
        let enough = *self.asked.lock().unwrap() + times;
        until("it is asked", || *self.asked.lock().unwrap() >= enough).await;
    }
}

fn answer(question: Message, zone: &BTreeMap<Name, Vec<RData>>) -> Message {
    let queries = question.queries.clone();
    let mut answer = question.into_response();
    for Query {
        name, query_type, ..
    } in &queries
    {
        match zone.get(name) {
            None => answer.metadata.response_code = ResponseCode::NXDomain,
            Some(data) => {
                let asked = data.iter().filter(|data| data.record_type() == *query_type);
                let records = asked.map(|data| Record::from_rdata(name.clone(), 0, data.clone()));
                answer.add_answers(records);
            }
        }
    }
    answer
}

fn this_machine() -> RData {
    address([127, 0, 0, 1])
}

fn address(octets: [u8; 4]) -> RData {
    RData::A(A(octets.into()))
}

fn service(port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(0, 0, port, target.parse().unwrap()))
}

fn dns(name: &str, port: Option<u16>) -> Vec<Seed> {
    let name = name.to_owned();
    vec![Seed::Dns { name, port }]
}

/// Waits until two are up for each other.
async fn met(one: &Server, other: &Server) {
    until("they have met", || {
        one.handle.peers_up() == 1 && other.handle.peers_up() == 1
    })
    .await;
}

#[tokio::test]
async fn a_name_that_resolves_only_later_is_found_then() {
    let names = NameServer::start();
    let one = Server::start(1, &[]);
    let seeds = dns("peers.test.", Some(one.address.port()));
    let other = Server::start_with(2, seeds, names.names());
    names.await_asked(6).await;
    assert_eq!(other.handle.peers_up(), 0);
    assert!(
        !other.handle.doors().lists,
        "it waits for whoever the name will stand for"
    );
    names.say("peers.test.", this_machine());
    met(&one, &other).await;
}

#[tokio::test]
async fn a_seed_without_a_port_is_found_by_the_services_of_its_name() {
    let names = NameServer::start();
    let one = Server::start(1, &[]);
    names.say(
        "_peers._tcp.test.",
        service(one.address.port(), "one.test."),
    );
    names.say("one.test.", this_machine());
    let other = Server::start_with(2, dns("_peers._tcp.test.", None), names.names());
    met(&one, &other).await;
}

#[tokio::test]
async fn of_several_services_one_that_is_gone_hides_nobody() {
    let names = NameServer::start();
    let one = Server::start(1, &[]);
    let name: Name = "_peers._tcp.test.".parse().unwrap();
    let services = vec![
        service(9, "gone.test."),
        service(one.address.port(), "one.test."),
    ];
    names.zone.lock().unwrap().insert(name, services);
    names.say("one.test.", this_machine());
    let other = Server::start_with(2, dns("_peers._tcp.test.", None), names.names());
    met(&one, &other).await;
}

#[tokio::test]
async fn a_name_that_moves_on_is_followed() {
    let names = NameServer::start();
    let one = Server::start(1, &[]);
    let nobody = Ipv4Addr::new(127, 0, 0, 77);
    names.say("peers.test.", address(nobody.octets()));
    let port = one.address.port();
    let other = Server::start_with(2, dns("peers.test.", Some(port)), names.names());
    names.await_asked(6).await;
    assert_eq!(
        other.handle.peers_up(),
        0,
        "nobody is at {}",
        IpAddr::from(nobody)
    );
    names.say("peers.test.", this_machine());
    met(&one, &other).await;
}

#[tokio::test]
async fn a_name_server_that_is_silent_hinders_no_other_seed() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let one = Server::start(1, &[]);
    let mut seeds = dns("peers.test.", Some(1));
    seeds.push(seed(&one.address));
    let names = Names::At(vec![silent.local_addr().unwrap()]);
    let other = Server::start_with(2, seeds, names);
    met(&one, &other).await;
}
