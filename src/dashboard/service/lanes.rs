//! Zones as lanes, instances as rows in them.

use std::cmp::Reverse;

use web_ui::frame::Frame;
use web_ui::links;
use web_ui::parts::{Badge, Bar, Link, Status};
use web_ui::service::{InstanceLine, Lane, Part};

use crate::dashboard::rows;
use crate::dashboard::situation::Situation;
use crate::dashboard::times::when_known;
use crate::native::documents::{LeaseState, Row, Service, ServiceZone};

/// So many instances of a service are shown as lanes; the rest are in the list.
const ROWS_MAX: usize = 600;

pub(super) fn of(service: &Service, frame: &Frame, situation: &Situation) -> Part {
    let mut worst: Vec<&Row> = service.rows.iter().collect();
    worst.sort_by_key(|row| Reverse(badness(row)));
    worst.truncate(ROWS_MAX);
    let lanes = service.by_zone.iter().map(|zone| {
        let here = worst.iter().filter(|row| row.zone == zone.name);
        let instances = here.map(|row| line(row, frame, situation)).collect();
        lane(service, zone, instances, frame)
    });
    Part::Lanes {
        lanes: lanes.collect(),
        more: service.row.instances.saturating_sub(worst.len() as u64),
    }
}

/// What is worse comes first.
fn badness(row: &Row) -> (Status, LeaseState) {
    (Status::named(&row.status), row.lease.state)
}

fn lane(
    service: &Service,
    zone: &ServiceZone,
    instances: Vec<InstanceLine>,
    frame: &Frame,
) -> Lane {
    let statuses = zone
        .statuses
        .iter()
        .map(|(status, count)| (Status::named(status), *count));
    let query = format!(
        "{} {}",
        links::term("app", &service.row.name),
        links::term("zone", &zone.name)
    );
    Lane {
        zone: Link::new(frame.instances(&query), zone.name.as_str()),
        bar: Bar::of(statuses),
        up: zone.up,
        instances,
    }
}

fn line(row: &Row, frame: &Frame, situation: &Situation) -> InstanceLine {
    let held = row.overridden.as_deref();
    let held = held.map(|status| format!("held {}", Status::named(status).word()));
    InstanceLine {
        link: Link::new(frame.instance(&row.app, &row.id), row.id.as_str()),
        badge: Badge::named(&row.status),
        address: rows::address(row),
        version: row.version.clone().unwrap_or_default(),
        lease: rows::lease(row.lease.state),
        heard: when_known(row.lease.renewed_at.as_ref(), situation.now),
        held: held.unwrap_or_default(),
        protected: row.protected,
    }
}
