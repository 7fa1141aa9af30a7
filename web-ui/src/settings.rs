//! The settings in effect, and where each comes from.

use askama::Template;

use crate::frame::Frame;

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// What stands around it.
    pub frame: Frame,
    /// The settings by their table in the file.
    pub tables: Vec<Table>,
    /// What became of Spring's keys.
    pub spring: Vec<SpringLine>,
    /// Whether only those are shown that somebody set.
    pub changed_only: bool,
    /// How many somebody set.
    pub changed: usize,
    /// How many there are.
    pub total: usize,
    /// The other of both lists.
    pub toggle: String,
}

/// Settings of one table of the file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it is called; empty for those above all tables.
    pub name: String,
    /// Its settings.
    pub settings: Vec<SettingLine>,
}

/// A setting.
#[derive(Clone, Debug, Default)]
pub struct SettingLine {
    /// Its name in the file.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where that comes from.
    pub source: String,
    /// Whether somebody set it.
    pub set: bool,
    /// What it means.
    pub about: String,
}

/// One of Spring's keys.
#[derive(Clone, Debug, Default)]
pub struct SpringLine {
    /// The key.
    pub key: String,
    /// Its value; empty if it is not shown.
    pub value: String,
    /// Where it was found.
    pub source: String,
    /// How it is taken.
    pub class: String,
    /// What that means.
    pub note: String,
}
