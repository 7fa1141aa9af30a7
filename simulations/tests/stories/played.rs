//! Every story comes out as it says; and what it expects can fail.

use simulations::stories::catalogue;
use simulations::stories::expectation::{Expectation, What};
use simulations::stories::story::Story;
use simulations::stories::verdict::{self, Verdict};
use simulations::world::film::{Film, Sight};

use crate::{account, film, story};

macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { check(stringify!($name)); })+

        #[test]
        fn every_story_is_played() {
            assert_eq!(catalogue::names(), [$(stringify!($name)),+]);
        }
    };
}

stories! {
    quiet, split_brain, three_way_split, one_way_cut, go_between, flapping_link, blocked_protocol, long_partition,
    zone_loss, client_network_loss, mass_expiry, cold_start, lost_join, join_storm, rolling_restart, rolling_upgrade,
    thundering_registration, balancer, hasty_client, slow_peer, deaf_peer, stalled_reader, clock_skew, duplicate_id,
    key_rotation,
}

/// Plays a story: all that it expects comes about, and would not if it expected otherwise.
fn check(name: &str) {
    let story = story(name);
    let film = film(&story);
    let verdicts = verdict::all(&story, &film);
    let failed: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.kept).collect();
    assert!(
        failed.is_empty(),
        "{failed:#?}\n    cargo sim -- story {name}"
    );
    for expectation in &story.expectations {
        cannot_be_otherwise(expectation, &story, &film);
    }
}

fn cannot_be_otherwise(expectation: &Expectation, story: &Story, film: &Film) {
    let measured = verdict::judge(expectation, story, film);
    let otherwise = Expectation {
        what: otherwise(&expectation.what, measured.value),
        ..expectation.clone()
    };
    let verdict = verdict::judge(&otherwise, story, film);
    assert!(
        !verdict.kept,
        "{}: also {:?}",
        expectation.told, otherwise.what
    );
}

/// The opposite; where there is a limit, one just below what was measured.
fn otherwise(what: &What, measured: Option<f64>) -> What {
    let below = measured.map_or(-1.0, |measured| measured - 0.01);
    match what.clone() {
        What::Shown(crowds) | What::InService(crowds) => What::Gone(crowds),
        What::Gone(crowds) => What::Shown(crowds),
        What::OutOfService(crowds) => What::InService(crowds),
        What::Missing(_) => What::Missing(below),
        What::Stale(_) => What::Stale(below),
        What::CachesMissing(_) => What::CachesMissing(below),
        What::Equal(equal) => What::Equal(!equal),
        What::Protects(_) => What::ProtectsNothing,
        What::ProtectsNothing => What::Protects("anything".to_owned()),
        What::Ready(ready) => What::Ready(!ready),
        What::Isolated(isolated) => What::Isolated(!isolated),
        What::Sees(how, whom) if how.contains(&Sight::Down) => What::Sees(vec![Sight::Up], whom),
        What::Sees(_, whom) => What::Sees(vec![Sight::Down], whom),
        What::Traffic(_) => What::Traffic(below),
        What::Registrations(_) => What::Registrations(below),
        What::Said(text) => What::Unsaid(text),
        What::Unsaid(text) => What::Said(text),
    }
}

#[test]
fn a_story_played_twice_is_told_alike() {
    let (one, other) = (account("flapping_link"), account("flapping_link"));
    assert_eq!(one.runs[0].film.trace, other.runs[0].film.trace);
    assert_eq!(one.to_string(), other.to_string());
}
