//! `peerage evict`: ending leases now.

use super::super::answer::{Answer, DONE};
use super::super::client::Failure;
use super::super::client::calls::{Verb, path};
use super::super::named::Named;
use super::super::reading::{Wanted, all, heard, some};
use super::super::table::{plain, table, written};
use super::super::terminal::Terminal;
use super::overrides::{found, shown};
use super::{Evict as Asked, done};
use crate::config::show::Output;
use crate::native::documents::{
    Done, DoneToMany, Evict, EvictMany, Instance, Instances, LeaseState,
};
use crate::plural::counted;

/// Acts and answers.
pub(super) fn act(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    match &asked.instance {
        Some(instance) => one(asked, instance, terminal),
        None => expired(asked, terminal),
    }
}

fn one(asked: &Asked, instance: &Named, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    let client = asked.asking.client()?;
    let plan = to_evict(&found(&client, instance)?, instance);
    let given = match asked.consent.given(&plan, terminal) {
        Ok(given) => given,
        Err(instead) => return Ok(instead),
    };
    let document = Evict {
        reason: given.reason,
        by: given.by,
    };
    let place = path(["instances", &instance.app, &instance.id, "evict"]);
    let said: Done = client.act(Verb::Post, &place, &document)?;
    Ok(done(&said, terminal.form(asked.asking.form.output)))
}

fn to_evict(instance: &Instance, named: &Named) -> String {
    let lease = &instance.row.lease;
    let heard = heard(lease, &instance.as_of);
    let follows = match lease.state {
        LeaseState::Fresh | LeaseState::Late => format!(
            "Its client was heard {heard}: it will be gone from all lists at once, and back as soon as its client \
             registers again, which most do at their next beat. To keep clients away from it: peerage drain {}",
            named.word()
        ),
        LeaseState::Silent | LeaseState::Over => format!(
            "Its client was last heard {heard}: it will be gone from all lists at once, and back should its client \
             register again."
        ),
    };
    format!("{}\n{follows}", shown(instance))
}

fn expired(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    let client = asked.asking.client()?;
    let query = asked.filter().query;
    let over = format!("lease:over {query}");
    let wanted = Wanted {
        query: &over,
        limit: u64::MAX,
        ..Wanted::default()
    };
    // A mistake is looked for in what was typed.
    let typed = Wanted {
        query: &query,
        limit: 1,
        ..Wanted::default()
    };
    all(&client, &typed)?;
    let plan = to_end(&all(&client, &wanted)?, terminal.colours);
    let given = match asked.consent.given(&plan, terminal) {
        Ok(given) => given,
        Err(instead) => return Ok(instead),
    };
    let document = EvictMany {
        query,
        expired: true,
        reason: given.reason,
        by: given.by,
    };
    let said: DoneToMany = client.act(Verb::Post, &path(["evict"]), &document)?;
    Ok(done_to_many(&said, terminal.form(asked.asking.form.output)))
}

fn to_end(over: &Instances, colours: bool) -> String {
    if over.matched == 0 {
        return "No lease that matches is over.".to_owned();
    }
    let they = if over.matched == 1 { "It" } else { "They" };
    format!(
        "{}{they} will be gone from all lists at once, whatever guard or quota holds {}.",
        some(over, colours),
        if over.matched == 1 { "it" } else { "them" }
    )
}

fn done_to_many(said: &DoneToMany, output: Output) -> Answer {
    Answer {
        text: written(output, || text(said), said, &[said]),
        code: DONE,
    }
}

fn text(said: &DoneToMany) -> String {
    let DoneToMany {
        revision,
        effect,
        instances,
        skipped,
    } = said;
    let rows: Vec<_> = skipped
        .iter()
        .map(|one| [one.app.clone(), one.id.clone(), one.why.clone()])
        .collect();
    let passed_over = match rows.as_slice() {
        [] => String::new(),
        rows => format!(
            "{} passed over:\n{}",
            counted(rows.len() as u64, "instance"),
            table(["APPLICATION", "ID", "WHY"], rows)
        ),
    };
    format!(
        "{}\n{passed_over}{} at revision {}.\n",
        plain(effect),
        match instances {
            0 => "Nothing was ended".to_owned(),
            many => format!("{} ended", counted(*many, "lease")),
        },
        plain(revision)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::documents::{AsOf, Row, RowLease, Skipped};

    fn row(state: LeaseState) -> Row {
        Row {
            app: "ORDERS".to_owned(),
            id: "o-1".to_owned(),
            zone: "zone-a".to_owned(),
            status: "UP".to_owned(),
            own_status: "UP".to_owned(),
            lease: RowLease {
                state,
                renewed_at: Some("2026-01-01T12:00:00.000Z".to_owned()),
                deadline: Some("2026-01-01T12:01:30.000Z".to_owned()),
                owner: "server-a".to_owned(),
                ..RowLease::default()
            },
            ..Row::default()
        }
    }

    #[test]
    fn whoever_evicts_one_that_beats_is_told_that_it_comes_back() {
        let instance = Instance {
            as_of: "2026-01-01T12:00:10.000Z".to_owned(),
            row: row(LeaseState::Fresh),
            ..Instance::default()
        };
        let named: Named = "ORDERS/o-1".parse().unwrap();
        insta::assert_snapshot!(to_evict(&instance, &named), @r"
        ORDERS/o-1 in zone zone-a is shown as UP.
        Its client was heard 10 s ago: it will be gone from all lists at once, and back as soon as its client registers again, which most do at their next beat. To keep clients away from it: peerage drain ORDERS/o-1
        ");
    }

    #[test]
    fn leases_that_are_over_are_listed_before_they_end() {
        let over = Instances {
            as_of: AsOf("2026-01-01T12:05:00.000Z".to_owned()),
            total: 40,
            matched: 12,
            instances: vec![row(LeaseState::Over)],
            ..Instances::default()
        };
        insta::assert_snapshot!(to_end(&over, false), @r"
        APPLICATION  ID   ZONE    STATUS  VERSION  HEARD      LEASE                OWNER     WHY
        ORDERS       o-1  zone-a  UP      -        5 min ago  over for 3 min 30 s  server-a  unknown
        … and 11 more
        They will be gone from all lists at once, whatever guard or quota holds them.
        ");
        assert!(to_end(&Instances::default(), false).starts_with("No lease"));
    }

    #[test]
    fn those_passed_over_are_named() {
        let said = DoneToMany {
            revision: "7-9".to_owned(),
            effect: "They are gone.".to_owned(),
            instances: 2,
            skipped: vec![Skipped {
                app: "ORDERS".to_owned(),
                id: "o-3".to_owned(),
                why: "it was heard meanwhile".to_owned(),
            }],
        };
        insta::assert_snapshot!(done_to_many(&said, Output::Table).text, @r"
        They are gone.
        1 instance passed over:
        APPLICATION  ID   WHY
        ORDERS       o-3  it was heard meanwhile
        2 leases ended at revision 7-9.
        ");
    }
}
