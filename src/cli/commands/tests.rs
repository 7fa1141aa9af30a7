//! What is said of clusters in all their states.

use super::*;
use crate::cluster::view::{Orphans, Protected, Server, Serves, Stage, Standing, State};

fn state(seen: &str, digest: &str) -> State {
    State {
        sequence: 12,
        seen_hash: seen.to_owned(),
        digest: digest.to_owned(),
        leases_owned: 34,
        leases_silent: 1,
        renewals_per_minute: 68,
    }
}

fn member(name: &str, id: &str) -> Member {
    Member {
        id: id.to_owned(),
        epoch: Some(7),
        name: name.to_owned(),
        zone: "z".to_owned() + name,
        url: format!("http://{name}:8761/"),
        address: "127.0.0.1:8764".to_owned(),
        standing: Standing::Up,
        ready: true,
        agrees: Agreement::Yes,
        state: Some(state("s", "d")),
        applied: 12,
        round_trip_ms: Some(0.412),
        heard_ms_ago: Some(312),
        connected: true,
        pushed: true,
        clock_offset_ms: Some(-3),
        protocol: Some(1),
        ..Member::default()
    }
}

/// Three servers, all well.
fn three() -> Cluster {
    Cluster {
        name: "peerage".to_owned(),
        agreed: true,
        server: Server {
            id: "00000000000000aa".to_owned(),
            epoch: 7,
            name: "a".to_owned(),
            zone: "za".to_owned(),
            url: "http://a:8761/".to_owned(),
            address: Some("127.0.0.1:8764".to_owned()),
            version: "0.1.0".to_owned(),
            started_at: "2026-01-01T12:00:00.000Z".to_owned(),
            stage: Stage::Ready,
            ready: true,
            serves: Serves {
                lists: true,
                not_found: true,
                writes: true,
                new_leases: true,
            },
            state: state("s", "d"),
            instances: 102,
            doubt: 0,
            key: None,
        },
        members: vec![
            member("b", "00000000000000bb"),
            member("c", "00000000000000cc"),
        ],
        ..Cluster::default()
    }
}

/// The same on a bad day.
fn bad_day() -> Cluster {
    let mut cluster = three();
    cluster.agreed = false;
    cluster.isolated_since = Some("2026-01-01T12:01:00.000Z".to_owned());
    cluster.server.ready = false;
    cluster.server.stage = Stage::Syncing;
    cluster.server.serves.lists = false;
    cluster.members[0] = Member {
        standing: Standing::Down,
        agrees: Agreement::Unknown,
        state: None,
        ..Member {
            heard_ms_ago: Some(61_000),
            round_trip_ms: None,
            clock_offset_ms: None,
            ..member("b", "00000000000000bb")
        }
    };
    cluster.members[1] = Member {
        standing: Standing::Behind,
        ready: false,
        preserving: true,
        agrees: Agreement::NotYet,
        lag: 4711,
        queued_bytes: 1_048_576,
        clock_offset_ms: Some(3_600_000),
        name: "c\u{1b}[31m".to_owned(),
        ..member("c", "00000000000000cc")
    };
    cluster.protected.push(Protected {
        guard: "zone".to_owned(),
        zone: Some("zb".to_owned()),
        why: "more than half of the zone's leases fell silent; now 34 of 34 are silent".to_owned(),
        since: "2026-01-01T12:02:00.000Z".to_owned(),
        until: "2026-01-01T13:02:00.000Z".to_owned(),
        leases_counted: 34,
        leases_silent: 34,
    });
    cluster.orphans.push(Orphans {
        owner: "00000000000000bb.7".to_owned(),
        leases: 12,
        why: "more than 15 % of its leases are left".to_owned(),
        since: "2026-01-01T12:01:00.000Z".to_owned(),
        until: "2026-01-01T13:01:00.000Z".to_owned(),
    });
    cluster
}

fn alone() -> Cluster {
    let mut cluster = three();
    cluster.members.clear();
    cluster.server.address = None;
    cluster
}

fn told(answer: &Answer) -> String {
    format!("{}exit code {}", answer.text, answer.code)
}

#[test]
fn a_healthy_cluster_is_a_table_and_done() {
    insta::assert_snapshot!(told(&members::answer(&three(), false, Output::Table)), @r"
    NAME  ZONE  STATE  ADDRESS         HEARD      RTT     LAG  OWNED  SILENT  RENEWALS/MIN  QUEUE  OFFSET  KEY  AGREES
    a     za    ready  127.0.0.1:8764  -          -       0    34     1       68            0 B    -       -    (asked)
    b     zb    up     127.0.0.1:8764  0.3 s ago  0.4 ms  0    34     1       68            0 B    -3 ms   -    yes
    c     zc    up     127.0.0.1:8764  0.3 s ago  0.4 ms  0    34     1       68            0 B    -3 ms   -    yes
    exit code 0
    ");
}

#[test]
fn those_who_are_missing_or_cannot_be_followed_are_not_well() {
    insta::assert_snapshot!(told(&members::answer(&bad_day(), false, Output::Table)), @r"
    NAME    ZONE  STATE                          ADDRESS         HEARD       RTT     LAG   OWNED  SILENT  RENEWALS/MIN  QUEUE   OFFSET       KEY  AGREES
    a       za    syncing, protecting, isolated  127.0.0.1:8764  -           -       0     34     1       68            0 B     -            -    (asked)
    b       zb    down                           127.0.0.1:8764  61.0 s ago  -       0     -      -       -             0 B     -            -    -
    c?[31m  zc    behind, not ready, protecting  127.0.0.1:8764  0.3 s ago   0.4 ms  4711  34     1       68            1.0 MB  +3600000 ms  -    not yet
    exit code 3
    ");
}

#[test]
fn members_that_differ_for_good_are_not_well() {
    assert_eq!(members::answer(&three(), true, Output::Table).code, 3);
}

#[test]
fn programs_get_one_member_per_line() {
    insta::assert_snapshot!(members::answer(&three(), false, Output::Ndjson).text, @r#"
    {"name":"a","id":"00000000000000aa","zone":"za","state":"ready","address":"127.0.0.1:8764","url":"http://a:8761/","asked":true,"heard_ms_ago":null,"round_trip_ms":null,"lag":0,"leases_owned":34,"leases_silent":1,"renewals_per_minute":68,"queued_bytes":0,"clock_offset_ms":null,"key":null,"agrees":"yes"}
    {"name":"b","id":"00000000000000bb","zone":"zb","state":"up","address":"127.0.0.1:8764","url":"http://b:8761/","asked":false,"heard_ms_ago":312,"round_trip_ms":0.412,"lag":0,"leases_owned":34,"leases_silent":1,"renewals_per_minute":68,"queued_bytes":0,"clock_offset_ms":-3,"key":null,"agrees":"yes"}
    {"name":"c","id":"00000000000000cc","zone":"zc","state":"up","address":"127.0.0.1:8764","url":"http://c:8761/","asked":false,"heard_ms_ago":312,"round_trip_ms":0.412,"lag":0,"leases_owned":34,"leases_silent":1,"renewals_per_minute":68,"queued_bytes":0,"clock_offset_ms":-3,"key":null,"agrees":"yes"}
    "#);
}

#[test]
fn a_healthy_server_is_ten_lines_and_done() {
    insta::assert_snapshot!(told(&status::answer(&three(), false, Output::Table)), @r"
    server      a (00000000000000aa), za, release 0.1.0
    at          http://a:8761/, peers at 127.0.0.1:8764
    since       2026-01-01T12:00:00.000Z, epoch 7
    state       ready
    cluster     peerage: 3 of 3 up, all agree
    instances   102 shown, 34 leases owned, 1 of them silent
    heartbeats  68 in the last minute
    protected   nothing
    orphans     none are kept
    verdict     healthy
    exit code 0
    ");
    insta::assert_snapshot!(told(&status::answer(&alone(), false, Output::Table)), @r"
    server      a (00000000000000aa), za, release 0.1.0
    at          http://a:8761/, no peers
    since       2026-01-01T12:00:00.000Z, epoch 7
    state       ready
    cluster     alone
    instances   102 shown, 34 leases owned, 1 of them silent
    heartbeats  68 in the last minute
    protected   nothing
    orphans     none are kept
    verdict     healthy
    exit code 0
    ");
}

#[test]
fn a_server_that_is_not_well_says_why() {
    insta::assert_snapshot!(told(&status::answer(&bad_day(), true, Output::Table)), @r"
    server      a (00000000000000aa), za, release 0.1.0
    at          http://a:8761/, peers at 127.0.0.1:8764
    since       2026-01-01T12:00:00.000Z, epoch 7
    state       syncing, refuses lists
    cluster     peerage: 2 of 3 up, not all agree; b down, c?[31m behind
    instances   102 shown, 34 leases owned, 1 of them silent
    heartbeats  68 in the last minute
    protected   zone zb since 2026-01-01T12:02:00.000Z, until 2026-01-01T13:02:00.000Z at the latest: more than half of the zone's leases fell silent; now 34 of 34 are silent
    orphans     12 of 00000000000000bb.7 until 2026-01-01T13:01:00.000Z: more than 15 % of its leases are left
    verdict     not ready (syncing); isolated from its peers; without b, c?[31m; shows other instances than its peers; protecting zone zb
    exit code 3
    ");
}

#[test]
fn programs_get_the_verdict_with_the_view() {
    let answer = status::answer(&bad_day(), true, Output::Ndjson);
    let said: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(said["healthy"], false);
    assert_eq!(said["reasons"].as_array().map(Vec::len), Some(5));
    assert_eq!(said["server"]["name"], "a");
}

/// How a cluster looks in which a server and its peer have seen and show these.
fn seen(mine: (&str, &str), theirs: (&str, &str), agrees: Agreement) -> Cluster {
    let mut cluster = three();
    cluster.agreed = false;
    cluster.server.state = state(mine.0, mine.1);
    cluster.members.truncate(1);
    cluster.members[0].state = Some(state(theirs.0, theirs.1));
    cluster.members[0].agrees = agrees;
    cluster
}

#[test]
fn servers_on_the_move_do_not_differ_for_good() {
    let first = seen(("1", "x"), ("2", "y"), Agreement::NotYet);
    let moved = seen(("3", "z"), ("4", "w"), Agreement::NotYet);
    assert!(!differ(&first, &moved));
    assert!(!differ(&first, &three()));
    let again = seen(("3", "z"), ("3", "w"), Agreement::No);
    assert!(!differ(&first, &again), "not twice");
}

#[test]
fn servers_that_stand_still_apart_differ_for_good() {
    let apart = seen(("1", "x"), ("2", "y"), Agreement::NotYet);
    assert!(differ(&apart, &apart));
    let then = seen(("1", "x"), ("1", "y"), Agreement::No);
    let now = seen(("2", "z"), ("2", "w"), Agreement::No);
    assert!(differ(&then, &now), "seen the same, shown other, twice");
}
