//! Which fields an instance is written with, and in what order.
//!
//! What must always hold: no field beyond these, ever. Spring's readers reject the whole registry for one they do not
//! know.

use super::dialect::Form;
use super::pen::Pen;
use crate::clock::Timestamp;
use crate::registry::instance::DataCenter;
use crate::registry::status::Status;
use crate::registry::view::{Action, Shown};

/// What compact documents keep of what Amazon says.
const COMPACT_AMAZON: [&str; 5] = [
    "instance-id",
    "public-ipv4",
    "public-hostname",
    "local-ipv4",
    "availability-zone",
];

/// Writes the fields of an instance into an object that is open.
pub(super) fn write(pen: &mut Pen<'_>, shown: &Shown<'_>) {
    match pen.form() {
        Form::Full => full(pen, shown),
        Form::Compact => compact(pen, shown),
    }
}

fn full(pen: &mut Pen<'_>, shown: &Shown<'_>) {
    let instance = shown.instance;
    pen.optional("instanceId", instance.id.as_deref());
    pen.text("hostName", &instance.host_name);
    pen.text("app", instance.app.as_str());
    pen.text("ipAddr", &instance.ip_addr);
    let sid = instance.sid.as_deref();
    pen.optional("sid", sid.filter(|sid| !matches!(*sid, "na" | "unknown")));
    pen.text("status", shown.status.name());
    let overridden = pen.either("overriddenStatus", "overriddenstatus");
    pen.text(
        overridden,
        shown.overridden.unwrap_or(Status::Unknown).name(),
    );
    pen.port("port", instance.port);
    pen.port("securePort", instance.secure_port);
    pen.number("countryId", instance.country_id.into());
    data_center(pen, &instance.data_center, |_| true);
    lease(pen, shown);
    pen.map("metadata", instance.metadata.iter());
    pen.optional("appGroupName", instance.app_group.as_deref());
    pen.optional("homePageUrl", instance.home_page_url.as_deref());
    pen.optional("statusPageUrl", instance.status_page_url.as_deref());
    pen.optional("healthCheckUrl", instance.health_check_url.as_deref());
    pen.optional(
        "secureHealthCheckUrl",
        instance.secure_health_check_url.as_deref(),
    );
    pen.optional("vipAddress", instance.vip_address.as_deref());
    pen.optional("secureVipAddress", instance.secure_vip_address.as_deref());
    // True of a server that is registered with itself, which ours are not.
    pen.text("isCoordinatingDiscoveryServer", "false");
    pen.digits("lastUpdatedTimestamp", millis(shown.updated_at));
    pen.digits("lastDirtyTimestamp", instance.last_dirty);
    pen.text("actionType", action(shown.action));
    pen.optional("asgName", instance.asg_name.as_deref());
}

fn compact(pen: &mut Pen<'_>, shown: &Shown<'_>) {
    let instance = shown.instance;
    pen.optional("instanceId", instance.id.as_deref());
    pen.text("app", instance.app.as_str());
    pen.text("ipAddr", &instance.ip_addr);
    pen.optional("vipAddress", instance.vip_address.as_deref());
    pen.optional("secureVipAddress", instance.secure_vip_address.as_deref());
    data_center(pen, &instance.data_center, |key| {
        COMPACT_AMAZON.contains(&key)
    });
    pen.text("hostName", &instance.host_name);
    pen.text("status", shown.status.name());
    pen.number("lastUpdatedTimestamp", millis(shown.updated_at));
    pen.text("actionType", action(shown.action));
    pen.optional("asgName", instance.asg_name.as_deref());
    pen.port("port", instance.port);
    pen.port("securePort", instance.secure_port);
}

fn data_center(pen: &mut Pen<'_>, data_center: &DataCenter, kept: impl Fn(&str) -> bool) {
    let class = match data_center {
        DataCenter::Amazon(_) => "com.netflix.appinfo.AmazonInfo",
        DataCenter::Netflix | DataCenter::MyOwn => {
            "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"
        }
    };
    pen.open_field_of_class("dataCenterInfo", class);
    match data_center {
        DataCenter::Netflix => pen.text("name", "Netflix"),
        DataCenter::MyOwn => pen.text("name", "MyOwn"),
        DataCenter::Amazon(metadata) => {
            pen.text("name", "Amazon");
            pen.map("metadata", metadata.iter().filter(|(key, _)| kept(key)));
        }
    }
    pen.close_field("dataCenterInfo");
}

fn lease(pen: &mut Pen<'_>, shown: &Shown<'_>) {
    let (terms, times) = (shown.instance.lease, shown.times);
    pen.open_field("leaseInfo");
    pen.number("renewalIntervalInSecs", terms.interval_secs.into());
    pen.number("durationInSecs", terms.duration_secs.into());
    pen.number("registrationTimestamp", millis(times.registered_at));
    pen.number("lastRenewalTimestamp", millis(times.renewed_at));
    pen.number("evictionTimestamp", times.ended_at.map_or(0, millis));
    pen.number("serviceUpTimestamp", times.up_since.map_or(0, millis));
    pen.close_field("leaseInfo");
}

/// Milliseconds as Java's longs hold them.
fn millis(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Added => "ADDED",
        Action::Modified => "MODIFIED",
        Action::Deleted => "DELETED",
    }
}
