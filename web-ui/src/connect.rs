//! How to connect: snippets for clients and servers, filled with the addresses of this cluster.

mod snippets;

use askama::Template;
use askama::filters::HtmlSafe;

pub use self::snippets::{Block, Client};
use crate::frame::Frame;
use crate::links;
use crate::parts::{Link, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "connect.html")]
pub struct ConnectPage {
    /// What stands around it.
    pub frame: Frame,
    /// How clients connect.
    pub connect: Connect,
    /// The command that adds a server.
    pub join: String,
    /// Whether peers are heard on this machine only.
    pub local_peers: bool,
}

/// How clients connect, and whether any did.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/connect.html")]
pub struct Connect {
    url: String,
    others: usize,
    count: u64,
    newest: Option<Newest>,
    tabs: Vec<Tab>,
    blocks: Vec<Block>,
}

impl HtmlSafe for Connect {}

/// The instance that registered last.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// Its page.
    pub link: Link,
    /// When it registered.
    pub at: When,
}

#[derive(Clone, Debug, Default)]
struct Tab {
    link: Link,
    chosen: bool,
}

impl Connect {
    /// How `client` connects. `bases` are the addresses of the servers, `http://host:port`, this one first; `page` is
    /// the address of the page it stands on.
    pub fn new(client: Client, bases: &[String], count: u64, page: &str) -> Self {
        let tabs = Client::ALL.map(|each| Tab {
            link: Link::new(
                format!("{page}{}", links::query(&[("client", each.name())])),
                each.title(),
            ),
            chosen: each == client,
        });
        let own = bases.first().map(String::as_str).unwrap_or_default();
        Self {
            url: format!("{own}/eureka/"),
            others: bases.len().saturating_sub(1),
            count,
            newest: None,
            tabs: tabs.into(),
            blocks: snippets::of(client, bases),
        }
    }

    /// The same, with the instance that registered last.
    #[must_use]
    pub fn with_newest(self, newest: Option<Newest>) -> Self {
        Self { newest, ..self }
    }
}
