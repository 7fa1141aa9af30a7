//! The server's reader of queries, on the cases that are put to the module's as well.

use std::collections::BTreeMap;
use std::time::Duration;

use peerage::native::documents::{Code, LeaseState};
use peerage::native::query::{Query, Subject};
use peerage::native::secrets::Secrets;
use peerage::registry::instance::{AppName, Instance, Port};
use peerage::registry::status::Status;
use serde::Deserialize;

const CASES: &str = include_str!("../../../web-ui/tests/queries.json");

#[derive(Deserialize)]
struct Cases {
    instances: BTreeMap<String, Known>,
    cases: Vec<Case>,
}

/// An instance as queries see it.
#[derive(Deserialize)]
struct Known {
    app: String,
    id: String,
    host: String,
    ip: String,
    zone: String,
    owner: String,
    status: String,
    own_status: String,
    overridden: Option<String>,
    protected: bool,
    lease: String,
    code: String,
    ports: Vec<i32>,
    vips: Vec<String>,
    metadata: BTreeMap<String, String>,
    age_ms: u64,
    heard_ms: u64,
}

#[derive(Deserialize)]
struct Case {
    query: String,
    #[serde(default)]
    finds: Vec<String>,
    mistake: Option<Wrong>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Wrong {
    position: usize,
    length: usize,
    suggestion: Option<String>,
}

impl Known {
    fn instance(&self) -> Instance {
        let port = |place: usize| Port {
            number: self.ports.get(place).copied().unwrap_or_default(),
            enabled: self.ports.len() > place,
        };
        let metadata = self
            .metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        Instance {
            id: Some(self.id.as_str().into()),
            status: status(&self.own_status),
            port: port(0),
            secure_port: port(1),
            metadata: metadata.collect(),
            vip_address: Some(self.vips.join(",").into()),
            ..Instance::new(AppName::new(&self.app), &self.host, &self.ip)
        }
    }

    fn matches(&self, query: &Query) -> bool {
        let leases = LeaseState::ALL
            .into_iter()
            .find(|state| state.name() == self.lease);
        let codes = Code::ALL.into_iter().find(|code| code.name() == self.code);
        query.matches(&Subject {
            secrets: &Secrets::default(),
            instance: &self.instance(),
            id: &self.id,
            zone: &self.zone,
            status: status(&self.status),
            overridden: self.overridden.as_deref().map(status),
            protected: self.protected,
            lease: leases.expect("a state of leases"),
            owner: &self.owner,
            code: codes.expect("a code"),
            age: Duration::from_millis(self.age_ms),
            heard_ago: Duration::from_millis(self.heard_ms),
        })
    }
}

fn status(name: &str) -> Status {
    let known = Status::ALL.into_iter().find(|status| status.name() == name);
    known.expect("a status")
}

#[test]
fn queries_come_out_as_at_the_pages() {
    let Cases { instances, cases } = serde_json::from_str(CASES).expect("the cases are JSON");
    for case in cases {
        match (Query::parse(&case.query), case.mistake) {
            (Ok(query), None) => {
                let found = instances.iter().filter(|(_, known)| known.matches(&query));
                let mut found: Vec<_> = found.map(|(name, _)| name.clone()).collect();
                let mut finds = case.finds;
                found.sort();
                finds.sort();
                assert_eq!(found, finds, "{}", case.query);
            }
            (Err(mistake), Some(wrong)) => {
                let (position, length) = (mistake.position, mistake.length);
                let told = Wrong {
                    position,
                    length,
                    suggestion: mistake.suggestion,
                };
                assert_eq!(told, wrong, "{}", case.query);
            }
            (outcome, wrong) => panic!("{}: {outcome:?} instead of {wrong:?}", case.query),
        }
    }
}
