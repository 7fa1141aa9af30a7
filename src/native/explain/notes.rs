//! What else is odd.

use std::net::IpAddr;
use std::time::Duration;

use super::facts::{Facts, Life, Listed};
use super::spoken::spoken;
use crate::native::documents::{Note, NoteCode};

/// A client's clock this far ahead is off; so much may pass between a change and its registration in any case.
const CLIENT_AHEAD_MAX: Duration = Duration::from_secs(30);
/// A server's clock this far ahead is off: see the alarm of the peers.
const WRITER_AHEAD_MAX: Duration = Duration::from_millis(500);

/// The notes on an instance.
pub(super) fn notes(facts: &Facts) -> Vec<Note> {
    let Life::Listed(listed) = &facts.life else {
        return Vec::new();
    };
    let notes = [
        duplicate(listed),
        address(listed),
        clock(listed),
        zone(listed),
    ];
    notes.into_iter().flatten().collect()
}

fn note(code: NoteCode, text: String) -> Note {
    Note { code, text }
}

fn duplicate(listed: &Listed) -> Option<Note> {
    let text = "Two processes seem to speak for it: beats or registrations come that do not fit each other. \
                Give each instance an id of its own.";
    listed
        .doubtful
        .then(|| note(NoteCode::DuplicateSender, text.to_owned()))
}

fn address(listed: &Listed) -> Option<Note> {
    let Listed { ip, host, .. } = listed;
    let why = suspicion(ip).or_else(|| local_name(host))?;
    let text = format!(
        "It registered with host {host} and address {ip}: {why}, so other machines hardly reach it there."
    );
    Some(note(NoteCode::SuspiciousAddress, text))
}

/// Why other machines hardly reach an address.
fn suspicion(ip: &str) -> Option<&'static str> {
    if ip.is_empty() {
        return Some("there is no address");
    }
    let Ok(address) = ip.parse::<IpAddr>() else {
        return Some("that is no address");
    };
    match address.to_canonical() {
        ip if ip.is_loopback() => Some("that is every machine's own"),
        ip if ip.is_unspecified() => Some("that is no particular machine's"),
        ip if ip.is_multicast() => Some("that is no single machine's"),
        IpAddr::V4(ip) if ip.is_link_local() => Some("that is valid on one cable only"),
        IpAddr::V4(ip) if ip.octets().starts_with(&[172, 17]) => {
            Some("that is what containers call themselves on one machine")
        }
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("that is valid on one cable only"),
        _ => None,
    }
}

fn local_name(host: &str) -> Option<&'static str> {
    let local =
        host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    local.then_some("that name is every machine's own")
}

fn clock(listed: &Listed) -> Option<Note> {
    let (ahead, writer) = &listed.writer_ahead;
    let text = if listed.client_ahead > CLIENT_AHEAD_MAX {
        let ahead = spoken(listed.client_ahead);
        format!(
            "Its client said it changed {ahead} after it registered: set the clock of its machine, for Eureka's clients decide by it which registration is newer."
        )
    } else if *ahead > WRITER_AHEAD_MAX {
        let ahead = spoken(*ahead);
        format!(
            "What was last written of it is {ahead} ahead of this server's clock: set the clock of {writer} or of this server, or the wrong one of two writes may win."
        )
    } else {
        return None;
    };
    Some(note(NoteCode::ClockOff, text))
}

fn zone(listed: &Listed) -> Option<Note> {
    let (told, guessed) = &listed.zone_told;
    let zone = listed.zone.as_ref().filter(|_| *guessed)?;
    let text =
        format!("Zone {zone} was guessed from {told}. Let the instance say it: metadata zone.");
    Some(note(NoteCode::ZoneGuessed, text))
}
