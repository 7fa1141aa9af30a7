//! `GET help`: keys, signs and words.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::Place;
use web_ui::help::HelpPage;

use super::answer;
use super::asked::Asked;
use super::frame::{self, About};
use super::situation::Situation;
use crate::server::State;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Help,
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    answer::html(&asked, &HelpPage { frame })
}
