//! Plays one seed.

use clap::Args;
use simulations::report::Account;
use simulations::world::flaw::Flaw;
use simulations::world::plan::Plan;
use simulations::world::run;

use super::{Files, Refused, Told};

#[derive(Debug, Args)]
pub(super) struct Seed {
    /// The number from which everything is drawn.
    seed: u64,
    /// If an invariant is broken, leave out every misfortune that has no part in it.
    #[arg(long)]
    shorten: bool,
    /// Tell everything that happened, line by line.
    #[arg(long)]
    lines: bool,
    /// Put an old mistake back into all servers, to see how it shows: a name, or "list" for all names.
    #[arg(long, value_name = "NAME")]
    flaw: Option<String>,
    #[command(flatten)]
    files: Files,
}

impl Seed {
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        let flaw = self.flaw.as_deref().map(named).transpose()?;
        let plan = Plan {
            flaw,
            ..Plan::of(self.seed)
        };
        let outcome = run::play(plan);
        let sound = outcome.broken.is_empty();
        let outcome = match self.shorten && !sound {
            true => outcome.shortened(),
            false => outcome,
        };
        let told = if self.lines {
            outcome.to_string()
        } else {
            String::new()
        };
        let film = run::film(outcome.plan);
        let account = Account::of_seed(film, self.command());
        let files = self.files.write(&account)?;
        Ok(Told {
            text: format!("{told}{account}{files}"),
            sound,
        })
    }

    fn command(&self) -> String {
        let mut command = run::repeat(self.seed);
        if let Some(flaw) = &self.flaw {
            command.push_str(&format!(" --flaw {flaw}"));
        }
        if self.shorten {
            command.push_str(" --shorten");
        }
        command
    }
}

/// Old mistakes by name.
const FLAWS: &[(&str, Flaw)] = &[
    ("loses-merges", Flaw::LosesMerges(5)),
    ("last-arrival-wins", Flaw::LastArrivalWins),
    ("loses-relays", Flaw::LosesRelays),
    ("keeps-deleted", Flaw::KeepsDeleted),
    ("hides-the-dead", Flaw::HidesTheDead),
    ("hides-overrides", Flaw::HidesOverrides),
    ("no-steward", Flaw::NoSteward),
    ("closes-alone", Flaw::ClosesAlone),
    ("ignores-calls", Flaw::IgnoresCalls(5)),
    ("knows-only-its-own", Flaw::KnowsOnlyItsOwn),
    ("doubles-leases", Flaw::DoublesLeases),
    ("no-protection", Flaw::NoProtection),
    ("protects-for-ever", Flaw::ProtectsForEver),
    ("no-quota", Flaw::NoQuota),
    ("remembers-for-ever", Flaw::RemembersForEver),
];

fn named(name: &str) -> Result<Flaw, Refused> {
    let found = FLAWS.iter().find(|(known, _)| *known == name);
    found.map(|(_, flaw)| *flaw).ok_or_else(|| {
        let names: Vec<&str> = FLAWS.iter().map(|(known, _)| *known).collect();
        Refused(format!("flaws: {}\n", names.join(", ")))
    })
}
