//! What is said of a snapshot.

use std::collections::BTreeMap;

use peers::snapshot::{FORMAT, Snapshot};
use peers::version::Origin;
use serde::Serialize;

use crate::cli::table::table;
use crate::clock::Timestamp;
use crate::cluster;
use crate::config::Config;
use crate::native::secrets::Secrets;
use crate::registry::entry::Key;
use crate::registry::record::{EndedBy, Override, Record};
use crate::replication::told_of;

/// A snapshot, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Inspected {
    file: String,
    bytes: usize,
    format: u32,
    cluster: String,
    server: Server,
    taken_at: String,
    live: usize,
    dead: usize,
    overridden: usize,
    /// Records that a later release wrote in a way this one cannot read. They are kept all the same.
    unreadable: usize,
    owners: Vec<Owner>,
    applications: Vec<Application>,
    pub(super) instances: Vec<Instance>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Server {
    name: String,
    id: String,
    epoch: u64,
}

/// A server that owned leases, during one of its starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Owner {
    id: String,
    epoch: u64,
    leases: usize,
    /// How many it last said it had.
    leases_told: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Application {
    name: String,
    live: usize,
    up: usize,
    overridden: usize,
    dead: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Instance {
    app: String,
    id: String,
    status: &'static str,
    own_status: &'static str,
    host: String,
    ip: String,
    lease: &'static str,
    owner: String,
    registered_at: String,
    r#override: Option<Overridden>,
    metadata: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Overridden {
    status: &'static str,
    by: Option<String>,
    why: Option<String>,
    until: Option<String>,
}

impl Inspected {
    pub(super) fn of(snapshot: &Snapshot, file: String, bytes: usize) -> Self {
        let taken = &snapshot.taken;
        let records: Vec<_> = snapshot.records.iter().filter_map(told_of).collect();
        let live = records.iter().filter(|(_, record)| record.live()).count();
        let overridden = |(_, record): &&(_, Record)| record.overridden().is_some();
        // What looks secret by the usual names is not shown; those of a server's settings are not at hand.
        let secrets = Secrets::new(&Config::default().api.secret_keys.0);
        Self {
            file,
            bytes,
            format: FORMAT,
            cluster: taken.cluster_name.clone(),
            server: Server {
                name: taken.name.clone(),
                id: cluster::id(taken.origin.node),
                epoch: taken.origin.epoch.0,
            },
            taken_at: Timestamp::from_millis(taken.at).to_string(),
            live,
            dead: records.len() - live,
            overridden: records.iter().filter(overridden).count(),
            unreadable: snapshot.records.len() - records.len(),
            owners: owners(snapshot, &records),
            applications: applications(&records),
            instances: records
                .iter()
                .map(|(key, record)| instance(key, record, &secrets))
                .collect(),
        }
    }

    pub(super) fn text(&self, instances: bool) -> String {
        let mut text = self.head();
        text.push('\n');
        text.push_str(&self.applications_text());
        if instances {
            text.push('\n');
            text.push_str(&self.instances_text());
        }
        text
    }

    fn head(&self) -> String {
        let Self {
            server,
            live,
            dead,
            overridden,
            unreadable,
            ..
        } = self;
        let mut rows = vec![
            ("file", format!("{}, {} bytes", self.file, self.bytes)),
            ("taken", self.taken_at.clone()),
            ("cluster", self.cluster.clone()),
            (
                "server",
                format!("{}, {}, start {}", server.name, server.id, server.epoch),
            ),
            (
                "records",
                format!("{live} live, {dead} dead, {overridden} with an override"),
            ),
        ];
        if *unreadable > 0 {
            let text = format!("{unreadable}, of a later release");
            rows.push(("unreadable", text));
        }
        rows.extend(self.owners.iter().map(|owner| ("owner", owner.text())));
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(name, text)| [name.to_owned(), text])
            .collect();
        table(["SNAPSHOT", ""], &rows)
    }

    fn applications_text(&self) -> String {
        let rows = self.applications.iter().map(|app| {
            let numbers = [app.live, app.up, app.overridden, app.dead];
            let [live, up, overridden, dead] = numbers.map(|number| number.to_string());
            [app.name.clone(), live, up, overridden, dead]
        });
        let rows: Vec<_> = rows.collect();
        table(["APPLICATION", "LIVE", "UP", "OVERRIDDEN", "DEAD"], &rows)
    }

    fn instances_text(&self) -> String {
        let rows: Vec<_> = self
            .instances
            .iter()
            .map(|instance| {
                let set = instance.r#override.as_ref();
                [
                    format!("{}/{}", instance.app, instance.id),
                    instance.status.to_owned(),
                    set.map_or_else(|| "-".to_owned(), Overridden::text),
                    instance.lease.to_owned(),
                    instance.owner.clone(),
                    instance.registered_at.clone(),
                ]
            })
            .collect();
        let header = [
            "INSTANCE",
            "STATUS",
            "OVERRIDE",
            "LEASE",
            "OWNER",
            "REGISTERED",
        ];
        table(header, &rows)
    }
}

impl Owner {
    fn text(&self) -> String {
        let told = self.leases_told;
        let told = told.map_or_else(String::new, |told| format!(" of {told} it told of"));
        format!(
            "{}, start {}: {} leases{told}",
            self.id, self.epoch, self.leases
        )
    }
}

impl Overridden {
    fn of(set: &Override) -> Self {
        let text = |text: &Option<_>| text.as_deref().map(str::to_owned);
        Self {
            status: set.status.name(),
            by: text(&set.by),
            why: text(&set.why),
            until: set.until.map(|until| until.to_string()),
        }
    }

    fn text(&self) -> String {
        let by = self.by.as_deref().map(|by| format!(" by {by}"));
        let why = self.why.as_deref().map(|why| format!(": {why}"));
        let [by, why] = [by, why].map(Option::unwrap_or_default);
        format!("{}{by}{why}", self.status)
    }
}

fn owners<T>(snapshot: &Snapshot, records: &[(T, Record)]) -> Vec<Owner> {
    let live = records.iter().filter(|(_, record)| record.live());
    let mut leases: BTreeMap<Origin, usize> = BTreeMap::new();
    for (_, record) in live {
        *leases.entry(record.owner()).or_default() += 1;
    }
    let heads = &snapshot.taken.heads;
    let told = |origin| {
        let head = heads.iter().find(|head| head.stamp.origin == origin);
        head.map(|head| head.report.leases_owned)
    };
    leases
        .into_iter()
        .map(|(origin, leases)| Owner {
            id: cluster::id(origin.node),
            epoch: origin.epoch.0,
            leases,
            leases_told: told(origin),
        })
        .collect()
}

fn applications<K: AsRef<Key>>(records: &[(K, Record)]) -> Vec<Application> {
    let mut applications: BTreeMap<&str, Application> = BTreeMap::new();
    for (key, record) in records {
        let name = key.as_ref().app.as_str();
        let app = applications.entry(name).or_insert_with(|| Application {
            name: name.to_owned(),
            ..Application::default()
        });
        let live = record.live();
        let up = live && record.status().name() == "UP";
        app.live += usize::from(live);
        app.dead += usize::from(!live);
        app.up += usize::from(up);
        app.overridden += usize::from(record.overridden().is_some());
    }
    applications.into_values().collect()
}

fn instance(key: &Key, record: &Record, secrets: &Secrets) -> Instance {
    let body = &record.body.value.instance;
    let metadata = body.metadata.iter();
    Instance {
        app: key.app.as_str().to_owned(),
        id: key.id.to_string(),
        status: record.status().name(),
        own_status: body.status.name(),
        host: body.host_name.to_string(),
        ip: body.ip_addr.to_string(),
        lease: match record.lease.value.ended.map(|ended| ended.by) {
            None => "live",
            Some(EndedBy::Cancel) => "cancelled",
            Some(EndedBy::Eviction) => "evicted",
        },
        owner: cluster::id(record.owner().node),
        registered_at: record.registered_at().to_string(),
        r#override: record.overriding().map(Overridden::of),
        metadata: metadata
            .map(|(name, value)| (name.to_owned(), secrets.shown(name, value)))
            .collect(),
    }
}
