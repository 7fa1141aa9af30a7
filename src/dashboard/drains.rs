//! `GET drains` and `GET drains/{drain}`: what is taken out of service, and whether it can be stopped.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::drains::{DrainCard, DrainedLine, DrainsPage, Step};
use web_ui::frame::{Frame, Place};
use web_ui::missing::MissingPage;
use web_ui::parts::{Badge, Level, Link};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::{when, when_known};
use super::{answer, frame};
use crate::api::v1::rights;
use crate::native::documents::{Drain, DrainState, Drained};
use crate::native::drains;
use crate::server::State;

/// So many drains are told of.
const DRAINS_MAX: usize = 20;
/// So many instances are told of each where it is one of many, and where it is alone.
const INSTANCES_MAX: usize = 20;
const INSTANCES_ALONE_MAX: usize = 500;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let named = asked.part("drain");
    let frame = frame::of(&asked, &situation, about(&named));
    let single = !named.is_empty();
    let found = match single {
        true => named.parse().ok(),
        false => None,
    };
    let told = match (single, found) {
        (false, _) => drains::all(&state).await.drains,
        (true, Some(id)) => drains::one(&state, id).await.into_iter().collect(),
        (true, None) => Vec::new(),
    };
    if single && told.is_empty() {
        return answer::html_with(&asked, StatusCode::NOT_FOUND, &unknown(frame, &named));
    }
    let shown = if single {
        INSTANCES_ALONE_MAX
    } else {
        INSTANCES_MAX
    };
    let cards = told.iter().take(DRAINS_MAX);
    let page = DrainsPage {
        drains: cards
            .map(|drain| card(drain, &frame, &situation, shown))
            .collect(),
        single,
        may_act: rights::actions_here(&state, &request),
        frame,
    };
    answer::html(&asked, &page)
}

fn about(named: &str) -> About {
    let (cli, api) = match named {
        "" => ("list".to_owned(), "/api/v1/drains".to_owned()),
        named => (format!("follow {named}"), format!("/api/v1/drains/{named}")),
    };
    About {
        place: Place::Instances,
        cli: format!("peerage drain {cli}"),
        api,
        watches: "registry",
        ..About::default()
    }
}

fn unknown(frame: Frame, named: &str) -> MissingPage {
    MissingPage {
        title: format!("There is no drain {named:?}"),
        text: "This server does not know it: it was over before the server was started, or a hundred drains came after \
               it."
            .to_owned(),
        links: vec![Link::new(format!("{}drains", frame.pages), "All drains")],
        frame,
    }
}

fn card(drain: &Drain, frame: &Frame, situation: &Situation, shown: usize) -> DrainCard {
    let over = matches!(drain.state, DrainState::Stopped | DrainState::Ended);
    DrainCard {
        id: drain.id,
        link: Link::new(
            format!("{}drains/{}", frame.pages, drain.id),
            format!("Drain {}", drain.id),
        ),
        state: word(drain.state),
        sentence: drain.sentence.clone(),
        by: drain.by.clone(),
        reason: drain.reason.clone(),
        since: when(&drain.since, situation.now),
        until: when_known(drain.until.as_ref(), situation.now),
        steps: if over { Vec::new() } else { steps(drain) },
        instances: drain
            .instances
            .iter()
            .take(shown)
            .map(|each| line(each, frame))
            .collect(),
        more: drain.instances.len().saturating_sub(shown),
        undoes: drain.instances.iter().any(|each| each.holds),
    }
}

/// How far a drain is, in a few words.
pub(super) const fn word(state: DrainState) -> (Level, &'static str) {
    match state {
        DrainState::Draining => (Level::Warn, "not to be stopped yet"),
        DrainState::Drained => (Level::Good, "they can be stopped"),
        DrainState::Stopped => (Level::Good, "they are gone"),
        DrainState::Ended => (Level::Good, "it is over"),
    }
}

fn steps(drain: &Drain) -> Vec<Step> {
    let (servers, clients) = (&drain.propagated_to, &drain.fetched_since);
    vec![
        Step {
            what: "Other servers that show it",
            reached: servers.shown_by,
            of: servers.peers,
            waiting: servers.waiting_for.clone(),
        },
        Step {
            what: "Clients that have read it",
            reached: clients.fetched,
            of: clients.clients,
            waiting: clients.waiting_for.clone(),
        },
    ]
}

fn line(each: &Drained, frame: &Frame) -> DrainedLine {
    DrainedLine {
        link: Link::new(
            frame.instance(&each.app, &each.id),
            format!("{}/{}", each.app, each.id),
        ),
        zone: each.zone.clone(),
        badge: each.status.as_deref().map(Badge::named),
        holds: each.holds,
    }
}
