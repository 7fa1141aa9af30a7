//! Runs a check from the command line and prints what it found.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use simulations::checker::explore::{Clocks, EVENTS, explore};
use simulations::checker::properties::Property;
use simulations::checker::rules::Rules;
use simulations::world::run;

const USAGE: &str = "usage: simulations ownership [--rules ours|anybody|owner-only] [--events N]\n\
                     \x20      simulations world --seed N [--shorten yes|no]\n";

/// What is to be run.
enum Command {
    Ownership { rules: Rules, events: usize },
    World { seed: u64, shorten: bool },
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(command) = read(&arguments) else {
        return give(io::stderr(), USAGE, ExitCode::from(2));
    };
    let (told, sound) = match command {
        Command::Ownership { rules, events } => ownership(&rules, events),
        Command::World { seed, shorten } => world(seed, shorten),
    };
    let code = if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    give(io::stdout(), &told, code)
}

fn read(arguments: &[String]) -> Option<Command> {
    let (command, flags) = arguments.split_first()?;
    match &**command {
        "ownership" => read_ownership(flags),
        "world" => read_world(flags),
        _ => None,
    }
}

fn read_ownership(flags: &[String]) -> Option<Command> {
    let (mut rules, mut events) = (Rules::OURS, EVENTS);
    for flag in flags.chunks(2) {
        match flag {
            [name, value] if name == "--rules" => rules = Rules::named(value)?,
            [name, value] if name == "--events" => events = value.parse().ok()?,
            _ => return None,
        }
    }
    (events <= EVENTS_MAX).then_some(Command::Ownership { rules, events })
}

fn read_world(flags: &[String]) -> Option<Command> {
    let (mut seed, mut shorten) = (None, false);
    for flag in flags.chunks(2) {
        match flag {
            [name, value] if name == "--seed" => seed = Some(value.parse().ok()?),
            [name, value] if name == "--shorten" => shorten = value == "yes",
            _ => return None,
        }
    }
    seed.map(|seed| Command::World { seed, shorten })
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

fn world(seed: u64, shorten: bool) -> (String, bool) {
    let outcome = run::seed(seed);
    let sound = outcome.broken.is_empty();
    let outcome = if shorten && !sound {
        outcome.shortened()
    } else {
        outcome
    };
    (outcome.to_string(), sound)
}

/// A reader that went away is no failure.
fn give(mut to: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match to.write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => code,
    }
}
