//! The command line, as people use it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn sim(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_simulations");
    let output = Command::new(program).args(arguments).output();
    output.expect("the program starts")
}

fn told(output: &Output) -> String {
    let told = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8(told).expect("what is told is text")
}

/// A file for this test alone.
fn file(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let named = path.display().to_string();
    (path, named)
}

#[test]
fn bare_it_lists_the_stories() {
    let output = sim(&[]);
    assert!(output.status.success());
    let told = told(&output);
    assert!(told.contains("split_brain  "), "{told}");
    assert!(
        told.contains("Two halves of a cluster do not hear each other"),
        "{told}"
    );
}

#[test]
fn a_story_is_played_and_written() {
    let (page, page_name) = file("quiet.html");
    let (document, document_name) = file("quiet.json");
    let output = sim(&[
        "story",
        "quiet",
        "--seed",
        "7",
        "--peers",
        "4",
        "--instances",
        "20",
        "--html",
        &page_name,
        "--json",
        &document_name,
    ]);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("again: cargo sim -- story quiet --seed 7 --peers 4 --instances 20"),
        "{told}"
    );
    assert!(
        fs::read_to_string(page)
            .unwrap()
            .starts_with("<!doctype html>")
    );
    assert!(fs::read_to_string(document).unwrap().contains("\"seed\":7"));
}

#[test]
fn a_story_of_ones_own_that_does_not_come_about_ends_with_1() {
    let (path, name) = file("own.toml");
    let story = "title = \"mine\"\nlasts = \"1m\"\n[zones]\nhere = \"A B\"\n[[clients]]\nname = \"shops\"\ncount = 3\n\
                 [[expect]]\ngone = \"shops\"\n";
    fs::write(path, story).unwrap();
    let output = sim(&["story", &name]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains(
            "✕ every peer lists none of shops, all the time: from 0:00.0 on A has 3 of 3 shops"
        ),
        "{told}"
    );
}

#[test]
fn a_file_that_is_not_understood_ends_with_2() {
    let (path, name) = file("mistaken.toml");
    fs::write(path, "title = \"mine\"\nlast = \"1m\"\n").unwrap();
    let output = sim(&["story", &name]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains(&format!(
            "{name}:2:1: there is no key \"last\" here; did you mean \"lasts\"?"
        )),
        "{told}"
    );
}

#[test]
fn a_story_that_is_not_there_is_suggested() {
    let output = sim(&["story", "splitbrain"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("did you mean \"split_brain\"?"));
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    assert_eq!(
        sim(&["story", "quiet", "--peers", "0"]).status.code(),
        Some(2)
    );
    assert_eq!(
        sim(&["story", "quiet", "--instances", "10000000"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_seed_is_played() {
    let output = sim(&["seed", "3"]);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("Seed 3: random misfortunes"), "{told}");
    assert!(told.contains("no invariant is broken"), "{told}");
}

#[test]
fn a_seed_with_an_old_mistake_put_back_is_shortened() {
    let broken = (0..64).find_map(|seed| {
        let seed = seed.to_string();
        let output = sim(&["seed", &seed, "--flaw", "loses-merges", "--shorten"]);
        (output.status.code() == Some(1)).then_some((seed, output))
    });
    let (seed, output) = broken.expect("records that are lost are noticed");
    let told = told(&output);
    let again = format!("again: cargo sim -- seed {seed} --flaw loses-merges --shorten");
    assert!(told.contains("BROKEN"), "{told}");
    assert!(told.contains(&again), "{told}");
}

#[test]
fn a_sweep_says_how_many_and_how_fast() {
    let output = sim(&["sweep", "--seeds", "4", "--from", "10"]);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("seeds 10 to 13: 0 broken"), "{told}");
    assert!(told.contains("seeds/s"), "{told}");
}
