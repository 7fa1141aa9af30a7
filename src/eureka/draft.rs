//! What a body says of an instance, before it is known whether that suffices.
//!
//! Here: the leniencies JSON and XML share, defaults, and Eureka's validation. Not here: syntax (`json`, `xml`).

use super::limits::Limits;
use super::refusal::{Fault, Refusal};
use crate::clock::Timestamp;
use crate::registry::instance::{
    AppName, DataCenter, Instance, LeaseTerms, Metadata, Port, Registration, Text,
};
use crate::registry::status::Status;

/// The key under which Amazon keeps its own id of an instance.
const AMAZON_ID: &str = "instance-id";

/// The longest time Java's clients can read, in seconds. Beyond it they would reject the whole registry.
const SECONDS_MAX: u32 = i32::MAX.unsigned_abs();

/// What a body says of an instance. What it does not say is absent.
pub(super) struct Draft {
    pub(super) app: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) host_name: Option<Text>,
    pub(super) ip_addr: Option<Text>,
    pub(super) sid: Option<Text>,
    pub(super) status: Option<Status>,
    pub(super) overridden: Option<Status>,
    pub(super) port: Port,
    pub(super) secure_port: Port,
    pub(super) country_id: i32,
    pub(super) data_center: Option<Center>,
    pub(super) lease: LeaseTerms,
    pub(super) metadata: Metadata,
    pub(super) app_group: Option<Text>,
    pub(super) home_page_url: Option<Text>,
    pub(super) status_page_url: Option<Text>,
    pub(super) health_check_url: Option<Text>,
    pub(super) secure_health_check_url: Option<Text>,
    pub(super) vip_address: Option<Text>,
    pub(super) secure_vip_address: Option<Text>,
    pub(super) asg_name: Option<Text>,
    pub(super) last_dirty: Option<i64>,
}

/// A data centre as a body describes it.
pub(super) enum Center {
    /// It has no name.
    Nameless,
    /// It is one of those Eureka knows.
    Known(DataCenter),
}

impl Draft {
    /// The default of `countryId`.
    pub(super) const COUNTRY_ID: i32 = 1;

    /// Nothing said yet.
    pub(super) fn new() -> Self {
        Self {
            app: None,
            id: None,
            host_name: None,
            ip_addr: None,
            sid: None,
            status: None,
            overridden: None,
            port: Port::PLAIN,
            secure_port: Port::SECURE,
            country_id: Self::COUNTRY_ID,
            data_center: None,
            lease: LeaseTerms::default(),
            metadata: Metadata::default(),
            app_group: None,
            home_page_url: None,
            status_page_url: None,
            health_check_url: None,
            secure_health_check_url: None,
            vip_address: None,
            secure_vip_address: None,
            asg_name: None,
            last_dirty: None,
        }
    }

    /// Where the text of a field goes, if the field is one that holds just a text.
    pub(super) fn text(&mut self, field: &str) -> Option<&mut Option<Text>> {
        match field {
            "app" => Some(&mut self.app),
            "instanceId" => Some(&mut self.id),
            "hostName" => Some(&mut self.host_name),
            "ipAddr" => Some(&mut self.ip_addr),
            "sid" => Some(&mut self.sid),
            "appGroupName" => Some(&mut self.app_group),
            "homePageUrl" => Some(&mut self.home_page_url),
            "statusPageUrl" => Some(&mut self.status_page_url),
            "healthCheckUrl" => Some(&mut self.health_check_url),
            "secureHealthCheckUrl" => Some(&mut self.secure_health_check_url),
            "vipAddress" => Some(&mut self.vip_address),
            "secureVipAddress" => Some(&mut self.secure_vip_address),
            "asgName" => Some(&mut self.asg_name),
            _ => None,
        }
    }

    /// The registration this amounts to, for the application of the path.
    pub(super) fn registration(
        self,
        path_app: &AppName,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Registration, Refusal> {
        let Some(app) = self.app.as_deref().map(AppName::new) else {
            return Err(Refusal::unparsable("no app"));
        };
        let id = self.effective_id().unwrap_or_default();
        if id.len().max(app.as_str().len()) > limits.name_bytes_max {
            let limit = limits.name_bytes_max;
            return Err(Refusal::too_large(format_args!(
                "id or app over {limit} bytes"
            )));
        }
        if id.contains('\0') || app.as_str().contains('\0') {
            return Err(Refusal::Invalid(Fault::Unnameable));
        }
        let data_center = self.validated(&app, path_app).map_err(Refusal::Invalid)?;
        Ok(self.completed(app, data_center, now))
    }

    /// The id it goes by: its own, else Amazon's, else its host name.
    fn effective_id(&self) -> Option<&str> {
        let amazon = match &self.data_center {
            Some(Center::Known(DataCenter::Amazon(metadata))) => metadata.value(AMAZON_ID),
            _ => None,
        };
        let named = [self.id.as_deref(), amazon, self.host_name.as_deref()];
        named.into_iter().flatten().find(|id| !id.is_empty())
    }

    /// The data centre, if nothing is at fault. The order of the checks is Eureka's: of several faults the first one
    /// is named.
    fn validated(&self, app: &AppName, path_app: &AppName) -> Result<DataCenter, Fault> {
        let id = self.effective_id().ok_or(Fault::NoId)?;
        required(&self.host_name, Fault::NoHostName)?;
        required(&self.ip_addr, Fault::NoAddress)?;
        required(&self.app, Fault::NoApp)?;
        if app != path_app {
            let (expected, found) = (path_app.clone(), app.clone());
            return Err(Fault::OtherApp { expected, found });
        }
        match &self.data_center {
            None => Err(Fault::NoDataCenter),
            Some(Center::Nameless) => Err(Fault::NoDataCenterName),
            Some(Center::Known(known)) => Ok(with_id(known, id)),
        }
    }

    fn completed(self, app: AppName, data_center: DataCenter, now: Timestamp) -> Registration {
        let app_group = self.app_group.map(|group| group.to_uppercase().into());
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let instance = Instance {
            app,
            id: self.id,
            host_name: self.host_name.unwrap_or_default(),
            ip_addr: self.ip_addr.unwrap_or_default(),
            sid: self.sid,
            status: self.status.unwrap_or(Status::Up),
            port: self.port,
            secure_port: self.secure_port,
            country_id: self.country_id,
            data_center,
            lease: self.lease,
            metadata: self.metadata,
            app_group,
            home_page_url: self.home_page_url,
            status_page_url: self.status_page_url,
            health_check_url: self.health_check_url,
            secure_health_check_url: self.secure_health_check_url,
            vip_address: self.vip_address,
            secure_vip_address: self.secure_vip_address,
            asg_name: self.asg_name,
            last_dirty: self.last_dirty.unwrap_or(now),
        };
        Registration {
            instance,
            carried_override: carried(self.overridden),
        }
    }
}

fn required(text: &Option<Text>, fault: Fault) -> Result<(), Fault> {
    match text.as_deref() {
        None | Some("") => Err(fault),
        Some(_) => Ok(()),
    }
}

/// The data centre; an Amazon one that does not name the instance gets the id it goes by.
fn with_id(data_center: &DataCenter, id: &str) -> DataCenter {
    match data_center {
        DataCenter::Amazon(metadata) if metadata.value(AMAZON_ID).is_none_or(str::is_empty) => {
            DataCenter::Amazon(metadata.with([(AMAZON_ID, id)]))
        }
        named => named.clone(),
    }
}

/// The data centre of a name, which Amazon's metadata are of use to only at Amazon.
pub(super) fn data_center(name: &str, amazon: Metadata) -> Result<DataCenter, Refusal> {
    match name {
        "Netflix" => Ok(DataCenter::Netflix),
        "Amazon" => Ok(DataCenter::Amazon(amazon)),
        "MyOwn" => Ok(DataCenter::MyOwn),
        _ => Err(Refusal::unparsable("unknown data centre")),
    }
}

/// Metadata, if they are not too many. The marker of Java's classes is none of them.
pub(super) fn metadata(
    entries: &[(impl AsRef<str>, impl AsRef<str>)],
    limits: &Limits,
) -> Result<Metadata, Refusal> {
    let texts = entries
        .iter()
        .map(|(key, value)| (key.as_ref(), value.as_ref()));
    let bytes: usize = texts
        .clone()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if entries.len() > limits.metadata_keys_max {
        let limit = limits.metadata_keys_max;
        return Err(Refusal::too_large(format_args!(
            "metadata of over {limit} keys"
        )));
    }
    if bytes > limits.metadata_bytes_max {
        let limit = limits.metadata_bytes_max;
        return Err(Refusal::too_large(format_args!(
            "metadata of over {limit} bytes"
        )));
    }
    Ok(texts.filter(|(key, _)| *key != "@class").collect())
}

/// A status by its exact name. A word that names none means that nothing is known.
pub(super) fn status(name: &str) -> Status {
    name.parse().unwrap_or(Status::Unknown)
}

/// The override that is carried along. Whoever knows of none sends UNKNOWN.
pub(super) fn carried(overridden: Option<Status>) -> Option<Status> {
    overridden.filter(|status| *status != Status::Unknown)
}

/// The whole number that a text stands for. Fractions are cut off, as Java's casts do.
pub(super) fn whole(text: &str) -> Option<i128> {
    let text = text.trim();
    text.parse().ok().or_else(|| fraction(text))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "cutting off is the point; the cast saturates"
)]
fn fraction(text: &str) -> Option<i128> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number as i128)
}

/// A time of a lease. One that makes no sense is left to the default.
pub(super) fn seconds(number: Option<i128>, default: u32) -> u32 {
    match number {
        Some(secs) if secs > 0 => {
            u32::try_from(secs).map_or(SECONDS_MAX, |secs| secs.min(SECONDS_MAX))
        }
        _ => default,
    }
}
