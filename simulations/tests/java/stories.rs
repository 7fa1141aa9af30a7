//! That every story that comes with Peerage can be played on the model.

use simulations::java;
use simulations::stories::catalogue;
use simulations::stories::story::{Sizes, Story};

#[test]
fn every_story_plays_on_javas_servers_too_from_its_beginning_to_its_end() {
    for name in catalogue::names() {
        let source = catalogue::source(name).expect("a story by its name");
        let story = Story::read(&source, name, Sizes::default()).expect("a story that reads");
        let plan = story.plan(42);
        let (hosts, end) = (plan.hosts.len(), plan.end_at);
        let film = java::film(plan);
        assert_eq!(film.model, "java");
        let last = film.pictures.last().expect("pictures");
        assert_eq!((last.hosts.len(), last.at), (hosts, end), "{name}");
        let shown = film
            .pictures
            .iter()
            .flat_map(|picture| &picture.hosts)
            .map(|host| host.shown);
        let living = film.plan.clients.len();
        assert!(
            living == 0 || shown.max() > Some(0),
            "{name}: nobody is ever listed"
        );
    }
}
