//! `GET connect`: how clients and servers connect to this cluster.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::connect::{Client, Connect, ConnectPage, Newest};
use web_ui::frame::{Frame, Place};
use web_ui::links;
use web_ui::parts::Link;

use super::asked::{Asked, is_address};
use super::frame::{self, About};
use super::situation::Situation;
use super::{answer, times};
use crate::cluster::view::Standing;
use crate::config::Listen;
use crate::native::events::{self, Ask};
use crate::server::State;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Connect,
        cli: "peerage instances".to_owned(),
        api: "/api/v1/instances".to_owned(),
        watches: "registry",
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let page = ConnectPage {
        connect: connect(&asked, &situation, &frame, "connect"),
        join: join(&situation),
        local_peers: local_peers(&state),
        frame,
    };
    answer::html(&asked, &page)
}

/// `GET check?app=&id=`: to what is known of an instance, from a plain form.
pub(super) async fn check(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let (app, id) = (asked.value("app").trim(), asked.value("id").trim());
    let to = format!(
        "instances/{}/{}",
        links::part(&app.to_uppercase()),
        links::part(id)
    );
    super::moved(&to)
}

/// How clients connect, on whatever page it stands.
pub(super) fn connect(
    asked: &Asked<'_>,
    situation: &Situation,
    frame: &Frame,
    page: &str,
) -> Connect {
    let client = Client::named(asked.value("client")).unwrap_or_default();
    let page = format!("{}{page}", frame.pages);
    Connect::new(
        client,
        &bases(situation, frame),
        situation.instances(),
        &page,
    )
    .with_newest(newest(asked.state, situation, frame))
}

/// The instance that registered last, as long as that is remembered.
fn newest(state: &State, situation: &Situation, frame: &Frame) -> Option<Newest> {
    let ask = Ask {
        limit: Some(1),
        kinds: vec!["registered".to_owned()],
        ..Ask::default()
    };
    let event = events::of(state, &ask).ok()?.events.into_iter().next()?;
    let (app, id) = (event.app?, event.id?);
    Some(Newest {
        link: Link::new(frame.instance(&app, &id), format!("{app}/{id}")),
        at: times::when(&event.at, situation.now),
    })
}

/// The addresses of all servers that clients can use, this one first.
fn bases(situation: &Situation, frame: &Frame) -> Vec<String> {
    let members = situation.cluster.members.iter();
    let there = members.filter(|member| {
        matches!(
            member.standing,
            Standing::Up | Standing::Suspect | Standing::Behind
        )
    });
    let others = there.filter_map(|member| {
        let url = member.url.trim_end_matches('/');
        let (scheme, host) = url.split_once("://")?;
        (matches!(scheme, "http" | "https") && is_address(host)).then(|| url.to_owned())
    });
    std::iter::once(frame.address.clone())
        .chain(others)
        .collect()
}

/// The command that adds a server.
fn join(situation: &Situation) -> String {
    let address = situation.cluster.server.address.as_deref();
    let address = address.filter(|address| is_address(address));
    format!(
        "peerage serve --name NAME --zone ZONE --join {}",
        address.unwrap_or("HOST:8764")
    )
}

/// Whether peers are heard on this machine only.
fn local_peers(state: &State) -> bool {
    matches!(state.config.cluster.peer_listen, Listen::At(address) if address.ip().is_loopback())
}
