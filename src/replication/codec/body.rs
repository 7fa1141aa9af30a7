//! The body of a record as bytes: the instance as registered.
//!
//! What must always hold: fields are never moved or taken away; new ones go to the end of [`BodyFields`].

use peers::record::Bytes;
use serde::{Deserialize, Serialize};

use super::{open, seal, status, status_code};
use crate::clock::Timestamp;
use crate::registry::entry::Key;
use crate::registry::instance::{DataCenter, Instance, LeaseTerms, Port, Text};
use crate::registry::record::Body;

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// The body. Its application is told by the key.
#[derive(Serialize, Deserialize)]
struct BodyFields<'a> {
    #[serde(borrow)]
    instance: InstanceFields<'a>,
    status_predates_override: bool,
    registered_at: u64,
    up_since: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct InstanceFields<'a> {
    id: Option<&'a str>,
    host_name: &'a str,
    ip_addr: &'a str,
    sid: Option<&'a str>,
    status: u8,
    port: (i32, bool),
    secure_port: (i32, bool),
    country_id: i32,
    #[serde(borrow)]
    data_center: DataCenterFields<'a>,
    interval_secs: u32,
    duration_secs: u32,
    metadata: Pairs<'a>,
    app_group: Option<&'a str>,
    home_page_url: Option<&'a str>,
    status_page_url: Option<&'a str>,
    health_check_url: Option<&'a str>,
    secure_health_check_url: Option<&'a str>,
    vip_address: Option<&'a str>,
    secure_vip_address: Option<&'a str>,
    asg_name: Option<&'a str>,
    last_dirty: i64,
}

#[derive(Serialize, Deserialize)]
enum DataCenterFields<'a> {
    Netflix,
    #[serde(borrow)]
    Amazon(Pairs<'a>),
    MyOwn,
}

pub(super) fn write_body(body: &Body) -> Bytes {
    let fields = BodyFields {
        instance: instance_fields(&body.instance),
        status_predates_override: body.status_predates_override,
        registered_at: body.registered_at.as_millis(),
        up_since: body.up_since.map(Timestamp::as_millis),
    };
    seal(&fields, &body.further)
}

pub(super) fn read_body(key: &Key, bytes: &[u8]) -> Option<Body> {
    let (fields, further) = open::<BodyFields<'_>>(bytes)?;
    Some(Body {
        instance: instance(key, fields.instance)?,
        status_predates_override: fields.status_predates_override,
        registered_at: Timestamp::from_millis(fields.registered_at),
        up_since: fields.up_since.map(Timestamp::from_millis),
        further,
    })
}

fn instance_fields(instance: &Instance) -> InstanceFields<'_> {
    InstanceFields {
        id: instance.id.as_deref(),
        host_name: &instance.host_name,
        ip_addr: &instance.ip_addr,
        sid: instance.sid.as_deref(),
        status: status_code(instance.status),
        port: (instance.port.number, instance.port.enabled),
        secure_port: (instance.secure_port.number, instance.secure_port.enabled),
        country_id: instance.country_id,
        data_center: match &instance.data_center {
            DataCenter::Netflix => DataCenterFields::Netflix,
            DataCenter::Amazon(metadata) => DataCenterFields::Amazon(metadata.iter().collect()),
            DataCenter::MyOwn => DataCenterFields::MyOwn,
        },
        interval_secs: instance.lease.interval_secs,
        duration_secs: instance.lease.duration_secs,
        metadata: instance.metadata.iter().collect(),
        app_group: instance.app_group.as_deref(),
        home_page_url: instance.home_page_url.as_deref(),
        status_page_url: instance.status_page_url.as_deref(),
        health_check_url: instance.health_check_url.as_deref(),
        secure_health_check_url: instance.secure_health_check_url.as_deref(),
        vip_address: instance.vip_address.as_deref(),
        secure_vip_address: instance.secure_vip_address.as_deref(),
        asg_name: instance.asg_name.as_deref(),
        last_dirty: instance.last_dirty,
    }
}

fn instance(key: &Key, fields: InstanceFields<'_>) -> Option<Instance> {
    let text = |text: Option<&str>| text.map(Text::from);
    let port = |(number, enabled)| Port { number, enabled };
    Some(Instance {
        app: key.app.clone(),
        id: text(fields.id),
        host_name: fields.host_name.into(),
        ip_addr: fields.ip_addr.into(),
        sid: text(fields.sid),
        status: status(fields.status)?,
        port: port(fields.port),
        secure_port: port(fields.secure_port),
        country_id: fields.country_id,
        data_center: match fields.data_center {
            DataCenterFields::Netflix => DataCenter::Netflix,
            DataCenterFields::Amazon(metadata) => {
                DataCenter::Amazon(metadata.into_iter().collect())
            }
            DataCenterFields::MyOwn => DataCenter::MyOwn,
        },
        lease: LeaseTerms {
            interval_secs: fields.interval_secs,
            duration_secs: fields.duration_secs,
        },
        metadata: fields.metadata.into_iter().collect(),
        app_group: text(fields.app_group),
        home_page_url: text(fields.home_page_url),
        status_page_url: text(fields.status_page_url),
        health_check_url: text(fields.health_check_url),
        secure_health_check_url: text(fields.secure_health_check_url),
        vip_address: text(fields.vip_address),
        secure_vip_address: text(fields.secure_vip_address),
        asg_name: text(fields.asg_name),
        last_dirty: fields.last_dirty,
    })
}
