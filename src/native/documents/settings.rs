//! The settings in effect.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every effective setting with its source, as `config show -o json` prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Settings {
    /// The settings, in the order in which they are documented.
    pub settings: Vec<Setting>,
    /// What became of Spring's keys.
    pub spring: Vec<SpringSetting>,
}

/// A setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Setting {
    /// Its name in the file.
    pub key: String,
    /// Its value. Secrets are `•••`.
    pub value: String,
    /// Where the value comes from.
    pub source: String,
    /// What it means, its default, and what goes wrong at both extremes.
    pub about: String,
}

/// One of Spring's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SpringSetting {
    /// The key.
    pub key: String,
    /// Its value. `null`: it has no effect here, and is not shown.
    pub value: Option<String>,
    /// Where it was found.
    pub source: String,
    /// How it is taken.
    pub class: String,
    /// What that means.
    pub note: String,
}
