//! Consent.

use super::super::super::terminal::testing::Said;
use super::*;

fn consent(yes: bool) -> Consent {
    Consent {
        yes,
        ..Consent::default()
    }
}

#[test]
fn a_program_must_say_yes() {
    let mut said = Said::default();
    let instead = consent(false).given("It will go.", &mut said.program("y\n"));
    let instead = instead.expect_err("nobody was asked");
    assert_eq!(instead.code, MISUSED);
    assert!(instead.text.contains("nothing was done") && instead.text.contains("--yes"));
    assert_eq!(
        said.errors(),
        "It will go.\n",
        "what would follow is said all the same"
    );
    assert_eq!(said.output(), "");
}

#[test]
fn a_person_is_asked_once_what_follows_was_said() {
    for typed in ["n\n", "", "yesterday\n"] {
        let mut said = Said::default();
        let given = consent(false).given("It will go.", &mut said.person(typed));
        assert_eq!(given.expect_err(typed).code, FAILED);
        assert_eq!(said.errors(), "It will go.\nGo on? [y/N] ");
        assert_eq!(said.output(), "", "the answer is alone there");
    }
}

#[test]
fn a_person_who_goes_on_is_asked_why() {
    for (typed, reason) in [("y\nit hangs\n", "it hangs"), ("y\n\n", "")] {
        let mut said = Said::default();
        let given = consent(false).given("It will go.", &mut said.person(typed));
        assert_eq!(given.expect("yes").reason, reason);
        assert!(
            said.errors().ends_with(&format!("{WHY} ")),
            "{}",
            said.errors()
        );
    }
}

#[test]
fn whoever_says_yes_is_not_asked() {
    let mut said = Said::default();
    let given = consent(true).given("It will go.\u{1b}[2J\n", &mut said.person(""));
    assert_eq!(given.expect("yes").reason, "");
    assert_eq!(said.errors(), "It will go.?[2J\n");
}

#[test]
fn whoever_acts_has_a_name() {
    let named = Consent {
        by: Some(" anna ".to_owned()),
        ..Consent::default()
    };
    assert_eq!(named.by(), "anna");
    assert!(!Consent::default().by().is_empty());
}
