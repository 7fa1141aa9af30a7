//! The service in memory: no socket, and time that passes only when told to.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use flate2::read::GzDecoder;
use futures_util::future::LocalBoxFuture;
use peerage::api;
use peerage::clock::{Clock, Timestamp};
use peerage::config::{self, Config, Flags, Sources};
use peerage::server::State;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// When false time starts: later than every timestamp in the recordings.
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Time as the test tells it.
struct FalseClock(AtomicU64);

impl FalseClock {
    fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::Relaxed);
    }
}

impl Clock for FalseClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn ticks(&self) -> Duration {
        self.now().since(START)
    }
}

/// What the service answered.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Headers by their lower-case names.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body as sent, perhaps compressed.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_lowercase()).map(String::as_str)
    }

    /// The body as text, with gzip undone.
    pub(crate) fn text(&self) -> io::Result<String> {
        let mut text = String::new();
        let mut body = self.body.as_slice();
        if self.header("content-encoding") == Some("gzip") && !body.is_empty() {
            GzDecoder::new(body).read_to_string(&mut text)?;
        } else {
            body.read_to_string(&mut text)?;
        }
        Ok(text)
    }

    async fn of(response: ServiceResponse) -> Self {
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let body = to_bytes(body).await.expect("a body can be written");
        Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            // On a connection the body of an answer to HEAD is left out.
            body: if request.method() == Method::HEAD {
                Vec::new()
            } else {
                body.into()
            },
        }
    }
}

/// A server of its own, empty and alone.
pub(crate) struct Service {
    clock: Arc<FalseClock>,
    state: Data<State>,
    call: Box<dyn Fn(Request) -> LocalBoxFuture<'static, ServiceResponse>>,
    chance: StdRng,
    next_sweep: Timestamp,
    next_prune: Timestamp,
    /// Where requests come from.
    pub(crate) from: SocketAddr,
}

impl Service {
    /// Starts one with these settings, by Eureka's names, or by their names in the environment.
    pub(crate) async fn start(settings: &[(&str, String)]) -> Self {
        let clock = Arc::new(FalseClock(AtomicU64::new(START.as_millis())));
        let state = Data::new(State::new(configured(settings), clock.clone()));
        let app = Rc::new(init_service(api::service(state.clone())).await);
        Self {
            clock,
            call: Box::new(move |request| {
                let app = app.clone();
                Box::pin(async move {
                    let response = app.call(request).await;
                    response.expect("errors are answers")
                })
            }),
            chance: StdRng::seed_from_u64(0),
            next_sweep: START + state.config.lease.sweep_interval,
            next_prune: START + state.config.delta.prune_interval,
            state,
            from: (Ipv4Addr::LOCALHOST, 50_000).into(),
        }
    }

    /// The time the service believes it is, in milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().as_millis())
            .expect("false time is no later than i64 can say")
    }

    /// What the parts of the server share.
    pub(crate) fn state(&self) -> &Data<State> {
        &self.state
    }

    /// Sends one request, the path and the headers exactly as given.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        body: Option<Vec<u8>>,
    ) -> Answer {
        Answer::of(self.open(method, path, headers, body).await).await
    }

    /// The same for an answer whose body has no end: it is still to be read.
    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        body: Option<Vec<u8>>,
    ) -> ServiceResponse {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = TestRequest::with_uri(path)
            .method(method)
            .peer_addr(self.from);
        for (name, value) in headers {
            request = request.append_header((name.as_ref(), value.as_ref()));
        }
        if let Some(body) = body {
            request = request
                .insert_header(("Content-Length", body.len()))
                .set_payload(body);
        }
        (self.call)(request.to_request()).await
    }

    /// Time passes in which the server does not run.
    pub(crate) fn stall(&mut self) {
        self.clock.set(self.clock.now() + Duration::from_secs(10));
        self.state.sweep(&mut self.chance);
        self.next_sweep = self.clock.now() + self.state.config.lease.sweep_interval;
        self.next_prune = self.next_prune.max(self.clock.now());
    }

    /// Lets time pass, with what the server does in the background meanwhile.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.clock.now() + by;
        loop {
            let due = self.next_sweep.min(self.next_prune);
            if due > end {
                break;
            }
            self.clock.set(due);
            if self.next_sweep == due {
                self.state.sweep(&mut self.chance);
                self.next_sweep = due + self.state.config.lease.sweep_interval;
            }
            if self.next_prune == due {
                self.state.prune_delta();
                self.next_prune = due + self.state.config.delta.prune_interval;
            }
        }
        self.clock.set(end);
    }
}

/// The configuration of a server that was given a file with these settings and nothing else.
fn configured(settings: &[(&str, String)]) -> Config {
    const FILE: &str = "contract.properties";
    let (env, lines): (Vec<_>, Vec<_>) = settings
        .iter()
        .partition(|(name, _)| name.starts_with("PEERAGE__"));
    let lines: String = lines
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    let read_file = |path: &Path| match path.to_str() {
        Some(FILE) => Ok(lines.clone()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    let sources = Sources {
        flags: Flags {
            spring_config: vec![PathBuf::from(FILE)],
            ..Flags::default()
        },
        env: env
            .into_iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        read_file: &read_file,
    };
    config::load(&sources)
        .expect("the settings are right")
        .config
}
