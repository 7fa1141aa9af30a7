//! Which zone an instance runs in, and what tells it.
//!
//! Here: the rules, and the chain by which they are asked. Not here: where the rules come from (`config`). What must
//! always hold: one instance under the same rules is in the same zone, whoever asks and whenever.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

use super::instance::{DataCenter, Instance, Text};

/// The key of the metadata that every Eureka client knows.
const ZONE: &str = "zone";
/// Amazon's key.
const AVAILABILITY_ZONE: &str = "availability-zone";
/// The label Kubernetes gives its nodes.
const KUBERNETES: &str = "topology.kubernetes.io/zone";

/// How the zone of an instance is found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRules {
    /// Further keys of the metadata, in the order in which they are asked.
    pub metadata_keys: Vec<Text>,
    /// Networks and their zones. Of several that hold an address the narrowest counts.
    pub networks: Vec<Network>,
}

impl Default for ZoneRules {
    fn default() -> Self {
        Self {
            metadata_keys: vec![KUBERNETES.into()],
            networks: Vec::new(),
        }
    }
}

/// The zone of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone<'a> {
    /// What it is called. `None`: nothing tells.
    pub name: Option<&'a str>,
    /// What tells it.
    pub from: ZoneFrom<'a>,
}

/// What tells a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneFrom<'a> {
    /// The metadata, under `zone`.
    Metadata,
    /// Amazon.
    Amazon,
    /// The metadata, under another key.
    Key(&'a str),
    /// The address: a guess.
    Network(&'a Network),
    /// Nothing.
    Nothing,
}

impl ZoneRules {
    /// The zone of an instance: by the first that is set of metadata `zone`, Amazon's availability zone, the further
    /// keys, and the narrowest network that its address is in.
    pub fn zone<'a>(&'a self, instance: &'a Instance) -> Zone<'a> {
        self.said(instance)
            .or_else(|| self.guessed(instance))
            .unwrap_or(Zone {
                name: None,
                from: ZoneFrom::Nothing,
            })
    }

    /// Its name alone.
    pub fn name<'a>(&'a self, instance: &'a Instance) -> Option<&'a str> {
        self.zone(instance).name
    }

    fn said<'a>(&'a self, instance: &'a Instance) -> Option<Zone<'a>> {
        let amazon = match &instance.data_center {
            DataCenter::Amazon(metadata) => metadata.value(AVAILABILITY_ZONE),
            DataCenter::Netflix | DataCenter::MyOwn => None,
        };
        let keys = self
            .metadata_keys
            .iter()
            .map(|key| (instance.metadata.value(key), ZoneFrom::Key(key)));
        let first = [
            (instance.metadata.value(ZONE), ZoneFrom::Metadata),
            (amazon, ZoneFrom::Amazon),
        ];
        let mut all = first.into_iter().chain(keys);
        all.find_map(|(name, from)| {
            let name = Some(name?).filter(|name| !name.is_empty());
            name.map(|name| Zone {
                name: Some(name),
                from,
            })
        })
    }

    fn guessed<'a>(&'a self, instance: &Instance) -> Option<Zone<'a>> {
        if self.networks.is_empty() {
            return None;
        }
        let address = instance.ip_addr.parse().ok()?;
        let holding = self
            .networks
            .iter()
            .filter(|network| network.holds(address));
        let narrowest = holding.max_by_key(|network| network.prefix)?;
        Some(Zone {
            name: Some(&narrowest.zone),
            from: ZoneFrom::Network(narrowest),
        })
    }
}

/// A network whose machines are in one zone: `10.1.0.0/16=eu-a`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
    zone: Text,
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(
                own.to_bits().into(),
                other.to_bits().into(),
                self.prefix,
                32,
            ),
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same(own.to_bits(), other.to_bits(), self.prefix, 128)
            }
            _ => false,
        }
    }
}

/// Whether the first bits of two numbers are the same, which have so many in all.
fn same(a: u128, b: u128, prefix: u8, bits: u8) -> bool {
    let rest = u32::from(bits.saturating_sub(prefix));
    (a ^ b).checked_shr(rest).unwrap_or(0) == 0
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}={}", self.address, self.prefix, self.zone)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no network with a zone; write 10.1.0.0/16=eu-a");
        let (network, zone) = text.split_once('=').ok_or_else(wrong)?;
        let (address, prefix) = network.trim().split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_bad| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_bad| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let zone = zone.trim();
        if prefix > widest || zone.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            address,
            prefix,
            zone: zone.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::instance;
    use super::*;
    use crate::registry::instance::Metadata;

    fn rules(keys: &[&str], networks: &[&str]) -> ZoneRules {
        ZoneRules {
            metadata_keys: keys.iter().map(|key| Text::from(*key)).collect(),
            networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    fn at(ip: &str, metadata: &[(&str, &str)]) -> Instance {
        let metadata: Metadata = metadata.iter().copied().collect();
        Instance {
            ip_addr: ip.into(),
            metadata,
            ..instance("A", "i")
        }
    }

    #[test]
    fn the_first_that_tells_a_zone_counts() {
        let rules = rules(&["rack", "room"], &["10.0.0.0/8=net"]);
        let amazon = DataCenter::Amazon([("availability-zone", "aws")].into_iter().collect());
        let mut instance = at("10.0.0.1", &[("zone", "own"), ("rack", "r"), ("room", "m")]);
        instance.data_center = amazon;
        let mut told = Vec::new();
        for gone in ["zone", "", "rack", "room"] {
            let zone = rules.zone(&instance);
            told.push((zone.name.unwrap().to_owned(), format!("{:?}", zone.from)));
            match gone {
                "" => instance.data_center = DataCenter::MyOwn,
                key => instance.metadata = instance.metadata.with([(key, "")]),
            }
        }
        let zone = rules.zone(&instance);
        told.push((zone.name.unwrap().to_owned(), "Network".to_owned()));
        assert!(matches!(zone.from, ZoneFrom::Network(_)));
        let names: Vec<_> = told
            .iter()
            .map(|(name, from)| format!("{name} {from}"))
            .collect();
        assert_eq!(
            names,
            [
                "own Metadata",
                "aws Amazon",
                "r Key(\"rack\")",
                "m Key(\"room\")",
                "net Network"
            ]
        );
    }

    #[test]
    fn of_several_networks_the_narrowest_counts() {
        let rules = rules(
            &[],
            &[
                "10.0.0.0/8=wide",
                "10.1.0.0/16=narrow",
                "2001:db8::/32=six",
                "0.0.0.0/0=rest",
            ],
        );
        let name = |ip: &str| rules.name(&at(ip, &[])).map(str::to_owned);
        assert_eq!(name("10.1.2.3").as_deref(), Some("narrow"));
        assert_eq!(name("10.2.2.3").as_deref(), Some("wide"));
        assert_eq!(name("2001:db8::1").as_deref(), Some("six"));
        assert_eq!(name("2001:db9::1"), None);
        assert_eq!(name("192.0.2.1").as_deref(), Some("rest"));
        assert_eq!(name("a host"), None);
    }

    #[test]
    fn networks_are_written_as_they_are_read() {
        for text in ["10.1.0.0/16=eu-a", "2001:db8::/32=a zone"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "10.0.0.0/8",
            "10.0.0.0=a",
            "10.0.0.0/33=a",
            "10.0.0/8=a",
            "10.0.0.0/8=",
            "a/8=b",
        ] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
