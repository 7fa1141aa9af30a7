//! `peerage drain`: taking instances out of service until they can be stopped.
//!
//! Here: beginning and undoing. Not here: what will follow (`plan`), following (`follow`), what is said (`told`). What must always hold: once a drain has
//! begun, nothing that becomes of this process undoes it, and whoever runs it knows how to find it again.

mod follow;
mod plan;
mod told;

use self::plan::{emptied, instances, to_drain};
use self::told::{begun, listed, text, whom};
use super::super::answer::{Answer, DONE, FAILED, MISUSED};
use super::super::client::Failure;
use super::super::client::calls::{Verb, path};
use super::super::commands::Asking;
use super::super::interruption::Interruption;
use super::super::table::{plain, written};
use super::super::terminal::Terminal;
use super::consent::{Consent, Given};
use super::{Drain as Asked, DrainCommand, Which};
use crate::native::documents::{Drain, DrainState, DrainTarget, Drains, Services};
use crate::plural::counted;

/// The problem of a server that is asked to empty a zone without a word that this is meant.
const EMPTIES_ZONE: &str = "empties-zone";

/// Acts and answers.
pub(super) fn act(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    match &asked.command {
        None => begin(asked, terminal),
        Some(DrainCommand::List { asking }) => {
            let drains = asking.client()?.read(&path(["drains"]))?;
            Ok(listed(
                &drains,
                terminal.form(asking.form.output),
                terminal.colours,
            ))
        }
        Some(DrainCommand::Follow { number, asking }) => {
            let client = asking.client()?;
            let interruption = Interruption::expected(FAILED);
            interruption.says(&goes_on(*number));
            let drain = client.read(&place(*number))?;
            follow::follow(&client, drain, terminal.form(asking.form.output), terminal)
        }
        Some(DrainCommand::Undo {
            number,
            consent,
            asking,
        }) => undo(*number, consent, asking, terminal),
    }
}

fn place(number: u64) -> String {
    path(["drains", &number.to_string()])
}

/// What to know of a drain that nobody follows.
fn goes_on(number: u64) -> String {
    format!(
        "the drain goes on, and its instances stay out of service\n  to follow it  peerage drain follow {number}\n  to \
         undo it    peerage drain undo {number}"
    )
}

fn begin(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    let Some(query) = asked.which.query() else {
        return Ok(Answer {
            text: "peerage: drain what? Say APP/ID, --query, --zone or --host; or list, follow or undo drains\n"
                .to_owned(),
            code: MISUSED,
        });
    };
    let client = asked.asking.client()?;
    let instances = instances(&client, &query)?;
    if instances.matched == 0 {
        return Ok(nobody(&query));
    }
    let services: Services = client.read(&path(["services"]))?;
    let emptied = emptied(&services, &instances.instances);
    let plan = to_drain(&instances, &emptied, asked.deadline, terminal.colours);
    let given = match asked.consent.given(&plan, terminal) {
        Ok(given) => given,
        Err(instead) => return Ok(instead),
    };
    // Whoever was asked has read which zones are emptied.
    let confirmed = asked.confirm_empties_zone || (terminal.answers && !asked.consent.yes());
    let document = asked.document(given, confirmed);
    let interruption = asked.wait.then(|| Interruption::expected(FAILED));
    if let Some(interruption) = &interruption {
        interruption.says("the drain may have begun: peerage drain list");
    }
    let drain: Drain = client
        .act(Verb::Post, &path(["drain"]), &document)
        .map_err(|failure| refused(failure, asked))?;
    let form = terminal.form(asked.asking.form.output);
    match interruption {
        None => Ok(begun(&drain, form, terminal.colours)),
        Some(interruption) => {
            interruption.says(&goes_on(drain.id));
            follow::follow(&client, drain, form, terminal)
        }
    }
}

fn nobody(queries: &[String]) -> Answer {
    let query = queries.join(" or ");
    Answer {
        text: format!(
            "peerage: no instance matches {}: see what there is with peerage instances\n",
            plain(&query)
        ),
        code: FAILED,
    }
}

impl Asked {
    fn document(&self, given: Given, confirmed: bool) -> DrainTarget {
        let Which {
            instance,
            query,
            zone,
            host,
        } = &self.which;
        DrainTarget {
            query: query.clone(),
            app: instance.as_ref().map(|named| named.app.clone()),
            id: instance.as_ref().map(|named| named.id.clone()),
            zone: zone.clone(),
            host: host.clone(),
            by: given.by,
            reason: given.reason,
            deadline_ms: self
                .deadline
                .map(|deadline| u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)),
            confirm_empties_zone: confirmed,
        }
    }
}

/// The server's words, with the flag in the place of the field of its own documents.
fn with_flag(detail: &str) -> String {
    const FIELD: &str = "confirm_empties_zone";
    const FLAG: &str = "--confirm-empties-zone";
    if detail.contains(FIELD) {
        return detail.replace(FIELD, FLAG);
    }
    format!(
        "{}; say {FLAG} if that is meant",
        detail.trim_end_matches('.')
    )
}

/// A refusal, with the flag that says that it is meant.
fn refused(failure: Failure, asked: &Asked) -> Failure {
    let query = asked.which.query.clone().unwrap_or_default();
    match failure {
        Failure::Refused {
            base, mut problem, ..
        } => {
            if problem.kind.ends_with(EMPTIES_ZONE) {
                problem.detail = with_flag(&problem.detail);
            }
            Failure::Refused {
                base,
                problem,
                query,
            }
        }
        other => other,
    }
}

fn undo(
    number: Option<u64>,
    consent: &Consent,
    asking: &Asking,
    terminal: &mut Terminal<'_>,
) -> Result<Answer, Failure> {
    let client = asking.client()?;
    let drain = match number {
        Some(number) => client.read(&place(number))?,
        None => match only(client.read(&path(["drains"]))?) {
            Ok(drain) => drain,
            Err(instead) => return Ok(instead),
        },
    };
    let plan = format!(
        "Drain {} ({}, by {}) of {}: those it took out of service will be shown in their own statuses again by all \
         servers; what somebody set since stays.",
        drain.id,
        plain(&whom(&drain)),
        plain(&drain.by),
        counted(drain.instances.len() as u64, "instance"),
    );
    let given = match consent.given(&plan, terminal) {
        Ok(given) => given,
        Err(instead) => return Ok(instead),
    };
    let document = given.undo();
    let undone: Drain = client.act(Verb::Delete, &place(drain.id), &document)?;
    let people = || text(&undone, terminal.colours);
    let form = terminal.form(asking.form.output);
    Ok(Answer {
        text: written(form, people, &undone, &[&undone]),
        code: DONE,
    })
}

/// The one drain that can be undone.
fn only(drains: Drains) -> Result<Drain, Answer> {
    let mut left: Vec<_> = drains
        .drains
        .into_iter()
        .filter(|drain| drain.state != DrainState::Ended)
        .collect();
    let text = match (left.pop(), left.len()) {
        (Some(only), 0) => return Ok(only),
        (None, _) => "peerage: there is no drain to undo: see peerage drain list\n".to_owned(),
        (Some(_), others) => format!(
            "peerage: there are {} drains: say which one, by its number: see peerage drain list\n",
            others + 1
        ),
    };
    Err(Answer { text, code: FAILED })
}

#[cfg(test)]
mod tests;
