//! What is said of drains.

use super::super::super::answer::{Answer, DONE};
use super::super::super::table::{Cell, plain, tinted, written};
use super::super::super::terminal::Tint;
use super::goes_on;
use crate::config::show::Output;
use crate::native::documents::{Drain, DrainState, Drained, Drains};

/// What is said of a drain that nobody follows.
pub(super) fn begun(drain: &Drain, output: Output, colours: bool) -> Answer {
    let people = || format!("{}\n{}\n", text(drain, colours), goes_on(drain.id));
    Answer {
        text: written(output, people, drain, &[drain]),
        code: DONE,
    }
}

/// A drain for people: how it stands, and who is waited for.
pub(super) fn text(drain: &Drain, colours: bool) -> String {
    let mut text = format!(
        "drain {}, {}: {}\n",
        drain.id,
        state(drain.state).paint_with(colours),
        plain(&drain.sentence)
    );
    let waits = [
        ("peers", &drain.propagated_to.waiting_for),
        ("clients", &drain.fetched_since.waiting_for),
    ];
    for (whom, names) in waits {
        let told = |name: &&String| drain.sentence.contains(name.as_str());
        let names: Vec<_> = names
            .iter()
            .filter(|name| !told(name))
            .map(|name| plain(name))
            .collect();
        if names.is_empty() {
            continue;
        }
        text += &format!("  {whom} that do not know yet: {}\n", names.join(", "));
    }
    text
}

/// A state in a word that stands out.
struct Shown(&'static str, Tint);

impl Shown {
    fn paint_with(&self, colours: bool) -> String {
        self.1.paint(self.0, colours)
    }
}

const fn state(state: DrainState) -> Shown {
    match state {
        DrainState::Draining => Shown("draining", Tint::Doubtful),
        DrainState::Drained => Shown("drained", Tint::Good),
        DrainState::Stopped => Shown("stopped", Tint::Good),
        DrainState::Ended => Shown("ended", Tint::Faint),
    }
}

const HEADER: [&str; 8] = [
    "DRAIN",
    "STATE",
    "INSTANCES",
    "PEERS",
    "CLIENTS",
    "BY",
    "SINCE",
    "OF",
];

pub(super) fn listed(drains: &Drains, output: Output, colours: bool) -> Answer {
    let rows = || -> Vec<_> { drains.drains.iter().map(row).collect() };
    let people = || match drains.drains.as_slice() {
        [] => "0 drains that this server has heard of\n".to_owned(),
        _ => tinted(HEADER, &rows(), colours),
    };
    Answer {
        text: written(output, people, drains, &drains.drains),
        code: DONE,
    }
}

fn row(drain: &Drain) -> [Cell; 8] {
    let Shown(word, tint) = state(drain.state);
    let of = match drain.reason.as_str() {
        "" => whom(drain),
        reason => format!("{}: {reason}", whom(drain)),
    };
    [
        drain.id.to_string().into(),
        Cell::tinted(word, tint),
        instances_told(&drain.instances).into(),
        format!(
            "{} of {}",
            drain.propagated_to.shown_by, drain.propagated_to.peers
        )
        .into(),
        format!(
            "{} of {}",
            drain.fetched_since.fetched, drain.fetched_since.clients
        )
        .into(),
        drain.by.as_str().into(),
        drain.since.as_str().into(),
        of.into(),
    ]
}

/// Whom a drain took: as it was asked for, if that is known.
pub(super) fn whom(drain: &Drain) -> String {
    let asked_at = || format!("asked for at {}", drain.server);
    drain.query.clone().unwrap_or_else(asked_at)
}

/// How many there are, and how many are gone.
fn instances_told(instances: &[Drained]) -> String {
    let gone = instances
        .iter()
        .filter(|instance| instance.status.is_none())
        .count();
    match gone {
        0 => instances.len().to_string(),
        gone => format!("{}, {gone} gone", instances.len()),
    }
}
