//! Documents byte for byte, as the Java server writes them.

use super::*;
use crate::clock::Timestamp;
use crate::eureka::{Limits, registration};
use crate::registry::instance::Registration;
use crate::registry::status::Status;
use crate::registry::view::{Action, LeaseTimes};

/// A list of one application with one instance.
const LIST: &str = r#"{"applications":{"versions__delta":"1","apps__hashcode":"UP_1_","application":[{"name":"ORDERS","instance":[{"instanceId":"h1:orders:8080","hostName":"h1","app":"ORDERS","ipAddr":"10.0.0.1","status":"UP","overriddenStatus":"UNKNOWN","port":{"$":8080,"@enabled":"true"},"securePort":{"$":443,"@enabled":"false"},"countryId":1,"dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},"leaseInfo":{"renewalIntervalInSecs":30,"durationInSecs":90,"registrationTimestamp":1700000000100,"lastRenewalTimestamp":1700000090200,"evictionTimestamp":0,"serviceUpTimestamp":1700000000100},"metadata":{"management.port":"8080"},"homePageUrl":"http://h1:8080/","statusPageUrl":"http://h1:8080/actuator/info","healthCheckUrl":"http://h1:8080/actuator/health","vipAddress":"orders","secureVipAddress":"orders","isCoordinatingDiscoveryServer":"false","lastUpdatedTimestamp":"1700000000101","lastDirtyTimestamp":"1700000000000","actionType":"ADDED"}]}]}}"#;

const FULL_XML: &str = r#"<applications>
  <versions__delta>1</versions__delta>
  <apps__hashcode>UP_1_</apps__hashcode>
  <application>
    <name>ORDERS</name>
    <instance>
      <instanceId>h1:orders:8080</instanceId>
      <hostName>h1</hostName>
      <app>ORDERS</app>
      <ipAddr>10.0.0.1</ipAddr>
      <status>UP</status>
      <overriddenstatus>UNKNOWN</overriddenstatus>
      <port enabled="true">8080</port>
      <securePort enabled="false">443</securePort>
      <countryId>1</countryId>
      <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo">
        <name>MyOwn</name>
      </dataCenterInfo>
      <leaseInfo>
        <renewalIntervalInSecs>30</renewalIntervalInSecs>
        <durationInSecs>90</durationInSecs>
        <registrationTimestamp>1700000000100</registrationTimestamp>
        <lastRenewalTimestamp>1700000090200</lastRenewalTimestamp>
        <evictionTimestamp>0</evictionTimestamp>
        <serviceUpTimestamp>1700000000100</serviceUpTimestamp>
      </leaseInfo>
      <metadata>
        <management.port>8080</management.port>
      </metadata>
      <homePageUrl>http://h1:8080/</homePageUrl>
      <statusPageUrl>http://h1:8080/actuator/info</statusPageUrl>
      <healthCheckUrl>http://h1:8080/actuator/health</healthCheckUrl>
      <vipAddress>orders</vipAddress>
      <secureVipAddress>orders</secureVipAddress>
      <isCoordinatingDiscoveryServer>false</isCoordinatingDiscoveryServer>
      <lastUpdatedTimestamp>1700000000101</lastUpdatedTimestamp>
      <lastDirtyTimestamp>1700000000000</lastDirtyTimestamp>
      <actionType>ADDED</actionType>
    </instance>
  </application>
</applications>"#;

const COMPACT_JSON: &str = r#"{"applications":{"application":[{"name":"ORDERS","instance":[{"instanceId":"h1:orders:8080","app":"ORDERS","ipAddr":"10.0.0.1","vipAddress":"orders","secureVipAddress":"orders","dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},"hostName":"h1","status":"UP","lastUpdatedTimestamp":1700000000101,"actionType":"ADDED","port":{"$":8080,"@enabled":"true"},"securePort":{"$":443,"@enabled":"false"}}]}],"versions__delta":"1","apps__hashcode":"UP_1_"}}"#;

const COMPACT_XML: &str = r#"<applications><application><name>ORDERS</name><instance><instanceId>h1:orders:8080</instanceId><app>ORDERS</app><ipAddr>10.0.0.1</ipAddr><vipAddress>orders</vipAddress><secureVipAddress>orders</secureVipAddress><dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo><hostName>h1</hostName><status>UP</status><lastUpdatedTimestamp>1700000000101</lastUpdatedTimestamp><actionType>ADDED</actionType><port enabled="true">8080</port><securePort enabled="false">443</securePort></instance></application><versions__delta>1</versions__delta><apps__hashcode>UP_1_</apps__hashcode></applications>"#;

const FULL_AS_JSON: Dialect = Dialect::full(Format::Json);
const FULL_AS_XML: Dialect = Dialect::full(Format::Xml);
const COMPACT_AS_JSON: Dialect = Dialect::compact(Format::Json);
const COMPACT_AS_XML: Dialect = Dialect::compact(Format::Xml);

const HEADER: Header<'_> = Header {
    version: 1,
    hash: "UP_1_",
};

/// The instance of the list, as its client would register it.
fn registered() -> Registration {
    let (_, instance) = LIST.split_once(r#""instance":["#).unwrap();
    let instance = instance.strip_suffix("]}]}}").unwrap();
    read(&format!(r#"{{"instance":{instance}}}"#))
}

fn read(body: &str) -> Registration {
    let (app, now) = (AppName::new("ORDERS"), Timestamp::from_millis(5));
    registration(Format::Json, body.as_bytes(), &app, &Limits::default(), now).unwrap()
}

fn shown(registration: &Registration) -> Shown<'_> {
    let at = Timestamp::from_millis;
    Shown {
        instance: &registration.instance,
        status: registration.instance.status,
        overridden: None,
        times: LeaseTimes {
            registered_at: at(1_700_000_000_100),
            renewed_at: at(1_700_000_090_200),
            ended_at: None,
            up_since: Some(at(1_700_000_000_100)),
        },
        updated_at: at(1_700_000_000_101),
        action: Action::Added,
    }
}

/// The text that a writer appends.
fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn lists_are_written_to_the_byte() {
    let registered = registered();
    let app = AppName::new("ORDERS");
    let check = |dialect: Dialect, expected: &str| {
        let groups = [(&app, [shown(&registered)])];
        let written = text(|out| applications(out, dialect, &HEADER, groups));
        assert_eq!(written, expected);
    };
    check(FULL_AS_JSON, LIST);
    check(FULL_AS_XML, FULL_XML);
    check(COMPACT_AS_JSON, COMPACT_JSON);
    check(COMPACT_AS_XML, COMPACT_XML);
}

#[test]
fn empty_lists_keep_their_array_and_their_header() {
    let check = |dialect: Dialect, expected: &str| {
        let header = Header {
            version: -1,
            hash: "",
        };
        let none: [(&AppName, [Shown<'_>; 0]); 0] = [];
        let written = text(|out| applications(out, dialect, &header, none));
        assert_eq!(written, expected);
    };
    check(
        FULL_AS_JSON,
        r#"{"applications":{"versions__delta":"-1","apps__hashcode":"","application":[]}}"#,
    );
    check(
        COMPACT_AS_JSON,
        r#"{"applications":{"application":[],"versions__delta":"-1","apps__hashcode":""}}"#,
    );
    check(
        FULL_AS_XML,
        "<applications>\n  <versions__delta>-1</versions__delta>\n  <apps__hashcode></apps__hashcode>\n</applications>",
    );
    check(
        COMPACT_AS_XML,
        "<applications><versions__delta>-1</versions__delta><apps__hashcode></apps__hashcode></applications>",
    );
}

#[test]
fn an_application_and_an_instance_are_documents_of_their_own() {
    let registered = registered();
    let app = AppName::new("ORDERS");
    let json = text(|out| {
        application(
            out,
            FULL_AS_JSON,
            &app,
            [shown(&registered), shown(&registered)],
        )
    });
    assert!(json.starts_with(r#"{"application":{"name":"ORDERS","instance":[{"instanceId":"h1:"#));
    assert!(json.contains(r#""actionType":"ADDED"},{"instanceId""#));
    assert!(json.ends_with(r#""actionType":"ADDED"}]}}"#));
    let xml = text(|out| application(out, FULL_AS_XML, &app, [shown(&registered)]));
    assert!(
        xml.starts_with("<application>\n  <name>ORDERS</name>\n  <instance>\n    <instanceId>h1:")
    );
    assert!(xml.ends_with("    <actionType>ADDED</actionType>\n  </instance>\n</application>"));
    let compact = text(|out| application(out, COMPACT_AS_XML, &app, [shown(&registered)]));
    assert!(compact.starts_with("<application><name>ORDERS</name><instance><instanceId>"));

    let json = text(|out| single_instance(out, Format::Json, &shown(&registered)));
    assert!(json.starts_with(r#"{"instance":{"instanceId":"h1:"#));
    let xml = text(|out| single_instance(out, Format::Xml, &shown(&registered)));
    assert!(xml.starts_with("<instance>\n  <instanceId>h1:"));
    assert!(xml.ends_with("  <actionType>ADDED</actionType>\n</instance>"));
}

#[test]
fn what_is_shown_is_not_what_was_said() {
    let registered = registered();
    let mut shown = shown(&registered);
    shown.status = Status::OutOfService;
    shown.overridden = Some(Status::OutOfService);
    shown.action = Action::Deleted;
    shown.times.ended_at = Some(Timestamp::from_millis(7));
    shown.times.up_since = None;
    let json = text(|out| single_instance(out, Format::Json, &shown));
    assert!(json.contains(r#""status":"OUT_OF_SERVICE","overriddenStatus":"OUT_OF_SERVICE""#));
    assert!(json.contains(r#""evictionTimestamp":7,"serviceUpTimestamp":0}"#));
    assert!(json.contains(r#""actionType":"DELETED""#));
    let xml = text(|out| single_instance(out, Format::Xml, &shown));
    assert!(
        xml.contains("<status>OUT_OF_SERVICE</status>"),
        "no masking, however Java does it"
    );
}

#[test]
fn empty_metadata_and_an_idle_sid_are_hidden_as_java_hides_them() {
    let body = |sid: &str| {
        format!(
            r#"{{"instance":{{"app":"orders","hostName":"h","ipAddr":"1","sid":"{sid}","dataCenterInfo":{{"name":"MyOwn"}}}}}}"#
        )
    };
    let json =
        |sid: &str| text(|out| single_instance(out, Format::Json, &shown(&read(&body(sid)))));
    let xml = text(|out| single_instance(out, Format::Xml, &shown(&read(&body("na")))));
    assert!(
        json("na").starts_with(
            r#"{"instance":{"hostName":"h","app":"ORDERS","ipAddr":"1","status":"UP""#
        )
    );
    assert!(json("na").contains(r#""metadata":{"@class":"java.util.Collections$EmptyMap"},"#));
    assert!(xml.contains("\n  <metadata class=\"java.util.Collections$EmptyMap\"/>\n"));
    assert!(!json("unknown").contains("sid"));
    assert!(json("5").contains(r#""sid":"5""#));
}

#[test]
fn compact_documents_keep_little_of_what_amazon_says() {
    let registered = read(
        r#"{"instance":{"app":"orders","hostName":"h","ipAddr":"1","dataCenterInfo":
            {"name":"Amazon","metadata":{"ami-id":"a","instance-id":"i","vpc-id":"v","local-ipv4":"10"}}}}"#,
    );
    let app = AppName::new("ORDERS");
    let in_dialect = |dialect| text(|out| application(out, dialect, &app, [shown(&registered)]));
    let json = |metadata| {
        format!(
            r#""dataCenterInfo":{{"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon","metadata":{metadata}}}"#
        )
    };
    assert!(in_dialect(FULL_AS_JSON).contains(&json(
        r#"{"ami-id":"a","instance-id":"i","vpc-id":"v","local-ipv4":"10"}"#
    )));
    assert!(
        in_dialect(COMPACT_AS_JSON).contains(&json(r#"{"instance-id":"i","local-ipv4":"10"}"#))
    );
    assert!(in_dialect(COMPACT_AS_XML).contains(
        "<dataCenterInfo class=\"com.netflix.appinfo.AmazonInfo\"><name>Amazon</name>\
         <metadata><instance-id>i</instance-id><local-ipv4>10</local-ipv4></metadata></dataCenterInfo>"
    ));
}
