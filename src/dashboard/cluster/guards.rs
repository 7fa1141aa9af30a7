//! What is protected, by which numbers, and what each guard holds.

use web_ui::cluster::{GuardCard, Protection};
use web_ui::frame::Frame;
use web_ui::parts::{Level, Link};

use crate::dashboard::situation::Situation;
use crate::dashboard::times::when;
use crate::native::documents::{Guard, Held};

pub(super) fn of(situation: &Situation, frame: &Frame) -> Protection {
    let told = &situation.protection;
    let orphans = situation.cluster.orphans.iter();
    let orphans = orphans.map(|orphans| {
        format!(
            "{} leases of {}, which is gone, are kept in doubt: {}",
            orphans.leases, orphans.owner, orphans.why
        )
    });
    Protection {
        sentence: told.sentence.clone(),
        level: match (told.active, told.enabled) {
            (true, _) => Level::Bad,
            (false, false) => Level::Warn,
            (false, true) => Level::Good,
        },
        numbers: format!(
            "This server keeps {} leases, of which {} are silent; from {} silent ones on it protects all of them. {} may \
             still be evicted in this window, {} in one that begins now.",
            told.owned, told.silent, told.silent_max, told.quota.left, told.quota.next
        ),
        guards: told
            .guards
            .iter()
            .map(|guard| card(guard, situation, frame))
            .collect(),
        orphans: orphans.collect(),
    }
}

fn card(guard: &Guard, situation: &Situation, frame: &Frame) -> GuardCard {
    let zone = guard.zone.clone().unwrap_or_default();
    let title = match (guard.guard.as_str(), zone.as_str()) {
        ("zone", "") => "The leases without a zone are protected".to_owned(),
        ("zone", zone) => format!("The leases of {zone} are protected"),
        ("isolation", _) => "All leases are protected: this server has lost the others".to_owned(),
        _ => "All leases of this server are protected".to_owned(),
    };
    let held = guard.leases.iter();
    let held = held.map(|held: &Held| {
        let name = format!("{}/{}", held.app, held.id);
        let link = Link::new(frame.instance(&held.app, &held.id), name);
        (
            link,
            held.zone.clone(),
            when(&held.over_since, situation.now),
        )
    });
    GuardCard {
        guard: guard.guard.clone(),
        title,
        why: guard.why.clone(),
        since: when(&guard.since, situation.now),
        until: when(&guard.until, situation.now),
        counted: (guard.leases_counted, guard.leases_silent),
        held: guard.held,
        leases: held.collect(),
        zone,
    }
}
