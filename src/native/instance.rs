//! One instance in full.

use super::documents::{Instance, OverrideInForce, Stated, StatusSource, Urls, Versions};
use super::events;
use super::explain::{self, Facts, Overruled};
use super::instances::moment;
use super::rows::{Rows, server_name};
use super::secrets::{Secrets, without_credentials};
use crate::cluster::records;
use crate::registry::entry::Entry;
use crate::registry::instance::{AppName, DataCenter};
use crate::registry::record::Record;
use crate::registry::status::Status;
use crate::server::State;

/// How many events are told with an instance.
const EVENTS: usize = 20;

/// Everything that is known of a listed instance. `None`: it is not listed.
pub fn of(state: &State, app: &str, id: &str) -> Option<Instance> {
    let (revision, _) = moment(state);
    let app = AppName::new(app);
    let entry = state
        .registry
        .stored_as(app.as_str(), id)
        .filter(|entry| entry.record().live())?;
    let rows = Rows::of(state);
    let (instance, record) = (entry.instance(), entry.record());
    let secrets = rows.secrets();
    let metadata = || instance.metadata.iter();
    Some(Instance {
        revision,
        as_of: rows.now().to_string(),
        row: rows.row(&entry),
        statuses: statuses(state, &entry),
        vip: instance.vip_address.as_deref().map(str::to_owned),
        secure_vip: instance.secure_vip_address.as_deref().map(str::to_owned),
        urls: urls(&entry),
        metadata: metadata()
            .map(|(key, value)| (key.to_owned(), secrets.shown(key, value)))
            .collect(),
        masked: masked(metadata(), secrets),
        data_center: data_center(&instance.data_center).to_owned(),
        versions: versions(record),
        overriding: in_force(state, record),
        explanation: explain::explain(&Facts::gather(state, &rows, app.as_str(), id)),
        events: state
            .account
            .of(entry.key(), EVENTS)
            .iter()
            .map(|event| events::document(&state.account, event))
            .collect(),
    })
}

fn masked<'a>(
    metadata: impl Iterator<Item = (&'a str, &'a str)>,
    secrets: &Secrets,
) -> Vec<String> {
    let hidden = metadata.filter(|(key, _)| secrets.hide(key));
    hidden.map(|(key, _)| key.to_owned()).collect()
}

fn urls(entry: &Entry) -> Urls {
    let instance = entry.instance();
    let shown = |url: &Option<Box<str>>| url.as_deref().map(without_credentials);
    Urls {
        home: shown(&instance.home_page_url),
        status: shown(&instance.status_page_url),
        health: shown(&instance.health_check_url),
        secure_health: shown(&instance.secure_health_check_url),
    }
}

const fn data_center(center: &DataCenter) -> &'static str {
    match center {
        DataCenter::Netflix => "Netflix",
        DataCenter::Amazon(_) => "Amazon",
        DataCenter::MyOwn => "MyOwn",
    }
}

fn versions(record: &Record) -> Versions {
    Versions {
        body: Some(records::version(record.body.version)),
        lease: Some(records::version(record.lease.version)),
        overriding: record
            .overriding
            .as_ref()
            .map(|set| records::version(set.version)),
    }
}

/// The override in force of a record.
pub(crate) fn in_force(state: &State, record: &Record) -> Option<OverrideInForce> {
    Overruled::of(state, record).map(|set| OverrideInForce {
        status: set.status.to_string(),
        by: set.by,
        reason: set.why,
        until: set.until.map(|until| until.to_string()),
        set_at: set.set_at.to_string(),
        set_on: set.set_on,
    })
}

/// The three statuses of an instance and where each comes from.
fn statuses(state: &State, entry: &Entry) -> Vec<Stated> {
    let record = entry.record();
    let (own, set) = (entry.instance().status, in_force(state, record));
    let shown = Stated {
        status: Some(record.status().to_string()),
        from: StatusSource::Shown,
        why: why_shown(record, own).to_owned(),
        ..Stated::default()
    };
    let client = Stated {
        status: Some(own.to_string()),
        from: StatusSource::Client,
        by: Some(entry.instance().host_name.to_string()),
        at: Some(record.body.value.registered_at.to_string()),
        why: format!(
            "its client said so when it registered, at {}",
            server_name(state, record.body.version.origin.node)
        ),
    };
    let overriding = match set {
        None => Stated {
            from: StatusSource::Override,
            why: "nobody has set one".to_owned(),
            ..Stated::default()
        },
        Some(set) => Stated {
            status: Some(set.status),
            from: StatusSource::Override,
            by: set.by,
            at: Some(set.set_at),
            why: set.reason.unwrap_or_else(|| "nobody said why".to_owned()),
        },
    };
    vec![shown, client, overriding]
}

/// By which rule the shown status is shown.
fn why_shown(record: &Record, own: Status) -> &'static str {
    match record.overridden() {
        None => "there is no override, so what the client says is shown",
        Some(set) if set != record.status() => {
            "the client says it does not serve, which is stronger than an override until it says it is up"
        }
        Some(_) if own.yields() => "an override is stronger than what the client says",
        Some(_) => "the override was set after the client last spoke",
    }
}
