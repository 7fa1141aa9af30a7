//! A server whose clock is an hour off, in the process of the test, which hands it its clock.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use peerage::clock::{Clock, SystemClock, Timestamp};
use peerage::config::{self, Flags, Given, Loaded, Place, Sources};
use peerage::server;
use serde_json::Value;
use tokio::sync::oneshot;

use super::clients::{assert_unbroken, crowd, watch};
use super::eureka::{Instance, list};
use super::http;
use super::patience::until;
use super::stage::Cluster;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Real time, of which the date is wrong.
struct Ahead {
    clock: SystemClock,
    by: Duration,
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.clock.now() + self.by
    }

    fn ticks(&self) -> Duration {
        self.clock.ticks()
    }
}

/// A server in a thread of this process, which ends with it.
struct Hosted {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hosted {
    fn start(cluster: &Cluster, server: usize, by: Duration) -> Self {
        let loaded = load(cluster, server);
        let (stop, stopped) = oneshot::channel();
        let (begun, begin) = mpsc::channel();
        let thread = thread::spawn(move || {
            let clock = SystemClock::start();
            actix_web::rt::System::new().block_on(async move {
                let running = server::start_at(loaded, Arc::new(Ahead { clock, by }))
                    .await
                    .unwrap();
                begun.send(()).unwrap();
                // Whoever dropped the other end wants the same.
                drop(stopped.await);
                running.stop().await;
            });
        });
        begin.recv().expect("it starts");
        let (stop, thread) = (Some(stop), Some(thread));
        Self { stop, thread }
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// What a server of the cluster is told, as settings.
fn load(cluster: &Cluster, server: usize) -> Loaded {
    let told = cluster.told(server);
    let given = [
        ("name", told.name),
        ("listen", told.http.to_string()),
        ("cluster.peer-listen", told.peers.to_string()),
        (
            "cluster.join",
            if server == 0 {
                "none".to_owned()
            } else {
                told.join.join(",")
            },
        ),
        ("cluster.name", told.cluster_name),
        ("http.workers", "1".to_owned()),
        ("shutdown.grace", "0s".to_owned()),
    ];
    let given = given.map(|(key, text)| Given {
        key: key.to_owned(),
        text,
        place: Place::Flag("a test"),
    });
    let flags = Flags {
        given: given.to_vec(),
        ..Flags::default()
    };
    let sources = Sources {
        flags,
        env: Vec::new(),
        read_file: &|_path| Err(std::io::ErrorKind::NotFound.into()),
    };
    config::load(&sources)
        .map_err(|mistakes| mistakes.to_string())
        .unwrap()
}

/// Two servers of which the second one is an hour ahead.
fn formed(cluster: &mut Cluster) -> [Hosted; 2] {
    cluster.go_direct();
    let right = Hosted::start(cluster, 0, Duration::ZERO);
    let ahead = Hosted::start(cluster, 1, HOUR);
    until("both are ready", || {
        let ready = |server| {
            http::ask(cluster.http(server), "GET", "/readyz", "").is_ok_and(|answer| answer.ok())
        };
        ready(0) && ready(1)
    });
    [right, ahead]
}

/// Waits until both servers show this of an instance: its status, or nothing.
fn await_status(cluster: &Cluster, instance: &Instance, status: Option<&str>) {
    let shows = |server| {
        let list = list(cluster.http(server))?;
        Some(list.get(&instance.id).map(|shown| shown.0.clone()))
    };
    let status = status.map(str::to_owned);
    until(&format!("{} is {status:?} at both", instance.id), || {
        [0, 1]
            .iter()
            .all(|server| shows(*server).as_ref() == Some(&status))
    });
}

fn read(cluster: &Cluster, server: usize, path: &str) -> String {
    let answer = http::ask(cluster.http(server), "GET", path, "").unwrap();
    String::from_utf8(answer.body).unwrap()
}

#[test]
fn a_clock_an_hour_off_is_named_and_no_lease_minds() {
    let Some(mut cluster) = Cluster::of(2) else {
        return;
    };
    let _servers = formed(&mut cluster);
    for (server, expected) in [(0, 3_600_000), (1, -3_600_000)] {
        until("the clock is named", || {
            read(&cluster, server, "/metrics")
                .contains(r#"cluster_events_total{event="peer_clock_off"} 1"#)
        });
        let document: Value =
            serde_json::from_str(&read(&cluster, server, "/api/v1/cluster")).unwrap();
        let offset = document["members"][0]["clock_offset_ms"].as_i64().unwrap();
        assert!((offset - expected).abs() < 1000, "{offset}");
    }
    // A client at each that goes on, one that moves to the other, and one at each that dies.
    let at = |server: usize| cluster.http(server);
    let [right, ahead, moves] = ["right", "ahead", "moves"].map(|id| Instance::brief("A", id));
    let clients = crowd(vec![
        (right.clone(), vec![at(0)]),
        (ahead.clone(), vec![at(1)]),
    ]);
    assert!(moves.register(at(1)).unwrap().ok());
    await_status(&cluster, &moves, Some("UP"));
    let moved = crowd(vec![(moves.clone(), vec![at(0)])]);
    let watch = watch(vec![at(0), at(1)], &[&right, &ahead, &moves]);
    // One after the other, since two that fall silent together are protected.
    for server in [0, 1] {
        let dying = Instance::brief("B", server);
        assert!(dying.register(at(server)).unwrap().ok());
        await_status(&cluster, &dying, Some("UP"));
        await_status(&cluster, &dying, None);
    }
    clients.await_rounds(6);
    assert_unbroken(watch);
    assert_eq!(clients.end(), [""; 0]);
    assert_eq!(moved.end(), [""; 0]);
}

#[test]
fn what_was_written_an_hour_ahead_yields_to_the_next_word() {
    let Some(mut cluster) = Cluster::of(2) else {
        return;
    };
    let _servers = formed(&mut cluster);
    let at = |server: usize| cluster.http(server);
    let instance = Instance::new("A", 1);
    assert!(instance.register(at(1)).unwrap().ok());
    await_status(&cluster, &instance, Some("UP"));
    assert!(instance.override_by(at(1), "OUT_OF_SERVICE").unwrap().ok());
    await_status(&cluster, &instance, Some("OUT_OF_SERVICE"));
    assert!(instance.override_by(at(0), "DOWN").unwrap().ok());
    await_status(&cluster, &instance, Some("DOWN"));
    assert!(instance.override_by(at(1), "UP").unwrap().ok());
    await_status(&cluster, &instance, Some("UP"));
    assert!(instance.cancel(at(0)).unwrap().ok());
    await_status(&cluster, &instance, None);
    assert!(instance.register(at(0)).unwrap().ok());
    await_status(&cluster, &instance, Some("UP"));
}
