//! `GET instances`: all instances, or those that match, page by page; and the whole list as a file.

mod export;

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::instances::{GroupLine, InstanceRow, InstancesPage, SortHead};
use web_ui::links;
use web_ui::parts::{Badge, Bar, Link, Status};

pub(super) use self::export::{csv, ndjson};
use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::{when, when_known};
use super::{answer, frame, rows, services};
use crate::api::v1::rights;
use crate::native::documents::{Group, Instances, LeaseState, Row};
use crate::native::instances::{self, Ask, Cursor, GroupBy, Sort};
use crate::native::query::{Mistake, Query};
use crate::server::State;

/// So many rows has a page: enough to look through, few enough to be there at once.
const ROWS: usize = 100;
/// So many groups are told with their counts.
const GROUPS_MAX: usize = 100;

/// By what a list is usually put together, and what the tab says.
const GROUPINGS: [(&str, &str); 8] = [
    ("", "One list"),
    ("app", "By service"),
    ("zone", "By zone"),
    ("status", "By status"),
    ("version", "By version"),
    ("lease", "By lease"),
    ("code", "By reason"),
    ("owner", "By server"),
];
/// The columns, and what each is sorted by.
const COLUMNS: [(&str, &str); 9] = [
    ("id", "Instance"),
    ("worst", "Status"),
    ("app", "Service"),
    ("zone", "Zone"),
    ("host", "Address"),
    ("version", "Version"),
    ("deadline", "Lease"),
    ("renewed", "Heard"),
    ("updated", "Changed"),
];

/// What is asked of the list, as the address spells it.
struct Wanted<'a> {
    query: &'a str,
    sort: &'a str,
    group_by: String,
}

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let wanted = Wanted::of(&asked);
    let about = About {
        place: Place::Instances,
        cli: wanted.command(),
        api: format!("/api/v1/instances{}", wanted.pairs(&[])),
        watches: "registry",
        search: wanted.query.to_owned(),
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let (ask, mistake, wrong) = wanted.read(asked.value("after"));
    let list = match (&mistake, wrong.is_empty()) {
        (None, true) => listed(&state, ask.clone()).await,
        _ => Instances {
            total: situation.instances(),
            ..Instances::default()
        },
    };
    let mistake = mistake.map(|mistake| services::mistaken(wanted.query, mistake));
    let page = page(&asked, frame, &wanted, &list, &situation);
    let page = InstancesPage {
        search: page.search.with_mistake(mistake),
        wrong,
        ..page
    };
    answer::html(&asked, &page)
}

/// Looking through a large list takes longer than a heartbeat should wait.
async fn listed(state: &web::Data<State>, ask: Ask) -> Instances {
    let state = state.clone();
    let list = web::block(move || instances::list(&state, &ask)).await;
    list.unwrap_or_default()
}

impl<'a> Wanted<'a> {
    fn of(asked: &'a Asked<'_>) -> Self {
        let group_by = match asked.value("meta").trim() {
            "" => asked.value("group_by").to_owned(),
            key => format!("meta.{key}"),
        };
        Self {
            query: asked.value("query"),
            sort: asked.value("sort"),
            group_by,
        }
    }

    /// As the API takes it, or what is wrong with it.
    fn read(&self, after: &str) -> (Ask, Option<Mistake>, String) {
        let (query, mistake) = match Query::parse(self.query) {
            Ok(query) => (query, None),
            Err(mistake) => (Query::default(), Some(mistake)),
        };
        let group_by = GroupBy::parse(&self.group_by);
        let (sort, after_row) = (Sort::parse(self.sort), Cursor::parse(after));
        let wrong = match () {
            () if !self.group_by.is_empty() && group_by.is_none() => {
                format!("Nothing is put together by {:?}", self.group_by)
            }
            () if !self.sort.is_empty() && sort.is_none() => {
                format!("Nothing is sorted by {:?}", self.sort)
            }
            () if !after.is_empty() && after_row.is_none() => {
                "The address names no place of the list".to_owned()
            }
            () => String::new(),
        };
        let ask = Ask {
            query,
            group_by,
            sort: sort.unwrap_or_default(),
            after: after_row,
            limit: ROWS,
        };
        (ask, mistake, wrong)
    }

    /// The query of an address which asks for the same but for these.
    fn pairs(&self, other: &[(&str, &str)]) -> String {
        let said = |key: &str, own: &str| {
            let found = other.iter().find(|(known, _)| *known == key);
            found.map_or(own, |(_, value)| value).to_owned()
        };
        let pairs = [
            ("query", said("query", self.query)),
            ("sort", said("sort", self.sort)),
            ("group_by", said("group_by", &self.group_by)),
            ("after", said("after", "")),
        ];
        links::query(&pairs.each_ref().map(|(key, value)| (*key, value.as_str())))
    }

    fn href(&self, asked: &Asked<'_>, other: &[(&str, &str)]) -> String {
        format!("{}instances{}", asked.to_pages(), self.pairs(other))
    }

    fn command(&self) -> String {
        let mut command = "peerage instances".to_owned();
        for (flag, value) in [
            ("-f", self.query),
            ("--sort", self.sort),
            ("--group-by", &self.group_by),
        ] {
            if !value.is_empty() {
                command = format!("{command} {flag} {}", links::shell(value));
            }
        }
        command
    }
}

fn page(
    asked: &Asked<'_>,
    frame: Frame,
    wanted: &Wanted<'_>,
    list: &Instances,
    situation: &Situation,
) -> InstancesPage {
    let next = list.next.as_deref();
    InstancesPage {
        search: services::field(asked, "instances", &["sort", "group_by"]),
        wrong: String::new(),
        total: list.total,
        matched: list.matched,
        bar: bar(list, situation),
        groupings: groupings(asked, wanted),
        metadata_key: wanted
            .group_by
            .strip_prefix("meta.")
            .unwrap_or_default()
            .to_owned(),
        kept: vec![
            ("query".to_owned(), wanted.query.to_owned()),
            ("sort".to_owned(), wanted.sort.to_owned()),
        ],
        groups: groups(asked, wanted, &list.groups),
        heads: heads(asked, wanted),
        rows: lines(list, wanted, &frame, situation),
        first: match asked.value("after") {
            "" => String::new(),
            _ => wanted.href(asked, &[]),
        },
        next: next.map_or_else(String::new, |next| wanted.href(asked, &[("after", next)])),
        exports: ["csv", "ndjson"]
            .map(|kind| {
                let pairs = wanted.pairs(&[("group_by", "")]);
                let href = format!("{}instances.{kind}{pairs}", asked.to_pages());
                Link::new(href, kind.to_uppercase())
            })
            .into(),
        leases: LeaseState::ALL
            .map(|state| (state.name(), rows::lease(state)))
            .into(),
        may_act: rights::actions_here(asked.state, asked.request),
        frame,
    }
}

/// All that match by status: of groups by their sum, of everything by that of services; else it is not told.
fn bar(list: &Instances, situation: &Situation) -> Bar {
    if !list.groups.is_empty() {
        return Bar::of(list.groups.iter().flat_map(statuses));
    }
    match list.matched == list.total {
        true => {
            let rows = situation.services.services.iter();
            Bar::of(rows.flat_map(|row| {
                let bar = services::bar(row);
                let shares: Vec<_> = bar.shares().to_vec();
                shares.into_iter().map(|share| (share.status, share.count))
            }))
        }
        false if list.next.is_none() => Bar::of(
            list.instances
                .iter()
                .map(|row| (Status::named(&row.status), 1)),
        ),
        false => Bar::default(),
    }
}

fn statuses(group: &Group) -> Vec<(Status, u64)> {
    let statuses = group.statuses.iter();
    statuses
        .map(|(status, count)| (Status::named(status), *count))
        .collect()
}

fn groupings(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Vec<(Link, bool)> {
    GROUPINGS
        .map(|(by, text)| {
            let href = wanted.href(asked, &[("group_by", by)]);
            (Link::new(href, text), by == wanted.group_by)
        })
        .into()
}

fn groups(asked: &Asked<'_>, wanted: &Wanted<'_>, groups: &[Group]) -> Vec<GroupLine> {
    let line = |group: &Group| {
        let term = links::term(&wanted.group_by, &group.value);
        let query = format!("{} {term}", wanted.query);
        let narrowed = [("query", query.trim()), ("group_by", "")];
        GroupLine {
            link: Link::new(wanted.href(asked, &narrowed), named(&group.value)),
            count: group.instances,
            bar: Bar::of(statuses(group)),
        }
    };
    groups.iter().take(GROUPS_MAX).map(line).collect()
}

fn named(value: &str) -> &str {
    match value {
        "" => "(none)",
        value => value,
    }
}

fn heads(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Vec<SortHead> {
    let head = |(by, text): (&str, &str)| {
        let order = match wanted.sort.strip_prefix('-') {
            Some(sort) if sort == by => "descending",
            None if wanted.sort == by || (wanted.sort.is_empty() && by == "app") => "ascending",
            _ => "",
        };
        let turned = format!("-{by}");
        let next = if order == "ascending" { &turned } else { by };
        SortHead {
            link: Link::new(wanted.href(asked, &[("sort", next)]), text),
            order,
        }
    };
    COLUMNS.map(head).into()
}

fn lines(
    list: &Instances,
    wanted: &Wanted<'_>,
    frame: &Frame,
    situation: &Situation,
) -> Vec<InstanceRow> {
    let mut before = None;
    let line = |row: &Row| {
        let group = group_of(row, &wanted.group_by).filter(|group| before.as_ref() != Some(group));
        if group.is_some() {
            before.clone_from(&group);
        }
        InstanceRow {
            group: group.map(|group| named(&group).to_owned()),
            ..line(row, frame, situation)
        }
    };
    list.instances.iter().map(line).collect()
}

/// The group of a row, where the row itself tells it.
fn group_of(row: &Row, by: &str) -> Option<String> {
    let value = match by {
        "app" => &row.app,
        "zone" => &row.zone,
        "status" => &row.status,
        "host" => &row.host,
        "version" => return Some(row.version.clone().unwrap_or_default()),
        "lease" => row.lease.state.name(),
        "code" => row.code.name(),
        "owner" => &row.lease.owner,
        _ => return None,
    };
    Some(value.to_owned())
}

fn line(row: &Row, frame: &Frame, situation: &Situation) -> InstanceRow {
    let held = row.overridden.as_deref();
    let held = held.map(|status| format!("held {}", Status::named(status).word()));
    InstanceRow {
        group: None,
        link: Link::new(frame.instance(&row.app, &row.id), row.id.as_str()),
        service: Link::new(frame.service(&row.app), row.app.as_str()),
        badge: Badge::named(&row.status),
        held: held.unwrap_or_default(),
        zone: row.zone.clone(),
        address: rows::address(row),
        version: row.version.clone().unwrap_or_default(),
        lease: rows::lease(row.lease.state),
        heard: when_known(row.lease.renewed_at.as_ref(), situation.now),
        changed: when(&row.updated_at, situation.now),
        protected: row.protected,
    }
}
