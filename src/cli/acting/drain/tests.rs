//! What is said before, while and after instances are drained.

use super::super::super::client::Client;
use super::super::super::terminal::testing::Said;
use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::config::show::Output;
use crate::native::documents::{
    AsOf, Drained, Fetched, Instances, LeaseState, Problem, PropagatedTo, Row, RowLease, ServiceRow,
};

fn row(app: &str, id: &str, status: &str) -> Row {
    Row {
        app: app.to_owned(),
        id: id.to_owned(),
        zone: "zone-a".to_owned(),
        status: status.to_owned(),
        own_status: "UP".to_owned(),
        lease: RowLease {
            state: LeaseState::Fresh,
            renewed_at: Some("2026-01-01T12:00:00.000Z".to_owned()),
            deadline: Some("2026-01-01T12:01:30.000Z".to_owned()),
            owner: "server-a".to_owned(),
            ..RowLease::default()
        },
        ..Row::default()
    }
}

fn instances(rows: Vec<Row>) -> Instances {
    Instances {
        as_of: AsOf("2026-01-01T12:00:10.000Z".to_owned()),
        total: 40,
        matched: rows.len() as u64,
        instances: rows,
        ..Instances::default()
    }
}

fn services(up: u64) -> Services {
    let statuses = BTreeMap::from([("UP".to_owned(), up)]);
    let service = |name: &str| ServiceRow {
        name: name.to_owned(),
        zones: BTreeMap::from([("zone-a".to_owned(), statuses.clone())]),
        ..ServiceRow::default()
    };
    Services {
        services: vec![service("ORDERS"), service("PAY")],
        ..Services::default()
    }
}

fn draining() -> Drain {
    Drain {
        id: 3,
        state: DrainState::Draining,
        server: "server-a".to_owned(),
        query: Some("zone:\"zone-a\"".to_owned()),
        by: "anna".to_owned(),
        reason: "new racks".to_owned(),
        since: "2026-01-01T12:00:11.000Z".to_owned(),
        instances: vec![Drained::default(), Drained::default()],
        propagated_to: PropagatedTo {
            peers: 2,
            shown_by: 1,
            waiting_for: vec!["server-b".to_owned()],
        },
        fetched_since: Fetched {
            clients: 3,
            fetched: 1,
            waiting_for: vec!["pay\u{1b}[2J".to_owned(), "10.0.0.7".to_owned()],
        },
        sentence: "1 of 2 peers and 1 of 3 clients know.".to_owned(),
        ..Drain::default()
    }
}

#[test]
fn what_follows_is_said_before() {
    let rows = vec![row("ORDERS", "o-1", "UP"), row("ORDERS", "o-2", "UP")];
    let instances = instances(rows);
    let emptied = emptied(&services(2), &instances.instances);
    insta::assert_snapshot!(to_drain(&instances, &emptied, Some(Duration::from_secs(300)), false), @r"
    APPLICATION  ID   ZONE    STATUS  VERSION  HEARD     LEASE            OWNER     WHY
    ORDERS       o-1  zone-a  UP      -        10 s ago  1 min 20 s left  server-a  unknown
    ORDERS       o-2  zone-a  UP      -        10 s ago  1 min 20 s left  server-a  unknown
    2 instances of 1 application will be shown as OUT_OF_SERVICE by all servers, until stopped or until the drain is undone, for 5 min at most.
    Nobody will be left in service of ORDERS in zone zone-a: clients there call other zones, if they can.
    ");
}

#[test]
fn a_zone_is_emptied_by_those_who_serve_alone() {
    let both = [row("ORDERS", "o-1", "UP"), row("ORDERS", "o-2", "UP")];
    assert_eq!(emptied(&services(3), &both), []);
    let orders = [("ORDERS".to_owned(), "zone-a".to_owned())];
    assert_eq!(emptied(&services(2), &both), orders);
    let out = [row("ORDERS", "o-1", "OUT_OF_SERVICE")];
    assert_eq!(emptied(&services(0), &out), [], "they do not serve anyway");
}

#[test]
fn what_is_drained_is_named_by_queries_that_name_nothing_else() {
    let named = Which {
        instance: "ORDERS/a \"b\"".parse().ok(),
        ..Which::default()
    };
    assert_eq!(
        named.query(),
        Some(vec![r#"app:"ORDERS" id:"a \"b\"""#.to_owned()])
    );
    let host = Which {
        host: Some("h-1".to_owned()),
        ..Which::default()
    };
    let either = [r#"host:"h-1""#.to_owned(), r#"ip:"h-1""#.to_owned()];
    assert_eq!(host.query(), Some(either.to_vec()));
    assert_eq!(Which::default().query(), None);
}

#[test]
fn a_drain_says_how_far_it_is_and_how_to_find_it_again() {
    insta::assert_snapshot!(begun(&draining(), Output::Table, false).text, @r"
    drain 3, draining: 1 of 2 peers and 1 of 3 clients know.
      peers that do not know yet: server-b
      clients that do not know yet: pay?[2J, 10.0.0.7

    the drain goes on, and its instances stay out of service
      to follow it  peerage drain follow 3
      to undo it    peerage drain undo 3
    ");
}

#[test]
fn drains_are_a_table() {
    let drains = Drains {
        drains: vec![draining()],
    };
    insta::assert_snapshot!(listed(&drains, Output::Table, false).text, @r#"
    DRAIN  STATE     INSTANCES  PEERS   CLIENTS  BY    SINCE                     OF
    3      draining  2, 2 gone  1 of 2  1 of 3   anna  2026-01-01T12:00:11.000Z  zone:"zone-a": new racks
    "#);
}

#[test]
fn the_one_drain_there_is_need_not_be_named() {
    let ended = Drain {
        state: DrainState::Ended,
        ..draining()
    };
    let of = |drains: &[Drain]| {
        only(Drains {
            drains: drains.to_vec(),
        })
    };
    assert_eq!(of(&[ended.clone(), draining()]), Ok(draining()));
    let none = of(&[ended]).expect_err("there is none");
    let many = of(&[draining(), draining()]).expect_err("there are two");
    assert!(none.text.contains("no drain") && many.text.contains("2 drains"));
}

#[test]
fn a_refusal_to_empty_a_zone_names_the_flag() {
    let problem = Problem {
        kind: format!("/problems/{EMPTIES_ZONE}"),
        status: 409,
        detail: "ORDERS has nobody else in zone-a.".to_owned(),
        ..Problem::default()
    };
    let refusal = Failure::Refused {
        base: "http://a:1".to_owned(),
        problem: Box::new(problem),
        query: String::new(),
    };
    let asked = Asked {
        command: None,
        which: Which::default(),
        deadline: None,
        confirm_empties_zone: false,
        wait: false,
        consent: Consent::default(),
        asking: Asking::default(),
    };
    insta::assert_snapshot!(refused(refusal, &asked).answer().text, @"peerage: http://a:1 refuses: ORDERS has nobody else in zone-a; say --confirm-empties-zone if that is meant");
}

#[test]
fn the_flag_stands_where_the_server_names_its_field() {
    let said = with_flag("ORDERS has nobody else; say confirm_empties_zone if that is meant");
    assert_eq!(
        said,
        "ORDERS has nobody else; say --confirm-empties-zone if that is meant"
    );
}

#[test]
fn a_drain_that_is_over_at_once_is_told_once() {
    let mut said = Said::default();
    let drained = Drain {
        state: DrainState::Drained,
        sentence: "All know.".to_owned(),
        propagated_to: PropagatedTo::default(),
        fetched_since: Fetched::default(),
        ..draining()
    };
    let client = Client::new("127.0.0.1:1").expect("nobody is asked");
    let answer = follow::follow(&client, drained, Output::Table, &mut said.person(""));
    let answer = answer.expect("it is over");
    assert_eq!(answer.code, DONE);
    insta::assert_snapshot!(format!("{}{}", said.output(), answer.text), @r"
    drain 3, drained: All know.
    drain 3: its instances can be stopped
    ");
}
