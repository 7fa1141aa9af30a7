//! Moments made by hand: two or three hosts that are connected since the world began, at 100 s.

use std::time::Duration;

use peerage::registry::status::Status;

use crate::world::moment::{Known, Moment, Seen};
use crate::world::oracle::{Deed, Heard, Oracle};

pub(super) const SECOND: Duration = Duration::from_secs(1);
const HOSTS: usize = 3;

pub(super) fn seen(names: &[&str]) -> Seen {
    Seen {
        ready: true,
        shown: names
            .iter()
            .map(|name| ((*name).to_owned(), Status::Up))
            .collect(),
        bonds: vec![Some(Duration::ZERO); HOSTS],
        ..Seen::default()
    }
}

pub(super) fn moment(hosts: &[Seen]) -> Moment {
    Moment {
        at: 100 * SECOND,
        hosts: hosts.iter().cloned().map(Some).collect(),
        clients: Vec::new(),
        protected_at: None,
    }
}

pub(super) fn known(name: &str) -> Known {
    Known {
        name: name.to_owned(),
        lease: 90 * SECOND,
    }
}

pub(super) fn heard(second: u32, host: usize, deed: Deed) -> Heard {
    Heard {
        at: second * SECOND,
        host,
        start: 0,
        deed,
        acknowledged: true,
        bonds: vec![Some(Duration::ZERO); HOSTS],
    }
}

pub(super) fn oracle(deeds: &[Heard]) -> Oracle {
    let mut oracle = Oracle::default();
    for heard in deeds {
        oracle.remember(0, heard.clone());
    }
    oracle
}
