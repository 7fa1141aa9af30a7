//! Where a server listens, and where others reach it.

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

impl Listen {
    /// Whether only this machine reaches it.
    pub const fn loopback(self) -> bool {
        match self {
            Self::Everywhere { .. } => false,
            Self::At(address) => address.ip().to_canonical().is_loopback(),
        }
    }
}

/// Where others reach a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advertise {
    /// Where it listens, as far as that can be told.
    Auto,
    /// At this address. Port 0 stands for the port it listens at.
    At(SocketAddr),
}

impl Value for Advertise {
    /// `ADDR:PORT`, or the word `auto`.
    fn read(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let address = text.parse::<SocketAddr>().ok();
        let address = address.filter(|address| !address.ip().is_unspecified());
        address.map(Self::At).ok_or_else(|| {
            format!("'{text}' is no address with a port that others reach; write 10.0.0.7:8764, [fd00::7]:8764 or auto")
        })
    }

    fn write(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::At(address) => address.to_string(),
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
