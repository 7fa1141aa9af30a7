//! Who is listened to, told by the address alone, before a byte of what came is looked at.
//!
//! Here: [`Gate`], the networks that peers are in, and [`Distrust`], a bucket of failures for each address. Not here: what
//! a failure is (`envelope`, `channel`). What must always hold: whoever fails again and again costs a lookup per datagram and no
//! more; and however many addresses fail, what is remembered of them is bounded.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

/// So many failures in a row are an accident: a peer that starts with another key, a cluster that moved.
const FAILURES_MAX: u32 = 256;
/// And one is forgiven after each of these times: a peer whose key is replaced fails about as often as it speaks.
const FORGIVEN_AFTER: Duration = Duration::from_millis(10);
/// Of so many addresses failures are counted; all others share one account.
const ADDRESSES_MAX: usize = 1024;

/// Addresses whose first bits are these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is one of these.
    pub fn holds(&self, address: IpAddr) -> bool {
        let (own, width) = bits(self.address);
        let (other, other_width) = bits(address.to_canonical());
        let rest = width.saturating_sub(u32::from(self.prefix));
        width == other_width && (own ^ other).checked_shr(rest).unwrap_or(0) == 0
    }
}

fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (address.to_bits().into(), u32::BITS),
        IpAddr::V6(address) => (address.to_bits(), u128::BITS),
    }
}

impl FromStr for Network {
    type Err = String;

    /// `10.1.0.0/16`, or an address alone.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("'{text}' is no network; write 10.1.0.0/16, 2001:db8::/32 or an address");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_not_one| wrong())?;
        let (_, width) = bits(address);
        let whole = u8::try_from(width).map_err(|_too_wide| wrong())?;
        let prefix = prefix.map_or(Ok(whole), |prefix| prefix.parse().map_err(|_none| wrong()))?;
        (prefix <= whole)
            .then_some(Self { address, prefix })
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The networks that peers are in; none means everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate(Vec<Network>);

impl Gate {
    /// Lets in whoever is in one of these networks, or everybody if there are none.
    pub const fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether peers are where this address is.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|network| network.holds(address))
    }
}

/// Who fails again and again. One for each way: an address is easily lied about in a datagram, and must not shut out
/// the streams of whoever has it.
#[derive(Clone, Debug, Default)]
pub struct Distrust {
    failures: BTreeMap<IpAddr, Failures>,
    /// Those of all addresses beyond [`ADDRESSES_MAX`].
    further: Failures,
}

/// The failures of one address that are not forgiven yet.
#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    since: Duration,
}

impl Failures {
    fn at(self, now: Duration) -> Self {
        let passed = now.saturating_sub(self.since).as_millis() / FORGIVEN_AFTER.as_millis();
        let forgiven = u32::try_from(passed).unwrap_or(u32::MAX);
        Self {
            count: self.count.saturating_sub(forgiven),
            since: self.since + FORGIVEN_AFTER.saturating_mul(forgiven),
        }
    }

    fn more(self, now: Duration) -> Self {
        let left = self.at(now);
        Self {
            count: left.count.saturating_add(1).min(FAILURES_MAX),
            since: if left.count == 0 { now } else { left.since },
        }
    }
}

impl Distrust {
    /// Whether an address has not failed too often of late.
    pub fn trusts(&self, now: Duration, address: IpAddr) -> bool {
        let full = self.failures.len() >= ADDRESSES_MAX;
        let failures = self.failures.get(&address);
        let failures = failures.or_else(|| full.then_some(&self.further));
        failures.is_none_or(|failures| failures.at(now).count < FAILURES_MAX)
    }

    /// What came from this address could not be opened.
    pub fn failed(&mut self, now: Duration, address: IpAddr) {
        if self.failures.len() >= ADDRESSES_MAX && !self.failures.contains_key(&address) {
            self.failures
                .retain(|_, failures| failures.at(now).count > 0);
        }
        let full = self.failures.len() >= ADDRESSES_MAX && !self.failures.contains_key(&address);
        let failures = match full {
            true => &mut self.further,
            false => self.failures.entry(address).or_default(),
        };
        *failures = failures.more(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_those_whose_first_bits_are_its_own() {
        for (network, inside, outside) in [
            ("10.1.0.0/16", "10.1.255.9", "10.2.0.1"),
            ("10.1.0.7", "10.1.0.7", "10.1.0.8"),
            ("2001:db8::/32", "2001:db8::1", "2001:db9::1"),
            ("0.0.0.0/0", "203.0.113.1", "::1"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "::a00:1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.holds(ip(inside)), "{network} {inside}");
            assert!(!network.holds(ip(outside)), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_with_an_example() {
        for text in ["", "a", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1"] {
            let wrong = text.parse::<Network>().unwrap_err();
            assert!(wrong.contains("10.1.0.0/16"), "{wrong}");
        }
        let written = "10.1.0.0/16".parse::<Network>().unwrap().to_string();
        assert_eq!(written, "10.1.0.0/16");
    }

    #[test]
    fn without_networks_everybody_is_where_peers_are() {
        assert!(Gate::default().holds(ip("203.0.113.1")));
        let gate = Gate::new(vec!["10.0.0.0/8".parse().unwrap()]);
        assert!(gate.holds(ip("10.9.9.9")) && !gate.holds(ip("203.0.113.1")));
    }

    #[test]
    fn whoever_fails_too_often_waits_and_nobody_else_does() {
        let (mut distrust, bad, good) = (Distrust::default(), ip("10.0.0.1"), ip("10.0.0.2"));
        for _ in 0..FAILURES_MAX {
            assert!(distrust.trusts(NOW, bad));
            distrust.failed(NOW, bad);
        }
        assert!(!distrust.trusts(NOW, bad) && distrust.trusts(NOW, good));
        assert!(
            distrust.trusts(NOW + FORGIVEN_AFTER, bad),
            "one is forgiven"
        );
        distrust.failed(NOW + FORGIVEN_AFTER, bad);
        assert!(!distrust.trusts(NOW + FORGIVEN_AFTER, bad));
    }

    #[test]
    fn what_is_remembered_of_those_who_fail_is_bounded() {
        let mut distrust = Distrust::default();
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..10_000 {
            distrust.failed(NOW, address(number));
        }
        assert_eq!(distrust.failures.len(), ADDRESSES_MAX);
        assert!(distrust.trusts(NOW, address(3)), "it failed once");
        assert!(
            !distrust.trusts(NOW, address(9_999)),
            "all these share one account"
        );
        let later = NOW + Duration::from_secs(10);
        distrust.failed(later, address(9_999));
        assert!(distrust.failures.len() == 1 && distrust.trusts(later, address(9_999)));
    }
}
