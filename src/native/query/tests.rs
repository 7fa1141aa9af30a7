//! The language by examples, and laws that hold for any text.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::native::documents::{Code, LeaseState};
use crate::native::secrets::Secrets;
use crate::registry::instance::{AppName, Instance, Port};

fn instance() -> Instance {
    Instance {
        id: Some("host-1:orders:8080".into()),
        metadata: [
            ("version", "1.4.2"),
            ("team.name", "Blue Whale"),
            ("db.password", "swordfish"),
        ]
        .into_iter()
        .collect(),
        port: Port {
            number: 8080,
            enabled: true,
        },
        vip_address: Some("orders,orders.internal".into()),
        ..Instance::new(AppName::new("orders"), "host-1.example", "10.1.2.3")
    }
}

fn secrets() -> Secrets {
    Secrets::new(&["password".to_owned()])
}

fn subject<'a>(instance: &'a Instance, secrets: &'a Secrets) -> Subject<'a> {
    Subject {
        secrets,
        instance,
        id: instance.key_id(),
        zone: "eu-a",
        status: Status::OutOfService,
        overridden: Some(Status::OutOfService),
        protected: false,
        lease: LeaseState::Late,
        owner: "server-1",
        code: Code::Late,
        age: Duration::from_secs(700),
        heard_ago: Duration::from_secs(50),
    }
}

fn matches(query: &str) -> bool {
    let (instance, secrets) = (instance(), secrets());
    Query::parse(query)
        .unwrap_or_else(|mistake| panic!("{query}: {mistake}"))
        .matches(&subject(&instance, &secrets))
}

#[test]
fn terms_match_as_people_mean_them() {
    for query in [
        "",
        "   ",
        "app:orders",
        "app:ORDERS id:host-1*",
        "zone:eu-a",
        "zone:EU-?",
        "zone:us,eu-a",
        "zone:us-*,eu-*",
        "status:out_of_service",
        "status:out*",
        "status:up,out*",
        "own:up",
        "overridden:yes",
        "overridden:out_of_service",
        "protected:no",
        "lease:late",
        "lease:late,silent",
        "code:late",
        "code:protected_*,late",
        "owner:server-1",
        "port:8080",
        "port:80*",
        "vip:orders.internal",
        "meta.version:1.*",
        "meta.VERSION:1.4.2",
        "meta.team.name:\"blue whale\"",
        "meta.team.name:blue\\ whale",
        "meta.\"team.name\":blue*",
        "age:>10m",
        "age:>=700s",
        "renewed:<1m",
        "renewed:>=50s",
        "-zone:us",
        "not:zone:us",
        "--zone:eu-a",
        "whale",
        "\"blue whale\"",
        "BLUE*ale",
        "10.1.2",
        "orders",
        "example -missing",
        "host:\"host-1.example\"",
        "\"orders:8080\"",
    ] {
        assert!(matches(query), "{query}");
    }
    for query in [
        "app:order",
        "zone:eu",
        "-zone:eu-a",
        "zone:us",
        "status:up",
        "overridden:no",
        "overridden:up",
        "protected:yes",
        "lease:fresh",
        "port:7002",
        "meta.version:2.*",
        "meta.none:*",
        "age:<10m",
        "renewed:<30s",
        "\"blue*ale\"",
        "whale missing",
        "app:\"order?\"",
    ] {
        assert!(!matches(query), "{query}");
    }
}

#[test]
fn what_is_masked_cannot_be_asked_for() {
    for query in [
        "meta.db.password:swordfish",
        "meta.db.password:*",
        "swordfish",
        "sword*",
    ] {
        assert!(!matches(query), "{query}");
    }
    assert!(matches("-meta.db.password:*"));
}

fn mistake(query: &str) -> (usize, usize, Option<String>) {
    let mistake = Query::parse(query).expect_err(query);
    assert!(
        mistake.position + mistake.length <= query.chars().count(),
        "{query}: {mistake:?}"
    );
    (mistake.position, mistake.length, mistake.suggestion)
}

#[test]
fn a_mistake_names_its_place_and_what_was_meant() {
    let meant = |word: &str| Some(word.to_owned());
    for (query, expected) in [
        ("zone:a stauts:up", (7, 6, meant("status:"))),
        ("status:upp", (7, 3, meant("UP"))),
        ("status:up,dwn", (10, 3, meant("DOWN"))),
        ("zone:", (5, 0, None)),
        ("zone:a,", (7, 0, None)),
        ("ä \"never closed", (2, 13, None)),
        ("age:10m", (4, 3, meant(">10m"))),
        ("age:>ten", (4, 4, None)),
        ("renewed:<5parsecs", (8, 9, None)),
        ("protected:maybe", (10, 5, None)),
        ("protected:yess", (10, 4, meant("yes"))),
        (":x", (0, 1, None)),
        ("meta.:x", (5, 0, None)),
        ("a - b", (3, 0, None)),
        ("not:", (4, 0, None)),
        ("10.0.0.1:8080", (0, 8, None)),
        ("code:protectd_zone", (5, 13, meant("protected_zone"))),
        ("lease:oven", (6, 4, meant("over"))),
    ] {
        assert_eq!(mistake(query), expected, "{query}");
    }
    assert_eq!(
        Query::parse("stauts:up").unwrap_err().to_string(),
        "\"stauts\" is no key; put text that holds a colon in quotes at character 1; did you mean status:?"
    );
}

#[test]
fn queries_are_bounded() {
    let long = "a".repeat(5000);
    assert_eq!(mistake(&long).0, 4096);
    assert_eq!(mistake(&"a ".repeat(100)).0, 128);
    let values = format!("app:{}", vec!["a"; 600].join(","));
    assert_eq!(mistake(&values).0, 4 + 2 * 512);
}

#[test]
fn many_wildcards_take_no_long_time() {
    let mut instance = instance();
    instance.host_name = "a".repeat(4000).into();
    let (query, secrets) = (format!("host:{}b", "*a".repeat(1000)), secrets());
    // A matcher that tries every split would not end within a lifetime.
    assert!(
        !Query::parse(&query)
            .unwrap()
            .matches(&subject(&instance, &secrets))
    );
}

#[test]
fn queries_made_for_one_instance_find_it_whatever_it_is_called() {
    for id in ["a", "a b", "\"", "\\", "a\"b\\c*?,:-", "not:x", "é"] {
        let instance = Instance {
            id: Some(id.into()),
            ..instance()
        };
        let secrets = secrets();
        let query = Query::parse(&Query::naming("ORDERS", id)).unwrap();
        assert!(query.matches(&subject(&instance, &secrets)), "{id}");
        let query = Query::parse(&Query::of("id", id)).unwrap();
        assert!(query.matches(&subject(&instance, &secrets)), "{id}");
    }
}

/// Text in which what the language knows is frequent.
fn texts() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("zone:"),
        Just("status:"),
        Just("meta."),
        Just("age:"),
        Just("not:"),
        Just("-"),
        Just(":"),
        Just(","),
        Just("\""),
        Just("\\"),
        Just("*"),
        Just("?"),
        Just(" "),
        Just(">10m"),
        Just("up"),
        Just("é"),
        Just("\u{0}"),
        Just("🦀"),
    ];
    prop_oneof![
        proptest::collection::vec(word, 0..20).prop_map(|words| words.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_mistake_has_a_place(text in texts()) {
        let instance = instance();
        let secrets = secrets();
        match Query::parse(&text) {
            Ok(query) => {
                query.matches(&subject(&instance, &secrets));
            }
            Err(mistake) => {
                prop_assert!(mistake.position + mistake.length <= text.chars().count());
                prop_assert!(!mistake.message.is_empty());
            }
        }
    }

    #[test]
    fn quoted_text_matches_itself_and_its_negation_does_not(text in any::<String>()) {
        prop_assume!(!text.is_empty());
        let instance = Instance { host_name: text.as_str().into(), ..instance() };
        let secrets = secrets();
        let query = Query::of("host", &text);
        prop_assert!(Query::parse(&query).unwrap().matches(&subject(&instance, &secrets)));
        let negated = Query::parse(&format!("-{query}")).unwrap();
        prop_assert!(!negated.matches(&subject(&instance, &secrets)));
    }

    #[test]
    fn wildcards_match_as_a_slow_and_simple_matcher_does(pattern in "[ab*?]{0,8}", text in "[abAB]{0,10}") {
        prop_assume!(!pattern.is_empty());
        let instance = Instance { host_name: text.as_str().into(), ..instance() };
        let secrets = secrets();
        let query = Query::parse(&format!("host:{pattern}")).unwrap();
        let simple = simply(&pattern.chars().collect::<Vec<_>>(), &text.to_lowercase().chars().collect::<Vec<_>>());
        prop_assert_eq!(query.matches(&subject(&instance, &secrets)), simple);
    }
}

fn simply(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', rest)), _) => (0..=text.len()).any(|taken| simply(rest, &text[taken..])),
        (Some((_, _)), None) => false,
        (Some((wanted, rest)), Some((given, others))) => {
            (*wanted == '?' || wanted == given) && simply(rest, others)
        }
    }
}
