//! Tries the rules of ownership in every order of events.

use clap::Args;
use simulations::checker::explore::{Clocks, EVENTS, explore};
use simulations::checker::properties::Property;
use simulations::checker::rules::Rules;

use super::{Refused, Told};

/// Turns are counted in the bits of one word, two to an event.
const EVENTS_MAX: usize = 15;

#[derive(Debug, Args)]
pub(super) struct Ownership {
    /// Whose rules: "ours", or one of those that were found wanting: "anybody", "owner-only".
    #[arg(long, default_value = "ours", value_parser = rules)]
    rules: Rules,
    /// How many events there may be.
    #[arg(long, default_value_t = EVENTS)]
    events: usize,
}

fn rules(name: &str) -> Result<Rules, String> {
    Rules::named(name).ok_or_else(|| "there are: ours, anybody, owner-only".to_owned())
}

impl Ownership {
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        if self.events > EVENTS_MAX {
            return Err(Refused(format!(
                "--events has to be at most {EVENTS_MAX}\n"
            )));
        }
        let found = Clocks::ALL.map(|clocks| {
            let verdict = explore(
                &self.rules,
                clocks,
                &Property::ALL,
                clocks.events(self.events),
            );
            let told = format!("{clocks}: {verdict}\n{}\n", verdict.told(&self.rules));
            (told, verdict.broken.is_empty())
        });
        Ok(Told {
            sound: found.iter().all(|(_, sound)| *sound),
            text: found.map(|(told, _)| told).concat(),
        })
    }
}
