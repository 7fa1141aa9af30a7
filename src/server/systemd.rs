//! What systemd is told of this server, where systemd started it.
//!
//! Here: the words of its protocol (`sd_notify(3)`) and when they are said. Not here: the unit, which is in
//! `.packaging/systemd`. What must always hold: without `NOTIFY_SOCKET` nothing is opened or said; a server that is
//! ready has said so once; and what cannot be said holds nothing up.
//!
//! Ready is what `/readyz` calls ready, so that servers which are restarted one after the other wait for each other.
//! Until then a joining server asks for more time, since a cold start of all may take minutes. The watchdog is fed while
//! the server could do its work: a fault that ended the exchange with peers is mended by a restart alone.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixDatagram;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, warn};

use super::State;
use crate::config::ShutdownSettings;

/// How often a server looks at itself; more often where the watchdog waits for less than twice that.
const LOOK_MAX: Duration = Duration::from_secs(1);
const LOOK_MIN: Duration = Duration::from_millis(10);
/// For how long a joining server asks each time: many looks, so that a busy machine does not end it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long saying goodbye to peers and closing may take, besides what the settings give.
const GOODBYE_MAX: Duration = Duration::from_secs(15);

/// The way to systemd.
#[derive(Clone, Debug)]
pub(super) struct Systemd(Option<Arc<Line>>);

#[derive(Debug)]
struct Line {
    socket: UnixDatagram,
    /// Within what time it wants to hear of a server that is ready.
    watchdog: Option<Duration>,
    ready: AtomicBool,
}

impl Systemd {
    /// The way that the environment names, if it names one.
    pub(super) fn find() -> Self {
        let name = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty());
        let socket = name.and_then(|name| {
            connect(&name)
                .inspect_err(|error| {
                    let name = name.display();
                    warn!(
                        event = "systemd_unheard",
                        "cannot reach systemd at {name}: {error}"
                    );
                })
                .ok()
        });
        let own = std::process::id();
        let watchdog = watchdog(number("WATCHDOG_USEC"), number("WATCHDOG_PID"), own);
        Self(socket.map(|socket| Arc::new(Line::new(socket, watchdog))))
    }

    /// Whether systemd listens.
    pub(super) fn listens(&self) -> bool {
        self.0.is_some()
    }

    /// Tells of a server for as long as it runs.
    pub(super) fn follow(&self, state: &Data<State>) -> Option<JoinHandle<()>> {
        let (line, state) = (self.0.clone()?, state.clone());
        Some(tokio::task::spawn_local(async move {
            let mut looks = interval(line.look());
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                line.tell(state.ready(), state.in_touch());
            }
        }))
    }

    /// Files are read again. Answers with what says that this is over.
    pub(super) fn reloading(&self) -> impl FnOnce() + use<> {
        // A server that is not ready yet must not say that it is, and nobody waits for it to read files again.
        let line = self
            .0
            .clone()
            .filter(|line| line.ready.load(Ordering::Relaxed));
        if let Some(line) = &line {
            line.say("RELOADING=1");
        }
        move || {
            if let Some(line) = line {
                line.say("READY=1");
            }
        }
    }

    /// The server is about to stop, and may take as long as its settings say.
    pub(super) fn stopping(&self, settings: &ShutdownSettings) {
        if let Some(line) = &self.0 {
            let longest = settings.grace + settings.timeout + GOODBYE_MAX;
            line.say(&format!(
                "STOPPING=1\nSTATUS=stopping\n{}",
                extension(longest)
            ));
        }
    }
}

impl Line {
    fn new(socket: UnixDatagram, watchdog: Option<Duration>) -> Self {
        Self {
            socket,
            watchdog,
            ready: AtomicBool::new(false),
        }
    }

    fn look(&self) -> Duration {
        let half = self.watchdog.map_or(LOOK_MAX, |watchdog| watchdog / 2);
        half.clamp(LOOK_MIN, LOOK_MAX)
    }

    /// Says what a look has shown.
    fn tell(&self, ready: bool, in_touch: bool) {
        if !self.ready.load(Ordering::Relaxed) {
            let said = match ready {
                true => self.say("READY=1\nSTATUS=ready"),
                false => self.say(&format!(
                    "STATUS=joining its peers\n{}",
                    extension(PATIENCE)
                )),
            };
            self.ready.store(ready && said, Ordering::Relaxed);
        }
        if self.watchdog.is_some() && in_touch {
            self.say("WATCHDOG=1");
        }
    }

    /// Whether that could be said.
    fn say(&self, words: &str) -> bool {
        let said = self.socket.send(words.as_bytes());
        if let Err(error) = &said {
            debug!(
                event = "systemd_unheard",
                "cannot tell systemd {words:?}: {error}"
            );
        }
        said.is_ok()
    }
}

/// A socket that says everything to systemd, at a path or, after `@`, at an abstract name.
fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => connect_abstract(&socket, name)?,
        None => socket.connect(name)?,
    }
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn connect_abstract(socket: &UnixDatagram, name: &[u8]) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt as _;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    socket.connect_addr(&address)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_: &UnixDatagram, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A number from the environment.
fn number<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

/// Within what time the watchdog wants to hear of this process, if it is this one that it watches.
fn watchdog(micros: Option<u64>, watched: Option<u32>, own: u32) -> Option<Duration> {
    let watched = watched.is_none_or(|process| process == own);
    let micros = micros.filter(|micros| watched && *micros > 0);
    micros.map(Duration::from_micros)
}

/// Asks for so much time from now on.
fn extension(time: Duration) -> String {
    format!("EXTEND_TIMEOUT_USEC={}", time.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line said, word by word.
    struct Ear(UnixDatagram);

    impl Ear {
        fn said(&self) -> Vec<String> {
            let mut buffer = [0; 512];
            std::iter::from_fn(|| {
                self.0
                    .recv(&mut buffer)
                    .ok()
                    .map(|len| buffer[..len].to_vec())
            })
            .map(|words| String::from_utf8(words).unwrap())
            .collect()
        }
    }

    fn line(watchdog: Option<Duration>) -> (Line, Ear) {
        let (mouth, ear) = UnixDatagram::pair().unwrap();
        ear.set_nonblocking(true).unwrap();
        (Line::new(mouth, watchdog), Ear(ear))
    }

    #[test]
    fn ready_is_said_once_and_time_is_asked_for_until_then() {
        let (line, ear) = line(None);
        line.tell(false, true);
        let asked = "STATUS=joining its peers\nEXTEND_TIMEOUT_USEC=30000000";
        assert_eq!(ear.said(), [asked]);
        line.tell(true, true);
        assert_eq!(ear.said(), ["READY=1\nSTATUS=ready"]);
        line.tell(true, true);
        line.tell(false, true);
        assert_eq!(ear.said(), [""; 0], "a server that drains was ready");
    }

    #[test]
    fn the_watchdog_is_fed_until_the_exchange_with_peers_has_ended() {
        let (line, ear) = line(Some(Duration::from_millis(500)));
        assert_eq!(line.look(), Duration::from_millis(250));
        line.tell(true, true);
        line.tell(true, true);
        assert_eq!(
            ear.said(),
            ["READY=1\nSTATUS=ready", "WATCHDOG=1", "WATCHDOG=1"]
        );
        line.tell(true, false);
        assert_eq!(ear.said(), [""; 0]);
    }

    #[test]
    fn a_watchdog_of_another_process_is_not_fed() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(watchdog(Some(1_000_000), None, 7), second);
        assert_eq!(watchdog(Some(1_000_000), Some(7), 7), second);
        assert_eq!(watchdog(Some(1_000_000), Some(8), 7), None);
        assert_eq!(watchdog(Some(0), Some(7), 7), None);
        assert_eq!(watchdog(None, Some(7), 7), None);
    }

    #[test]
    fn files_read_again_before_a_server_is_ready_do_not_make_it_so() {
        let (line, ear) = line(None);
        let systemd = Systemd(Some(Arc::new(line)));
        systemd.reloading()();
        assert_eq!(ear.said(), [""; 0]);
        systemd.0.as_ref().unwrap().tell(true, true);
        systemd.reloading()();
        assert_eq!(
            ear.said(),
            ["READY=1\nSTATUS=ready", "RELOADING=1", "READY=1"]
        );
    }

    #[test]
    fn nothing_is_said_where_nobody_listens() {
        let systemd = Systemd(None);
        systemd.reloading()();
        systemd.stopping(&ShutdownSettings::default());
        assert!(!systemd.listens());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_name_is_found() {
        use std::os::linux::net::SocketAddrExt as _;
        let name = format!("peerage-test-{}", std::process::id());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let ear = UnixDatagram::bind_addr(&address).unwrap();
        let mouth = connect(OsStr::new(&format!("@{name}"))).unwrap();
        Line::new(mouth, None).tell(true, true);
        assert_eq!(
            Ear(ear).0.recv(&mut [0; 64]).unwrap(),
            "READY=1\nSTATUS=ready".len()
        );
    }
}
