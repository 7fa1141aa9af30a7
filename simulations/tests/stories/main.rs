//! Stories, as they come with Peerage and as somebody writes them: played, told, and asked for from the command line.

mod commands;
mod mistakes;
mod played;
mod told;

use simulations::report::Account;
use simulations::stories::catalogue;
use simulations::stories::story::{Sizes, Story};
use simulations::world::film::Film;
use simulations::world::run;

/// The seed with which all stories are played here.
const SEED: u64 = 42;

/// A story that comes with Peerage.
#[expect(clippy::expect_used, reason = "a test says what it misses")]
fn story(name: &str) -> Story {
    let story = catalogue::story(name, Sizes::default()).expect("a story of that name");
    story.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn film(story: &Story) -> Film {
    run::film(story.plan(SEED))
}

/// What is told of a story.
fn account(name: &str) -> Account {
    let story = story(name);
    let film = film(&story);
    let command = format!("cargo sim -- story {name} --seed {SEED}");
    Account::of_story(&story, vec![film], command)
}
