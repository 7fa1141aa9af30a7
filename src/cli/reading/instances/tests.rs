//! What is said of instances.

use super::*;
use crate::native::documents::{AsOf, Code};

fn row(app: &str, id: &str, zone: &str, status: &str, state: LeaseState) -> Row {
    Row {
        app: app.to_owned(),
        id: id.to_owned(),
        zone: zone.to_owned(),
        status: status.to_owned(),
        own_status: "UP".to_owned(),
        overridden: (status == "OUT_OF_SERVICE").then(|| status.to_owned()),
        version: Some("1.4.2".to_owned()),
        lease: RowLease {
            state,
            renewed_at: Some("2026-01-01T12:00:00.000Z".to_owned()),
            deadline: Some("2026-01-01T12:01:30.000Z".to_owned()),
            owner: "server-a".to_owned(),
            ..RowLease::default()
        },
        protected: state == LeaseState::Over,
        code: match state {
            LeaseState::Over => Code::ProtectedZone,
            _ => Code::Fresh,
        },
        ..Row::default()
    }
}

fn listed(as_of: &str) -> Instances {
    Instances {
        as_of: AsOf(as_of.to_owned()),
        total: 240,
        matched: 3,
        instances: vec![
            row("ORDERS", "o-1", "zone-a", "UP", LeaseState::Fresh),
            row(
                "ORDERS",
                "o-2\u{1b}[8m",
                "zone-b",
                "OUT_OF_SERVICE",
                LeaseState::Silent,
            ),
            row("PAY", "p-日本", "zone-b", "UP", LeaseState::Late),
        ],
        ..Instances::default()
    }
}

#[test]
fn instances_are_a_table() {
    insta::assert_snapshot!(text(&listed("2026-01-01T12:00:10.500Z"), "", false), @r"
    APPLICATION  ID       ZONE    STATUS                   VERSION  HEARD     LEASE                    OWNER     WHY
    ORDERS       o-1      zone-a  UP                       1.4.2    11 s ago  1 min 20 s left          server-a  fresh
    ORDERS       o-2?[8m  zone-b  OUT_OF_SERVICE (own UP)  1.4.2    11 s ago  silent, 1 min 20 s left  server-a  fresh
    PAY          p-日本   zone-b  UP                       1.4.2    11 s ago  late, 1 min 20 s left    server-a  fresh
    3 of 240 instances match
    ");
}

#[test]
fn a_lease_that_is_over_says_for_how_long_and_whether_it_is_held() {
    let mut late = listed("2026-01-01T12:03:00.000Z");
    late.instances = vec![row("ORDERS", "o-1", "zone-a", "UP", LeaseState::Over)];
    late.matched = 1;
    insta::assert_snapshot!(text(&late, "", false), @r"
    APPLICATION  ID   ZONE    STATUS  VERSION  HEARD      LEASE                           OWNER     WHY
    ORDERS       o-1  zone-a  UP      1.4.2    3 min ago  over for 1 min 30 s, protected  server-a  protected_zone
    1 of 240 instances match
    ");
}

#[test]
fn groups_have_their_counts_and_their_rows() {
    let group = |value: &str, instances, statuses: &[(&str, u64)]| Group {
        value: value.to_owned(),
        instances,
        statuses: statuses
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect(),
    };
    let mut grouped = listed("2026-01-01T12:00:10.500Z");
    grouped.groups = vec![
        group("zone-a", 1, &[("UP", 1)]),
        group("zone-b", 2, &[("OUT_OF_SERVICE", 1), ("UP", 1)]),
        group("", 7, &[("UP", 7)]),
    ];
    grouped.matched = 10;
    insta::assert_snapshot!(text(&grouped, "zone", false), @r"
    zone zone-a: 1 instance: 1 UP
    APPLICATION  ID   ZONE    STATUS  VERSION  HEARD     LEASE            OWNER     WHY
    ORDERS       o-1  zone-a  UP      1.4.2    11 s ago  1 min 20 s left  server-a  fresh

    zone zone-b: 2 instances: 1 OUT_OF_SERVICE, 1 UP
    APPLICATION  ID       ZONE    STATUS                   VERSION  HEARD     LEASE                    OWNER     WHY
    ORDERS       o-2?[8m  zone-b  OUT_OF_SERVICE (own UP)  1.4.2    11 s ago  silent, 1 min 20 s left  server-a  fresh
    PAY          p-日本   zone-b  UP                       1.4.2    11 s ago  late, 1 min 20 s left    server-a  fresh

    zone none: 7 instances: 7 UP

    10 of 240 instances match, 3 of them listed
    ");
}

#[test]
fn that_nothing_matches_is_said() {
    let nobody = Instances {
        total: 240,
        ..Instances::default()
    };
    assert_eq!(text(&nobody, "", false), "0 of 240 instances match\n");
}

#[test]
fn statuses_stand_out_where_colours_are_wanted() {
    let shown = text(&listed("2026-01-01T12:00:10.500Z"), "", true);
    assert!(shown.contains("\u{1b}[32mUP\u{1b}[0m"), "{shown:?}");
    assert!(
        !shown.contains("\u{1b}[8m"),
        "only our own escapes: {shown:?}"
    );
}
