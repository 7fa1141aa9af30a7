//! An instance and its parts, as its client registered it.
//!
//! Here: what is known of an instance, in types that cannot be mixed up. Not here: how it is spelt on the wire
//! (`eureka`), until when it is listed (`lease`), what operators say of it (`record`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::status::Status;

/// Text of an instance. Never changed once written, hence without spare capacity.
pub type Text = Box<str>;

/// The name of an application: upper case, as every client expects to read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(Arc<str>);

impl AppName {
    /// The name in upper case, whatever case it came in.
    pub fn new(name: &str) -> Self {
        if name.chars().any(char::is_lowercase) {
            Self(name.to_uppercase().into())
        } else {
            Self(name.into())
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A port and whether it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// The number. Eureka stores whatever 32-bit number a client sends.
    pub number: i32,
    /// Whether clients should use it.
    pub enabled: bool,
}

impl Port {
    /// Eureka's default for the plain port.
    pub const PLAIN: Self = Self {
        number: 7001,
        enabled: true,
    };
    /// Eureka's default for the TLS port.
    pub const SECURE: Self = Self {
        number: 7002,
        enabled: false,
    };
}

/// Names and values, in the order they came. A name occurs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Box<[(Text, Text)]>);

impl Metadata {
    /// The value under a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with these put in; a known name gets the new value in its place.
    #[must_use]
    pub fn with<'a>(&'a self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.iter().chain(changes).collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Metadata {
    /// Of a name given twice the later value counts.
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(pairs: T) -> Self {
        let mut kept: Vec<(Text, Text)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (name, value) in pairs {
            match places.get(name) {
                Some(&place) => kept[place] = (name.into(), value.into()),
                None => {
                    places.insert(name, kept.len());
                    kept.push((name.into(), value.into()));
                }
            }
        }
        Self(kept.into())
    }
}

/// Where an instance runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataCenter {
    /// In Netflix's own.
    Netflix,
    /// At Amazon, with what Amazon says of it.
    Amazon(Metadata),
    /// Anywhere else.
    MyOwn,
}

/// What a client asks of its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// How often it means to beat, in seconds.
    pub interval_secs: u32,
    /// How long the lease lasts without a beat, in seconds.
    pub duration_secs: u32,
}

impl LeaseTerms {
    /// How often the client means to beat.
    pub const fn interval(self) -> Duration {
        Duration::from_secs(self.interval_secs as u64)
    }

    /// How long the lease lasts without a beat.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.duration_secs as u64)
    }
}

impl Default for LeaseTerms {
    /// A beat every 30 s, a lease of 90 s: the defaults of every Eureka client.
    fn default() -> Self {
        Self {
            interval_secs: 30,
            duration_secs: 90,
        }
    }
}

/// What a client registered: everything it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The application it belongs to.
    pub app: AppName,
    /// The id the client gave it. Without one it goes by [`Instance::key_id`], and no id is shown: some clients
    /// reject a registry with ids they did not send.
    pub id: Option<Text>,
    /// Its host name.
    pub host_name: Text,
    /// Its address.
    pub ip_addr: Text,
    /// Its `sid`, a relic. `na` and `unknown` are kept and not shown.
    pub sid: Option<Text>,
    /// The status it claims.
    pub status: Status,
    /// Its plain port.
    pub port: Port,
    /// Its TLS port.
    pub secure_port: Port,
    /// A number of its country.
    pub country_id: i32,
    /// Where it runs.
    pub data_center: DataCenter,
    /// What it asks of its lease.
    pub lease: LeaseTerms,
    /// Whatever else it says.
    pub metadata: Metadata,
    /// A group of applications, upper case.
    pub app_group: Option<Text>,
    /// Where people find it.
    pub home_page_url: Option<Text>,
    /// Where people find its status.
    pub status_page_url: Option<Text>,
    /// Where monitors find its health.
    pub health_check_url: Option<Text>,
    /// The same over TLS.
    pub secure_health_check_url: Option<Text>,
    /// Virtual addresses, separated by commas.
    pub vip_address: Option<Text>,
    /// Virtual addresses for TLS, separated by commas.
    pub secure_vip_address: Option<Text>,
    /// Its auto-scaling group at Amazon.
    pub asg_name: Option<Text>,
    /// When the client last changed what it says, in milliseconds by its own clock.
    pub last_dirty: i64,
}

impl Instance {
    /// An instance that says no more than it must; the rest is as Eureka has it by default.
    pub fn new(app: AppName, host_name: &str, ip_addr: &str) -> Self {
        Self {
            app,
            id: None,
            host_name: host_name.into(),
            ip_addr: ip_addr.into(),
            sid: None,
            status: Status::Up,
            port: Port::PLAIN,
            secure_port: Port::SECURE,
            country_id: 1,
            data_center: DataCenter::MyOwn,
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
            last_dirty: 0,
        }
    }

    /// The id under which it is kept: its own, else Amazon's, else its host name. Blank ones do not count.
    pub fn key_id(&self) -> &str {
        let amazon = match &self.data_center {
            DataCenter::Amazon(metadata) => metadata.value("instance-id"),
            DataCenter::Netflix | DataCenter::MyOwn => None,
        };
        let given = [self.id.as_deref(), amazon]
            .into_iter()
            .flatten()
            .find(|id| !id.is_empty());
        given.unwrap_or(&self.host_name)
    }

    /// Its virtual addresses, one by one; exactly as written, without trimming, as Eureka matches them.
    pub fn vips(&self) -> impl Iterator<Item = &str> {
        self.vip_address
            .as_deref()
            .into_iter()
            .flat_map(|list| list.split(','))
    }

    /// Its virtual addresses for TLS, one by one.
    pub fn secure_vips(&self) -> impl Iterator<Item = &str> {
        self.secure_vip_address
            .as_deref()
            .into_iter()
            .flat_map(|list| list.split(','))
    }
}

/// A registration: the instance, and the override the client believes to be under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What the client says of itself.
    pub instance: Instance,
    /// The override it carries along, if any. One that the registry holds already is stronger.
    pub carried_override: Option<Status>,
}
