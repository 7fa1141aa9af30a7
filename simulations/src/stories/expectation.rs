//! What is expected of a story, as it is written.
//!
//! Here: `[[expect]]`. Not here: whether it came about (`verdict`). What must always hold: an expectation says one
//! thing, of peers that can be asked, over a time that is part of the story.

use std::time::Duration;

use toml_edit::Value;

use super::cast::Cast;
use super::source::Table;
use super::times::Moments;
use super::values;
use crate::report::text;
use crate::world::film::Sight;

/// Something that is to be seen.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is to be seen.
    pub what: What,
    /// At which peers, those of them that run.
    pub peers: Vec<usize>,
    /// From this moment of the story on,
    pub from: Duration,
    /// or from so much later at most,
    pub within: Duration,
    /// until this moment.
    pub until: Duration,
    /// Exceptions that last less than this do not count.
    pub blink: Duration,
    /// The whole of it, for people.
    pub told: String,
}

/// What is to be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// All instances of these crowds are listed.
    Shown(Vec<usize>),
    /// None is.
    Gone(Vec<usize>),
    /// All are listed as UP.
    InService(Vec<usize>),
    /// All are listed, none as UP.
    OutOfService(Vec<usize>),
    /// At most so many living instances are not listed, at any peer.
    Missing(f64),
    /// At most so many dead ones are.
    Stale(f64),
    /// In the caches of clients, at most so many living instances are missing, all caches together.
    CachesMissing(f64),
    /// All peers are equal, or are not.
    Equal(bool),
    /// Something is protected: anything, or what is called so.
    Protects(String),
    /// Nothing is.
    ProtectsNothing,
    /// Peers serve lists, or do not.
    Ready(bool),
    /// Peers hold that they are cut off, or do not.
    Isolated(bool),
    /// Others are seen like this.
    Sees(Vec<Sight>, Vec<usize>),
    /// Peers send at most so many bytes per second to each other, on average, each.
    Traffic(f64),
    /// Of all instances at most this share registers, in per cent.
    Registrations(f64),
    /// Somebody says so.
    Said(String),
    /// Nobody says so.
    Unsaid(String),
}

pub(super) const KEYS: &[&str] = &[
    "shown",
    "gone",
    "in_service",
    "out_of_service",
    "missing_most",
    "stale_most",
    "caches_missing_most",
    "equal",
    "protects",
    "ready",
    "isolated",
    "sees",
    "traffic_most",
    "registrations_most",
    "said",
    "unsaid",
    "at",
    "of",
    "from",
    "within",
    "until",
    "blink",
];

/// Keys of which an expectation has one.
const WHATS: usize = 16;

/// Writes may be under way at any moment, so that peers are not equal for a blink.
const EQUAL_BLINK: Duration = Duration::from_secs(1);

const SIGHTS: &[(&str, &[Sight])] = &[
    ("up", &[Sight::Up, Sight::Suspect, Sight::Behind]),
    ("down", &[Sight::Down, Sight::Left]),
    ("left", &[Sight::Left]),
    ("behind", &[Sight::Behind]),
    ("unknown", &[Sight::Unknown]),
];

/// Reads one.
pub(super) fn read(table: &Table<'_>, cast: &Cast, moments: &Moments) -> Option<Expectation> {
    let named: Vec<&str> = KEYS[..WHATS]
        .iter()
        .copied()
        .filter(|key| table.has(key))
        .collect();
    let [key] = named[..] else {
        table.mistake(match named.is_empty() {
            true => format!(
                "nothing is expected here; name one of: {}",
                KEYS[..WHATS].join(", ")
            ),
            false => {
                "more than one thing is expected here; write [[expect]] once for each".to_owned()
            }
        });
        return None;
    };
    let what = what(table, cast, key);
    let at = |value: &Value| cast.group(&values::text(value)?, &[]);
    let moment = |value: &Value| moments.read(value);
    let usual = if key == "equal" {
        EQUAL_BLINK
    } else {
        Duration::ZERO
    };
    let mut expectation = Expectation {
        what: what?,
        peers: table
            .read("at", at)
            .unwrap_or_else(|| (0..cast.peers.len()).collect()),
        from: table.read("from", moment).unwrap_or_default(),
        within: table.read("within", values::duration).unwrap_or_default(),
        until: table.read("until", moment).unwrap_or(moments.end),
        blink: table.read("blink", values::duration).unwrap_or(usual),
        told: String::new(),
    };
    if expectation.from + expectation.within > expectation.until {
        table.mistake(
            "this is expected of no time at all: \"from\" and \"within\" reach beyond \"until\"",
        );
    }
    if table.has("of") && key != "sees" {
        table.mistake_at("of", "\"of\" goes with \"sees\"");
    }
    expectation.told = expectation.tell(cast, moments.end);
    Some(expectation)
}

fn what(table: &Table<'_>, cast: &Cast, key: &str) -> Option<What> {
    let crowds = |what: fn(Vec<usize>) -> What| {
        table
            .read(key, |value| cast.crowds(&values::text(value)?))
            .map(what)
    };
    let most = |what: fn(f64) -> What| {
        table
            .read(key, values::number)
            .map(|most| what(whole(most)))
    };
    let truth = |what: fn(bool) -> What| table.read(key, values::truth).map(what);
    match key {
        "shown" => crowds(What::Shown),
        "gone" => crowds(What::Gone),
        "in_service" => crowds(What::InService),
        "out_of_service" => crowds(What::OutOfService),
        "missing_most" => most(What::Missing),
        "stale_most" => most(What::Stale),
        "caches_missing_most" => most(What::CachesMissing),
        "equal" => truth(What::Equal),
        "ready" => truth(What::Ready),
        "isolated" => truth(What::Isolated),
        "protects" => table.read(key, |value| protects(value, cast)),
        "sees" => sees(table, cast),
        "traffic_most" => table
            .read(key, values::rate)
            .map(|rate| What::Traffic(whole(rate))),
        "registrations_most" => table
            .read(key, values::share)
            .map(|share| What::Registrations(share * 100.0)),
        "said" => table.read(key, said).map(What::Said),
        _ => table.read(key, said).map(What::Unsaid),
    }
}

#[expect(clippy::cast_precision_loss, reason = "limits are small numbers")]
const fn whole(number: u64) -> f64 {
    number as f64
}

fn protects(value: &Value, cast: &Cast) -> Result<What, String> {
    let text = values::text(value)?;
    let zone = text.strip_prefix("zone ");
    match (text.as_str(), zone) {
        ("nothing", _) => Ok(What::ProtectsNothing),
        ("anything" | "all instances" | "orphans", _) => Ok(What::Protects(text)),
        (_, Some(zone)) if cast.zones.iter().any(|known| known == zone) => Ok(What::Protects(text)),
        _ => Err(format!(
            "\"{text}\" cannot be protected; write \"anything\", \"nothing\", \"all instances\", \"orphans\" or \"zone NAME\""
        )),
    }
}

fn sees(table: &Table<'_>, cast: &Cast) -> Option<What> {
    let how = table.read("sees", |value| values::one_of(value, SIGHTS))?;
    let whom = table.require("of", |value| cast.group(&values::text(value)?, &[]))?;
    Some(What::Sees(how.to_vec(), whom))
}

fn said(value: &Value) -> Result<String, String> {
    let text = values::text(value)?;
    match text.trim().is_empty() {
        true => Err("say what; any line of the timeline that contains it counts".to_owned()),
        false => Ok(text),
    }
}

impl Expectation {
    fn tell(&self, cast: &Cast, end: Duration) -> String {
        let (who, many) = (cast.told(&self.peers), cast.told_as_many(&self.peers));
        let what = self.what.told(cast);
        let what = match &self.what {
            What::Equal(_)
            | What::CachesMissing(_)
            | What::Registrations(_)
            | What::Said(_)
            | What::Unsaid(_) => what,
            _ if many => format!("{who} {}", text::plural(&what)),
            _ => format!("{who} {what}"),
        };
        let (from, until) = (text::clock(self.from), text::clock(self.until));
        let ends = if self.until == end {
            "to the end".to_owned()
        } else {
            format!("until {until}")
        };
        let when = match (self.from, self.within) {
            (Duration::ZERO, Duration::ZERO) if self.until == end => "all the time".to_owned(),
            (_, Duration::ZERO) => format!("from {from} {ends}"),
            (_, within) => format!(
                "within {} after {from}, and then {ends}",
                values::told(within)
            ),
        };
        format!("{what}, {when}")
    }
}

impl What {
    /// What it says, for people, as something that a peer does.
    fn told(&self, cast: &Cast) -> String {
        let crowds = |crowds: &[usize]| cast.told_crowds(crowds);
        match self {
            Self::Shown(of) => format!("lists all of {}", crowds(of)),
            Self::Gone(of) => format!("lists none of {}", crowds(of)),
            Self::InService(of) => format!("lists all of {} as UP", crowds(of)),
            Self::OutOfService(of) => format!("lists all of {}, none as UP", crowds(of)),
            Self::Missing(most) => format!("lacks {} living", limit(*most)),
            Self::Stale(most) => format!("lists {} dead", limit(*most)),
            Self::CachesMissing(most) => format!("clients' caches lack {} living", limit(*most)),
            Self::Equal(true) => "all peers are equal".to_owned(),
            Self::Equal(false) => "peers differ".to_owned(),
            Self::Protects(what) => format!("protects {what}"),
            Self::ProtectsNothing => "protects nothing".to_owned(),
            Self::Ready(true) => "serves lists".to_owned(),
            Self::Ready(false) => "does not serve lists".to_owned(),
            Self::Isolated(true) => "holds that most others are cut off".to_owned(),
            Self::Isolated(false) => "holds that it is together with the others".to_owned(),
            Self::Sees(how, whom) => format!("sees {} {}", cast.told(whom), named(how)),
            Self::Traffic(most) => format!("sends at most {most:.0} bytes/s to other peers"),
            Self::Registrations(most) => format!("at most {most} % of all instances register"),
            Self::Said(text) => format!("somebody says \"{text}\""),
            Self::Unsaid(text) => format!("nobody says \"{text}\""),
        }
    }
}

fn limit(most: f64) -> String {
    match most {
        0.0 => "no".to_owned(),
        most => format!("at most {most}"),
    }
}

fn named(how: &[Sight]) -> &'static str {
    let found = SIGHTS.iter().find(|(_, sights)| *sights == how);
    found.map_or("otherwise", |(name, _)| name)
}
