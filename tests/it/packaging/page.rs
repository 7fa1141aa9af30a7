//! A page of metrics, as a server prints it.

use std::collections::{BTreeMap, BTreeSet};

/// All metrics of one name.
#[derive(Debug, Default)]
pub(super) struct Family {
    name: String,
    kind: String,
    help: String,
    /// The values of each label, of all samples.
    labels: BTreeMap<String, BTreeSet<String>>,
    samples: usize,
}

impl Family {
    /// What its samples may be called.
    fn samples(&self) -> Vec<String> {
        let endings: &[&str] = match &*self.kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_count", "_sum"],
            _ => &[""],
        };
        let name = |ending| format!("{}{ending}", self.name);
        endings.iter().map(name).collect()
    }

    pub(super) fn has_samples(&self) -> bool {
        self.samples > 0
    }

    /// Whether it may have these values under a label. Of patterns, and of status codes, no page shows all.
    pub(super) fn knows(&self, label: &str, values: &[String]) -> bool {
        let open = |value: &String| label == "code" || value.contains(['.', '[', '$']);
        let shown = self.labels.get(label);
        shown.is_some_and(|shown| {
            values
                .iter()
                .all(|value| open(value) || shown.contains(value))
        })
    }

    /// Its line in the list of metrics. Which labels it has is known only if there are samples.
    fn row(&self) -> [String; 3] {
        let labels = self.labels.keys().filter(|label| *label != "le");
        let labels: Vec<_> = labels.map(|label| format!("`{label}`")).collect();
        let ending = if self.kind == "counter" { "_total" } else { "" };
        [
            format!("| `{}{ending}` | {} | ", self.name, self.kind),
            labels.join(" "),
            format!(" | {} |", self.help),
        ]
    }

    /// Whether a line tells of it as it is.
    fn is_told_by(&self, line: &str) -> bool {
        let [beginning, labels, end] = self.row();
        let within = line
            .strip_prefix(&*beginning)
            .and_then(|rest| rest.strip_suffix(&*end));
        within.is_some_and(|within| !self.has_samples() || within == labels)
    }
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page(Vec<Family>);

impl Page {
    pub(super) fn read(text: &str) -> Self {
        let mut page = Self::default();
        text.lines().for_each(|line| page.take(line));
        page
    }

    fn take(&mut self, line: &str) {
        if let Some((name, help)) = after(line, "# HELP ") {
            self.0.push(Family {
                name: name.to_owned(),
                help: help.trim_end_matches('.').to_owned(),
                ..Family::default()
            });
        } else if let Some((_, kind)) = after(line, "# TYPE ") {
            let family = self.0.last_mut().expect("help stands before the type");
            family.kind = kind.to_owned();
        } else if let Some(family) = self.0.last_mut().filter(|_| !line.starts_with('#')) {
            family.samples += 1;
            for (label, value) in labels(line) {
                family.labels.entry(label).or_default().insert(value);
            }
        }
    }

    pub(super) fn family(&self, name: &str) -> Option<&Family> {
        self.0.iter().find(|family| family.name == name)
    }

    /// The family that has samples of this name.
    pub(super) fn family_of_sample(&self, name: &str) -> Option<&Family> {
        let mut families = self.0.iter();
        families.find(|family| family.samples().iter().any(|sample| sample == name))
    }

    /// Every label of anything.
    pub(super) fn labels(&self) -> BTreeSet<&str> {
        let labels = self.0.iter().flat_map(|family| family.labels.keys());
        labels.map(String::as_str).collect()
    }

    /// What a list of metrics should say and does not.
    pub(super) fn missing_in(&self, lines: &[&str]) -> Vec<String> {
        let told = |family: &&Family| lines.iter().any(|line| family.is_told_by(line));
        let missing = self.0.iter().filter(|family| !told(family));
        missing.map(|family| family.row().concat()).collect()
    }

    /// How many metrics there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn after<'a>(line: &'a str, what: &str) -> Option<(&'a str, &'a str)> {
    line.strip_prefix(what)?.split_once(' ')
}

/// The labels of a sample with their values, which contain no quotes here.
fn labels(line: &str) -> Vec<(String, String)> {
    let within = line
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'));
    let pairs = within.map_or("", |(pairs, _)| pairs).split("\",");
    let pair = |pair: &str| {
        let (label, value) = pair.split_once("=\"")?;
        Some((label.to_owned(), value.trim_end_matches('"').to_owned()))
    };
    pairs.filter_map(pair).collect()
}
