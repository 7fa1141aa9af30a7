//! Every code and every note by an example: what is said of given facts.

use std::time::Duration;

use peers::version::{Epoch, NodeId, Origin};

use super::*;
use crate::clock::Timestamp;
use crate::native::documents::{Code, NoteCode};
use crate::registry::orphans::{Kept, Orphan, Reason};
use crate::registry::oversight::Dealt;
use crate::registry::preservation::Scope;
use crate::registry::status::Status;

const NOW: u64 = 1_800_000_000_000;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn ago(secs: u64) -> Timestamp {
    Timestamp::from_millis(NOW - secs * 1000)
}

const fn later(secs: u64) -> Timestamp {
    Timestamp::from_millis(NOW + secs * 1000)
}

/// An instance kept here, heard so long ago.
fn heard(secs_ago: u64, code: Code) -> Listed {
    Listed {
        code,
        status: Status::Up,
        own_status: Status::Up,
        overruled: None,
        keeper: Keeper::Here,
        registered_at: ago(3600),
        heard_at: Some(ago(secs_ago)),
        late_at: Timestamp::from_millis(NOW - secs_ago * 1000 + 45_000),
        deadline: Timestamp::from_millis(NOW - secs_ago * 1000 + 90_000),
        interval: secs(30),
        duration: secs(90),
        guards: Vec::new(),
        quota: Dealt {
            left: 2,
            of: 3,
            next: 3,
            window: secs(60),
            renewed_at: Some(later(40)),
        },
        waiting: 1,
        next_sweep: Some(later(1)),
        zone: Some("eu-a".to_owned()),
        zone_told: ("its metadata, under zone".to_owned(), false),
        host: "host-1.example".to_owned(),
        ip: "10.1.2.3".to_owned(),
        doubtful: false,
        client_ahead: Duration::ZERO,
        writer_ahead: (Duration::ZERO, "server-1".to_owned()),
    }
}

fn facts(life: Life) -> Facts {
    Facts {
        now: Timestamp::from_millis(NOW),
        server: "server-1".to_owned(),
        caught_up: true,
        app: "ORDERS".to_owned(),
        id: "orders-1".to_owned(),
        life,
    }
}

fn explained(listed: Listed) -> Explanation {
    explain(&facts(Life::Listed(Box::new(listed))))
}

fn guard(scope: Scope, until: u64) -> Guard {
    Guard {
        scope,
        since: ago(20),
        until: later(until),
        counted: 10,
        silent: 6,
    }
}

/// The sentence, what happens next, and when that is, in seconds from now.
fn told(explanation: &Explanation) -> String {
    let next = explanation.next.as_ref();
    let at = next.and_then(|next| next.at.as_deref()).map(|at| {
        let at = chrono::DateTime::parse_from_rfc3339(at)
            .unwrap()
            .timestamp_millis();
        (at - i64::try_from(NOW).unwrap()) / 1000
    });
    let at = at.map_or("–".to_owned(), |secs| format!("{secs} s"));
    let next = next.map_or("", |next| next.what.as_str());
    format!(
        "{}\n{} | {next} | {at}",
        explanation.code.name(),
        explanation.sentence
    )
}

#[test]
fn a_client_that_beats_is_fresh() {
    insta::assert_snapshot!(told(&explained(heard(4, Code::Fresh))), @r"
    fresh
    Its client was heard 4 s ago and means to beat every 30 s; its lease runs for another 86 s. | If nothing more is heard of its client, its lease is over in 86 s, and it is evicted with the next sweep that may. | 86 s
    ");
}

#[test]
fn a_client_whose_beat_is_overdue_is_late() {
    let mut listed = heard(50, Code::Late);
    listed.guards = vec![guard(Scope::Server, 500)];
    insta::assert_snapshot!(told(&explained(listed)), @r"
    late
    Its client was last heard 50 s ago, though it means to beat every 30 s; its lease runs for another 40 s. | If nothing more is heard of its client, its lease is over in 40 s, and a guard keeps it listed as long as it protects. | 40 s
    ");
}

#[test]
fn a_lease_that_is_over_goes_with_the_next_sweep_that_may() {
    insta::assert_snapshot!(told(&explained(heard(91, Code::ExpiredAwaitingQuota))), @r"
    expired_awaiting_quota
    Its client was last heard 91 s ago, and its lease has been over for 1 s; no guard holds it. | The next sweep evicts it: 2 may still go in this window, and 1 lease is over. | 1 s
    ");
    let mut listed = heard(95, Code::ExpiredAwaitingQuota);
    (listed.quota.left, listed.waiting) = (0, 7);
    insta::assert_snapshot!(told(&explained(listed)), @r"
    expired_awaiting_quota
    Its client was last heard 95 s ago, and its lease has been over for 5 s; no guard holds it. | As many as may be were evicted in this window of 60 s; in the next one 3 may go, 7 leases are over, and lots decide who is first. | 40 s
    ");
}

#[test]
fn a_guard_that_holds_a_lease_is_told_with_its_numbers_and_its_end() {
    for (code, scope) in [
        (Code::ProtectedServer, Scope::Server),
        (Code::ProtectedZone, Scope::Zone(Some("eu-a".into()))),
        (Code::ProtectedIsolated, Scope::Isolation),
    ] {
        let mut listed = heard(100, code);
        listed.guards = vec![guard(scope, 580)];
        let explanation = explained(listed);
        assert_eq!(explanation.since.as_deref(), Some(&*ago(10).to_string()));
        assert!(
            explanation
                .actions
                .iter()
                .any(|step| step.cli.starts_with("peerage protection release"))
        );
        match code {
            Code::ProtectedServer => insta::assert_snapshot!(told(&explanation), @r"
            protected_server
            Its client was last heard 100 s ago, and its lease has been over for 10 s; it stays listed because 6 of 10 leases are silent at once, which is more likely the network's fault than theirs. | Protection ends a minute after its cause is gone, or at its limit; then leases that are still over go, at most 3 leases in 60 s. | 580 s
            "),
            Code::ProtectedZone => insta::assert_snapshot!(told(&explanation), @r"
            protected_zone
            Its client was last heard 100 s ago, and its lease has been over for 10 s; it stays listed because 6 of the 10 leases of zone eu-a are silent, which is more likely the network's fault than theirs. | Protection ends a minute after its cause is gone, or at its limit; then leases that are still over go, at most 3 leases in 60 s. | 580 s
            "),
            _ => insta::assert_snapshot!(told(&explanation), @r"
            protected_isolated
            Its client was last heard 100 s ago, and its lease has been over for 10 s; it stays listed because this server has lost the others, and may have lost its clients with them. | Protection ends a minute after its cause is gone, or at its limit; then leases that are still over go, at most 3 leases in 60 s. | 580 s
            "),
        }
    }
}

#[test]
fn of_several_guards_the_last_to_end_decides() {
    let mut listed = heard(100, Code::ProtectedZone);
    listed.guards = vec![
        guard(Scope::Server, 3000),
        guard(Scope::Zone(Some("eu-a".into())), 500),
    ];
    let explanation = explained(listed);
    assert!(
        explanation.sentence.contains("of zone eu-a"),
        "{}",
        explanation.sentence
    );
    assert_eq!(explanation.next.unwrap().at, Some(later(3000).to_string()));
}

fn overruled(status: Status) -> Overruled {
    Overruled {
        status,
        by: Some("ann".to_owned()),
        why: Some("new disk".to_owned()),
        until: Some(later(7200)),
        set_at: ago(180),
        set_on: "server-2".to_owned(),
    }
}

#[test]
fn an_override_is_told_with_who_why_and_until_when() {
    let mut listed = heard(4, Code::Overridden);
    listed.status = Status::OutOfService;
    listed.overruled = Some(overruled(Status::OutOfService));
    let explanation = explained(listed);
    insta::assert_snapshot!(told(&explanation), @r"
    overridden
    Its client beats and says UP; ann set OUT_OF_SERVICE 3 min ago (new disk). | The override ends by itself in 2 h; then UP is shown. | 7200 s
    ");
    assert_eq!(explanation.since.as_deref(), Some(&*ago(180).to_string()));
    assert_eq!(
        explanation.actions[0].cli,
        "peerage override clear ORDERS/orders-1"
    );
    let mut weaker = heard(4, Code::Overridden);
    (weaker.status, weaker.own_status) = (Status::Down, Status::Down);
    weaker.overruled = Some(Overruled {
        until: None,
        ..overruled(Status::Up)
    });
    insta::assert_snapshot!(told(&explained(weaker)), @r"
    overridden
    Its client beats and says DOWN, which is stronger; ann set UP 3 min ago (new disk), which shows once it says it is up. | If nothing more is heard of its client, its lease is over in 86 s, and it is evicted with the next sweep that may. | 86 s
    ");
}

fn orphan(waits_until: Timestamp, kept: Option<(u64, Reason)>) -> Keeper {
    let owner = Origin {
        node: NodeId(2),
        epoch: Epoch(1),
    };
    let kept = kept.map(|(until, reason)| Kept {
        owner,
        count: 8,
        since: ago(60),
        until: later(until),
        reason,
    });
    Keeper::Lost {
        name: "server-2".to_owned(),
        orphan: Orphan {
            since: ago(60),
            told: Some(9),
            left: 8,
            waits_until,
            kept,
            released_per_minute: 2,
        },
        steward: Some(0),
    }
}

#[test]
fn an_orphan_waits_for_its_own_lease() {
    let mut listed = heard(70, Code::OrphanAwaitingAdoption);
    listed.keeper = orphan(later(30), Some((540, Reason::ManyLeft { told: 9 })));
    insta::assert_snapshot!(told(&explained(listed.clone())), @r"
    orphan_awaiting_adoption
    server-2 kept its lease and has been gone for 60 s; its client is expected to beat at another server, which takes the lease over then. | If no server hears its client, its lease has passed in 30 s; then this server evicts it, if few of server-2's leases are left, or it is kept in doubt. | 30 s
    ");
    listed.keeper = orphan(ago(5), None);
    insta::assert_snapshot!(told(&explained(listed)), @r"
    orphan_awaiting_adoption
    server-2 kept its lease and has been gone for 60 s; its client is expected to beat at another server, which takes the lease over then. | Few of server-2's leases are left, so their clients are taken for dead: this server evicts it with the next sweep. | –
    ");
}

#[test]
fn orphans_are_kept_in_doubt_and_released_slowly() {
    let mut listed = heard(200, Code::OrphanKept);
    listed.keeper = orphan(ago(5), Some((540, Reason::ManyLeft { told: 9 })));
    insta::assert_snapshot!(told(&explained(listed.clone())), @r"
    orphan_kept
    server-2 kept its lease and has been gone for 60 s, longer than the lease lasts; it stays listed because 8 of that server's 9 are left, more than clients that live would leave, so they may be cut off together with it. | It is kept until its client is heard, its server returns, or 9 min have passed; then such leases go, at most 2 a minute. | 540 s
    ");
    listed.keeper = orphan(ago(5), Some((0, Reason::Isolated)));
    insta::assert_snapshot!(told(&explained(listed)), @r"
    orphan_kept
    server-2 kept its lease and has been gone for 60 s, longer than the lease lasts; it stays listed because this server is cut off, and its client may beat where that cannot be heard. | The time of keeping is over: such leases go now, at most 2 a minute, and lots decide who is first. | –
    ");
}

#[test]
fn what_another_server_keeps_is_told_with_that_server() {
    let elsewhere = |url: Option<&str>| Keeper::There {
        name: "server-2".to_owned(),
        url: url.map(str::to_owned),
    };
    let asking = |listed: Listed| {
        let mut steps = explained(listed).actions.into_iter();
        steps.find(|step| step.act.starts_with("ask")).unwrap().cli
    };
    let mut listed = heard(4, Code::LearnedFromPeer);
    (listed.keeper, listed.heard_at) = (elsewhere(Some("http://server-2:8761")), None);
    let explanation = explained(listed.clone());
    insta::assert_snapshot!(told(&explanation), @r"
    learned_from_peer
    server-2 keeps its lease and shows it as UP; server-1 shows what that server says. | server-2 decides: it ends the lease if the client falls silent, and this server follows. | –
    ");
    assert_eq!(
        asking(listed.clone()),
        "peerage explain ORDERS/orders-1 --addr 'http://server-2:8761'"
    );
    listed.keeper = elsewhere(None);
    assert_eq!(asking(listed), "peerage members");
}

fn gone(cancelled: bool, operator: Option<&str>) -> Life {
    Life::Gone(Box::new(Gone {
        cancelled,
        at: ago(30),
        operator: operator.map(str::to_owned),
        told_by: None,
        keeper: Some("server-1".to_owned()),
        duration: Some(secs(90)),
        heard_at: Some(ago(121)),
        overruled: None,
        remembered_until: Some(later(600)),
    }))
}

#[test]
fn what_is_gone_is_told_with_how_it_ended() {
    insta::assert_snapshot!(told(&explain(&facts(gone(true, None)))), @r"
    cancelled
    Its client, or somebody for it, cancelled it 30 s ago. | If its process still runs, its next heartbeat is answered with 404, and clients register again upon that. | –
    ");
    insta::assert_snapshot!(told(&explain(&facts(gone(false, None)))), @r"
    evicted
    Its lease of 90 s ran out without a beat, and was ended 30 s ago. | If its process still runs, its next heartbeat is answered with 404, and clients register again upon that. | –
    ");
    assert_eq!(
        explain(&facts(gone(false, Some("ann")))).sentence,
        "Operator ann ended its lease 30 s ago."
    );
}

#[test]
fn what_nobody_knows_is_unknown_and_a_server_that_has_not_caught_up_says_so() {
    insta::assert_snapshot!(told(&explain(&facts(Life::Unknown))), @r"
    unknown
    server-1 knows no instance orders-1 of ORDERS: none registered, or it has been gone for longer than is remembered. | If its process runs, it registers: its next heartbeat is answered with 404, upon which clients do. | –
    ");
    let behind = Facts {
        caught_up: false,
        ..facts(Life::Unknown)
    };
    assert!(explain(&behind).sentence.contains("has not caught up"));
}

fn notes(change: impl FnOnce(&mut Listed)) -> Vec<NoteCode> {
    let mut listed = heard(4, Code::Fresh);
    change(&mut listed);
    explained(listed)
        .notes
        .iter()
        .map(|note| note.code)
        .collect()
}

#[test]
fn an_instance_that_two_processes_speak_for_is_noted() {
    assert_eq!(
        notes(|listed| listed.doubtful = true),
        [NoteCode::DuplicateSender]
    );
    assert_eq!(notes(|_| {}), []);
}

#[test]
fn an_address_that_others_hardly_reach_is_noted() {
    for ip in [
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "169.254.7.7",
        "172.17.0.2",
        "fe80::1",
        "::ffff:127.0.0.1",
        "224.0.0.1",
        "",
        "host",
    ] {
        assert_eq!(
            notes(|listed| listed.ip = ip.to_owned()),
            [NoteCode::SuspiciousAddress],
            "{ip}"
        );
    }
    assert_eq!(
        notes(|listed| listed.host = "localhost".to_owned()),
        [NoteCode::SuspiciousAddress]
    );
    for ip in ["10.0.0.1", "172.18.0.2", "2001:db8::1", "192.168.1.1"] {
        assert_eq!(notes(|listed| listed.ip = ip.to_owned()), [], "{ip}");
    }
}

#[test]
fn a_clock_that_is_off_is_noted_with_whose_it_is() {
    assert_eq!(
        notes(|listed| listed.client_ahead = secs(31)),
        [NoteCode::ClockOff]
    );
    assert_eq!(notes(|listed| listed.client_ahead = secs(30)), []);
    let mut listed = heard(4, Code::Fresh);
    listed.writer_ahead = (Duration::from_millis(501), "server-2".to_owned());
    let notes = explained(listed).notes;
    assert!(
        notes[0].code == NoteCode::ClockOff && notes[0].text.contains("server-2"),
        "{notes:?}"
    );
}

#[test]
fn a_guessed_zone_is_noted_with_what_it_was_guessed_from() {
    let guessed = |listed: &mut Listed| listed.zone_told = ("its address".to_owned(), true);
    assert_eq!(notes(guessed), [NoteCode::ZoneGuessed]);
}

#[test]
fn every_code_and_note_is_documented() {
    let room = include_str!("mod.rs");
    for name in Code::ALL
        .map(Code::name)
        .into_iter()
        .chain(NoteCode::ALL.map(NoteCode::name))
    {
        assert!(room.contains(&format!("//! | `{name}` |")), "{name}");
    }
}
