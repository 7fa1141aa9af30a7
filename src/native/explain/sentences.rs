//! What the facts amount to, in words; since when; and what happens next.

use super::facts::{Facts, Gone, Guard, Keeper, Life, Listed, Overruled};
use super::spoken::{count, spoken};
use crate::clock::Timestamp;
use crate::native::documents::{Code, Next};
use crate::registry::orphans::{Orphan, Reason};
use crate::registry::preservation::Scope;

/// The title and the sentence.
pub(super) fn told(facts: &Facts, code: Code) -> (&'static str, String) {
    match &facts.life {
        Life::Listed(listed) => (title(code), listed_told(facts, listed)),
        Life::Gone(gone) => (title(code), gone_told(facts, gone)),
        Life::Unknown => (title(code), unknown_told(facts)),
    }
}

const fn title(code: Code) -> &'static str {
    match code {
        Code::Fresh => "listed, and its client beats",
        Code::Late => "listed, but its client is late",
        Code::ExpiredAwaitingQuota => "its lease is over, and it goes as soon as it may",
        Code::ProtectedServer => "its lease is over, but too many are silent at once",
        Code::ProtectedZone => "its lease is over, but most of its zone is silent",
        Code::ProtectedIsolated => "its lease is over, but this server is cut off",
        Code::Overridden => "listed, in a status somebody set",
        Code::OrphanAwaitingAdoption => "its server is gone, and its client is awaited elsewhere",
        Code::OrphanKept => "its server is gone, and it is kept in doubt",
        Code::LearnedFromPeer => "listed, as another server says",
        Code::Cancelled => "gone: it left",
        Code::Evicted => "gone: its lease was ended",
        Code::Unknown => "not known here",
    }
}

fn listed_told(facts: &Facts, listed: &Listed) -> String {
    let code = listed.code;
    match &listed.keeper {
        Keeper::Lost { name, orphan, .. } => orphan_told(facts, name, orphan, code),
        _ if code == Code::Overridden => override_told(facts, listed),
        Keeper::There { name, .. } => format!(
            "{name} keeps its lease and shows it as {}; {} shows what that server says.",
            listed.status, facts.server
        ),
        Keeper::Here => own_told(facts, listed, code),
    }
}

fn own_told(facts: &Facts, listed: &Listed, code: Code) -> String {
    let heard = listed.heard_at.map_or("not at all".to_owned(), |at| {
        format!("{} ago", facts.ago(at))
    });
    let every = spoken(listed.interval);
    let over = || {
        format!(
            "Its client was last heard {heard}, and its lease has been over for {}",
            facts.ago(listed.deadline)
        )
    };
    match code {
        Code::Fresh => format!(
            "Its client was heard {heard} and means to beat every {every}; its lease runs for another {}.",
            facts.left(listed.deadline)
        ),
        Code::Late => format!(
            "Its client was last heard {heard}, though it means to beat every {every}; its lease runs for another {}.",
            facts.left(listed.deadline)
        ),
        _ => match first_guard(listed) {
            Some(guard) => format!("{}; it stays listed because {}.", over(), guard_told(guard)),
            None => format!("{}; no guard holds it.", over()),
        },
    }
}

/// The guard by which the code is told.
fn first_guard(listed: &Listed) -> Option<&Guard> {
    let of = |wanted: fn(&Scope) -> bool| listed.guards.iter().find(|guard| wanted(&guard.scope));
    of(|scope| *scope == Scope::Isolation)
        .or_else(|| of(|scope| matches!(scope, Scope::Zone(_))))
        .or_else(|| of(|scope| *scope == Scope::Server))
}

fn guard_told(guard: &Guard) -> String {
    let Guard {
        silent, counted, ..
    } = guard;
    match &guard.scope {
        Scope::Isolation => {
            "this server has lost the others, and may have lost its clients with them".to_owned()
        }
        Scope::Zone(Some(zone)) => format!(
            "{silent} of the {counted} leases of zone {zone} are silent, which is more likely the network's fault than theirs"
        ),
        Scope::Zone(None) => format!(
            "{silent} of the {counted} leases without a zone are silent, which is more likely the network's fault than theirs"
        ),
        Scope::Server => format!(
            "{silent} of {counted} leases are silent at once, which is more likely the network's fault than theirs"
        ),
    }
}

fn override_told(facts: &Facts, listed: &Listed) -> String {
    let shown = match &listed.overruled {
        Some(set) => override_words(facts, set),
        None => String::new(),
    };
    let keeper = match &listed.keeper {
        Keeper::There { name, .. } => format!("{name} keeps its lease"),
        Keeper::Here | Keeper::Lost { .. } => "Its client beats".to_owned(),
    };
    if listed
        .overruled
        .as_ref()
        .is_some_and(|set| set.status != listed.status)
    {
        return format!(
            "{keeper} and says {}, which is stronger; {shown}, which shows once it says it is up.",
            listed.own_status
        );
    }
    format!("{keeper} and says {}; {shown}.", listed.own_status)
}

/// `ann set OUT_OF_SERVICE 3 min ago: new disk`
fn override_words(facts: &Facts, set: &Overruled) -> String {
    let by = set.by.as_deref().unwrap_or("somebody");
    let why = set
        .why
        .as_ref()
        .map(|why| format!(" ({why})"))
        .unwrap_or_default();
    format!("{by} set {} {} ago{why}", set.status, facts.ago(set.set_at))
}

fn orphan_told(facts: &Facts, name: &str, orphan: &Orphan, code: Code) -> String {
    let gone = facts.ago(orphan.since);
    if code == Code::OrphanAwaitingAdoption {
        return format!(
            "{name} kept its lease and has been gone for {gone}; its client is expected to beat at another server, which takes the lease over then."
        );
    }
    let why = match orphan.kept.map(|kept| kept.reason) {
        Some(Reason::Isolated) => {
            "this server is cut off, and its client may beat where that cannot be heard".to_owned()
        }
        Some(Reason::ManyLeft { told }) => format!(
            "{} of that server's {told} are left, more than clients that live would leave, so they may be cut off together with it",
            orphan.left
        ),
        Some(Reason::NoHead) | None => "nobody knows how many leases that server had".to_owned(),
    };
    format!(
        "{name} kept its lease and has been gone for {gone}, longer than the lease lasts; it stays listed because {why}."
    )
}

fn gone_told(facts: &Facts, gone: &Gone) -> String {
    let ago = facts.ago(gone.at);
    let told = gone
        .told_by
        .as_ref()
        .map(|name| format!(", as {name} told this server"))
        .unwrap_or_default();
    match (&gone.operator, gone.cancelled) {
        (Some(operator), true) => format!("Operator {operator} took it out {ago} ago{told}."),
        (Some(operator), false) => format!("Operator {operator} ended its lease {ago} ago{told}."),
        (None, true) => format!("Its client, or somebody for it, cancelled it {ago} ago{told}."),
        (None, false) => {
            let lease = gone
                .duration
                .map(|lease| format!(" of {}", spoken(lease)))
                .unwrap_or_default();
            format!("Its lease{lease} ran out without a beat, and was ended {ago} ago{told}.")
        }
    }
}

fn unknown_told(facts: &Facts) -> String {
    let Facts {
        server, app, id, ..
    } = facts;
    match facts.caught_up {
        true => format!(
            "{server} knows no instance {id} of {app}: none registered, or it has been gone for longer than is remembered."
        ),
        false => format!(
            "{server} knows no instance {id} of {app}, but has not caught up with its peers yet; ask another server, or again in a moment."
        ),
    }
}

/// Since when it is so.
pub(super) fn since(facts: &Facts, code: Code) -> Option<Timestamp> {
    let listed = match &facts.life {
        Life::Listed(listed) => listed,
        Life::Gone(gone) => return Some(gone.at),
        Life::Unknown => return None,
    };
    Some(match (&listed.keeper, code) {
        (Keeper::Lost { orphan, .. }, Code::OrphanKept) => orphan.waits_until,
        (Keeper::Lost { orphan, .. }, _) => orphan.since,
        (_, Code::Overridden) => listed.overruled.as_ref()?.set_at,
        (_, Code::Late) => listed.late_at,
        (_, Code::Fresh | Code::LearnedFromPeer) => listed.registered_at,
        _ => first_guard(listed).map_or(listed.deadline, |guard| guard.since.max(listed.deadline)),
    })
}

/// What happens next if nobody does anything.
pub(super) fn next(facts: &Facts, code: Code) -> Option<Next> {
    let (what, at) = match &facts.life {
        Life::Listed(listed) => listed_next(facts, listed, code)?,
        Life::Gone(gone) => gone_next(gone),
        Life::Unknown => (
            "If its process runs, it registers: its next heartbeat is answered with 404, upon which clients do."
                .to_owned(),
            None,
        ),
    };
    Some(Next {
        what,
        at: at.map(|at| at.to_string()),
    })
}

type When = Option<Timestamp>;

fn listed_next(facts: &Facts, listed: &Listed, code: Code) -> Option<(String, When)> {
    match &listed.keeper {
        Keeper::Lost { name, orphan, steward } => Some(orphan_next(facts, name, orphan, *steward)),
        Keeper::There { name, .. } => override_ends(facts, listed).or_else(|| {
            Some((format!("{name} decides: it ends the lease if the client falls silent, and this server follows."), None))
        }),
        Keeper::Here => match code {
            Code::Overridden => override_ends(facts, listed).or_else(|| Some(runs_out(facts, listed))),
            Code::Fresh | Code::Late => Some(runs_out(facts, listed)),
            Code::ExpiredAwaitingQuota => Some(goes(listed)),
            _ => Some(held(listed)),
        },
    }
}

fn override_ends(facts: &Facts, listed: &Listed) -> Option<(String, When)> {
    let until = listed.overruled.as_ref()?.until?;
    let left = facts.left(until);
    Some((
        format!(
            "The override ends by itself in {left}; then {} is shown.",
            listed.own_status
        ),
        Some(until),
    ))
}

/// What becomes of a lease that runs.
fn runs_out(facts: &Facts, listed: &Listed) -> (String, When) {
    let left = facts.left(listed.deadline);
    let then = match listed.guards.is_empty() {
        true => "and it is evicted with the next sweep that may",
        false => "and a guard keeps it listed as long as it protects",
    };
    (
        format!("If nothing more is heard of its client, its lease is over in {left}, {then}."),
        Some(listed.deadline),
    )
}

/// When a lease goes that is over and that nobody holds.
fn goes(listed: &Listed) -> (String, When) {
    let quota = listed.quota;
    let (left, next, waiting) = (quota.left, quota.next, listed.waiting.max(1));
    let window = spoken(quota.window);
    if left == 0 {
        let lots = by_lot(waiting, next);
        return (
            format!(
                "As many as may be were evicted in this window of {window}; in the next one {next} may go, {lots}."
            ),
            quota.renewed_at,
        );
    }
    let lots = by_lot(waiting, left);
    (
        format!("The next sweep evicts it: {left} may still go in this window, {lots}."),
        listed.next_sweep,
    )
}

fn by_lot(waiting: usize, places: usize) -> String {
    let leases = count(waiting, "lease is", "leases are");
    match waiting > places {
        true => format!("{leases} over, and lots decide who is first"),
        false => format!("and {leases} over"),
    }
}

/// When a lease goes that a guard holds.
fn held(listed: &Listed) -> (String, When) {
    let until = listed.guards.iter().map(|guard| guard.until).max();
    let of = count(listed.quota.next, "lease", "leases");
    let window = spoken(listed.quota.window);
    let guards = match listed.guards.len() {
        0 | 1 => "Protection ends",
        _ => "Protection ends, by each guard for itself,",
    };
    (
        format!(
            "{guards} a minute after its cause is gone, or at its limit; then leases that are still over go, at most {of} in {window}."
        ),
        until,
    )
}

fn orphan_next(facts: &Facts, name: &str, orphan: &Orphan, steward: Option<u32>) -> (String, When) {
    let who = match steward {
        Some(0) => "this server evicts it",
        Some(_) | None => "the server whose turn it is evicts it",
    };
    let waiting = orphan.waits_until > facts.now;
    match orphan.kept {
        _ if waiting => {
            let left = facts.left(orphan.waits_until);
            (
                format!(
                    "If no server hears its client, its lease has passed in {left}; then {who}, if few of {name}'s leases are left, or it is kept in doubt."
                ),
                Some(orphan.waits_until),
            )
        }
        None => (
            format!(
                "Few of {name}'s leases are left, so their clients are taken for dead: {who} with the next sweep."
            ),
            None,
        ),
        Some(kept) if kept.until > facts.now => (
            format!(
                "It is kept until its client is heard, its server returns, or {} have passed; then such leases go, at most {} a minute.",
                facts.left(kept.until),
                orphan.released_per_minute
            ),
            Some(kept.until),
        ),
        Some(_) => (
            format!(
                "The time of keeping is over: such leases go now, at most {} a minute, and lots decide who is first.",
                orphan.released_per_minute
            ),
            None,
        ),
    }
}

fn gone_next(gone: &Gone) -> (String, When) {
    let waits = gone
        .overruled
        .as_ref()
        .map(|set| format!(" Its override {} waits for its return.", set.status));
    let what = format!(
        "If its process still runs, its next heartbeat is answered with 404, and clients register again upon that.{}",
        waits.unwrap_or_default()
    );
    (what, None)
}
