//! `peerage instances`: instances, alone or by what they have in common.

use super::super::answer::{Answer, DONE};
use super::super::client::calls::{path, with};
use super::super::client::{Client, Failure};
use super::super::table::{Cell, plain, tinted, written};
use super::super::terminal::{Terminal, Tint};
use super::super::text::{ago, lasting, seconds};
use super::Instances as Asked;
use crate::native::documents::{Group, Instances, LeaseState, Row, RowLease};
use crate::plural::counted;

/// How many to ask for at once.
const PAGE: u64 = 1000;

const HEADER: [&str; 9] = [
    "APPLICATION",
    "ID",
    "ZONE",
    "STATUS",
    "VERSION",
    "HEARD",
    "LEASE",
    "OWNER",
    "WHY",
];

/// Asks and answers.
pub(super) fn ask(asked: &Asked, terminal: &Terminal<'_>) -> Result<Answer, Failure> {
    let client = asked.asking.client()?;
    let wanted = Wanted {
        query: &asked.filter.query,
        group_by: &asked.group_by,
        sort: &asked.sort,
        limit: asked.limit.unwrap_or(u64::MAX),
    };
    let instances = all(&client, &wanted)?;
    let form = terminal.form(asked.asking.form.output);
    let people = || text(&instances, &asked.group_by, terminal.colours);
    Ok(Answer {
        text: written(form, people, &instances, &instances.instances),
        code: DONE,
    })
}

/// Which instances, and in which order.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Wanted<'a> {
    pub(in crate::cli) query: &'a str,
    pub(in crate::cli) group_by: &'a str,
    pub(in crate::cli) sort: &'a str,
    pub(in crate::cli) limit: u64,
}

/// Instances, page by page until all are there.
pub(in crate::cli) fn all(client: &Client, wanted: &Wanted<'_>) -> Result<Instances, Failure> {
    let page = |after: &str, rest: u64| {
        let limit = rest.min(PAGE).to_string();
        let parameters = [
            ("query", wanted.query),
            ("group_by", wanted.group_by),
            ("sort", wanted.sort),
            ("after", after),
            ("limit", &limit),
        ];
        let page: Result<Instances, _> = client.read(&with(&path(["instances"]), &parameters));
        page.map_err(|failure| failure.of_query(wanted.query))
    };
    let mut whole = page("", wanted.limit)?;
    let mut left = wanted.limit.saturating_sub(whole.instances.len() as u64);
    while let Some(after) = whole.next.take_if(|_| left > 0) {
        let next = page(&after, left)?;
        // A page of none would come again for ever.
        if next.instances.is_empty() {
            break;
        }
        left = left.saturating_sub(next.instances.len() as u64);
        whole.instances.extend(next.instances);
        whole.next = next.next;
    }
    Ok(whole)
}

fn text(instances: &Instances, group_by: &str, colours: bool) -> String {
    let as_of = &instances.as_of.0;
    let shown = instances.instances.len() as u64;
    let matched = instances.matched.max(shown);
    let mut which = if matched < instances.total {
        format!(
            "{matched} of {} match",
            counted(instances.total, "instance")
        )
    } else {
        counted(matched, "instance")
    };
    if shown < matched {
        which += &format!(", {shown} of them listed");
    }
    if shown == 0 {
        return format!("{which}\n");
    }
    let rows = |rows: &[Row]| {
        let cells: Vec<_> = rows.iter().map(|row| cells(row, as_of)).collect();
        tinted(HEADER, &cells, colours)
    };
    let listed = match group_by {
        "" => rows(&instances.instances),
        common => grouped(instances, common, &rows),
    };
    format!("{listed}{which}\n")
}

/// The rows below what they have in common, as far as there are any.
fn grouped(instances: &Instances, common: &str, table: &dyn Fn(&[Row]) -> String) -> String {
    let mut rest = instances.instances.as_slice();
    let mut told = String::new();
    for group in &instances.groups {
        let size = usize::try_from(group.instances).unwrap_or(usize::MAX);
        let (rows, others) = rest.split_at(size.min(rest.len()));
        let value = if group.value.is_empty() {
            "none"
        } else {
            &group.value
        };
        let listed = if rows.is_empty() {
            String::new()
        } else {
            table(rows)
        };
        told += &format!(
            "{} {}: {}\n{listed}\n",
            plain(common),
            plain(value),
            counts(group, common)
        );
        rest = others;
    }
    told
}

fn counts(group: &Group, common: &str) -> String {
    let all = counted(group.instances, "instance");
    if common == "status" {
        return all;
    }
    let statuses = group.statuses.iter();
    let statuses: Vec<_> = statuses
        .map(|(status, count)| format!("{count} {}", plain(status)))
        .collect();
    format!("{all}: {}", statuses.join(", "))
}

fn cells(row: &Row, as_of: &str) -> [Cell; 9] {
    let status = match &row.overridden {
        Some(_) if row.own_status != row.status => {
            format!("{} (own {})", row.status, row.own_status)
        }
        _ => row.status.clone(),
    };
    [
        row.app.as_str().into(),
        row.id.as_str().into(),
        row.zone.as_str().into(),
        Cell::tinted(status, Tint::of_status(&row.status)),
        row.version.as_deref().unwrap_or("-").into(),
        heard(&row.lease, as_of).into(),
        lease(&row.lease, row.protected, as_of),
        row.lease.owner.as_str().into(),
        row.code.name().into(),
    ]
}

/// How long ago its client was heard.
pub(in crate::cli) fn heard(lease: &RowLease, as_of: &str) -> String {
    match &lease.renewed_at {
        Some(at) => ago(as_of, at),
        None => "-".to_owned(),
    }
}

fn lease(lease: &RowLease, protected: bool, as_of: &str) -> Cell {
    let left = lease.deadline.as_ref().and_then(|at| seconds(as_of, at));
    let Some(left) = left else {
        return lease.state.name().into();
    };
    let (text, tint) = match lease.state {
        LeaseState::Over if protected => {
            (format!("over for {}, protected", lasting(-left)), Tint::Bad)
        }
        LeaseState::Over => (format!("over for {}", lasting(-left)), Tint::Bad),
        LeaseState::Silent => (format!("silent, {} left", lasting(left)), Tint::Doubtful),
        LeaseState::Late => (format!("late, {} left", lasting(left)), Tint::Doubtful),
        LeaseState::Fresh => (format!("{} left", lasting(left)), Tint::None),
    };
    Cell::tinted(text, tint)
}

/// How many rows a plan shows.
const PLANNED_MAX: usize = 10;

/// Some of the instances in question, for somebody who is about to act on them.
pub(in crate::cli) fn some(instances: &Instances, colours: bool) -> String {
    let shown: Vec<_> = instances
        .instances
        .iter()
        .take(PLANNED_MAX)
        .map(|row| cells(row, &instances.as_of.0))
        .collect();
    let more = instances.matched.saturating_sub(shown.len() as u64);
    let more = if more > 0 {
        format!("… and {more} more\n")
    } else {
        String::new()
    };
    format!("{}{more}", tinted(HEADER, &shown, colours))
}

#[cfg(test)]
mod tests;
