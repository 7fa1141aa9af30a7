//! The recordings as they stand in `tests/golden`.
//!
//! Here: reading them; `tests/golden/README.md` says what each part means. A part that is not known here is an
//! error, lest it be overlooked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A conversation that was held with the Java server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversation {
    /// What it is about.
    pub title: String,
    #[serde(rename = "about")]
    _about: Option<String>,
    /// The group of settings it belongs to.
    pub group: String,
    /// Those settings, by Eureka's names.
    pub settings: BTreeMap<String, Value>,
    /// Requests and their answers.
    pub steps: Vec<Step>,
}

/// A request, and what was answered or should have been.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Why the step is there.
    #[serde(default)]
    pub note: String,
    /// How long to wait before it.
    #[serde(default)]
    pub wait_ms: u64,
    /// How long to repeat it until it answers as expected.
    #[serde(default)]
    pub until_ms: u64,
    /// How often to do it.
    #[serde(default = "once")]
    pub times: i64,
    /// What is sent.
    pub request: Request,
    response: Expected,
    accept: Option<Vec<Acceptable>>,
    #[serde(rename = "java_quirk")]
    _java_quirk: Option<String>,
    #[serde(rename = "java_old")]
    _java_old: Option<Expected>,
}

const fn once() -> i64 {
    1
}

impl Step {
    /// The answers that will do: the recorded one, or those listed instead.
    pub(crate) fn acceptable(&self) -> Vec<&Expected> {
        let Some(listed) = &self.accept else {
            return vec![&self.response];
        };
        let answers = listed.iter().map(|answer| match answer {
            Acceptable::Recorded(Recorded::Java) => &self.response,
            Acceptable::Answer(expected) => expected,
        });
        answers.collect()
    }
}

/// What is sent, with placeholders.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// GET and so on.
    pub method: String,
    /// Path and query, encoded.
    pub path: String,
    /// All headers but Host and Content-Length.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON as written, or a text to be sent without its quotes. Kept raw because the order of keys can matter.
    pub body: Option<Box<RawValue>>,
    /// Raw bytes.
    pub body_base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Acceptable {
    Recorded(Recorded),
    Answer(Expected),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Recorded {
    Java,
}

/// What an answer must be like.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The status code.
    pub status: u16,
    /// Headers by name; none means absent, `<any>` present.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The whole body: JSON, or a string for exactly that text.
    pub body: Option<Value>,
    /// Some of the fields of a JSON body.
    pub body_includes: Option<Value>,
    /// The whole body in XML, line by line.
    pub xml: Option<Vec<String>>,
    /// Some of the elements of an XML body.
    pub xml_includes: Option<Vec<String>>,
    /// Text that must be in the body.
    #[serde(default)]
    pub contains: Vec<String>,
    /// Text that must not.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// All conversations of a folder of recordings, with the names of their files, in order.
pub(crate) fn recorded(folder: &str) -> Vec<(String, Conversation)> {
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read(path).expect("the recording is readable");
        let conversation = serde_json::from_slice(&text);
        let conversation = conversation.unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.into_owned(), conversation)
    };
    listed(&golden(folder)).iter().map(read).collect()
}

/// A place among the recordings.
pub(crate) fn golden(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(place)
}

/// What is in a folder, in order.
pub(crate) fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths
        .collect::<Result<_, _>>()
        .expect("the folder is readable");
    paths.sort();
    paths
}
