//! What one can do, as words, as a command and as a request.
//!
//! What must always hold: whatever names instances have, a command does what it says when it is copied into a shell.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::facts::{Facts, Keeper, Life, Listed};
use crate::native::documents::{Code, Step};
use crate::native::rows::NO_ZONE;
use crate::registry::preservation::Scope;

/// What stays as it is in a key: nothing that a shell or a path would read as anything but itself.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'_')
    .remove(b':')
    .remove(b'@')
    .remove(b'-');

/// Names an instance in a path or a command: `APP/ID`, percent-encoded. A `-` within a word stays.
pub fn key(app: &str, id: &str) -> String {
    format!("{}/{}", encoded(app), encoded(id))
}

fn encoded(part: &str) -> String {
    match part.strip_prefix('-') {
        Some(rest) => format!("%2D{}", utf8_percent_encode(rest, PLAIN)),
        None => utf8_percent_encode(part, PLAIN).to_string(),
    }
}

/// Names an instance in a command.
fn named(facts: &Facts) -> String {
    let name = format!("{}/{}", facts.app, facts.id);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:@/-".contains(c);
    let quoted = if name.chars().all(plain) {
        name.clone()
    } else {
        word(&name)
    };
    if name.starts_with('-') {
        format!("-- {quoted}")
    } else {
        quoted
    }
}

/// Text as one word of a shell.
fn word(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    format!("'{}'", plain.replace('\'', "'\\''"))
}

/// What an instance is called in paths, and in commands.
struct Names {
    key: String,
    named: String,
}

pub(super) fn steps(facts: &Facts, code: Code) -> Vec<Step> {
    let names = Names {
        key: key(&facts.app, &facts.id),
        named: named(facts),
    };
    match &facts.life {
        Life::Listed(listed) => listed_steps(listed, code, &names),
        Life::Gone(_) => vec![watch(&facts.app)],
        Life::Unknown => vec![search(&facts.id)],
    }
}

fn listed_steps(listed: &Listed, code: Code, names: &Names) -> Vec<Step> {
    let mut steps = Vec::new();
    match code {
        Code::Fresh | Code::LearnedFromPeer => steps.push(drain(names)),
        Code::Overridden => {}
        _ => steps.push(evict(names)),
    }
    if listed.overruled.is_some() {
        steps.push(give_back(names));
    }
    if let Keeper::There { name, url } = &listed.keeper {
        steps.push(ask(names, name, url.as_deref()));
    }
    if !matches!(code, Code::Fresh | Code::Late) {
        steps.extend(listed.guards.iter().map(|guard| release(&guard.scope)));
    }
    steps
}

fn step(act: &str, why: &str, cli: String, http: String) -> Step {
    Step {
        act: act.to_owned(),
        why: why.to_owned(),
        cli,
        http,
    }
}

fn drain(names: &Names) -> Step {
    let Names { named, .. } = names;
    step(
        "drain it before you stop it",
        "Then its clients learn of it before it is gone.",
        format!("peerage drain {named} --wait"),
        "POST /api/v1/drain".to_owned(),
    )
}

fn evict(names: &Names) -> Step {
    let Names { key, named } = names;
    step(
        "evict it now",
        "If you know that its process is dead; one that lives registers again with its next beat.",
        format!("peerage evict {named}"),
        format!("POST /api/v1/instances/{key}/evict"),
    )
}

fn give_back(names: &Names) -> Step {
    let Names { key, named } = names;
    step(
        "take the override away",
        "Then its own status is shown again at once.",
        format!("peerage override clear {named}"),
        format!("DELETE /api/v1/instances/{key}/override"),
    )
}

fn ask(names: &Names, name: &str, url: Option<&str>) -> Step {
    let Names { key, named } = names;
    step(
        "ask the server that keeps it",
        &format!("{name} knows when its client was last heard."),
        match url {
            Some(url) => format!("peerage explain {named} --addr {}", word(url)),
            // That tells where it is.
            None => "peerage members".to_owned(),
        },
        format!("GET /api/v1/explain/{key}"),
    )
}

fn release(scope: &Scope) -> Step {
    let guard = match scope {
        Scope::Server => "server".to_owned(),
        Scope::Isolation => "isolation".to_owned(),
        Scope::Zone(zone) => format!("zone {}", word(zone.as_deref().unwrap_or(NO_ZONE))),
    };
    step(
        &format!("release what the guard holds: {scope}"),
        "If you know that they are dead; those that are over go then, as many in a minute as the quota allows.",
        format!("peerage protection release {guard}"),
        "POST /api/v1/protection/release".to_owned(),
    )
}

fn watch(app: &str) -> Step {
    let query = format!("app:\"{}\"", app.replace('\\', "\\\\").replace('"', "\\\""));
    step(
        "watch for its return",
        "Its client registers again if its process runs.",
        format!("peerage watch -f {}", word(&query)),
        "GET /api/v1/stream".to_owned(),
    )
}

fn search(id: &str) -> Step {
    let query = format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""));
    step(
        "look for it under another name",
        "Ids are compared to the letter, and hosts and addresses are searched too.",
        format!("peerage instances -f {}", word(&query)),
        "GET /api/v1/instances".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_safe_in_paths_and_shells() {
        for (app, id, expected) in [
            ("A", "host:a-b:8080", "A/host:a-b:8080"),
            ("-X", "-y", "%2DX/%2Dy"),
            (
                "A B",
                "a/b;rm -rf ~'\"$(x)`",
                "A%20B/a%2Fb%3Brm%20-rf%20%7E%27%22%24%28x%29%60",
            ),
            ("Ä", "\u{1b}[31m", "%C3%84/%1B%5B31m"),
        ] {
            assert_eq!(key(app, id), expected);
        }
        assert_eq!(word("it's\n"), r"'it'\''s?'");
    }
}
