//! Runs a check from the command line and prints what it found.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use simulations::checker::explore::{Clocks, EVENTS, explore};
use simulations::checker::properties::Property;
use simulations::checker::rules::Rules;

const USAGE: &str = "usage: simulations ownership [--rules ours|anybody|owner-only] [--events N]\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((rules, events)) = read(&arguments) else {
        return give(io::stderr(), USAGE, ExitCode::from(2));
    };
    let (told, sound) = ownership(&rules, events);
    let code = if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    give(io::stdout(), &told, code)
}

fn read(arguments: &[String]) -> Option<(Rules, usize)> {
    let (mut rules, mut events) = (Rules::OURS, EVENTS);
    let (command, flags) = arguments.split_first()?;
    for flag in flags.chunks(2) {
        match flag {
            [name, value] if name == "--rules" => rules = Rules::named(value)?,
            [name, value] if name == "--events" => events = value.parse().ok()?,
            _ => return None,
        }
    }
    (command == "ownership" && events <= EVENTS_MAX).then_some((rules, events))
}

/// Turns are counted in the bits of one word, two to an event.
const EVENTS_MAX: usize = 15;

fn ownership(rules: &Rules, events: usize) -> (String, bool) {
    let found = Clocks::ALL.map(|clocks| {
        let verdict = explore(rules, clocks, &Property::ALL, clocks.events(events));
        let told = format!("{clocks}: {verdict}\n{}\n", verdict.told(rules));
        (told, verdict.broken.is_empty())
    });
    let sound = found.iter().all(|(_, sound)| *sound);
    (found.map(|(told, _)| told).concat(), sound)
}

/// A reader that went away is no failure.
fn give(mut to: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match to.write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => code,
    }
}
