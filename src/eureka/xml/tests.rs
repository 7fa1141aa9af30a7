//! One check per leniency, named by what clients send.

use super::*;
use crate::clock::Timestamp;
use crate::eureka::{Format, registration};
use crate::registry::instance::{AppName, DataCenter, Instance, Registration};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The least an instance must say.
const LEAST: &str = "<app>a</app><hostName>h</hostName><ipAddr>10.0.0.1</ipAddr>\
    <dataCenterInfo><name>MyOwn</name></dataCenterInfo>";

fn read(body: &str) -> Result<Registration, Refusal> {
    let path_app = AppName::new("A");
    registration(
        Format::Xml,
        body.as_bytes(),
        &path_app,
        &Limits::default(),
        NOW,
    )
}

/// Reads an instance that says the least, and these fields.
fn with(fields: &str) -> Result<Registration, Refusal> {
    read(&format!("<instance>{LEAST}{fields}</instance>"))
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
    let instance = accepted("");
    assert_eq!(instance.app.as_str(), "A");
    assert_eq!(instance.key_id(), "h");
    assert_eq!(instance.status, Status::Up);
    assert_eq!(instance.port, Port::PLAIN);
    assert_eq!(instance.secure_port, Port::SECURE);
    assert_eq!(instance.lease, LeaseTerms::default());
    assert_eq!(instance.last_dirty, 1_700_000_000_000);
}

#[test]
fn the_root_is_an_instance_by_its_short_or_long_name() {
    for root in ["instance", "com.netflix.appinfo.InstanceInfo"] {
        assert!(read(&format!("<{root}>{LEAST}</{root}>")).is_ok());
    }
    let around = format!(
        "\u{feff}<?xml version=\"1.0\"?>\n<!-- c --><instance xmlns=\"urn:x\">{LEAST}</instance>\n"
    );
    assert!(read(&around).is_ok());
    for body in [
        "",
        "<instance>",
        "<registration/>",
        "<instance/><instance/>",
        "text",
        "<instance></wrong>",
    ] {
        unparsable(read(body));
    }
    unparsable(read(&format!("<instance>{LEAST}</instance>text")));
}

#[test]
fn statuses_are_read_in_any_case() {
    let check = |written: &str, read: Status| {
        assert_eq!(
            accepted(&format!("<status>{written}</status>")).status,
            read
        );
    };
    check("out_of_service", Status::OutOfService);
    check("Starting", Status::Starting);
    check("nonsense", Status::Unknown);
    check("", Status::Unknown);
    for name in ["overriddenstatus", "overriddenStatus"] {
        let carried = with(&format!("<{name}>down</{name}>"))
            .unwrap()
            .carried_override;
        assert_eq!(carried, Some(Status::Down));
    }
}

#[test]
fn a_port_is_used_unless_it_says_no_and_a_secure_one_if_it_says_yes() {
    let check = |attribute: &str, plain: bool, secure: bool| {
        let instance = accepted(&format!(
            "<port{attribute}>80</port><securePort{attribute}>443</securePort>"
        ));
        assert_eq!(
            instance.port,
            Port {
                number: 80,
                enabled: plain
            }
        );
        assert_eq!(
            instance.secure_port,
            Port {
                number: 443,
                enabled: secure
            }
        );
    };
    check("", true, false);
    check(" enabled=\"true\"", true, true);
    check(" enabled='false'", false, false);
    check(" other='1' enabled='no'", true, false);
    unparsable(with("<port> 80 </port>"));
    unparsable(with("<port/>"));
    unparsable(with("<port>99999999999</port>"));
}

#[test]
fn numbers_that_are_none_say_nothing() {
    let instance = accepted(
        "<lastDirtyTimestamp>soon</lastDirtyTimestamp><countryId>x</countryId>\
         <leaseInfo><renewalIntervalInSecs>often</renewalIntervalInSecs><durationInSecs>9</durationInSecs></leaseInfo>",
    );
    assert_eq!(instance.last_dirty, 1_700_000_000_000);
    assert_eq!(instance.country_id, 1);
    assert_eq!(instance.lease.interval_secs, 30);
    assert_eq!(instance.lease.duration_secs, 9);
}

#[test]
fn a_data_centre_goes_by_its_name() {
    let read = |content: &str| {
        let center = format!("<dataCenterInfo class=\"nobody.Knows\">{content}</dataCenterInfo>");
        with(&center).map(|registration| registration.instance.data_center)
    };
    let amazon = |id| {
        Ok(DataCenter::Amazon(
            [("instance-id", id)].into_iter().collect(),
        ))
    };
    assert_eq!(read("<name>Netflix</name>"), Ok(DataCenter::Netflix));
    assert_eq!(read("<name>MyOwn</name><metadata/>"), Ok(DataCenter::MyOwn));
    assert_eq!(read("<name>AMAZON</name>"), amazon("h"));
    assert_eq!(
        read("<metadata><instance-id>i</instance-id></metadata><name>Amazon</name>"),
        amazon("i")
    );
    assert_eq!(
        read("").unwrap_err().to_string(),
        "invalid registration: Missing dataCenterInfo"
    );
    assert!(read("<name>myown</name>").is_err());
}

#[test]
fn metadata_are_elements_named_by_their_keys() {
    let metadata = accepted(
        "<metadata class=\"x\">\n<zone>a</zone><empty/><with__underscore>u</with__underscore>\
         <a_.002fb> 1 </a_.002fb><_>nameless</_><_.0040class>dropped</_.0040class></metadata>",
    )
    .metadata;
    let expected = [
        ("zone", "a"),
        ("empty", ""),
        ("with_underscore", "u"),
        ("a/b", " 1 "),
        ("", "nameless"),
    ];
    assert_eq!(metadata.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn texts_may_be_escaped_in_every_way_xml_has() {
    let instance = accepted(
        "<vipAddress>a&amp;b&lt;&#x20ac;&#13;<![CDATA[<c>]]><!-- not this -->d</vipAddress>",
    );
    assert_eq!(instance.vip_address.as_deref(), Some("a&b<€\r<c>d"));
}

#[test]
fn unknown_elements_do_not_matter_at_any_depth() {
    let instance = accepted(
        "<unknown a='1'><deep><app>B</app></deep></unknown><vipAddress>after</vipAddress>",
    );
    assert_eq!(instance.app.as_str(), "A");
    assert_eq!(instance.vip_address.as_deref(), Some("after"));
}

#[test]
fn what_could_grow_without_bound_is_refused() {
    let doctype = "<!DOCTYPE instance [<!ENTITY a \"b\">]>";
    unparsable(read(&format!("{doctype}<instance>{LEAST}</instance>")));
    unparsable(with("<vipAddress>&a;</vipAddress>"));
    unparsable(with("<vipAddress>&#0;</vipAddress>"));
    unparsable(with("<vipAddress>&#1;</vipAddress>"));

    let nested = |depth: usize| "<x>".repeat(depth) + &"</x>".repeat(depth);
    assert!(with(&nested(31)).is_ok());
    too_large(with(&nested(32)));
    too_large(with(&nested(1_000_000)));
    too_large(with(&"<x/>".repeat(4096)));
}
