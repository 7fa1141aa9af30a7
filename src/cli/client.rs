//! Asks servers over HTTP.
//!
//! Here: one client for every reading command, and what may go wrong. Not here: what is asked. What must always hold:
//! every failure names its cause and the next step.

pub(super) mod calls;
mod refusal;

use std::io::ErrorKind;
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::{Agent, Timeout};

use super::answer::{Answer, DENIED, FAILED, MISUSED, UNREACHABLE, UNWELL};
use super::text::plain_lines;
use crate::api::readers::COMMAND_LINE;
use crate::native::documents::Problem;

/// Where a server is looked for if nobody says.
const ADDRESS: &str = "http://localhost:8761";
/// How long finding a server may take, and connecting to it.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// How long it may think: it answers within milliseconds.
const THINK_MAX: Duration = Duration::from_secs(4);
/// How long its answer may be on its way.
const READ_MAX: Duration = Duration::from_secs(10);
/// What may be asked instead of a server that is not there.
const OF_FLAG: &str = "name another with --addr or PEERAGE_ADDR";
const OF_ARGUMENT: &str = "name another";
/// How long an answer may be.
const BYTES_MAX: u64 = 64 << 20;

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The address is none.
    Misused(String),
    /// Nobody answers there.
    Unreachable {
        /// Where.
        base: String,
        /// What happened instead.
        cause: String,
        /// How another is asked.
        another: &'static str,
    },
    /// Somebody is there and says nothing.
    Silent {
        /// Where.
        base: String,
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
    /// The server does not do what was asked, and says why.
    Refused {
        /// Which.
        base: String,
        /// Why.
        problem: Box<Problem>,
        /// The query that was part of it, if any was.
        query: String,
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
            Self::Unreachable {
                base,
                cause,
                another,
            } => (
                UNREACHABLE,
                format!("cannot reach {base}: {cause}: start a server there, or {another}"),
            ),
            Self::Silent { base } => (
                UNREACHABLE,
                format!(
                    "{base} is there and does not answer: its process may be stopped, or have too much to do: look at \
                     that and at its log, and ask again"
                ),
            ),
            Self::Denied { base } => (
                DENIED,
                format!("{base} wants credentials: ask the server from its own machine"),
            ),
            Self::NotNow { base, detail } => (UNWELL, format!("{base} cannot say now: {detail}")),
            Self::Refused {
                base,
                problem,
                query,
            } => refusal::told(base, problem, query),
            Self::Strange { base, what } => (
                FAILED,
                format!(
                    "{base} does not answer as Peerage does ({what}): check the address, and whether its release is as \
                     new as this one"
                ),
            ),
        };
        Answer {
            text: plain_lines(&format!("peerage: {text}\n")),
            code,
        }
    }
}

/// Asks one server.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    base: String,
    /// How another server is asked.
    another: &'static str,
    /// How long a whole answer may take, if that was said.
    timeout: Option<Duration>,
}

impl Client {
    /// A client for this address: `host:port` or a URL.
    pub(super) fn new(address: &str) -> Result<Self, Failure> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(COMMAND_LINE)
            .proxy(None)
            .timeout_resolve(Some(CONNECT_MAX))
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_recv_response(Some(THINK_MAX))
            .timeout_recv_body(Some(READ_MAX))
            .build();
        Ok(Self {
            agent: config.into(),
            base: base(address)?,
            another: OF_ARGUMENT,
            timeout: None,
        })
    }

    /// A client for the address of a flag, else of `PEERAGE_ADDR`, else of this machine.
    pub(super) fn chosen(flag: Option<&str>, variable: Option<&str>) -> Result<Self, Failure> {
        let set = variable.filter(|address| !address.is_empty());
        let client = Self::new(flag.or(set).unwrap_or(ADDRESS))?;
        Ok(Self {
            another: OF_FLAG,
            ..client
        })
    }

    /// Where it asks.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Reads the document at a path.
    pub(super) fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self.agent.get(self.url(path));
        let answer = request.config().timeout_global(self.timeout).build().call();
        self.taken(path, answer)
    }

    fn unreachable(&self, cause: &ureq::Error) -> Failure {
        match cause {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Failure::Misused(format!("{} is no address: {cause}", self.base))
            }
            ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) => self.strange(cause),
            ureq::Error::Timeout(Timeout::RecvResponse | Timeout::RecvBody | Timeout::Global) => {
                Failure::Silent {
                    base: self.base.clone(),
                }
            }
            _ => Failure::Unreachable {
                base: self.base.clone(),
                cause: in_words(cause),
                another: self.another,
            },
        }
    }

    pub(super) fn strange(&self, what: &dyn std::fmt::Display) -> Failure {
        Failure::Strange {
            base: self.base.clone(),
            what: what.to_string(),
        }
    }
}

const UNKNOWN_NAME: &str = "failed to lookup address information";
const UNKNOWN_HOST: &str = "no machine of that name is known";

/// Why nobody was reached, as people say it.
fn in_words(cause: &ureq::Error) -> String {
    let words = match cause {
        ureq::Error::HostNotFound => UNKNOWN_HOST,
        ureq::Error::Timeout(_) => "nothing came back in time",
        ureq::Error::Io(cause) => match cause.kind() {
            ErrorKind::ConnectionRefused => "nobody listens there",
            ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => "the connection was cut off",
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                "the network has no way there"
            }
            ErrorKind::TimedOut => "nothing came back in time",
            // The system has no kind for it, only these words.
            _ if cause.to_string().starts_with(UNKNOWN_NAME) => UNKNOWN_HOST,
            _ => return cause.to_string(),
        },
        cause => return cause.to_string(),
    };
    words.to_owned()
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
        let io = |kind: ErrorKind| ureq::Error::Io(kind.into());
        let all = [
            Failure::Unreachable {
                base: base(),
                cause: in_words(&io(ErrorKind::ConnectionRefused)),
                another: OF_FLAG,
            },
            Failure::Unreachable {
                base: base(),
                cause: in_words(&ureq::Error::HostNotFound),
                another: OF_ARGUMENT,
            },
            Failure::Silent { base: base() },
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
        4 peerage: cannot reach http://a:1: nobody listens there: start a server there, or name another with --addr or PEERAGE_ADDR
        4 peerage: cannot reach http://a:1: no machine of that name is known: start a server there, or name another
        4 peerage: http://a:1 is there and does not answer: its process may be stopped, or have too much to do: look at that and at its log, and ask again
        5 peerage: http://a:1 wants credentials: ask the server from its own machine
        3 peerage: http://a:1 cannot say now: it has not caught up
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
        let told = failure.answer();
        assert_eq!(told.code, UNREACHABLE, "{failure:?}");
        assert!(told.text.contains("nobody listens there"), "{told:?}");
    }

    #[test]
    fn a_name_that_nobody_bears_is_said_so() {
        let client = Client::new("nobody.invalid:8761").unwrap();
        let failure = client
            .read::<serde_json::Value>("/")
            .expect_err("no such name");
        let told = failure.answer().text;
        // Without any name server the system says something else.
        assert!(
            told.contains(UNKNOWN_HOST) || !told.contains("Name or service"),
            "{told}"
        );
    }

    #[test]
    fn whoever_listens_and_says_nothing_is_told_from_nobody() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(&silent.local_addr().unwrap().to_string()).unwrap();
        let failure = client
            .read::<serde_json::Value>("/")
            .expect_err("no answer");
        assert!(matches!(failure, Failure::Silent { .. }), "{failure:?}");
    }
}
