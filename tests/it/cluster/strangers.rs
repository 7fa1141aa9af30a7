//! Bad days with strangers: each has a clear line in the log, and the promises are kept for everybody else.

use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};

use super::clients::crowd;
use super::eureka::Instance;
use super::patience::until;
use super::server::Told;
use super::stage::Cluster;

/// What a stranger may make a server write, in lines.
const LINES_MAX: usize = 300;

#[test]
fn of_two_servers_by_one_name_the_later_one_steps_back() {
    let Some(mut cluster) = Cluster::of(3) else {
        return;
    };
    cluster.start_as(
        0,
        &Told {
            join: Vec::new(),
            ..cluster.told(0)
        },
    );
    cluster.await_ready(&[0]);
    cluster.start(1);
    cluster.await_ready(&[1]);
    let kept = Instance::new("A", 1);
    assert!(kept.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&kept], &[0, 1]);
    cluster.start_as(
        2,
        &Told {
            name: "server-0".to_owned(),
            ..cluster.told(2)
        },
    );
    cluster.server_mut(2).ended();
    until("the log says why", || {
        cluster.server(2).says(&["duplicate"]) > 0
    });
    let new = Instance::new("A", 2);
    assert!(new.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&kept, &new], &[0, 1]);
}

#[test]
fn two_clusters_that_meet_say_so_and_stay_apart() {
    let Some(mut cluster) = Cluster::of(2) else {
        return;
    };
    cluster.start(0);
    cluster.start_as(
        1,
        &Told {
            cluster_name: "another".to_owned(),
            ..cluster.told(1)
        },
    );
    cluster.await_ready(&[0, 1]);
    for server in [0, 1] {
        until("the log says whom it met", || {
            cluster.server(server).says(&["foreign"]) > 0
        });
    }
    let instance = Instance::new("A", 1);
    assert!(instance.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&instance], &[0]);
    let lines = cluster.server(0).lines();
    let crowd = crowd(vec![(Instance::brief("B", 1), vec![cluster.http(1)])]);
    crowd.await_rounds(4);
    assert!(!cluster.server(1).list().unwrap().contains_key(&instance.id));
    let more = cluster.server(0).lines() - lines;
    assert!(more < 20, "{more} lines in four seconds");
}

#[test]
fn garbage_and_replays_on_both_ports_change_nothing() {
    let Some(cluster) = Cluster::formed(2) else {
        return;
    };
    let kept = Instance::new("A", 1);
    assert!(kept.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&kept], &[0, 1]);
    let lines = cluster.server(0).lines();
    let real = cluster.proxy_of(0).datagrams();
    assert!(!real.is_empty(), "the stand-in has seen datagrams");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for round in 0..3000_usize {
        let mut datagram = real[round % real.len()].clone();
        match round % 4 {
            // As it was.
            0 => {}
            1 => datagram.truncate(round % (datagram.len() + 1)),
            2 => {
                let at = round * 7 % datagram.len();
                datagram[at] ^= 1 << (round % 8);
            }
            _ => datagram = garbage(round, 40 + round % 1300),
        }
        // A full queue is the receiver's right.
        drop(socket.send_to(&datagram, cluster.peers(0)));
    }
    for round in 0..200_usize {
        let Ok(mut stream) = TcpStream::connect(cluster.peers(0)) else {
            continue;
        };
        let promised = u32::try_from(round * 1_000_003).unwrap_or(u32::MAX);
        // It may hang up at any time.
        drop(
            stream
                .write_all(&promised.to_le_bytes())
                .and_then(|()| stream.write_all(&garbage(round, 4000))),
        );
    }
    let new = Instance::new("A", 2);
    assert!(new.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&kept, &new], &[0, 1]);
    assert!(cluster.server(0).ready());
    let more = cluster.server(0).lines() - lines;
    assert!(
        more <= LINES_MAX,
        "3200 nuisances made it write {more} lines"
    );
    assert_eq!(cluster.await_equal(&[0, 1]).len(), 2);
}

/// Bytes without sense, different for each round and the same in each run.
fn garbage(round: usize, length: usize) -> Vec<u8> {
    let mut state = round as u64 | 1;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}
