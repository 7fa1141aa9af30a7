//! The native layers: the file and the environment.
//!
//! Here: how each becomes a list of [`Given`]. Not here: what the keys mean, and which layer wins.

use std::io;
use std::path::Path;

use toml_edit::{Array, Document, Item, TableLike, Value};

use super::Setting;
use super::given::{Given, Mistake, Place};
use super::load::Sources;
use super::settings::TABLE;

/// Where the file is looked for when nobody names one.
const PLACES: [&str; 2] = ["./peerage.toml", "/etc/peerage/peerage.toml"];

/// Names the file on the command line.
const FILE_FLAG: &str = "--config";

/// Names the file in the environment.
const FILE_VARIABLE: &str = "PEERAGE_CONFIG";

/// Precedes every setting in the environment. A single underscore would collide with what Kubernetes sets for a
/// service called `peerage`, such as `PEERAGE_PORT`.
const PREFIX: &str = "PEERAGE__";

/// The text of a file, and what it is called.
pub(super) struct File {
    pub(super) path: String,
    text: String,
}

/// Finds the file: the one named, which must be there, or the first of the usual places, which need not.
pub(super) fn find_file(sources: &Sources<'_>) -> Result<Option<File>, Mistake> {
    if let Some((path, by)) = named(sources) {
        let text = (sources.read_file)(path);
        return file(path.display().to_string(), text, by).map(Some);
    }
    for path in PLACES {
        match (sources.read_file)(Path::new(path)) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            text => return file(path.to_owned(), text, FILE_FLAG).map(Some),
        }
    }
    Ok(None)
}

/// The file somebody named, and by what.
fn named<'a>(sources: &'a Sources<'_>) -> Option<(&'a Path, &'static str)> {
    let flag = sources.flags.config.as_deref();
    flag.map(|path| (path, FILE_FLAG)).or_else(|| {
        let names_one =
            |(name, path): &&(String, String)| name == FILE_VARIABLE && !path.is_empty();
        let variable = sources.env.iter().find(names_one);
        variable.map(|(_, path)| (Path::new(path), FILE_VARIABLE))
    })
}

fn file(path: String, text: io::Result<String>, by: &str) -> Result<File, Mistake> {
    if path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".properties") {
        let message = format!("{by} names a .toml file; give Spring's with --spring-config");
        return Err(Mistake::in_file(&path, None, message));
    }
    match text {
        Ok(text) => Ok(File { path, text }),
        Err(cause) => Err(Mistake::unreadable(&path, &cause, by)),
    }
}

/// Every value of a TOML file. Where a setting is a list, a list of texts becomes what other layers write, with commas;
/// elsewhere it is a mistake.
pub(super) fn read_file(file: &File, mistakes: &mut Vec<Mistake>) -> Vec<Given> {
    let document = match Document::parse(file.text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            let line = error.span().map(|span| line_of(&file.text, span.start));
            mistakes.push(Mistake::in_file(&file.path, line, error.message()));
            return Vec::new();
        }
    };
    let mut walk = Walk {
        file,
        given: Vec::new(),
        mistakes,
    };
    walk.table(document.as_table(), "");
    walk.given
}

struct Walk<'a> {
    file: &'a File,
    given: Vec<Given>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike, path: &str) {
        for (name, item) in table.iter() {
            let key = join(path, name);
            let span = table.key(name).and_then(toml_edit::Key::span);
            let line = span.map_or(1, |span| line_of(&self.file.text, span.start));
            match item.as_table_like() {
                Some(inner) => self.table(inner, &key),
                None => self.value(item, key, line),
            }
        }
    }

    fn value(&mut self, item: &Item, key: String, line: usize) {
        let place = Place::File {
            path: self.file.path.clone(),
            line,
            key: key.clone(),
        };
        match written(item, &key) {
            Some(text) => self.given.push(Given { key, text, place }),
            None => self
                .mistakes
                .push(Mistake::at(&place, "a setting has one value, not a list")),
        }
    }
}

fn written(item: &Item, key: &str) -> Option<String> {
    match item.as_value()? {
        Value::Array(list) => {
            let listed = TABLE
                .iter()
                .any(|setting| setting.list && setting.key() == key);
            listed.then(|| joined(list)).flatten()
        }
        value => scalar(value),
    }
}

fn joined(list: &Array) -> Option<String> {
    let texts: Vec<_> = list.iter().map(Value::as_str).collect::<Option<_>>()?;
    Some(match texts.is_empty() {
        true => "none".to_owned(),
        false => texts.join(","),
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Float(number) => Some(number.value().to_string()),
        Value::Boolean(yes) => Some(yes.value().to_string()),
        Value::Datetime(time) => Some(time.value().to_string()),
        Value::Array(_) | Value::InlineTable(_) => None,
    }
}

/// Every setting of the environment.
pub(super) fn read_environment(env: &[(String, String)]) -> Vec<Given> {
    env.iter()
        .filter_map(|(name, text)| {
            let key = name.strip_prefix(PREFIX)?.to_lowercase();
            Some(Given {
                key: key.replace("__", ".").replace('_', "-"),
                text: text.clone(),
                place: Place::Environment(name.clone()),
            })
        })
        .collect()
}

/// Variables that name a setting but for underscores and case, like `PEERAGE_ZONE`, and would not be heard.
pub(super) fn unheard_variables(env: &[(String, String)]) -> Vec<Mistake> {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    let names = env.iter().map(|(name, _)| name);
    names
        .filter(|name| !name.starts_with(PREFIX) && letters(name).starts_with("peerage"))
        .filter_map(|name| {
            let mut settings = TABLE.iter().map(Setting::environment_name);
            let meant = settings.find(|setting| letters(setting) == letters(name))?;
            let message = format!("there is no such setting; did you mean {meant}?");
            Some(Mistake::at(&Place::Environment(name.clone()), message))
        })
        .collect()
}

pub(super) fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}
