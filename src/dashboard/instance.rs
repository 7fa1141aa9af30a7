//! `GET instances/{app}/{id}`: one instance, listed or gone.

mod elsewhere;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::instance::{
    Actions, FactLine, InstancePage, Lease, MetadataLine, StatedLine, StepLine, Why,
};
use web_ui::links;
use web_ui::parts::{Badge, LeaseLine, Level, Link};
use web_ui::times::long;

use self::elsewhere::{by_owner, said, told};
use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::{millis, when_known};
use super::{answer, frame, lines, rows};
use crate::api::v1::rights;
use crate::cluster::compare;
use crate::native::documents::{Code, Explanation, Instance, Row, Stated, StatusSource, ZoneFrom};
use crate::native::{events, explain, instance};
use crate::server::State;

/// So many events are told of one that is gone.
const EVENTS: usize = 20;
/// Who says the same as a value of so many bytes can be asked.
const SAME_MAX: usize = 256;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let (app, id) = (asked.part("app").to_uppercase(), asked.part("id"));
    let situation = Situation::of(&state).await;
    let frame = frame::of(&asked, &situation, about(&app, &id));
    let told = told(&state, &situation, &frame, &app, &id).await;
    let mut found = instance::of(&state, &app, &id);
    if let Some(found) = &mut found {
        by_owner(&mut found.row, &told, situation.now);
    }
    let explanation = match &found {
        Some(found) => found.explanation.clone(),
        None => explain::of(&state, &app, &id),
    };
    let why = why(explanation, &situation);
    let mut page = match found {
        Some(found) => listed(&asked, frame, &found, why, &situation),
        None => gone(&state, frame, (&app, &id), why, &situation),
    };
    let here = compare::here(&state, &app, &id);
    page.elsewhere = told.iter().map(|told| said(told, here.as_ref())).collect();
    let status = match page.badge {
        Some(_) => StatusCode::OK,
        None => StatusCode::NOT_FOUND,
    };
    answer::html_with(&asked, status, &page)
}

fn about(app: &str, id: &str) -> About {
    About {
        place: Place::Instances,
        cli: format!("peerage explain {}", links::shell(&format!("{app}/{id}"))),
        api: format!("/api/v1/instances/{}/{}", links::part(app), links::part(id)),
        watches: "registry",
        app: app.to_owned(),
        ..About::default()
    }
}

fn query(app: &str, id: &str) -> String {
    format!("{} {}", links::term("app", app), links::term("id", id))
}

fn all_events(frame: &Frame, app: &str, id: &str) -> String {
    let query = links::query(&[("query", &query(app, id))]);
    format!("{}events{query}", frame.pages)
}

fn gone(
    state: &State,
    frame: Frame,
    (app, id): (&str, &str),
    why: Why,
    situation: &Situation,
) -> InstancePage {
    let ask = events::Ask {
        query: query(app, id),
        limit: Some(EVENTS),
        ..events::Ask::default()
    };
    let remembered = events::of(state, &ask).unwrap_or_default();
    InstancePage {
        service: Link::new(frame.service(app), app),
        id: id.to_owned(),
        why,
        events: lines::of(&remembered.events, &frame, situation.now),
        all_events: all_events(&frame, app, id),
        frame,
        ..InstancePage::default()
    }
}

fn listed(
    asked: &Asked<'_>,
    frame: Frame,
    found: &Instance,
    why: Why,
    situation: &Situation,
) -> InstancePage {
    let row = &found.row;
    let may_act = rights::actions_here(asked.state, asked.request);
    InstancePage {
        service: Link::new(frame.service(&row.app), row.app.as_str()),
        id: row.id.clone(),
        badge: Some(Badge::named(&row.status)),
        why,
        statuses: found
            .statuses
            .iter()
            .map(|stated| stated_line(stated, situation))
            .collect(),
        lease: Some(lease(row, situation)),
        facts: facts(found, &frame),
        elsewhere: Vec::new(),
        metadata: metadata(found, &frame),
        raw: raw(row, &frame),
        events: lines::of(&found.events, &frame, situation.now),
        all_events: all_events(&frame, &row.app, &row.id),
        actions: may_act.then(|| Actions {
            target: format!("{}/{}", links::part(&row.app), links::part(&row.id)),
            overridden: found.overriding.is_some(),
            serves: row.status == "UP",
        }),
        frame,
    }
}

fn why(told: Explanation, situation: &Situation) -> Why {
    let next = told.next.map(|next| {
        let at = when_known(next.at.as_ref(), situation.now);
        (next.what, at)
    });
    let steps = told.actions.into_iter().map(|step| StepLine {
        act: step.act,
        why: step.why,
        cli: step.cli,
    });
    Why {
        level: level(told.code),
        code: told.code.name(),
        title: told.title,
        sentence: told.sentence,
        since: when_known(told.since.as_ref(), situation.now),
        facts: told.facts.into_iter().map(|fact| fact.text).collect(),
        next,
        steps: steps.collect(),
        notes: told.notes.into_iter().map(|note| note.text).collect(),
    }
}

const fn level(code: Code) -> Level {
    match code {
        Code::Fresh | Code::LearnedFromPeer => Level::Good,
        Code::Late
        | Code::Overridden
        | Code::OrphanAwaitingAdoption
        | Code::Cancelled
        | Code::Unknown => Level::Warn,
        Code::ExpiredAwaitingQuota
        | Code::ProtectedServer
        | Code::ProtectedZone
        | Code::ProtectedIsolated
        | Code::OrphanKept
        | Code::Evicted => Level::Bad,
    }
}

fn stated_line(stated: &Stated, situation: &Situation) -> StatedLine {
    StatedLine {
        which: match stated.from {
            StatusSource::Shown => "Shown",
            StatusSource::Client => "Said by its client",
            StatusSource::Override => "Set from outside",
        },
        badge: stated.status.as_deref().map(Badge::named),
        by: stated.by.clone().unwrap_or_default(),
        at: when_known(stated.at.as_ref(), situation.now),
        why: stated.why.clone(),
    }
}

fn lease(row: &Row, situation: &Situation) -> Lease {
    let lease = &row.lease;
    let known = |time: Option<&String>| time.and_then(|time| millis(time));
    let line = match (
        known(lease.renewed_at.as_ref()),
        known(lease.deadline.as_ref()),
    ) {
        (Some(heard), Some(deadline)) => {
            let now = situation.now.as_millis();
            Some(LeaseLine::new(heard, lease.interval_ms, deadline, now))
        }
        _ => None,
    };
    Lease {
        state: rows::lease(lease.state),
        line,
        heard: when_known(lease.renewed_at.as_ref(), situation.now),
        deadline: when_known(lease.deadline.as_ref(), situation.now),
        terms: format!(
            "Its client means to beat every {}; without a beat the lease lasts {}.",
            long(lease.interval_ms),
            long(lease.duration_ms)
        ),
        owner: lease.owner.clone(),
        owned_here: lease.owned_here,
    }
}

fn facts(found: &Instance, frame: &Frame) -> Vec<FactLine> {
    let row = &found.row;
    let plain = |name, text: &str| fact(name, Link::new("", text), "");
    let port = |port: Option<i32>| port.map(|port| port.to_string()).unwrap_or_default();
    let zone = Link::new(
        frame.instances(&links::term("zone", &row.zone)),
        row.zone.as_str(),
    );
    let host = Link::new(
        frame.instances(&links::term("host", &row.host)),
        row.host.as_str(),
    );
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let urls = &found.urls;
    let all = [
        fact("Zone", zone, zone_from(row.zone_from)),
        fact("Host", host, ""),
        plain("Address", &row.ip),
        plain("Port", &port(row.port)),
        plain("Port for TLS", &port(row.secure_port)),
        plain("Version", &said(&row.version)),
        plain("Found as", &said(&found.vip)),
        plain("Found as, by TLS", &said(&found.secure_vip)),
        plain("Data centre", &found.data_center),
        fact("Its page", outward(&urls.home), ""),
        fact("Its status", outward(&urls.status), ""),
        fact("Its health", outward(&urls.health), ""),
        fact("Its health, by TLS", outward(&urls.secure_health), ""),
    ];
    all.into_iter()
        .filter(|fact| !fact.value.text.is_empty())
        .collect()
}

fn fact(name: &'static str, value: Link, source: &str) -> FactLine {
    FactLine {
        name,
        value,
        source: source.to_owned(),
    }
}

const fn zone_from(from: ZoneFrom) -> &'static str {
    match from {
        ZoneFrom::Metadata => "said by its metadata, under zone",
        ZoneFrom::Amazon => "Amazon's availability zone, said at registration",
        ZoneFrom::Key => "said by another key of its metadata, one of zones.metadata-keys",
        ZoneFrom::Network => "guessed from its address, by zones.networks",
        ZoneFrom::Unknown => "nothing tells its zone",
    }
}

/// An address that a client told: a link if it leads to a web page, else just text.
fn outward(url: &Option<String>) -> Link {
    let url = url.as_deref().unwrap_or_default();
    let web = ["http://", "https://"].iter().any(|scheme| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    Link::new(if web { url } else { "" }, url)
}

fn metadata(found: &Instance, frame: &Frame) -> Vec<MetadataLine> {
    let line = |(key, value): (&String, &String)| {
        let masked = found.masked.contains(key);
        let same = match masked || key.len() + value.len() > SAME_MAX {
            true => String::new(),
            false => frame.instances(&links::term(&format!("meta.{key}"), value)),
        };
        MetadataLine {
            key: key.clone(),
            value: value.clone(),
            masked,
            same,
        }
    };
    found.metadata.iter().map(line).collect()
}

fn raw(row: &Row, frame: &Frame) -> Vec<Link> {
    let (app, id) = (links::part(&row.app), links::part(&row.id));
    let server = &frame.server;
    vec![
        Link::new(
            format!("{server}api/v1/instances/{app}/{id}"),
            "It in the API, as JSON",
        ),
        Link::new(
            format!("{server}eureka/apps/{app}/{id}"),
            "It as Eureka's clients read it, as XML",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_links() {
        let link = |url: &str| outward(&Some(url.to_owned())).href;
        assert_eq!(link("https://a.example/x"), "https://a.example/x");
        assert_eq!(link("HTTP://a"), "HTTP://a");
        for url in ["javascript:alert(1)", "data:text/html,x", "//a", "", "é"] {
            assert_eq!(link(url), "", "{url}");
        }
    }
}
