//! Asks servers over HTTP.
//!
//! Here: one client for every reading command, and what may go wrong. Not here: what is asked. What must always hold:
//! every failure names its cause and the next step.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::Agent;

use super::answer::{Answer, DENIED, FAILED, MISUSED, UNREACHABLE, UNWELL};

/// Where a server is looked for if nobody says.
const ADDRESS: &str = "http://localhost:8761";
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may be.
const BYTES_MAX: u64 = 64 << 20;

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The address is none.
    Misused(String),
    /// Nobody answers there.
    Unreachable {
        /// Where.
        base: String,
        /// What happened instead.
        cause: String,
    },
    /// The server wants credentials.
    Denied {
        /// Which.
        base: String,
    },
    /// The server cannot say now, for this reason.
    NotNow {
        /// Which.
        base: String,
        /// Why, in its words.
        detail: String,
    },
    /// The server answers, but not this.
    Strange {
        /// Which.
        base: String,
        /// What came.
        what: String,
    },
}

impl Failure {
    /// What to say, and the code to exit with.
    pub(super) fn answer(&self) -> Answer {
        let (code, text) = match self {
            Self::Misused(text) => (MISUSED, text.clone()),
            Self::Unreachable { base, cause } => (
                UNREACHABLE,
                format!(
                    "cannot reach {base}: {cause}: start a server there, or name another with --addr or PEERAGE_ADDR"
                ),
            ),
            Self::Denied { base } => (
                DENIED,
                format!("{base} wants credentials: ask the server from its own machine"),
            ),
            Self::NotNow { base, detail } => (
                UNWELL,
                format!("{base} cannot say now: {detail}: ask again in a moment"),
            ),
            Self::Strange { base, what } => (
                FAILED,
                format!(
                    "{base} does not answer as Peerage does ({what}): check the address, and whether its release is as \
                     new as this one"
                ),
            ),
        };
        Answer {
            text: format!("peerage: {text}\n"),
            code,
        }
    }
}

/// Asks one server.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    /// A client for this address: `host:port` or a URL.
    pub(super) fn new(address: &str) -> Result<Self, Failure> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build();
        Ok(Self {
            agent: config.into(),
            base: base(address)?,
        })
    }

    /// A client for the address of a flag, else of `PEERAGE_ADDR`, else of this machine.
    pub(super) fn chosen(flag: Option<&str>, variable: Option<&str>) -> Result<Self, Failure> {
        let set = variable.filter(|address| !address.is_empty());
        Self::new(flag.or(set).unwrap_or(ADDRESS))
    }

    /// Where it asks.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Reads the document at a path.
    pub(super) fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let unreachable = |cause: ureq::Error| self.unreachable(&cause);
        let url = format!("{}{path}", self.base);
        let mut answer = self.agent.get(&url).call().map_err(unreachable)?;
        let body = answer.body_mut().with_config().limit(BYTES_MAX);
        let body = body.read_to_vec().map_err(unreachable)?;
        match answer.status().as_u16() {
            200 => serde_json::from_slice(&body).map_err(|cause| self.strange(&cause)),
            401 | 403 => Err(Failure::Denied {
                base: self.base.clone(),
            }),
            503 => Err(Failure::NotNow {
                base: self.base.clone(),
                detail: detail(&body),
            }),
            status => Err(self.strange(&format_args!("status {status} for {path}"))),
        }
    }

    fn unreachable(&self, cause: &ureq::Error) -> Failure {
        match cause {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Failure::Misused(format!("{} is no address: {cause}", self.base))
            }
            ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) => self.strange(cause),
            _ => Failure::Unreachable {
                base: self.base.clone(),
                cause: match cause {
                    ureq::Error::Io(cause) => cause.to_string(),
                    cause => cause.to_string(),
                },
            },
        }
    }

    fn strange(&self, what: &dyn std::fmt::Display) -> Failure {
        Failure::Strange {
            base: self.base.clone(),
            what: what.to_string(),
        }
    }
}

/// An address as a URL without a slash at its end.
fn base(address: &str) -> Result<String, Failure> {
    let address = address.trim().trim_end_matches('/');
    match address.split_once("://") {
        Some(("http", _)) => Ok(address.to_owned()),
        Some((scheme, _)) => Err(Failure::Misused(format!(
            "{address}: {scheme} is not spoken: give an address that begins with http://"
        ))),
        None if address.is_empty() => Err(Failure::Misused(
            "an address is empty: give host:port or a URL".to_owned(),
        )),
        None => Ok(format!("http://{address}")),
    }
}

/// What a document about a problem says.
fn detail(body: &[u8]) -> String {
    let document: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let said = document
        .as_ref()
        .and_then(|said| said.get("detail")?.as_str());
    said.unwrap_or("it is not ready").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_or_a_host_and_a_port() {
        for (address, expected) in [
            ("localhost:8761", "http://localhost:8761"),
            (" http://a:1/ ", "http://a:1"),
            ("http://a/behind/a/proxy/", "http://a/behind/a/proxy"),
            ("[::1]:8761", "http://[::1]:8761"),
        ] {
            assert_eq!(base(address).as_deref(), Ok(expected), "{address}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_wrong_usage() {
        for address in ["", "https://a:1", "tcp://a"] {
            let answer = base(address).expect_err(address).answer();
            assert_eq!(answer.code, MISUSED, "{answer:?}");
        }
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_default() {
        let chosen = |flag, variable| Client::chosen(flag, variable).map(|client| client.base);
        assert_eq!(
            chosen(Some("a:1"), Some("b:2")).as_deref(),
            Ok("http://a:1")
        );
        assert_eq!(chosen(None, Some("b:2")).as_deref(), Ok("http://b:2"));
        assert_eq!(chosen(None, Some("")).as_deref(), Ok(ADDRESS));
    }

    #[test]
    fn failures_name_their_cause_and_the_next_step() {
        let base = || "http://a:1".to_owned();
        let all = [
            Failure::Unreachable {
                base: base(),
                cause: "connection refused".to_owned(),
            },
            Failure::Denied { base: base() },
            Failure::NotNow {
                base: base(),
                detail: detail(br#"{"detail": "it has not caught up"}"#),
            },
            Failure::Strange {
                base: base(),
                what: "status 404 for /api/v1/cluster".to_owned(),
            },
        ];
        let told: Vec<_> = all
            .iter()
            .map(Failure::answer)
            .map(|Answer { text, code }| format!("{code} {text}"))
            .collect();
        insta::assert_snapshot!(told.concat(), @r"
        4 peerage: cannot reach http://a:1: connection refused: start a server there, or name another with --addr or PEERAGE_ADDR
        5 peerage: http://a:1 wants credentials: ask the server from its own machine
        3 peerage: http://a:1 cannot say now: it has not caught up: ask again in a moment
        1 peerage: http://a:1 does not answer as Peerage does (status 404 for /api/v1/cluster): check the address, and whether its release is as new as this one
        ");
    }

    #[test]
    fn nobody_there_is_unreachable() {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let client = Client::new(&free.to_string()).unwrap();
        let failure = client
            .read::<serde_json::Value>("/")
            .expect_err("nobody there");
        assert_eq!(failure.answer().code, UNREACHABLE, "{failure:?}");
    }
}
