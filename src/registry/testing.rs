//! Instances, records and registries for tests.

use std::sync::Arc;
use std::time::Duration;

use peers::version::{Epoch, Hlc, NodeId, Origin, Rank, Version};
use proptest::prelude::*;

use super::Registry;
use super::instance::{AppName, DataCenter, Instance, LeaseTerms, Port, Registration};
use super::record::{Body, Lease, Override, Record, Register};
use super::settings::RegistrySettings;
use super::status::Status;
use crate::clock::Timestamp;

/// Any moment will do to begin with.
pub(super) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(super) fn registry(settings: RegistrySettings) -> Registry {
    Registry::new(
        settings,
        Origin {
            node: NodeId(1),
            epoch: Epoch(1),
        },
    )
}

pub(super) fn instance(app: &str, id: &str) -> Instance {
    Instance {
        app: AppName::new(app),
        id: Some(id.into()),
        host_name: id.into(),
        ip_addr: "10.0.0.1".into(),
        sid: None,
        status: Status::Up,
        port: Port {
            number: 8080,
            enabled: true,
        },
        secure_port: Port {
            number: 443,
            enabled: false,
        },
        country_id: 1,
        data_center: DataCenter::MyOwn,
        lease: LeaseTerms::default(),
        metadata: [].into_iter().collect(),
        app_group: None,
        home_page_url: None,
        status_page_url: None,
        health_check_url: None,
        secure_health_check_url: None,
        vip_address: None,
        secure_vip_address: None,
        asg_name: None,
        last_dirty: 0,
    }
}

pub(super) fn registration(instance: Instance) -> Registration {
    Registration {
        instance,
        carried_override: None,
    }
}

pub(super) fn status() -> impl Strategy<Value = Status> {
    proptest::sample::select(&Status::ALL)
}

/// Records of one instance whose registers were written by few servers at few moments, so that versions meet. What
/// a version wrote is a function of the version, as no two writes share one.
pub(super) fn record() -> impl Strategy<Value = Record> {
    (version(), version(), proptest::option::of(version())).prop_map(|(body, lease, overriding)| {
        Record {
            body: Register {
                version: body,
                value: Arc::new(written_body(body)),
            },
            lease: Register {
                version: lease,
                value: written_lease(lease),
            },
            overriding: overriding.map(|version| Register {
                version,
                value: written_override(version),
            }),
        }
    })
}

fn version() -> impl Strategy<Value = Version> {
    (0..3u64, 0..3u64, any::<bool>()).prop_map(|(millis, node, dead)| Version {
        clock: Hlc::at(millis),
        origin: Origin {
            node: NodeId(node),
            epoch: Epoch(1),
        },
        rank: if dead { Rank::Dead } else { Rank::Live },
    })
}

fn written_body(version: Version) -> Body {
    let mut instance = instance("A", "i");
    instance.host_name = format!("{version:?}").into();
    Body {
        instance,
        status_predates_override: false,
        registered_at: START,
        up_since: None,
    }
}

fn written_lease(version: Version) -> Lease {
    let registered_at = Timestamp::from_millis(version.clock.millis() * 10 + version.origin.node.0);
    Lease {
        registered_at,
        duration: Duration::from_secs(90),
        ended: None,
    }
}

fn written_override(version: Version) -> Option<Override> {
    let status = Status::ALL
        .into_iter()
        .nth(version.origin.node.0 as usize)?;
    (version.rank == Rank::Live).then_some(Override { status })
}
