use super::*;
use crate::invariants::Broken;
use crate::stories::source::Source;
use crate::stories::story::Sizes;
use crate::world::film::Readers;
use crate::world::tally::Tally;
use crate::world::timeline::Line;

/// A story of ten seconds with two peers and four instances, that expects this.
fn story(expected: &str) -> Story {
    let text = format!(
        "title = \"t\"\nlasts = \"10s\"\n[zones]\neast = \"A\"\nwest = \"B\"\n[[clients]]\nname = \"shops\"\ncount = 4\n\
         [[expect]]\n{expected}\n"
    );
    let source = Source {
        path: "t.toml".to_owned(),
        text,
    };
    Story::read(&source, "t", Sizes::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn peer(peer: usize) -> HostPicture {
    let mut sees = vec![Sight::Up; 2];
    sees[peer] = Sight::Itself;
    HostPicture {
        power: Running::Up,
        ready: true,
        shown: 4,
        crowds: vec![Counts {
            shown: 4,
            up: 4,
            ..Counts::default()
        }],
        sees,
        ..HostPicture::default()
    }
}

/// A film of that story in which all is well, but for what is done to the picture of every tenth of a second.
fn film(story: &Story, spoil: impl Fn(u64, &mut Picture)) -> Film {
    let pictures = (0..=100).map(|tenth| {
        let mut picture = Picture {
            at: story.begins_at + Duration::from_millis(tenth * 100),
            hosts: vec![peer(0), peer(1)],
            readers: Readers::default(),
            alive: 4,
            equal: true,
        };
        spoil(tenth, &mut picture);
        picture
    });
    Film {
        plan: story.plan(1),
        model: PEERAGE,
        pictures: pictures.collect(),
        lines: Vec::new(),
        broken: Vec::new(),
        trace: 0,
        tally: Tally::default(),
    }
}

/// What becomes of an expectation in a film that is spoiled so.
fn verdict(expected: &str, spoil: impl Fn(u64, &mut Picture)) -> Verdict {
    let story = story(expected);
    judge(&story.expectations[0], &story, &film(&story, spoil))
}

fn well(_: u64, _: &mut Picture) {}

/// An expectation that a good film meets, and one with something wrong in it does not.
fn check(expected: &str, spoil: impl Fn(&mut HostPicture)) {
    let good = verdict(expected, well);
    assert!(good.kept, "{expected}: {}", good.measured);
    let bad = verdict(expected, |tenth, picture| {
        if tenth == 50 {
            spoil(&mut picture.hosts[1]);
        }
    });
    assert!(!bad.kept, "{expected}: {}", bad.measured);
}

#[test]
fn one_wrong_picture_of_one_peer_is_enough() {
    check("shown = \"shops\"", |peer| peer.crowds[0].shown = 3);
    check("in_service = \"shops\"", |peer| peer.crowds[0].up = 3);
    check("missing_most = 0", |peer| peer.missing = 1);
    check("stale_most = 2", |peer| peer.stale = 3);
    check("protects = \"nothing\"", |peer| {
        peer.protects = vec!["zone west".to_owned()]
    });
    check("ready = true", |peer| peer.ready = false);
    check("ready = true", |peer| peer.power = Running::Down);
    check("isolated = false", |peer| peer.isolated = true);
    check("sees = \"up\"\nof = \"A\"", |peer| {
        peer.sees[0] = Sight::Down
    });
}

#[test]
fn who_does_not_run_or_serve_is_not_asked_for_a_list() {
    let stopped = verdict("shown = \"shops\"", |_, picture| {
        picture.hosts[1] = HostPicture::default();
    });
    assert!(stopped.kept, "{}", stopped.measured);
    let closed = verdict("shown = \"shops\"\nat = \"B\"", |_, picture| {
        picture.hosts[1].ready = false
    });
    assert!(!closed.kept);
    assert_eq!(closed.measured, "nobody could be asked");
}

#[test]
fn what_may_take_a_while_is_measured() {
    let missing = |until: u64| {
        move |tenth: u64, picture: &mut Picture| {
            if (20..until).contains(&tenth) {
                picture.hosts[0].crowds[0].shown = 0;
            }
        }
    };
    let expected = "shown = \"shops\"\nfrom = \"2s\"\nwithin = \"1s\"";
    let soon = verdict(expected, missing(25));
    assert!(soon.kept);
    assert_eq!(soon.measured, "after 0.5 s");
    assert_eq!(soon.value, Some(0.5));
    let late = verdict(expected, missing(35));
    assert!(!late.kept);
    assert_eq!(late.measured, "from 0:02.0 to 0:03.5 A has 0 of 4 shops");
    let never = verdict(expected, missing(1_000));
    assert_eq!(never.measured, "from 0:02.0 on A has 0 of 4 shops");
}

#[test]
fn what_comes_back_after_it_was_there_is_not_met() {
    let again = verdict(
        "gone = \"shops\"\nfrom = \"2s\"\nwithin = \"1s\"",
        |tenth, picture| {
            for peer in &mut picture.hosts {
                peer.crowds[0].shown = usize::from(tenth == 80);
            }
        },
    );
    assert!(!again.kept);
    assert_eq!(again.measured, "from 0:08.0 to 0:08.1 A has 1 of 4 shops");
}

#[test]
fn blinks_do_not_count_where_they_are_allowed() {
    let differ = |length: u64| {
        move |tenth: u64, picture: &mut Picture| picture.equal = !(30..30 + length).contains(&tenth)
    };
    assert!(verdict("equal = true", differ(9)).kept);
    assert!(!verdict("equal = true", differ(15)).kept);
    assert!(!verdict("equal = true\nblink = \"100ms\"", differ(9)).kept);
    assert!(!verdict("equal = false", differ(9)).kept);
}

#[test]
fn what_is_protected_is_asked_for_by_name() {
    let protects = |what: &'static str| {
        move |_: u64, picture: &mut Picture| {
            for peer in &mut picture.hosts {
                peer.protects = vec![what.to_owned()];
            }
        }
    };
    assert!(verdict("protects = \"zone west\"", protects("zone west")).kept);
    assert!(verdict("protects = \"anything\"", protects("zone west")).kept);
    assert!(!verdict("protects = \"zone west\"", protects("zone east")).kept);
    assert!(!verdict("protects = \"zone west\"", well).kept);
    assert!(verdict("protects = \"orphans\"", protects("3 orphans of A")).kept);
}

#[test]
fn traffic_is_that_of_the_peer_that_sends_most() {
    let sends = |tenth: u64, picture: &mut Picture| picture.hosts[1].sent = 100 * tenth;
    let verdict_at = |most: &str| verdict(&format!("traffic_most = \"{most} B/s\""), sends);
    assert!(verdict_at("1000").kept);
    assert!(!verdict_at("999").kept);
    assert_eq!(verdict_at("999").measured, "at most 1000 bytes/s, by B");
}

#[test]
fn lines_are_searched_in_their_time_and_at_their_peers() {
    let said = |expected: &str| {
        let story = story(expected);
        let mut film = film(&story, well);
        film.lines = vec![Line {
            at: story.begins_at + Duration::from_secs(5),
            whose: Some(1),
            kind: Kind::Client,
            text: "client 3 registers at B: Done".to_owned(),
        }];
        judge(&story.expectations[0], &story, &film)
    };
    assert!(said("said = \"registers at B\"").kept);
    assert!(!said("said = \"registers at C\"").kept);
    assert!(!said("said = \"registers at B\"\nfrom = \"6s\"").kept);
    assert!(!said("said = \"registers at B\"\nat = \"A\"").kept);
    assert!(!said("unsaid = \"registers at B\"").kept);
    assert!(said("registrations_most = \"25 %\"").kept);
    assert!(!said("registrations_most = \"24 %\"").kept);
}

#[test]
fn a_broken_invariant_counts_unless_a_story_breaks_it_on_purpose() {
    let mut story = story("shown = \"shops\"");
    let mut film = film(&story, well);
    let kept = |story: &Story, film: &Film| all(story, film).iter().all(|verdict| verdict.kept);
    assert!(kept(&story, &film));
    film.broken = vec![Broken::new(
        "equal after healing",
        Duration::ZERO,
        "not".to_owned(),
    )];
    assert!(!kept(&story, &film));
    story.breaks = vec!["equal after healing".to_owned()];
    assert!(kept(&story, &film));
}
