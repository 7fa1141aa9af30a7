//! What is told of stories: as text, word for word; as JSON; as a page.

use serde_json::Value;
use simulations::report::{Account, json, page};
use simulations::world::flaw::Flaw;
use simulations::world::plan::Plan;
use simulations::world::run;

use crate::account;

#[test]
fn the_text_of_a_one_way_cut() {
    insta::assert_snapshot!(account("one_way_cut").to_string());
}

#[test]
fn the_text_of_a_loss_of_the_clients_network() {
    insta::assert_snapshot!(account("client_network_loss").to_string());
}

#[test]
fn the_text_of_a_split_brain() {
    insta::assert_snapshot!(account("split_brain").to_string());
}

#[test]
fn the_document_says_what_it_is_and_has_every_line() {
    let account = account("go_between");
    let document: Value = serde_json::from_str(&json::document(&account, true).unwrap()).unwrap();
    assert_eq!(document["format"], "peerage-simulation");
    assert_eq!(document["version"], 1);
    assert_eq!(document["story"]["peers"][2]["zone"], "north");
    assert_eq!(document["misfortunes"][0]["until"], 240.0);
    let run = &document["runs"][0];
    assert_eq!(run["model"], "peerage");
    assert!(
        run["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|verdict| verdict["kept"] == true)
    );
    assert_eq!(run["pictures"][0]["peers"][0]["shown"], 61);
    assert!(run["lines"].as_array().unwrap().len() > run["moments"].as_array().unwrap().len());
}

#[test]
fn pictures_tell_only_what_changed_and_lose_nothing() {
    let account = account("go_between");
    let document: Value = serde_json::from_str(&json::document(&account, false).unwrap()).unwrap();
    let told = document["runs"][0]["pictures"].as_array().unwrap();
    let mut shown = vec![0; 3];
    let mut told = told.iter().peekable();
    let begins_at = account.begins_at;
    for picture in account.pictures(&account.runs[0]) {
        let at = (picture.at - begins_at).as_secs_f64();
        if let Some(change) = told.next_if(|change| change["at"].as_f64() <= Some(at)) {
            for (peer, shown) in shown.iter_mut().enumerate() {
                *shown = change["peers"][peer]["shown"].as_u64().unwrap_or(*shown);
            }
        }
        let seen: Vec<u64> = picture.hosts.iter().map(|host| host.shown as u64).collect();
        assert_eq!(shown, seen, "at {at}");
    }
    assert!(told.next().is_none());
}

#[test]
fn the_page_of_a_story_has_all_in_it() {
    let page = page::page(&account("split_brain")).unwrap();
    assert!(page.contains("All 9 expectations were met"));
    assert!(page.contains("\"format\":\"peerage-simulation\""));
    assert!(!page.contains("src="));
}

#[test]
fn a_seed_that_breaks_something_is_told_with_the_command_that_shows_it_again() {
    let broken = (0..256).find_map(|seed| {
        let flaw = Some(Flaw::LosesMerges(5));
        let film = run::film(Plan {
            flaw,
            ..Plan::of(seed)
        });
        (!film.broken.is_empty()).then_some(film)
    });
    let film = broken.expect("records that are lost are noticed");
    let command = format!("{} --flaw loses-merges", run::repeat(film.plan.seed));
    let account = Account::of_seed(film, command.clone());
    assert!(!account.kept(0));
    let told = account.to_string();
    assert!(told.contains("✕ BROKEN"), "{told}");
    assert!(told.contains(&command), "{told}");
    let page = page::page(&account).unwrap();
    assert!(page.contains("expectations were not met"));
}
