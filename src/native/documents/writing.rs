//! What clients say in plain JSON: register, renew, cancel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::instance::Urls;

/// A registration. Only `host` and `port` must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Its host name, or its address.
    pub host: String,
    /// Its plain port, from 0 to 65535.
    #[schema(maximum = 65535)]
    pub port: u16,
    /// Its address. Default: `host`, if that is one, else the address the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Its TLS port. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 65535)]
    pub secure_port: Option<u16>,
    /// The status it claims, by Eureka's name. Default: `UP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its zone, which becomes `zone` of its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Its virtual address. Default: the application's name in lower case, under which Spring's clients look for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vip: Option<String>,
    /// Its virtual address for TLS. Default: as `vip`, if it has a TLS port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_vip: Option<String>,
    /// Whatever else it wants known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// How often it means to beat, in whole seconds. Default: a third of `duration_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// How long its lease lasts without a beat, in whole seconds. Default: 90 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Where people and monitors find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Urls>,
}

/// The instance is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Registered {
    /// The state of the registry from which on readers see it: `epoch-sequence`.
    pub revision: String,
    /// Its application, in upper case.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// The status it is shown in: an override may say otherwise than it claims.
    pub status: String,
    /// How often to renew.
    pub renew_every_ms: u64,
    /// When its lease is over, unless it is renewed.
    pub deadline: String,
}

/// The lease is renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Renewed {
    /// When its lease is over, unless it is renewed again.
    pub deadline: String,
    /// How often to renew.
    pub renew_every_ms: u64,
    /// The status it is shown in.
    pub status: String,
}

/// The instance has left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Cancelled {
    /// The state of the registry from which on it is gone: `epoch-sequence`.
    pub revision: String,
    /// Whether it was listed before.
    pub was: bool,
}

/// What a renewal may say. All of it may be left out, and the body too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lease {}
