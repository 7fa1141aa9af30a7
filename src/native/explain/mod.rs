//! Why an instance is here or gone, and what happens next: the question asked most of any registry.
//!
//! Here: [`of`] gathers the facts and [`explain`] makes the explanation of them, which is a pure function. Not here: the
//! decisions themselves, which are the registry's (`registry::oversight` tells what they will be). What must always
//! hold: every word follows from a fact that is shown beside it; codes never change their meaning; and what is said to
//! happen next is what the registry will do if nobody does anything.
//!
//! # The codes
//!
//! | code | when | for example |
//! |---|---|---|
//! | `fresh` | the lease is kept here, and its client was heard within one and a half of its intervals | a client that beats every 30 s was heard 4 s ago |
//! | `late` | the lease is kept here and runs, but a beat is overdue | the same client was heard 50 s ago; its lease of 90 s runs for another 40 s |
//! | `expired_awaiting_quota` | the lease is over, no guard holds it, and the next sweep that may still evict somebody takes it | 20 of 100 died at once; 15 went in this minute, this one is among the other five |
//! | `protected_server` | the lease is over, and the server's guard holds it: more than 15 % of the leases kept here are silent | 30 of 100 clients in all zones fell silent at once |
//! | `protected_zone` | the lease is over, and its zone's guard holds it: more than half of the zone is silent | a cut network took zone `eu-b` away |
//! | `protected_isolated` | the lease is over, and this server has lost the others | the cable of this server was pulled |
//! | `overridden` | the lease runs, and the status shown is one that somebody set | an operator took it out of service to drain it |
//! | `orphan_awaiting_adoption` | the server that kept the lease is gone, and the lease has not passed since then | its server crashed 10 s ago; the client's next beat goes to another server, which takes the lease over |
//! | `orphan_kept` | the same, the lease has passed, and more of that server's leases are left than clients that live would leave | a rack was cut off together with its server |
//! | `learned_from_peer` | another server keeps the lease, and is there | the client beats at `server-2`; this one shows what that one says |
//! | `cancelled` | it is gone: its client said so | the process was stopped in order |
//! | `evicted` | it is gone: its lease ran out, or an operator ended it | the process was killed |
//! | `unknown` | nothing is known of it | a name nobody registered, or gone for longer than this server remembers |
//!
//! Where several hold, the one that decides whether it stays listed counts: `late` before `overridden`, and of several
//! guards the isolated server's, then the zone's, then the server's.
//!
//! # The notes
//!
//! | note | when | for example |
//! |---|---|---|
//! | `duplicate_sender` | three signs within minutes that two processes speak for it: beats of a client that registered before the one whose data are held, or registrations from different addresses in turn | two processes were started with one configured id |
//! | `suspicious_address` | its address is a loopback, link-local, unspecified or container's own one, or none | it registered as `127.0.0.1` |
//! | `clock_off` | its client said it changed later than it registered, by more than half a minute; or the server that wrote last has a clock more than half a second ahead | the clock of its machine is an hour ahead |
//! | `zone_guessed` | its zone follows from its address by `zones.networks`, and nothing else tells it | `10.1.2.3` is in `10.1.0.0/16=eu-a` |

mod facts;
mod notes;
mod ranking;
mod sentences;
mod shown;
mod spoken;
mod steps;
#[cfg(test)]
mod tests;

pub use self::facts::{Facts, Gone, Guard, Keeper, Life, Listed, Overruled};
pub use self::ranking::code;
pub(crate) use self::spoken::spoken;
pub use self::steps::key;
use super::documents::Explanation;
use super::rows::Rows;
use crate::server::State;

/// Explains an instance, present, recently gone or never heard of.
pub fn of(state: &State, app: &str, id: &str) -> Explanation {
    explain(&Facts::gather(state, &Rows::of(state), app, id))
}

/// Explains what the facts say.
pub fn explain(facts: &Facts) -> Explanation {
    let code = facts.code();
    let (title, sentence) = sentences::told(facts, code);
    Explanation {
        app: facts.app.clone(),
        id: facts.id.clone(),
        server: facts.server.clone(),
        as_of: facts.now.to_string(),
        code,
        title: title.to_owned(),
        sentence,
        since: sentences::since(facts, code).map(|at| at.to_string()),
        facts: facts.shown(),
        next: sentences::next(facts, code),
        actions: steps::steps(facts, code),
        notes: notes::notes(facts),
    }
}
