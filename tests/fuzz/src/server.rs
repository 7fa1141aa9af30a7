//! A server in memory, in false time, and what must hold of every answer it gives.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_http::Request;
use actix_rt::{System, SystemRunner};
use actix_web::body::to_bytes;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{ALLOW, CONTENT_TYPE};
use actix_web::http::{Method, Uri};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use peerage::api;
use peerage::clock::{Clock, Timestamp};
use peerage::config::Config;
use peerage::eureka::{Dialect, Form, Format};
use peerage::server::State;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::document;

/// When false time starts.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Every status code there is a reason for. A 500 is none of them.
const CODES: [u16; 11] = [200, 204, 400, 403, 404, 405, 409, 413, 414, 415, 431];

thread_local! {
    static SYSTEM: SystemRunner = System::new();
}

/// Runs something asynchronous to its end.
pub(crate) fn block_on(future: impl Future) {
    SYSTEM.with(|system| system.block_on(future));
}

/// Time as the input tells it.
struct FalseClock(AtomicU64);

impl Clock for FalseClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn ticks(&self) -> Duration {
        self.now().since(START)
    }
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// A server of its own, empty and alone.
pub(crate) struct Server {
    pub(crate) state: Data<State>,
    clock: Arc<FalseClock>,
    call: Box<dyn Fn(Request) -> Answering>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(FalseClock(AtomicU64::new(START.as_millis())));
        let state = Data::new(State::new(Config::default(), clock.clone()));
        let app = Rc::new(init_service(api::service(state.clone())).await);
        let call = move |request| -> Answering {
            let app = app.clone();
            Box::pin(async move {
                let response = app.call(request).await;
                Answer::of(response.expect("errors are answers")).await
            })
        };
        Self {
            state,
            clock,
            call: Box::new(call),
        }
    }

    /// Answers a call, if it could come over a wire at all. What must hold of every answer holds of this one.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Option<Answer> {
        let answer = (self.call)(call.request()?).await;
        answer.check(call);
        Some(answer)
    }

    /// Lets time pass, with a sweep in every second.
    pub(crate) fn wait(&self, secs: u8) {
        let mut chance = StdRng::seed_from_u64(0);
        for _ in 0..secs {
            self.clock.0.fetch_add(1000, Ordering::Relaxed);
            self.state.sweep(&mut chance);
        }
        self.state.prune_delta();
    }
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// Path and query, encoded.
    pub(crate) path: &'a str,
    /// What its body is in, and its answer to be in.
    pub(crate) dialect: Dialect,
    /// Whether it calls itself one of a peer.
    pub(crate) replicated: bool,
    pub(crate) body: &'a [u8],
}

impl<'a> Call<'a> {
    /// A call in JSON without a body.
    pub(crate) const fn new(method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            dialect: Dialect::full(Format::Json),
            replicated: false,
            body: b"",
        }
    }

    fn request(&self) -> Option<Request> {
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let uri = Uri::try_from(self.path).ok()?;
        let media_type = self.dialect.format.content_type();
        let form = match self.dialect.form {
            Form::Full => "full",
            Form::Compact => "compact",
        };
        let request = TestRequest::with_uri(&uri.to_string())
            .method(method)
            .insert_header(("Accept", media_type))
            .insert_header(("X-Eureka-Accept", form))
            .insert_header((
                "x-netflix-discovery-replication",
                self.replicated.to_string(),
            ));
        Some(if self.body.is_empty() {
            request.to_request()
        } else {
            let body = self.body.to_vec();
            request
                .insert_header((CONTENT_TYPE, media_type))
                .set_payload(body)
                .to_request()
        })
    }
}

/// What the server answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) allow: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    async fn of(response: ServiceResponse) -> Self {
        let (response, body) = response.into_parts().1.into_parts();
        let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        Self {
            status: response.status().as_u16(),
            content_type: header(CONTENT_TYPE),
            allow: header(ALLOW),
            body: to_bytes(body).await.expect("a body can be written").into(),
        }
    }

    /// What must hold of every answer.
    fn check(&self, call: &Call<'_>) {
        assert!(
            CODES.contains(&self.status),
            "{call:?}: status {}",
            self.status
        );
        match self.status {
            // A client might read a body as an instance.
            404 => assert!(self.body.is_empty(), "{call:?}: 404 with a body"),
            405 => assert!(self.allow.is_some(), "{call:?}: 405 without Allow"),
            _ => {}
        }
        let format = match self.content_type.as_deref() {
            Some("application/json") => Format::Json,
            Some("application/xml") => Format::Xml,
            _ => return,
        };
        document::check(
            Dialect {
                format,
                ..call.dialect
            },
            &self.body,
        );
    }
}
