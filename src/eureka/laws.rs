//! What must hold of reading and writing together, for whatever texts and numbers a client may send.

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::registry::instance::{
    AppName, DataCenter, Instance, LeaseTerms, Metadata, Port, Registration, Text,
};
use crate::registry::status::Status;
use crate::registry::view::{Action, LeaseTimes, Shown};

/// Texts of every kind of character that one of the formats treats in its own way.
fn texts() -> impl Strategy<Value = String> {
    let odd = r#"[a-z:_$@.<>&"'\\/{} \t\r\n0-9äλ✓🦀\u{1}\u{7f}\u{85}\u{2028}\u{fffe}]{0,12}"#;
    prop_oneof![odd, any::<String>(), "[a-z]{1,8}"]
}

/// As `texts`, but with something in it.
fn names() -> impl Strategy<Value = String> {
    texts().prop_map(|text| text + "n")
}

fn optional_texts() -> impl Strategy<Value = Option<Text>> {
    prop::option::of(texts().prop_map(Text::from))
}

/// Metadata as they can be in the registry: never with Java's marker as a key.
fn metadata() -> impl Strategy<Value = Metadata> {
    prop::collection::vec((texts(), texts()), 0..5).prop_map(|entries| {
        let entries = entries.iter().filter(|(key, _)| key != "@class");
        entries
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    })
}

/// Data centres as they can be in the registry: Amazon's always names the instance.
fn data_centers() -> impl Strategy<Value = DataCenter> {
    let amazon = (metadata(), names()).prop_map(|(metadata, id)| {
        DataCenter::Amazon(metadata.with([("instance-id", id.as_str())]))
    });
    prop_oneof![Just(DataCenter::MyOwn), Just(DataCenter::Netflix), amazon]
}

fn ports() -> impl Strategy<Value = Port> {
    any::<(i32, bool)>().prop_map(|(number, enabled)| Port { number, enabled })
}

fn leases() -> impl Strategy<Value = LeaseTerms> {
    let secs = 1..=i32::MAX.unsigned_abs();
    (secs.clone(), secs).prop_map(|(interval_secs, duration_secs)| LeaseTerms {
        interval_secs,
        duration_secs,
    })
}

/// Instances as they can be in the registry: with an id, unless nothing in the metadata could be taken for one, and
/// without a `sid` that is never shown.
fn instances() -> impl Strategy<Value = Instance> {
    let names = (names(), names(), names(), prop::option::of(names()));
    let texts = prop::collection::vec(optional_texts(), 8);
    let ports = (ports(), ports(), any::<i32>());
    let rest = (data_centers(), leases(), metadata(), any::<i64>());
    let status = prop::sample::select(Status::ALL.to_vec());
    (names, texts, ports, rest, status).prop_map(|(names, texts, ports, rest, status)| {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        let known = rest.2.value("instanceId").is_some();
        Instance {
            app: AppName::new(&names.0),
            id: names.3.or(known.then(|| "known".into())).map(Text::from),
            host_name: names.1.into(),
            ip_addr: names.2.into(),
            sid: text().filter(|sid| !matches!(&**sid, "na" | "unknown")),
            status,
            port: ports.0,
            secure_port: ports.1,
            country_id: ports.2,
            data_center: rest.0,
            lease: rest.1,
            metadata: rest.2,
            app_group: text().map(|group| group.to_uppercase().into()),
            home_page_url: text(),
            status_page_url: text(),
            health_check_url: text(),
            secure_health_check_url: text(),
            vip_address: text(),
            secure_vip_address: text(),
            asg_name: text(),
            last_dirty: rest.3,
        }
    })
}

fn lists() -> impl Strategy<Value = Vec<Instance>> {
    prop::collection::vec(instances(), 0..3)
}

/// An instance as it registered, shown as it is.
pub(super) fn shown(instance: &Instance) -> Shown<'_> {
    let time = Timestamp::from_millis(1_700_000_000_000);
    Shown {
        instance,
        status: instance.status,
        overridden: None,
        times: LeaseTimes {
            registered_at: time,
            renewed_at: time,
            ended_at: None,
            up_since: None,
        },
        updated_at: time,
        action: Action::Added,
    }
}

fn read(format: Format, body: &[u8], app: &AppName) -> Result<Registration, Refusal> {
    let now = Timestamp::from_millis(5);
    registration(format, body, app, &Limits::default(), now)
}

fn written(format: Format, instance: &Instance) -> Vec<u8> {
    let mut out = Vec::new();
    document::single_instance(&mut out, format, &shown(instance));
    out
}

/// What becomes of a text in XML: the characters that XML forbids are lost, all others survive.
fn as_in_xml(text: &str) -> String {
    let kept = |c| if xml::text::allows(c) { c } else { '\u{fffd}' };
    text.chars().map(kept).collect()
}

/// What becomes of an instance in XML: keys survive whole, being escaped; values as `as_in_xml` has it.
fn instance_as_in_xml(instance: Instance) -> Instance {
    let text = |text: Text| Text::from(as_in_xml(&text));
    let metadata = |metadata: &Metadata| {
        let entries: Vec<_> = metadata
            .iter()
            .map(|(key, value)| (key.to_owned(), as_in_xml(value)))
            .collect();
        entries
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    };
    Instance {
        app: AppName::new(&as_in_xml(instance.app.as_str())),
        id: instance.id.map(text),
        host_name: text(instance.host_name),
        ip_addr: text(instance.ip_addr),
        sid: instance.sid.map(text),
        data_center: match &instance.data_center {
            DataCenter::Amazon(amazon) => DataCenter::Amazon(metadata(amazon)),
            other => other.clone(),
        },
        metadata: metadata(&instance.metadata),
        app_group: instance.app_group.map(text),
        home_page_url: instance.home_page_url.map(text),
        status_page_url: instance.status_page_url.map(text),
        health_check_url: instance.health_check_url.map(text),
        secure_health_check_url: instance.secure_health_check_url.map(text),
        vip_address: instance.vip_address.map(text),
        secure_vip_address: instance.secure_vip_address.map(text),
        asg_name: instance.asg_name.map(text),
        ..instance
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_instance_survives_json(instance in instances()) {
        let read = read(Format::Json, &written(Format::Json, &instance), &instance.app).unwrap();
        prop_assert_eq!(read.instance, instance);
    }

    #[test]
    fn an_instance_survives_xml_but_for_forbidden_characters(instance in instances()) {
        let body = written(Format::Xml, &instance);
        let expected = instance_as_in_xml(instance);
        let read = read(Format::Xml, &body, &expected.app).unwrap();
        prop_assert_eq!(read.instance, expected);
    }

    #[test]
    fn every_list_in_json_is_json(instances in lists(), hash in texts(), version: i64) {
        let header = document::Header { version, hash: &hash };
        let version = version.to_string();
        for dialect in [Dialect::full(Format::Json), Dialect::compact(Format::Json)] {
            let body = list(dialect, &header, &instances);
            let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let list = &read["applications"];
            prop_assert_eq!(list["versions__delta"].as_str(), Some(version.as_str()));
            prop_assert_eq!(list["apps__hashcode"].as_str(), Some(hash.as_str()));
            let applications = list["application"].as_array().unwrap();
            prop_assert_eq!(applications.len(), instances.len());
            for application in applications {
                prop_assert_eq!(application["instance"].as_array().map(Vec::len), Some(2));
            }
        }
    }

    #[test]
    fn every_list_in_xml_is_well_formed(instances in lists(), hash in texts()) {
        let header = document::Header { version: 1, hash: &hash };
        let limits = Limits::default();
        for dialect in [Dialect::full(Format::Xml), Dialect::compact(Format::Xml)] {
            let body = String::from_utf8(list(dialect, &header, &instances)).unwrap();
            prop_assert!(body.chars().all(xml::text::allows));
            let wrapped = format!("<instance>{body}</instance>");
            prop_assert!(xml::document(&wrapped, &limits).is_ok());
        }
    }

    #[test]
    fn pieces_rendered_apart_make_the_same_list(instances in lists()) {
        let header = document::Header { version: 7, hash: "UP_1_" };
        for format in [Format::Json, Format::Xml] {
            for dialect in [Dialect::full(format), Dialect::compact(format)] {
                let whole = list(dialect, &header, &instances);
                prop_assert_eq!(stitched(dialect, &header, &instances), whole);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&body);
    }

    #[test]
    fn no_damage_to_a_document_makes_a_reader_panic(
        instance in instances(),
        byte: u8,
        at: prop::sample::Index,
        cut: prop::sample::Index,
    ) {
        for format in [Format::Json, Format::Xml] {
            let mut body = written(format, &instance);
            let at = at.index(body.len());
            body[at] = byte;
            read_all(&body);
            read_all(&body[..cut.index(body.len())]);
        }
    }
}

fn read_all(body: &[u8]) {
    let app = AppName::new("A");
    for format in [Format::Json, Format::Xml] {
        read(format, body, &app).ok();
    }
    batch::requests(body, &Limits::default(), Timestamp::default()).ok();
}

/// A list with every instance twice, in an application of its own.
fn list(dialect: Dialect, header: &document::Header<'_>, instances: &[Instance]) -> Vec<u8> {
    let groups = instances
        .iter()
        .map(|instance| (&instance.app, [shown(instance), shown(instance)]));
    let mut out = Vec::new();
    document::applications(&mut out, dialect, header, groups);
    out
}

/// The same list, each piece in a buffer of its own.
fn stitched(dialect: Dialect, header: &document::Header<'_>, instances: &[Instance]) -> Vec<u8> {
    let piece = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        out
    };
    let separator = piece(&|out| document::separate(out, dialect));
    let groups: Vec<_> = instances
        .iter()
        .map(|instance| {
            let item = piece(&|out| document::instance(out, dialect, &shown(instance)));
            let mut group = piece(&|out| document::open_application(out, dialect, &instance.app));
            group.extend([item.as_slice(), item.as_slice()].join(separator.as_slice()));
            group.extend(piece(&|out| document::close_application(out, dialect)));
            group
        })
        .collect();
    let mut list = piece(&|out| document::open(out, dialect, header));
    list.extend(groups.join(separator.as_slice()));
    list.extend(piece(&|out| document::close(out, dialect, header)));
    list
}
