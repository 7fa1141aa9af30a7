//! What texts with queries in them name.

/// How names of metrics begin that are ours to give.
const OURS: [&str; 3] = ["peerage_", "process_", "eureka_server_"];

/// A label and the values that are asked for.
pub(super) type Condition = (String, Vec<String>);

/// Every metric that is named, with the conditions on its labels.
pub(super) fn selections(text: &str) -> Vec<(String, Vec<Condition>)> {
    let text: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .fold(String::new(), |text, line| text + line + "\n");
    let (mut found, mut rest) = (Vec::new(), &*text);
    while let Some(begin) = rest.find(in_name) {
        let name = &rest[begin..];
        let (name, after) = name.split_at(name.find(|c| !in_name(c)).unwrap_or(name.len()));
        rest = after;
        if OURS.iter().any(|ours| name.starts_with(ours)) {
            let braces = after
                .strip_prefix('{')
                .filter(|after| !after.starts_with('{'));
            let within = braces.and_then(|after| after.split_once('}'));
            found.push((
                name.to_owned(),
                conditions(within.map_or("", |(within, _)| within)),
            ));
        }
    }
    found
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn conditions(text: &str) -> Vec<Condition> {
    let one = |text: &str| {
        let (label, value) = text.split_once(['=', '!'])?;
        let value = value.trim_start_matches(['=', '~', '!']).trim_matches('"');
        let values = value.split('|').filter(|value| !value.is_empty());
        Some((label.trim().to_owned(), values.map(str::to_owned).collect()))
    };
    text.split(',').filter_map(one).collect()
}

/// Every label that is grouped by, or shown in a text for people.
pub(super) fn grouped(text: &str) -> Vec<String> {
    let groups = text
        .split("by (")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let groups = groups.flat_map(|(labels, _)| labels.split(','));
    let shown = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"));
    let shown = shown.map(|(label, _)| label.trim().trim_start_matches("$labels."));
    groups
        .chain(shown)
        .map(|label| label.trim().to_owned())
        .collect()
}
