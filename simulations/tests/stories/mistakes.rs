//! What is wrong with a file is told, all of it, each with its place and what would be right.

use simulations::stories::source::Source;
use simulations::stories::story::{Sizes, Story};

fn read(text: &str, sizes: Sizes) -> Result<Story, String> {
    let source = Source {
        path: "my.toml".to_owned(),
        text: text.to_owned(),
    };
    Story::read(&source, "my.toml", sizes).map_err(|mistakes| mistakes.to_string())
}

fn mistakes(text: &str) -> String {
    read(text, Sizes::default()).expect_err("there are mistakes")
}

const GOOD: &str = r#"# A story.
title = "A story"
lasts = "5m"

[zones]
east = "A B"
west = "C"

[[clients]]
name = "shops"
count = 12

[[misfortune]]
name = "split"
at = "1m"
lasts = "1m"
cut = "east | west"

[[expect]]
shown = "shops"
"#;

#[test]
fn a_good_story_is_read() {
    let story = read(GOOD, Sizes::default()).unwrap();
    assert_eq!(story.about, "A story.");
    assert_eq!(story.plan.clients.len(), 12);
    assert_eq!(story.plan.faults.len(), 1);
    assert_eq!(
        story.expectations[0].told,
        "every peer lists all of shops, all the time"
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let told = mistakes(
        r#"title = 7
lasts = "5 minutes"
colour = "red"

[zones]
east = "A B"
all = "D"

[[clients]]
name = "shops"
count = 0
beats = 30
behavior = "sticky"
servers = "east X"

[[misfortune]]
name = "split"
at = "1m"
cut = "east || west"

[[misfortune]]
at = "2m"
link = "A | B"
lossy = "20 %"

[[misfortune]]
at = "3m"
silence = "shop"
cancel = "shops"

[[expect]]
shwon = "shops"

[[expect]]
gone = "shops"
from = "spilt ends"
"#,
    );
    insta::assert_snapshot!(told);
}

#[test]
fn a_file_that_is_no_toml_is_told_where() {
    insta::assert_snapshot!(mistakes("title = \"A story\"\nlasts = \"5m\nzones = 3\n"));
}

/// What is told of the good story with one thing put otherwise.
fn instead(good: &str, bad: &str) -> String {
    assert!(GOOD.contains(good), "{good}");
    mistakes(&GOOD.replace(good, bad))
}

fn check(good: &str, bad: &str, told: &[&str]) {
    let mistakes = instead(good, bad);
    for part in told {
        assert!(mistakes.contains(part), "{part}\n{mistakes}");
    }
}

#[test]
fn what_was_probably_meant_is_suggested() {
    check(
        "count",
        "cuont",
        &[
            "my.toml:11:1",
            "did you mean \"count\"?",
            "\"count\" is missing",
        ],
    );
    check(
        "shown = \"shops\"",
        "shown = \"shop\"",
        &["my.toml:20:9", "did you mean \"shops\"?"],
    );
    check(
        "east | west",
        "east | wset",
        &["my.toml:17:7", "did you mean \"west\"?"],
    );
    check(
        "lasts = \"1m\"",
        "until = \"splitt ends\"",
        &["my.toml:16:9", "a moment is written like"],
    );
}

#[test]
fn what_cannot_be_is_refused() {
    check(
        "cut = \"east | west\"",
        "cut = \"east\"",
        &["has to name two sides"],
    );
    check("east | west", "east | A", &["A is on both sides"]);
    check(
        "cut = \"east | west\"",
        "stall = \"D\"",
        &["there is no peer D: peers go from A to C"],
    );
    check(
        "cut = \"east | west\"",
        "join = \"A\"",
        &["A is there from the beginning"],
    );
    check("west = \"C\"", "west = \"D\"", &["C has no zone"]);
    check("west = \"C\"", "west = \"B\"", &["B has a zone already"]);
    check("at = \"1m\"", "at = \"6m\"", &["after the end"]);
    check(
        "lasts = \"1m\"",
        "until = \"30s\"",
        &["has to be after \"at\""],
    );
    check("lasts = \"1m\"", "every = \"1m\"", &["go together"]);
    check(
        "count = 12",
        "count = 12\nbeats = \"30s\"\nlease = \"20s\"",
        &["longer than the time between two beats"],
    );
    check(
        "shown = \"shops\"",
        "shown = \"shops\"\nfrom = \"4m\"\nuntil = \"3m\"",
        &["of no time at all"],
    );
    check("shown = \"shops\"", "sees = \"up\"", &["\"of\" is missing"]);
    check(
        "shown = \"shops\"",
        "protects = \"zone south\"",
        &["cannot be protected"],
    );
    check(
        "count = 12",
        "count = 12\n\n[[clients]]\nname = \"shops\"\ncount = 1",
        &["already"],
    );
}

#[test]
fn a_story_made_larger_keeps_its_names_and_its_shares() {
    let sizes = Sizes {
        peers: Some(6),
        instances: Some(600),
    };
    let story = read(GOOD, sizes).unwrap();
    assert_eq!(story.cast.peers, [0, 0, 1, 1, 0, 1]);
    assert_eq!(story.plan.clients.len(), 600);
}

#[test]
fn a_story_made_too_small_says_who_is_missing() {
    let sizes = Sizes {
        peers: Some(2),
        instances: None,
    };
    let told = read(GOOD, sizes).unwrap_err();
    assert!(
        told.contains("my.toml:17:7: cut: \"west\" is nobody"),
        "{told}"
    );
}

#[test]
fn no_text_makes_the_reader_fall_over() {
    for end in 0..GOOD.len() {
        if let Some(text) = GOOD.get(..end) {
            assert!(read(text, Sizes::default()).is_ok() || !mistakes(text).is_empty());
        }
    }
    for junk in [
        "zones = 1",
        "[[zones]]",
        "clients = [1]",
        "[zones]\nA = \"A\"",
        "[zones]\neast = \"H9999999\"\n",
    ] {
        assert!(!mistakes(junk).is_empty());
    }
}
