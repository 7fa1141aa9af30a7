//! `POST act/{what}`: what forms of pages do, and the way back to what came of it.
//!
//! What must always hold: nothing is done for a form of another site, nor for whoever may not act through the API.

mod many;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::Place;
use web_ui::links;
use web_ui::missing::MissingPage;
use web_ui::parts::Link;

use super::asked::{Asked, unescaped};
use super::forms::Form;
use super::frame::About;
use super::situation::Situation;
use super::{answer, forms, frame};
use crate::api::v1::rights;
use crate::native::acting::{self, Refused};
use crate::native::documents::{DrainTarget, Evict, Overriding, Release, Undo};
use crate::native::{drains, evictions};
use crate::server::State;

/// What came of a form: where it is told, below where pages begin, and in which words.
type Done = Result<(String, String), Refused>;

/// `POST act/{what}`
pub(super) async fn act(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = match Form::of(&request, &body) {
        Ok(form) => form,
        Err(refused) => return refused.answer(),
    };
    let asked = Asked::new(&state, &request);
    let what = asked.part("what");
    if let Err(problem) = rights::may_act_by_form(&state, &request) {
        let why = problem.to_string();
        return refused(&asked, StatusCode::FORBIDDEN, &back(&what, &form), why).await;
    }
    let Some(done) = done(&state, &what, &form).await else {
        return HttpResponse::NotFound().finish();
    };
    match done {
        Ok((to, said)) => forms::done(&format!("../{to}"), &said),
        Err(why) => {
            let why = crate::api::v1::detail(why);
            refused(&asked, StatusCode::CONFLICT, &back(&what, &form), why).await
        }
    }
}

/// Does it. `None`: there is no such action.
async fn done(state: &State, what: &str, form: &Form) -> Option<Done> {
    let (app, id) = target(form.value("target"));
    let effect = match what {
        "override" => acting::overrule(state, &app, &id, &overriding(form)),
        "clear" => acting::give_back(state, &app, &id, &undoing(form)),
        "evict" => evictions::evict(state, &app, &id, &evicting(form)),
        "release" => evictions::release(state, &releasing(form)),
        "drain" => return Some(drain(state, one(form, app, id)).await),
        "undo" => return Some(undo(state, form).await),
        "many" => return Some(many::act(state, form).await),
        _ => return None,
    };
    Some(effect.map(|done| (back(what, form), done.effect)))
}

fn by(form: &Form) -> String {
    form.value("by").to_owned()
}

fn reason(form: &Form) -> String {
    form.value("reason").to_owned()
}

fn overriding(form: &Form) -> Overriding {
    Overriding {
        status: form.value("status").to_owned(),
        reason: reason(form),
        by: by(form),
        ttl_ms: form.value("ttl").parse().ok(),
        until: None,
    }
}

fn undoing(form: &Form) -> Undo {
    Undo {
        by: by(form),
        reason: Some(reason(form)),
    }
}

fn evicting(form: &Form) -> Evict {
    Evict {
        reason: reason(form),
        by: by(form),
    }
}

fn releasing(form: &Form) -> Release {
    Release {
        guard: form.value("guard").to_owned(),
        zone: zone(form),
        reason: reason(form),
        by: by(form),
    }
}

/// A drain without instances yet.
fn draining(form: &Form) -> DrainTarget {
    DrainTarget {
        by: by(form),
        reason: reason(form),
        deadline_ms: form.value("ttl").parse().ok(),
        confirm_empties_zone: form.value("empties") == "yes",
        ..DrainTarget::default()
    }
}

fn one(form: &Form, app: String, id: String) -> DrainTarget {
    DrainTarget {
        app: Some(app),
        id: Some(id),
        ..draining(form)
    }
}

async fn drain(state: &State, asked: DrainTarget) -> Done {
    let drain = drains::begin(state, &asked).await?;
    Ok((format!("drains/{}", drain.id), drain.sentence))
}

async fn undo(state: &State, form: &Form) -> Done {
    // A number that is none is no drain's.
    let id = form.value("drain").parse().unwrap_or_default();
    let drain = drains::undo(state, id, &undoing(form)).await?;
    Ok((format!("drains/{id}"), drain.sentence))
}

/// The zone of a zone's guard; that of instances without a zone is empty.
fn zone(form: &Form) -> Option<String> {
    let zone = form.value("zone").to_owned();
    (form.value("guard") == "zone").then_some(zone)
}

/// An instance as forms spell it: `APP/ID`, both as parts of a path.
fn target(spelt: &str) -> (String, String) {
    let (app, id) = spelt.split_once('/').unwrap_or_default();
    (unescaped(app), unescaped(id))
}

/// The page that a form stands on, below where pages begin.
fn back(what: &str, form: &Form) -> String {
    match what {
        "release" => "cluster#protection".to_owned(),
        "undo" => "drains".to_owned(),
        "many" => format!("instances{}", many::list(form)),
        _ => {
            let (app, id) = target(form.value("target"));
            format!("instances/{}/{}", links::part(&app), links::part(&id))
        }
    }
}

async fn refused(asked: &Asked<'_>, status: StatusCode, back: &str, why: String) -> HttpResponse {
    let situation = Situation::of(asked.state).await;
    let about = About {
        place: Place::Instances,
        watches: "nothing",
        ..About::default()
    };
    let frame = frame::of(asked, &situation, about);
    let page = MissingPage {
        title: "Nothing was done".to_owned(),
        text: why,
        links: vec![Link::new(format!("{}{back}", frame.pages), "Back")],
        frame,
    };
    answer::html_with(asked, status, &page)
}
