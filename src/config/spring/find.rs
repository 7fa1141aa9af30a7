//! Finds Spring's keys in files and in the environment.

use std::path::Path;

use super::profiles::{Condition, conditions};
use super::{Class, keys, properties, yaml};
use crate::config::given::{Mistake, Place};
use crate::config::load::Sources;

/// One key as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: usize,
    /// Which of the documents that make up the file, divided by `---`.
    pub(super) document: usize,
}

/// A key that was found, before anybody asked what it means.
pub(super) struct Found {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) place: Place,
    /// What the document it stands in asks for.
    pub(super) condition: Option<Condition>,
    /// Why it does not count, if it does not.
    pub(super) passed_over: Option<String>,
}

const NO_SPRING_FILE: &str = "\
is neither .properties nor .yml nor .yaml, as Spring's files are; give peerage's own settings with --config";

/// All keys: files in their order, then the environment, which wins.
pub(super) fn find(sources: &Sources<'_>, mistakes: &mut Vec<Mistake>) -> Vec<Found> {
    let mut found = Vec::new();
    for path in &sources.flags.spring_config {
        match read_file(sources, path) {
            Ok(entries) => found.extend(entries),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    found.extend(read_environment(sources));
    found
}

fn read_file(sources: &Sources<'_>, path: &Path) -> Result<Vec<Found>, Mistake> {
    let name = path.display().to_string();
    let text = (sources.read_file)(path)
        .map_err(|cause| Mistake::unreadable(&name, &cause, "--spring-config"))?;
    let text = text.trim_start_matches('\u{feff}');
    let extension = path.extension().and_then(|extension| extension.to_str());
    let entries = match extension {
        Some("properties") => Ok(properties::read(text)),
        Some("yml" | "yaml") => yaml::read(text).map_err(|(line, message)| (Some(line), message)),
        _ => Err((None, NO_SPRING_FILE.to_owned())),
    };
    entries
        .map(|entries| in_places(&name, entries))
        .map_err(|(line, message)| Mistake::in_file(&name, line, message))
}

fn in_places(path: &str, entries: Vec<Entry>) -> Vec<Found> {
    let conditions = conditions(&entries);
    let found = entries.into_iter().map(|entry| Found {
        condition: conditions.get(&entry.document).cloned(),
        passed_over: None,
        place: Place::SpringFile {
            path: path.to_owned(),
            line: entry.line,
            key: entry.key.clone(),
        },
        key: entry.key,
        value: entry.value,
    });
    found.collect()
}

/// Names that begin with `EUREKA_`; and those that other programs are told by too, such as the server's port, only if
/// a file says that this server is configured as Spring's.
fn read_environment(sources: &Sources<'_>) -> Vec<Found> {
    let as_spring = !sources.flags.spring_config.is_empty();
    let is_springs = |name: &str| {
        let is_eurekas = name.to_lowercase().replace('.', "_").starts_with("eureka_");
        is_eurekas || as_spring && keys::meaning(name).class != Class::Foreign
    };
    let found = sources.env.iter().filter(|(name, _)| is_springs(name));
    found
        .map(|(name, value)| Found {
            key: name.clone(),
            value: value.clone(),
            place: Place::SpringEnvironment(name.clone()),
            condition: None,
            passed_over: None,
        })
        .collect()
}
