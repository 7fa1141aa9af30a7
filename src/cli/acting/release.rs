//! `peerage protection release`: letting go what a guard holds.

use clap::ValueEnum as _;

use super::super::answer::{Answer, FAILED};
use super::super::client::Failure;
use super::super::client::calls::{Verb, path};
use super::super::commands::Asking;
use super::super::reading::{NO_ZONE, guard_name};
use super::super::table::plain;
use super::super::terminal::Terminal;
use super::consent::Consent;
use super::{Guard, done};
use crate::native::documents::{Done, Guard as Protecting, Protection, Release};
use crate::plural::counted;

/// Acts and answers.
pub(super) fn act(
    guard: Guard,
    zone: Option<&str>,
    consent: &Consent,
    asking: &Asking,
    terminal: &mut Terminal<'_>,
) -> Result<Answer, Failure> {
    let client = asking.client()?;
    let protection: Protection = client.read(&path(["protection"]))?;
    let value = guard.to_possible_value();
    let name = value.map_or_else(String::new, |value| value.get_name().to_owned());
    // Leases of which nothing tells the zone have a guard of their own, whose zone is empty in documents.
    let zone = zone.filter(|_| guard == Guard::Zone);
    let zone = zone.map(|zone| if zone == NO_ZONE { "" } else { zone });
    let held = protection
        .guards
        .iter()
        .find(|held| held.guard == name && held.zone.as_deref() == zone);
    let Some(held) = held else {
        return Ok(nothing(&name, zone, &protection));
    };
    let given = match consent.given(&to_release(held, &protection), terminal) {
        Ok(given) => given,
        Err(instead) => return Ok(instead),
    };
    let document = Release {
        guard: name,
        zone: zone.map(str::to_owned),
        reason: given.reason,
        by: given.by,
    };
    let said: Done = client.act(Verb::Post, &path(["protection", "release"]), &document)?;
    Ok(done(&said, terminal.form(asking.form.output)))
}

fn to_release(held: &Protecting, protection: &Protection) -> String {
    let seconds = protection.quota.window_ms / 1000;
    format!(
        "{} holds {} that would be over: {}\nThese will be evicted, {} in every {seconds} s at most, unless they are \
         heard again before.",
        guard_name(held),
        counted(held.held, "lease"),
        plain(&held.why),
        protection.quota.next,
    )
}

fn nothing(name: &str, zone: Option<&str>, protection: &Protection) -> Answer {
    let wanted = guard_name(&Protecting {
        guard: name.to_owned(),
        zone: zone.map(str::to_owned),
        ..Protecting::default()
    });
    let held: Vec<_> = protection.guards.iter().map(guard_name).collect();
    let next = match held.as_slice() {
        [] => "nothing is protected by this server; each protects what it keeps itself: ask the others".to_owned(),
        held => format!("what protects here is {}", super::text::listed(held)),
    };
    Answer {
        text: format!("peerage: {wanted} protects nothing: {next}\n"),
        code: FAILED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protection() -> Protection {
        Protection {
            guards: vec![Protecting {
                guard: "zone".to_owned(),
                zone: Some("zone-b".to_owned()),
                why: "34 of its 34 leases are silent".to_owned(),
                held: 12,
                ..Protecting::default()
            }],
            quota: crate::native::documents::Quota {
                window_ms: 60_000,
                next: 15,
                ..Default::default()
            },
            ..Protection::default()
        }
    }

    #[test]
    fn what_follows_a_release_is_said_before() {
        let protection = protection();
        insta::assert_snapshot!(to_release(&protection.guards[0], &protection), @r"
        zone zone-b holds 12 leases that would be over: 34 of its 34 leases are silent
        These will be evicted, 15 in every 60 s at most, unless they are heard again before.
        ");
    }

    #[test]
    fn a_guard_that_protects_nothing_is_an_error_that_names_the_others() {
        let answer = nothing("server", None, &protection());
        assert_eq!(answer.code, FAILED);
        insta::assert_snapshot!(answer.text, @"peerage: server protects nothing: what protects here is zone zone-b");
        assert!(
            nothing("server", None, &Protection::default())
                .text
                .contains("ask the others")
        );
    }
}
