//! Registrations: what is read is registered, shown, and read back from what is shown.

use peerage::clock::Timestamp;
use peerage::eureka::document::{self, Header};
use peerage::eureka::refusal::Fault;
use peerage::eureka::{self, Dialect, Format, Limits, Refusal};
use peerage::registry::change::Sender;
use peerage::registry::entry::Entry;
use peerage::registry::instance::{AppName, DataCenter, Instance, Metadata, Registration, Text};
use peerage::registry::settings::RegistrySettings;
use peerage::registry::status::Status;
use peerage::registry::{Heartbeat, Registry, Renewal};
use peers::version::{Epoch, NodeId, Origin};

use crate::document::{DIALECTS, check, is_xml_character};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Limits that small bodies reach.
const TIGHT: Limits = Limits {
    name_bytes_max: 16,
    metadata_keys_max: 3,
    metadata_bytes_max: 48,
    depth_max: 3,
    elements_max: 24,
    batch_items_max: 4,
};

/// A body is refused, or what it says is shown to everybody as it was said.
pub fn registration(format: Format, body: &[u8]) {
    let read = read(format, body, &Limits::default());
    if let Some(under_limits) = self::read(format, body, &TIGHT) {
        check_limits(&under_limits.instance);
        assert_eq!(
            read,
            Some(under_limits),
            "limits refuse, and change nothing"
        );
    }
    if let Some(read) = read {
        register(&read);
    }
}

/// Reads a body for the application it names, whichever that is.
fn read(format: Format, body: &[u8], limits: &Limits) -> Option<Registration> {
    let read = |app: &AppName| eureka::registration(format, body, app, limits, NOW);
    match read(&AppName::new("A")) {
        Err(Refusal::Invalid(Fault::OtherApp { found, .. })) => read(&found).ok(),
        read => read.ok(),
    }
}

fn check_limits(instance: &Instance) {
    let longest = instance.app.as_str().len().max(instance.key_id().len());
    assert!(longest <= TIGHT.name_bytes_max, "a name of {longest} bytes");
    let pairs = instance.metadata.iter();
    assert!(pairs.len() <= TIGHT.metadata_keys_max);
    let bytes: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
    assert!(
        bytes <= TIGHT.metadata_bytes_max,
        "metadata of {bytes} bytes"
    );
}

/// The life of an instance, from registration to cancellation.
fn register(registration: &Registration) {
    let registry = registry();
    registry.register(registration.clone(), Sender::Client, NOW);
    let instance = &registration.instance;
    let (app, id) = (instance.app.as_str(), instance.key_id());
    let entry = registry
        .find(app, id, NOW)
        .expect("what is registered is found by its names");
    assert_eq!(entry.instance(), instance);
    check_shown(&entry);
    check_lists(&registry);
    check_renewal(&registry, &entry);
    registry
        .cancel(app, id, Sender::Client, NOW)
        .expect("what is registered can be cancelled");
    assert!(registry.find(app, id, NOW).is_none());
    check_lists(&registry);
}

fn registry() -> Registry {
    let origin = Origin {
        node: NodeId(1),
        epoch: Epoch(1),
    };
    Registry::new(RegistrySettings::DEFAULT, origin)
}

fn check_renewal(registry: &Registry, entry: &Entry) {
    let beat = Heartbeat {
        last_dirty: Some(entry.instance().last_dirty),
        carried_override: None,
        by: Sender::Client,
    };
    let renewal = registry.renew(entry.key().app.as_str(), &entry.key().id, &beat, NOW);
    match entry.record().status() {
        Status::Unknown => assert!(matches!(renewal, Renewal::Unknown)),
        _ => assert!(matches!(renewal, Renewal::Renewed)),
    }
}

/// An instance alone, in both formats, is readable and reads back as what it was.
fn check_shown(entry: &Entry) {
    for format in [Format::Json, Format::Xml] {
        let mut body = Vec::new();
        document::single_instance(&mut body, format, &entry.shown());
        check(Dialect::full(format), &body);
        let read = read(format, &body, &Limits::default());
        let expected = survives(format, shown(entry));
        assert_eq!(read, Some(expected), "read back from {format:?}");
    }
}

/// All lists, in all dialects, are readable.
fn check_lists(registry: &Registry) {
    let snapshot = registry.refresh();
    let header = Header {
        version: 1,
        hash: &snapshot.hash_code,
    };
    for list in [&snapshot.registered, &snapshot.recent] {
        for dialect in DIALECTS {
            let groups = list.iter().map(|entry| (&entry.key().app, [entry.shown()]));
            let mut body = Vec::new();
            document::applications(&mut body, dialect, &header, groups);
            check(dialect, &body);
        }
    }
}

/// What a reader may make of an instance: it sees the status after overrides, and the override.
fn shown(entry: &Entry) -> Registration {
    let (instance, record) = (entry.instance().clone(), entry.record());
    Registration {
        instance: Instance {
            sid: instance
                .sid
                .filter(|sid| !matches!(&**sid, "na" | "unknown")),
            status: record.status(),
            ..instance
        },
        carried_override: record
            .overridden()
            .filter(|status| *status != Status::Unknown),
    }
}

/// What survives of it when it is written and read again.
fn survives(format: Format, registration: Registration) -> Registration {
    let survives = match format {
        Format::Json => named_by_metadata,
        Format::Xml => without_forbidden_characters,
    };
    Registration {
        instance: survives(registration.instance),
        ..registration
    }
}

/// In JSON, an instance without an id takes it from its metadata.
fn named_by_metadata(mut instance: Instance) -> Instance {
    let named = instance
        .metadata
        .value("instanceId")
        .filter(|id| !id.trim().is_empty());
    if let (None, Some(id)) = (&instance.id, named) {
        let host = &*instance.host_name;
        let id = if id.starts_with(host) {
            id.into()
        } else {
            format!("{host}:{id}")
        };
        instance.id = Some(id.into());
    }
    instance
}

/// XML cannot hold every character. In keys of metadata even those survive, being escaped.
fn without_forbidden_characters(instance: Instance) -> Instance {
    let text = |text: Text| Text::from(as_in_xml(&text));
    Instance {
        app: AppName::new(&as_in_xml(instance.app.as_str())),
        id: instance.id.map(text),
        host_name: text(instance.host_name),
        ip_addr: text(instance.ip_addr),
        sid: instance.sid.map(text),
        data_center: match instance.data_center {
            DataCenter::Amazon(amazon) => DataCenter::Amazon(metadata_as_in_xml(&amazon)),
            other => other,
        },
        metadata: metadata_as_in_xml(&instance.metadata),
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

fn metadata_as_in_xml(metadata: &Metadata) -> Metadata {
    let pairs: Vec<_> = metadata
        .iter()
        .map(|(key, value)| (key, as_in_xml(value)))
        .collect();
    pairs
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect()
}

fn as_in_xml(text: &str) -> String {
    let kept = |c| if is_xml_character(c) { c } else { '\u{fffd}' };
    text.chars().map(kept).collect()
}
