//! Shows settings and mistakes to people and programs.
//!
//! Here: text out of [`Loaded`] and [`Mistakes`]. Not here: printing it.

use std::array;

use clap::ValueEnum;
use serde::Serialize;

use super::given::Mistakes;
use super::load::Loaded;
use super::settings::TABLE;
use super::spring::{Class, SpringKey};
use crate::native::documents;

/// How a reading command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Columns for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object per line.
    Ndjson,
}

#[derive(Serialize)]
struct Shown {
    key: String,
    value: String,
    source: String,
    about: String,
}

#[derive(Serialize)]
struct ShownSpring<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    source: String,
    #[serde(skip)]
    spot: String,
    class: &'static str,
    note: &'a str,
}

#[derive(Serialize)]
struct Everything<'a> {
    settings: Vec<Shown>,
    spring: Vec<ShownSpring<'a>>,
}

/// The same as a document of the API.
pub fn document(loaded: &Loaded) -> documents::Settings {
    let shown = settings(loaded).into_iter().map(|row| documents::Setting {
        key: row.key,
        value: row.value,
        source: row.source,
        about: row.about,
    });
    let spring = loaded
        .spring
        .iter()
        .map(shown_spring)
        .map(|row| documents::SpringSetting {
            key: row.key.to_owned(),
            value: row.value.map(str::to_owned),
            source: row.source,
            class: row.class.to_owned(),
            note: row.note.to_owned(),
        });
    documents::Settings {
        settings: shown.collect(),
        spring: spring.collect(),
    }
}

/// Every effective value with its source, and what became of Spring's keys.
pub fn effective(loaded: &Loaded, output: Output) -> String {
    let everything = Everything {
        settings: settings(loaded),
        spring: loaded.spring.iter().map(shown_spring).collect(),
    };
    match output {
        Output::Table => tables(&everything),
        Output::Json => json(&serde_json::to_string_pretty(&everything)),
        Output::Ndjson => lines(&everything),
    }
}

/// One line per mistake and their number.
pub fn mistakes(mistakes: &Mistakes) -> String {
    match mistakes.0.len() {
        1 => format!("{mistakes}\n1 mistake\n"),
        number => format!("{mistakes}\n{number} mistakes\n"),
    }
}

/// What `config check` says when everything is right.
pub fn all_right(loaded: &Loaded) -> String {
    let mut lines = match &loaded.file {
        Some(path) => format!("ok: {path}\n"),
        None => "ok: no file, defaults hold where nothing else is said\n".to_owned(),
    };
    for (class, number) in spring_counts(&loaded.spring) {
        lines.push_str(&format!("ok: {number} of Spring's keys: {class}\n"));
    }
    for warning in spring_warnings(&loaded.spring) {
        lines.push_str(&format!("note: {warning}\n"));
    }
    lines
}

/// How many of Spring's keys fell into each class that is not empty.
pub fn spring_counts(keys: &[SpringKey]) -> Vec<(Class, usize)> {
    let count = |class| keys.iter().filter(|key| key.class == class).count();
    let counts = Class::ALL.into_iter().map(|class| (class, count(class)));
    counts.filter(|(_, number)| *number > 0).collect()
}

/// One line for each of Spring's keys that does not do here what it does there.
pub fn spring_warnings(keys: &[SpringKey]) -> Vec<String> {
    let surprises = |key: &&SpringKey| matches!(key.class, Class::Unsupported | Class::Different);
    let lines = keys.iter().filter(surprises);
    lines
        .map(|key| format!("{}: {}: {}", key.place.of_mistake(), key.class, key.note))
        .collect()
}

fn settings(loaded: &Loaded) -> Vec<Shown> {
    let shown = TABLE.iter().map(|setting| {
        let key = setting.key();
        Shown {
            value: (setting.write)(&loaded.config),
            source: loaded
                .origins
                .get(&key)
                .map_or_else(String::new, ToString::to_string),
            about: setting.about(),
            key,
        }
    });
    shown.collect()
}

fn shown_spring(key: &SpringKey) -> ShownSpring<'_> {
    ShownSpring {
        key: &key.key,
        value: key.value.as_deref(),
        source: key.place.to_string(),
        spot: key.place.spot(),
        class: key.class.name(),
        note: &key.note,
    }
}

fn tables(everything: &Everything<'_>) -> String {
    let settings = everything
        .settings
        .iter()
        .map(|row| [row.key.as_str(), &row.value, &row.source]);
    let mut text = columns(["SETTING", "VALUE", "SOURCE"], settings.collect());
    if !everything.spring.is_empty() {
        let spring = everything
            .spring
            .iter()
            .map(|row| [row.key, &row.spot, row.class, row.note]);
        text.push('\n');
        text.push_str(&columns(
            ["SPRING'S KEY", "SOURCE", "CLASS", "NOTE"],
            spring.collect(),
        ));
    }
    text
}

/// Columns as wide as their widest cell; the last as wide as it likes.
fn columns<'a, const N: usize>(head: [&'a str; N], mut rows: Vec<[&'a str; N]>) -> String {
    rows.insert(0, head);
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; N] = array::from_fn(|column| match column + 1 {
        last if last == N => 0,
        _ => width(column),
    });
    let line = |row: &[&str; N]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ") + "\n"
    };
    rows.iter().map(line).collect()
}

fn lines(everything: &Everything<'_>) -> String {
    let settings = everything.settings.iter().map(serde_json::to_string);
    let spring = everything.spring.iter().map(serde_json::to_string);
    settings.chain(spring).map(|line| json(&line)).collect()
}

fn json(text: &Result<String, serde_json::Error>) -> String {
    let text = text
        .as_ref()
        .expect("structs of strings can be written as JSON");
    format!("{text}\n")
}

#[cfg(test)]
mod tests;
