//! The service held to what Netflix's server answered.
//!
//! `tests/golden` has conversations that were recorded with the Java server, and requests of real clients as they went
//! over the wire. Here they meet our service in memory, under false time, each with a service of its own; `.ci/replay`
//! holds the same conversations with a real process. What each part of a recording means stands in
//! `tests/golden/README.md`.

mod answer;
mod clients;
mod compare;
mod conversation;
mod memory;
mod registration;
mod replay;
mod shape;
mod wire;
mod xml;

use serde_json::Value;

use self::conversation::{Conversation, recorded};

/// Holds all conversations of a group, and reports all that failed together.
async fn hold_all(group: &str, folder: &str) {
    let all = recorded(folder);
    let chosen: Vec<_> = all
        .iter()
        .filter(|(_, conversation)| conversation.group == group)
        .collect();
    assert!(!chosen.is_empty(), "no conversation of the group {group}");
    let mut failures = Vec::new();
    for (file, conversation) in &chosen {
        if let Err(found) = replay::hold(conversation).await {
            failures.push(format!(
                "{folder}/{file}: {}\n  {found}",
                conversation.title
            ));
        }
    }
    report(&failures, chosen.len());
}

/// Fails with all failures at once: one mistake in the service seldom breaks only one of them.
fn report(failures: &[String], of: usize) {
    assert!(
        failures.is_empty(),
        "{} of {of} failed:\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
}

/// A value as it stands where nothing has quotes: in a file of settings, in XML.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[actix_web::test]
async fn plain_conversations_are_answered_as_recorded() {
    hold_all("plain", "conversations").await;
}

#[actix_web::test]
async fn hostile_requests_are_refused_at_once() {
    hold_all("plain", "hostile").await;
}

#[actix_web::test]
async fn leases_end_and_deltas_forget_as_recorded() {
    hold_all("brisk", "conversations").await;
}

#[actix_web::test]
async fn nothing_expires_under_preservation_as_recorded() {
    hold_all("preserved", "conversations").await;
}

#[actix_web::test]
async fn switches_in_their_other_position_work_as_recorded() {
    hold_all("switched", "conversations").await;
}

#[actix_web::test]
async fn a_server_that_warms_up_refuses_as_recorded() {
    hold_all("warming", "conversations").await;
}

#[actix_web::test]
async fn answers_are_right_after_a_while_as_recorded() {
    hold_all("cached", "conversations").await;
}

#[test]
fn every_conversation_belongs_to_a_group_that_is_held() {
    let held = [
        "plain",
        "brisk",
        "preserved",
        "switched",
        "warming",
        "cached",
    ];
    for (file, Conversation { group, .. }) in recorded("conversations") {
        assert!(
            held.contains(&group.as_str()),
            "{file}: the group {group} is held by no test"
        );
    }
}
