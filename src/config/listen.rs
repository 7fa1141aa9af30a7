//! Where a server listens.

use std::fmt;
use std::net::SocketAddr;

use super::value::Value;

/// An address to bind. Port 0 means any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listen {
    /// Every address of the machine: IPv6 and IPv4 on one port, IPv4 alone where there is no IPv6.
    Everywhere {
        /// The port.
        port: u16,
    },
    /// One address. `0.0.0.0` is every IPv4 address.
    At(SocketAddr),
}

impl Listen {
    /// The port it asks for.
    pub const fn port(self) -> u16 {
        match self {
            Self::Everywhere { port } => port,
            Self::At(address) => address.port(),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere { port } => write!(f, "*:{port}"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl Value for Listen {
    /// `ADDR:PORT`, where `*` stands for every address; `localhost` is understood too.
    fn read(text: &str) -> Result<Self, String> {
        let explain = || {
            format!(
                "'{text}' is not an address with a port; write *:8761, 127.0.0.1:8761 or [::1]:8761"
            )
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(explain)?;
        match host {
            "" | "*" => port
                .parse()
                .map(|port| Self::Everywhere { port })
                .map_err(|_cause| explain()),
            "localhost" => format!("127.0.0.1:{port}")
                .parse()
                .map(Self::At)
                .map_err(|_cause| explain()),
            _ => text.parse().map(Self::At).map_err(|_cause| explain()),
        }
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
