use super::*;

const NOW: Timestamp = Timestamp::from_millis(5);

fn read(items: &str) -> Result<Vec<Result<Item, Refusal>>, Refusal> {
    let body = format!(r#"{{"replicationList":[{items}]}}"#);
    requests(body.as_bytes(), &Limits::default(), NOW)
}

#[track_caller]
fn call(item: &str) -> Call {
    let mut items = read(item).unwrap();
    items.remove(0).unwrap().call
}

const INSTANCE: &str =
    r#"{"instanceId":"i","app":"A","hostName":"h","ipAddr":"1","dataCenterInfo":{"name":"MyOwn"}}"#;

#[test]
fn every_action_is_read() {
    let item = |fields: &str| format!(r#"{{"appName":"a","id":"i",{fields}}}"#);
    let dirty = r#""lastDirtyTimestamp":1700000000000"#;
    assert_eq!(call(&item(r#""action":"Cancel""#)), Call::Cancel);
    assert_eq!(
        call(&item(&format!(
            r#"{dirty},"status":"UP","overriddenStatus":"DOWN","action":"Heartbeat""#
        ))),
        Call::Heartbeat {
            last_dirty: Some(1_700_000_000_000),
            carried_override: Some(Status::Down)
        }
    );
    assert_eq!(
        call(&item(r#""status":"DOWN","action":"StatusUpdate""#)),
        Call::StatusUpdate {
            status: Status::Down,
            last_dirty: None
        }
    );
    assert_eq!(
        call(&item(&format!(
            r#"{dirty},"status":"UP","action":"DeleteStatusOverride""#
        ))),
        Call::DeleteStatusOverride {
            status: Some(Status::Up),
            last_dirty: Some(1_700_000_000_000)
        }
    );
    let Call::Register(registration) = call(&item(&format!(
        r#""instanceInfo":{INSTANCE},"action":"Register""#
    ))) else {
        panic!("no registration");
    };
    assert_eq!(registration.instance.id.as_deref(), Some("i"));
}

#[test]
fn names_may_be_in_any_case_and_timestamps_texts() {
    let item = r#"{"appName":"plen","id":"l-1","lastDirtyTimestamp":"17","status":"UP",
        "overriddenStatus":null,"instanceInfo":null,"action":"Heartbeat"}"#;
    let expected = Item {
        app: AppName::new("PLEN"),
        id: "l-1".into(),
        call: Call::Heartbeat {
            last_dirty: Some(17),
            carried_override: None,
        },
    };
    assert_eq!(read(item), Ok(vec![Ok(expected)]));
}

#[test]
fn what_is_no_batch_is_refused_whole() {
    let refused = |body: &str| {
        assert!(
            requests(body.as_bytes(), &Limits::default(), NOW).is_err(),
            "{body}"
        )
    };
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"replicationList":null}"#,
        r#"{"replicationList":{}}"#,
    ] {
        refused(body);
    }
    assert!(requests(b"\xff", &Limits::default(), NOW).is_err());
    let cancel = r#"{"appName":"a","id":"i","action":"Cancel"}"#;
    assert!(read(cancel).is_ok());
    for odd in [
        r#"{"appName":"a","id":"i","action":"cancel"}"#,
        r#"{"appName":"a","id":"i","action":"Explode"}"#,
        r#"{"appName":"a","id":"i","extra":1,"action":"Cancel"}"#,
        "null",
        "[]",
    ] {
        assert!(read(&format!("{cancel},{odd}")).is_err(), "{odd}");
    }
}

#[test]
fn a_batch_of_too_many_items_is_refused() {
    let items = |count: usize| vec!["{}"; count].join(",");
    let max = Limits::default().batch_items_max;
    assert_eq!(read(&items(max)).unwrap().len(), max);
    assert!(matches!(read(&items(max + 1)), Err(Refusal::TooLarge(_))));
}

#[test]
fn an_item_that_makes_no_sense_is_refused_alone() {
    let cancel = r#"{"appName":"a","id":"i","action":"Cancel"}"#;
    for odd in [
        r#"{"appName":"a","id":"i"}"#,
        r#"{"appName":"a","id":"i","action":null}"#,
        r#"{"id":"i","action":"Cancel"}"#,
        r#"{"appName":"a","action":"Cancel"}"#,
        r#"{"appName":"a","id":"i","action":"Register"}"#,
        r#"{"appName":"a","id":"i","action":"StatusUpdate"}"#,
        r#"{"appName":"a","id":"i","action":"StatusUpdate","status":"up"}"#,
        r#"{"appName":"a","id":"i","action":"Heartbeat","lastDirtyTimestamp":"soon"}"#,
        &format!(r#"{{"appName":"other","id":"i","action":"Register","instanceInfo":{INSTANCE}}}"#),
        &format!(
            r#"{{"appName":"a","id":"i","action":"Register","instanceInfo":{{"instance":{INSTANCE}}}}}"#
        ),
    ] {
        let items = read(&format!("{cancel},{odd},{cancel}")).unwrap();
        let refused: Vec<_> = items.iter().map(Result::is_err).collect();
        assert_eq!(refused, [false, true, false], "{odd}");
    }
}

#[test]
fn answers_stand_in_the_order_of_the_items() {
    let text = |answers: &[Answer<'_>]| {
        let mut out = Vec::new();
        write(&mut out, answers.iter().copied());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(text(&[]), r#"{"responseList":[]}"#);

    let item =
        format!(r#"{{"appName":"a","id":"i","instanceInfo":{INSTANCE},"action":"Register"}}"#);
    let Call::Register(registration) = call(&item) else {
        panic!("no registration");
    };
    let shown = crate::eureka::laws::shown(&registration.instance);
    let ok = Answer {
        status_code: 200,
        instance: None,
    };
    let ahead = Answer {
        status_code: 409,
        instance: Some(shown),
    };
    let answers = text(&[ok, ahead, ok]);
    assert!(answers.starts_with(r#"{"responseList":[{"statusCode":200},{"statusCode":409,"responseEntity":{"instanceId":"i","#));
    assert!(answers.ends_with(r#""actionType":"ADDED"}},{"statusCode":200}]}"#));
}
