//! A subscriber that reconnects at random, against the registry's own account.

use std::collections::BTreeMap;

use actix_web::rt::System;
use proptest::prelude::*;

use super::reader::{Message, Reader};
use super::{NOTHING, call, registration};
use crate::service::Service;

/// What a client or a subscriber does next.
#[derive(Clone, Debug)]
enum Step {
    Register(u8, bool),
    Cancel(u8),
    Override(u8),
    Undo(u8),
    Metadata(u8),
    Renew(u8),
    /// Changes that have nothing to do with instances.
    Stall,
    Read(usize),
    ReadAll,
    /// The connection breaks, perhaps in the middle of a message.
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0_u8..15;
    prop_oneof![
        5 => (id.clone(), any::<bool>()).prop_map(|(id, up)| Step::Register(id, up)),
        2 => id.clone().prop_map(Step::Cancel),
        2 => id.clone().prop_map(Step::Override),
        2 => id.clone().prop_map(Step::Undo),
        2 => id.clone().prop_map(Step::Metadata),
        1 => id.prop_map(Step::Renew),
        1 => Just(Step::Stall),
        3 => (1_usize..4).prop_map(Step::Read),
        1 => Just(Step::ReadAll),
        2 => Just(Step::Reconnect),
    ]
}

/// What a subscriber makes of what it is told.
#[derive(Default)]
struct Known {
    place: Option<String>,
    shown: BTreeMap<String, String>,
    told: Vec<String>,
    counted: u64,
}

impl Known {
    fn take(&mut self, messages: &[Message]) {
        for message in messages {
            let data = &message.data;
            match message.event.as_str() {
                "snapshot" => assert!(self.place.is_none(), "a list only where there was none"),
                "delta" => {
                    assert_eq!(
                        data["after"].as_str(),
                        self.place.as_deref(),
                        "no gap, no overlap"
                    );
                    self.take_delta(data);
                }
                "bookmark" => assert_eq!(message.id, self.place, "nothing else happened"),
                "cluster" | "notice" => {
                    self.told
                        .push(data["text"].as_str().expect("a sentence").to_owned());
                }
                other => panic!("{other}: {data}"),
            }
            self.place = message.id.clone().or(self.place.take());
        }
    }

    fn take_delta(&mut self, delta: &serde_json::Value) {
        for event in delta["events"].as_array().expect("a list") {
            self.told
                .push(event["text"].as_str().expect("a sentence").to_owned());
        }
        for change in delta["changes"].as_array().expect("a list") {
            self.counted += change["events"].as_u64().expect("a number");
            let text = |field: &str| change[field].as_str().expect("a text");
            let key = format!("{}/{}", text("app"), text("id"));
            match change["row"]["status"].as_str() {
                Some(status) => self.shown.insert(key, status.to_owned()),
                None => self.shown.remove(&key),
            };
        }
    }
}

async fn happen(service: &mut Service, step: &Step) {
    let path = |id: &u8| format!("/eureka/apps/{}/i-{id}", ["A", "B"][usize::from(id % 2)]);
    let at = |id: &u8, rest: &str| format!("{}{rest}", path(id));
    match step {
        Step::Register(id, up) => {
            let (app, status) = (
                ["A", "B"][usize::from(id % 2)],
                if *up { "UP" } else { "DOWN" },
            );
            // A body that takes several pieces, so that connections break within messages.
            let zone = "z".repeat(usize::from(*id) * 400);
            let body = registration(app, &format!("i-{id}"), status, &zone);
            let json = [("Content-Type", "application/json")];
            let path = format!("/eureka/apps/{app}");
            service
                .send("POST", &path, json, Some(body.into_bytes()))
                .await;
        }
        Step::Cancel(id) => drop(call(service, "DELETE", &path(id)).await),
        Step::Override(id) => {
            drop(call(service, "PUT", &at(id, "/status?value=OUT_OF_SERVICE")).await);
        }
        Step::Undo(id) => drop(call(service, "DELETE", &at(id, "/status")).await),
        Step::Metadata(id) => drop(call(service, "PUT", &at(id, "/metadata?k=v")).await),
        Step::Renew(id) => drop(call(service, "PUT", &path(id)).await),
        Step::Stall => service.stall(),
        Step::Read(_) | Step::ReadAll | Step::Reconnect => {}
    }
}

async fn connected(service: &Service, known: &Known, by_header: bool) -> Reader {
    let topics = "topics=registry,cluster,events";
    let last = known.place.clone().unwrap_or_default();
    let since = format!("{topics}&since={last}");
    match known.place {
        Some(_) if by_header => Reader::open(service, topics, &[("Last-Event-ID", &last)]).await,
        Some(_) => Reader::open(service, &since, &NOTHING).await,
        None => Reader::open(service, topics, &NOTHING).await,
    }
}

async fn hold(steps: Vec<Step>) {
    let mut service = Service::start(&[]).await;
    let mut known = Known::default();
    let mut reader = connected(&service, &known, false).await;
    for (number, step) in steps.iter().enumerate() {
        happen(&mut service, step).await;
        match step {
            Step::Read(pieces) => known.take(&reader.read_pieces(&service, *pieces)),
            Step::ReadAll => known.take(&reader.read(&service)),
            Step::Reconnect => {
                if known.place.is_none() {
                    known.take(&reader.read(&service));
                }
                reader = connected(&service, &known, number % 2 == 0).await;
            }
            _ => {}
        }
    }
    known.take(&reader.read(&service));
    compare(&service, &known);
}

fn compare(service: &Service, known: &Known) {
    let state = service.state();
    let mut changes = state.registry.account(usize::MAX);
    changes.reverse();
    assert_eq!(known.counted, changes.len() as u64);
    let all = state.account.newest(None, usize::MAX, |_| true).0;
    let all: Vec<_> = all.iter().rev().map(|event| event.text()).collect();
    assert_eq!(known.told, all);
    let told_of_instances = changes.iter().map(ToString::to_string);
    let told: Vec<_> = known
        .told
        .iter()
        .filter(|text| !text.contains("did not run"))
        .cloned()
        .collect();
    assert_eq!(
        told,
        told_of_instances.collect::<Vec<_>>(),
        "the registry's own account"
    );
    let snapshot = state.registry.refresh();
    let shown = snapshot.registered.iter();
    let shown = shown.map(|entry| (entry.key().to_string(), entry.record().status().to_string()));
    assert_eq!(known.shown, shown.collect());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_subscriber_that_reconnects_at_random_misses_and_doubles_nothing(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        System::new().block_on(hold(steps));
    }
}
