use super::*;
use crate::cluster::records::Versions;
use percent_encoding::percent_decode_str;

fn version(clock: &str) -> Version {
    Version {
        clock: clock.to_owned(),
        origin: "00000000000000aa.7".to_owned(),
        rank: "live".to_owned(),
    }
}

fn record(app: &str, id: &str, status: &str, lease: &str) -> Record {
    Record {
        app: app.to_owned(),
        id: id.to_owned(),
        status: status.to_owned(),
        overridden: None,
        versions: Versions {
            body: version("1.0"),
            lease: version(lease),
            overriding: None,
        },
    }
}

/// A server that shows these, two on a page.
fn pages(records: Vec<Record>) -> impl Fn(&str) -> Result<Records, Failure> {
    move |path| {
        let decoded = percent_decode_str(path).decode_utf8().unwrap();
        let given = |name: &str| decoded.split_once(name).map(|(_, key)| key.to_owned());
        let (after, only) = (given("after="), given("?key="));
        let chosen = records.iter().filter(|record| match (&after, &only) {
            (Some(after), _) => record.key() > *after,
            (_, Some(only)) => record.key() == *only,
            _ => true,
        });
        let mut chosen: Vec<_> = chosen.cloned().collect();
        let more = chosen.len() > 2;
        chosen.truncate(2);
        let next = chosen.last().filter(|_| more).map(Record::key);
        Ok(Records {
            records: chosen,
            next,
        })
    }
}

fn found(a: &[Record], b: &[Record]) -> Found {
    let (a, b) = (pages(a.to_vec()), pages(b.to_vec()));
    find(&Sides { a: &a, b: &b }).unwrap()
}

fn told(found: &Found) -> String {
    let answer = answer(found, ["a:1", "b:2"], Output::Table);
    format!("{}exit code {}", answer.text, answer.code)
}

fn many() -> Vec<Record> {
    let name = |n: u32| format!("i-{n}");
    (0..7)
        .map(|n| record("ORDERS", &name(n), "UP", "5.0"))
        .collect()
}

#[test]
fn servers_that_show_the_same_are_equal() {
    insta::assert_snapshot!(told(&found(&many(), &many())), @r"
    equal: 7 instances
    exit code 0
    ");
    insta::assert_snapshot!(told(&found(&[], &[])), @r"
    equal: 0 instances
    exit code 0
    ");
}

#[test]
fn every_difference_is_named_with_its_reason() {
    let (mut a, mut b) = (many(), many());
    a.remove(0);
    b.remove(6);
    b[2] = record("ORDERS", "i-2", "OUT_OF_SERVICE", "5.0");
    b[2].overridden = Some("OUT_OF_SERVICE".to_owned());
    b[4] = record("ORDERS", "i-4", "UP", "6.1");
    b.push(record("PAYMENTS", "a/b", "UP", "5.0"));
    insta::assert_snapshot!(told(&found(&a, &b)), @r"
    APPLICATION  INSTANCE  WHY
    ORDERS       i-0       only at b:2
    ORDERS       i-2       status: UP | OUT_OF_SERVICE, overridden OUT_OF_SERVICE
    ORDERS       i-4       lease: 5.0 by 00000000000000aa.7 | 6.1 by 00000000000000aa.7
    ORDERS       i-6       only at a:1
    PAYMENTS     a/b       only at b:2
    different: 5 of 8 instances
    exit code 3
    ");
}

#[test]
fn what_passes_by_itself_is_no_difference() {
    let (a, b) = (pages(many()), pages(many()[1..].to_vec()));
    let first = find(&Sides { a: &a, b: &b }).unwrap();
    assert_eq!(first.differences.len(), 1);
    let later = pages(many());
    let settled = settle(&Sides { a: &a, b: &later }, first.clone()).unwrap();
    assert_eq!(settled.differences, []);
    let unsettled = settle(&Sides { a: &a, b: &b }, first).unwrap();
    assert_eq!(unsettled.differences.len(), 1);
}

#[test]
fn programs_get_one_line_per_difference() {
    let answer = answer(&found(&many()[..1], &[]), ["a:1", "b:2"], Output::Ndjson);
    insta::assert_snapshot!(answer.text, @r#"{"app":"ORDERS","id":"i-0","reason":"only_at_a","a":{"app":"ORDERS","id":"i-0","status":"UP","override":null,"versions":{"body":{"clock":"1.0","origin":"00000000000000aa.7","rank":"live"},"lease":{"clock":"5.0","origin":"00000000000000aa.7","rank":"live"},"override":null}},"b":null}"#);
}

#[test]
fn a_server_that_does_not_answer_is_no_difference() {
    let silent = |_: &str| {
        Err(Failure::Unreachable {
            another: "name another",
            base: "http://b:2".to_owned(),
            cause: "connection refused".to_owned(),
        })
    };
    let a = pages(many());
    let failure = find(&Sides { a: &a, b: &silent }).expect_err("nobody answers");
    assert_eq!(failure.answer().code, super::super::answer::UNREACHABLE);
}
