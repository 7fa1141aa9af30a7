//! A model of Java's servers, for the same misfortunes.
//!
//! Here: what Netflix's Eureka server does about replication, leases and self-preservation, as Spring Cloud ships it,
//! in a world of the same clients, the same network and the same faults as the real servers of this house: a plan in, a
//! film out ([`film`]). Not here: HTTP, JSON, what costs time on a CPU. What must always hold: equal plans make equal
//! films; and what the model says of a misfortune is what a cluster of three real Java servers was measured to do, as
//! far as `tests/java` holds it against that.
//!
//! # What it does
//!
//! Every server tells every other what its own clients said, once, never what it was told: one hop. Tasks wait until
//! the first of them is 500 ms old and go in batches of up to 250; a newer one of the same kind about the same instance
//! takes the place of the older and starts its clock again. Every heartbeat is told. A batch that is not answered in
//! 200 ms is tried again after 1 s, one that found nobody after 100 ms, until its tasks are too old: an interval for
//! registrations and heartbeats, 30 s for all else. A heartbeat about an unknown instance is answered 404, and the
//! instance registered there. Nothing is remembered of what is gone. A renewed lease lives twice as long as it says;
//! every 60 s those that are over are ended, 15 % of all at most, unless the heartbeats of the last full minute are no
//! more than 85 % of those expected, which holds for the whole server or not at all. Readers get what was there up to
//! 30 s ago. A starting server reads those that are UP from one that answers, and then takes part.
//!
//! # What it does not
//!
//! * **What happened to happen.** Who is removed in a partition with short leases hangs on where in its minute each
//!   server's count of heartbeats stands when the network is cut. One run was measured: A lost 46 of 86 and B 38 of
//!   43, and with the cut link A lost none. Here seeds range from none to all; some are like that run.
//! * **CPU.** Work takes no time. The measured servers shared two busy cores, and their 200 ms of patience ran out
//!   often: hence some of the measured p99 of propagation (1.5 to 1.7 s by default) and 11 time-outs in a storm, which
//!   the model does not have. Its propagation is a lower bound, between 0 and 520 ms.
//! * **Cold virtual machines.** A server killed 37 s after its start had told nobody anything of 1.36 s; here 0.51 s is
//!   the most.
//! * **The servers' own leases.** A Java server registers with itself and the others. Three more leases and six more
//!   heartbeats a minute moved the guard's line by about 2 % in the measured cluster of 130 clients; the model has none.
//! * **Loss of single packets.** TCP would send them again after more than a server's patience; the links of a plan
//!   lose nothing here but what a cut swallows.
//! * **Overrides by id across applications.** Ids are unique here.

mod clients;
mod duties;
mod exchange;
mod faults;
mod guard;
mod leases;
mod model;
mod picture;
mod pipeline;
mod server;
mod settings;

pub use settings::JavaSettings;

use model::Model;

use crate::world::film::Film;
use crate::world::plan::Plan;

/// Plays a plan with Java servers that nobody has touched the settings of.
pub fn film(plan: Plan) -> Film {
    film_as(plan, JavaSettings::DEFAULT)
}

/// Plays a plan with Java servers of these settings.
pub fn film_as(plan: Plan, settings: JavaSettings) -> Film {
    let mut model = Model::new(plan, settings);
    let (every, end) = (model.plan.every, model.plan.end_at);
    let mut pictures = Vec::new();
    while model.now < end {
        model.run_until(end.min(model.now + every));
        pictures.push(model.picture());
    }
    let trace = traced(model.timeline.trace(), &pictures);
    Film {
        model: "java",
        pictures,
        broken: Vec::new(),
        trace,
        tally: model.tally,
        lines: model.timeline.into_lines(),
        plan: model.plan,
    }
}

fn traced(trace: u64, pictures: &[crate::world::film::Picture]) -> u64 {
    let hosts = pictures.iter().flat_map(|picture| &picture.hosts);
    let words = hosts.flat_map(|host| [host.shown as u64, host.digest, host.sent]);
    words.fold(trace, server::mix)
}
