//! One check per leniency, named by what clients send.

use super::*;
use crate::clock::Timestamp;
use crate::eureka::refusal::Fault;
use crate::eureka::{Format, registration};
use crate::registry::instance::{AppName, DataCenter, Instance, Registration};
use crate::registry::status::Status;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The least an instance must say, less its data centre.
const LEAST: &str = r#""app":"A","hostName":"h","ipAddr":"10.0.0.1""#;

fn read(body: &str) -> Result<Registration, Refusal> {
    let path_app = AppName::new("A");
    registration(
        Format::Json,
        body.as_bytes(),
        &path_app,
        &Limits::default(),
        NOW,
    )
}

/// Reads an instance that says the least, and these fields.
fn with(fields: &str) -> Result<Registration, Refusal> {
    read(&format!(
        r#"{{"instance":{{{LEAST},"dataCenterInfo":{{"name":"MyOwn"}},{fields}}}}}"#
    ))
}

fn accepted(fields: &str) -> Instance {
    match with(fields) {
        Ok(registration) => registration.instance,
        Err(refusal) => panic!("{fields}: {refusal}"),
    }
}

#[track_caller]
fn unparsable(read: Result<Registration, Refusal>) {
    assert!(matches!(read, Err(Refusal::Unparsable(_))), "{read:?}");
}

#[track_caller]
fn too_large(read: Result<Registration, Refusal>) {
    assert!(matches!(read, Err(Refusal::TooLarge(_))), "{read:?}");
}

#[test]
fn what_is_left_open_gets_defaults() {
    let instance = accepted(r#""unknown":1"#);
    assert_eq!(instance.id, None);
    assert_eq!(instance.key_id(), "h");
    assert_eq!(instance.status, Status::Up);
    assert_eq!(instance.port, Port::PLAIN);
    assert_eq!(instance.secure_port, Port::SECURE);
    assert_eq!(instance.country_id, 1);
    assert_eq!(instance.lease, LeaseTerms::default());
    assert!(instance.metadata.is_empty());
    assert_eq!(instance.last_dirty, 1_700_000_000_000);
}

#[test]
fn null_is_as_good_as_nothing() {
    let nulls = r#""sid":null,"instanceId":null,"status":null,"overriddenStatus":null,"port":null,"securePort":null,
        "countryId":null,"leaseInfo":null,"metadata":null,"lastDirtyTimestamp":null,"vipAddress":null"#;
    assert_eq!(accepted(nulls), accepted(r#""unknown":null"#));
    assert_eq!(with(nulls).unwrap().carried_override, None);
}

#[test]
fn texts_may_be_numbers_or_truth_values() {
    let check = |written: &str, read: &str| {
        let instance = accepted(&format!(r#""vipAddress":{written}"#));
        assert_eq!(instance.vip_address.as_deref(), Some(read));
    };
    check(r#""v""#, "v");
    check(r#""""#, "");
    check(r#""\u00e4\"\ud83e\udd80""#, "ä\"🦀");
    check("123", "123");
    check("1.50", "1.50");
    check("true", "true");
    unparsable(with(r#""vipAddress":{"a":1}"#));
    unparsable(with(r#""vipAddress":["a"]"#));
}

#[test]
fn a_status_is_known_by_its_exact_name() {
    let check = |written: &str, read: Status| {
        assert_eq!(accepted(&format!(r#""status":{written}"#)).status, read);
    };
    check(r#""OUT_OF_SERVICE""#, Status::OutOfService);
    check(r#""up""#, Status::Unknown);
    check(r#""""#, Status::Unknown);
    check("5", Status::Unknown);
}

#[test]
fn an_override_is_read_in_either_spelling_and_the_later_counts() {
    let check = |fields: &str, read: Option<Status>| {
        assert_eq!(with(fields).unwrap().carried_override, read, "{fields}");
    };
    check(r#""overriddenStatus":"DOWN""#, Some(Status::Down));
    check(r#""overriddenstatus":"DOWN""#, Some(Status::Down));
    check(
        r#""overriddenstatus":"DOWN","overriddenStatus":"UP""#,
        Some(Status::Up),
    );
    check(r#""overriddenStatus":"UNKNOWN""#, None);
    check(r#""overriddenstatus":"""#, None);
}

#[test]
fn ports_come_in_many_shapes() {
    let check = |written: &str, number: i32, enabled: bool| {
        let instance = accepted(&format!(r#""port":{written}"#));
        assert_eq!(instance.port, Port { number, enabled }, "{written}");
    };
    check(r#"{"$":80,"@enabled":"true"}"#, 80, true);
    check(r#"{"@enabled":"false","$":"80"}"#, 80, false);
    check(r#"{"$":80,"@enabled":true}"#, 80, true);
    check(r#"{"$":80,"@enabled":0}"#, 80, false);
    check(r#"{"$":80,"@enabled":1}"#, 80, true);
    check(r#"{"$":80,"@enabled":" true "}"#, 80, true);
    check(r#"{"$":80,"@enabled":"TRUE"}"#, 80, false);
    check(r#"{"$":80,"@enabled":""}"#, 80, false);
    check(r#"{"$":80,"@enabled":null}"#, 80, false);
    check(r#"{"$":80.5}"#, 80, true);
    check(r#"{"$":"none"}"#, 0, true);
    check(r#"{"$":null}"#, 0, true);
    check(r#"{"$":"99999999999"}"#, 0, true);
    check(r#"{"$":80,"enabled":[false]}"#, 80, true);
    check("{}", 7001, true);
    check("80", 80, true);
    check(r#""80""#, 80, true);
    unparsable(with(r#""port":{"$":99999999999}"#));
    unparsable(with(r#""port":{"$":1e999}"#));
    unparsable(with(r#""port":{"$":{}}"#));
    unparsable(with(r#""port":[80]"#));
    let secure = accepted(r#""securePort":{"$":8443}"#).secure_port;
    assert!(!secure.enabled);
}

#[test]
fn numbers_may_be_texts() {
    let check = |written: &str, read: i64| {
        let field = format!(r#""lastDirtyTimestamp":{written}"#);
        assert_eq!(accepted(&field).last_dirty, read, "{written}");
    };
    check("1700000000005", 1_700_000_000_005);
    check(r#""1700000000005""#, 1_700_000_000_005);
    check("-5", -5);
    check("9223372036854775807", i64::MAX);
    check(r#""yesterday""#, 0);
    check("true", 0);
    unparsable(with(r#""lastDirtyTimestamp":9223372036854775808"#));
    assert_eq!(accepted(r#""countryId":"49""#).country_id, 49);
    assert_eq!(accepted(r#""countryId":"many""#).country_id, 0);
}

#[test]
fn times_of_a_lease_that_make_no_sense_are_left_to_the_defaults() {
    let check = |written: &str, interval_secs: u32, duration_secs: u32| {
        let terms = LeaseTerms {
            interval_secs,
            duration_secs,
        };
        let field = format!(r#""leaseInfo":{written}"#);
        assert_eq!(accepted(&field).lease, terms, "{written}");
    };
    check(
        r#"{"renewalIntervalInSecs":5,"durationInSecs":"15"}"#,
        5,
        15,
    );
    check(r#"{"renewalIntervalInSecs":0,"durationInSecs":-1}"#, 30, 90);
    check(
        r#"{"renewalIntervalInSecs":1.5,"durationInSecs":"x"}"#,
        1,
        90,
    );
    check(
        r#"{"durationInSecs":2592000,"evictionDurationInSecs":7}"#,
        30,
        2_592_000,
    );
    check(
        r#"{"durationInSecs":99999999999}"#,
        30,
        i32::MAX.unsigned_abs(),
    );
    check(r#"{"more":{"a":[1]},"durationInSecs":7}"#, 30, 7);
    check("{}", 30, 90);
    unparsable(with(r#""leaseInfo":[]"#));
    unparsable(with(r#""leaseInfo":"x""#));
    unparsable(with(r#""leaseInfo":{"durationInSecs":[7]}"#));
}

#[test]
fn metadata_values_are_texts_as_they_are_written() {
    let check = |written: &str, read: &[(&str, &str)]| {
        let instance = accepted(&format!(r#""metadata":{written}"#));
        assert_eq!(instance.metadata.iter().collect::<Vec<_>>(), read);
    };
    check(
        r#"{"k":"v","":"nameless"}"#,
        &[("k", "v"), ("", "nameless")],
    );
    check(
        r#"{"n":1,"f":1.50,"b":true,"z":null}"#,
        &[("n", "1"), ("f", "1.50"), ("b", "true"), ("z", "null")],
    );
    check(
        r#"{"a":"1","@class":"java.util.HashMap","b":"2"}"#,
        &[("a", "1"), ("b", "2")],
    );
    check(r#"{"@class":"java.util.Collections$EmptyMap"}"#, &[]);
    check(r#"{"a":"1","a":"2"}"#, &[("a", "2")]);
    unparsable(with(r#""metadata":[]"#));
    unparsable(with(r#""metadata":"x""#));
    unparsable(with(r#""metadata":{"o":{"x":"y"}}"#));
    unparsable(with(r#""metadata":{"l":["x"]}"#));
}

#[test]
fn without_an_id_the_metadata_may_give_one() {
    let check = |fields: &str, id: Option<&str>| {
        assert_eq!(accepted(fields).id.as_deref(), id, "{fields}");
    };
    check(r#""metadata":{"instanceId":"77"}"#, Some("h:77"));
    check(r#""metadata":{"instanceId":"h-77"}"#, Some("h-77"));
    check(
        r#""metadata":{"instanceId":"77"},"instanceId":"own""#,
        Some("own"),
    );
    check(
        r#""metadata":{"instanceId":"77"},"instanceId":"""#,
        Some(""),
    );
    check(r#""metadata":{"instanceId":" "}"#, None);
}

#[test]
fn a_data_centre_goes_by_its_name() {
    let check = |written: &str, read: DataCenter| {
        let instance = accepted(&format!(r#""dataCenterInfo":{written}"#));
        assert_eq!(instance.data_center, read, "{written}");
    };
    let amazon = |id| DataCenter::Amazon([("instance-id", id)].into_iter().collect());
    check(
        r#"{"@class":"com.example.Own","name":"Netflix"}"#,
        DataCenter::Netflix,
    );
    check(r#"{"name":"MyOwn","metadata":[]}"#, DataCenter::MyOwn);
    check(
        r#"{"name":"Amazon","@class":"com.netflix.appinfo.MyDataCenterInfo"}"#,
        amazon("h"),
    );
    check(
        r#"{"metadata":{"instance-id":"i"},"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon"}"#,
        amazon("i"),
    );
    check(
        r#"{"name":"Amazon","metadata":{"instance-id":""}}"#,
        amazon("h"),
    );
    check(r#"{"name":"Amazon","metadata":null}"#, amazon("h"));
    unparsable(with(r#""dataCenterInfo":{"name":"amazon"}"#));
    unparsable(with(r#""dataCenterInfo":{"name":"Elsewhere"}"#));
    unparsable(with(r#""dataCenterInfo":{"name":"Amazon","metadata":[]}"#));
    unparsable(with(r#""dataCenterInfo":[]"#));
}

#[test]
fn amazons_id_is_the_id_if_there_is_no_other() {
    let fields = r#""dataCenterInfo":{"name":"Amazon","metadata":{"instance-id":"i-7"}}"#;
    assert_eq!(accepted(fields).key_id(), "i-7");
}

#[test]
fn unknown_fields_of_any_shape_do_not_matter() {
    for value in [
        "1",
        "null",
        r#""x""#,
        r#"["x",{"y":[]}]"#,
        r#"{"deep":{"er":[1,"}"]}}"#,
    ] {
        let fields = format!(r#""extra":{value},"vipAddress":"after""#);
        assert_eq!(accepted(&fields).vip_address.as_deref(), Some("after"));
    }
}

#[test]
fn of_a_field_given_twice_the_later_counts() {
    assert_eq!(&*accepted(r#""ipAddr":"10.0.0.2""#).ip_addr, "10.0.0.2");
}

#[test]
fn what_is_not_an_instance_alone_is_unparsable() {
    let instance = format!(r#"{{{LEAST},"dataCenterInfo":{{"name":"MyOwn"}}}}"#);
    assert!(read(&format!(r#" {{ "instance" : {instance} }} "#)).is_ok());
    for body in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"instance":null}"#,
        r#"{"instance":[]}"#,
        &instance,
    ] {
        unparsable(read(body));
    }
    unparsable(read(&format!(r#"{{"instance":{instance},"other":1}}"#)));
    unparsable(read(&format!(r#"{{"application":{instance}}}"#)));
    unparsable(read(&format!(r#"{{"instance":{instance}}} garbage"#)));
    unparsable(read(
        r#"{"instance":{"hostName":"h","ipAddr":"1","dataCenterInfo":{"name":"MyOwn"}}}"#,
    ));
}

#[test]
fn bytes_that_are_no_utf8_are_unparsable() {
    let body = b"{\"instance\":{\"app\":\"\xff\"}}";
    let app = AppName::new("A");
    unparsable(registration(
        Format::Json,
        body,
        &app,
        &Limits::default(),
        NOW,
    ));
}

#[test]
fn of_several_faults_the_first_in_eurekas_order_is_named() {
    let check = |fields: &str, message: &str| match read(&format!(r#"{{"instance":{{{fields}}}}}"#))
    {
        Err(Refusal::Invalid(fault)) => assert_eq!(fault.to_string(), message),
        other => panic!("{fields}: {other:?}"),
    };
    check(r#""app":"B""#, "Missing instanceId");
    check(r#""app":"B","instanceId":"i""#, "Missing hostname");
    check(
        r#""app":"B","instanceId":"i","hostName":"""#,
        "Missing hostname",
    );
    check(r#""app":"B","hostName":"h""#, "Missing ip address");
    check(r#""app":"","hostName":"h","ipAddr":"1""#, "Missing appName");
    check(
        r#""app":"b","hostName":"h","ipAddr":"1""#,
        "Mismatched appName, expecting A but was B",
    );
    check(
        r#""app":"a","hostName":"h","ipAddr":"1""#,
        "Missing dataCenterInfo",
    );
    check(
        r#""app":"a","hostName":"h","ipAddr":"1","dataCenterInfo":null"#,
        "Missing dataCenterInfo",
    );
    check(
        r#""app":"a","hostName":"h","ipAddr":"1","dataCenterInfo":{}"#,
        "Missing dataCenterInfo Name",
    );
    check(
        r#""app":"a","hostName":"h","ipAddr":"1","dataCenterInfo":{"name":null}"#,
        "Missing dataCenterInfo Name",
    );
    assert_eq!(
        read(r#"{"instance":{"app":"A"}}"#),
        Err(Refusal::Invalid(Fault::NoId))
    );
}

#[test]
fn application_and_group_are_in_upper_case() {
    let instance = accepted(r#""app":"a","appGroupName":"grüße""#);
    assert_eq!(instance.app.as_str(), "A");
    assert_eq!(instance.app_group.as_deref(), Some("GRÜSSE"));
}

#[test]
fn what_is_too_large_is_refused_for_that() {
    let nested = |depth: usize| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(with(&nested(30)).is_ok());
    too_large(with(&nested(31)));
    too_large(with(&nested(1_000_000)));

    let keys = |count: usize| {
        let entries: Vec<_> = (0..count).map(|key| format!(r#""{key}":"""#)).collect();
        format!(r#""metadata":{{{}}}"#, entries.join(","))
    };
    assert!(with(&keys(1024)).is_ok());
    too_large(with(&keys(1025)));

    let value = |bytes: usize| format!(r#""metadata":{{"k":"{}"}}"#, "v".repeat(bytes));
    assert!(with(&value(256 * 1024 - 1)).is_ok());
    too_large(with(&value(256 * 1024)));

    let id = |bytes: usize| format!(r#""instanceId":"{}""#, "i".repeat(bytes));
    assert!(with(&id(4096)).is_ok());
    too_large(with(&id(4097)));
    too_large(with(&format!(r#""app":"{}""#, "a".repeat(4097))));
}

#[test]
fn brackets_inside_of_texts_are_no_depth() {
    let text = r#""vipAddress":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[""#;
    assert!(with(text).is_ok());
}
