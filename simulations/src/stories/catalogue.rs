//! The stories that come with Peerage.
//!
//! Here: their names and texts, which are part of the program. Not here: what is in them. What must always hold: every
//! file of `simulations/stories` is here, and under the name of the file.

use super::source::{Mistakes, Source};
use super::story::{Sizes, Story};

/// Name and text of every story, in the order in which they are listed.
pub const ALL: &[(&str, &str)] = &{
    macro_rules! stories {
        ($($name:literal),+ $(,)?) => {
            [$(($name, include_str!(concat!("../../stories/", $name, ".toml")))),+]
        };
    }
    stories![
        "quiet",
        "split_brain",
        "three_way_split",
        "one_way_cut",
        "go_between",
        "flapping_link",
        "blocked_protocol",
        "long_partition",
        "zone_loss",
        "client_network_loss",
        "mass_expiry",
        "cold_start",
        "lost_join",
        "join_storm",
        "rolling_restart",
        "rolling_upgrade",
        "thundering_registration",
        "balancer",
        "hasty_client",
        "slow_peer",
        "deaf_peer",
        "stalled_reader",
        "clock_skew",
        "duplicate_id",
        "key_rotation",
    ]
};

/// The text of a story by its name.
pub fn source(name: &str) -> Option<Source> {
    let (name, text) = ALL.iter().find(|(known, _)| *known == name)?;
    Some(Source {
        path: format!("simulations/stories/{name}.toml"),
        text: (*text).to_owned(),
    })
}

/// The names of all stories.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

/// A story by its name, as it is written.
///
/// # Errors
/// What is wrong with it; nothing ever is with one that comes with Peerage, unless it is made smaller than its names.
pub fn story(name: &str, sizes: Sizes) -> Option<Result<Story, Mistakes>> {
    Some(Story::read(&source(name)?, name, sizes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_file_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
        let files = fs::read_dir(folder).unwrap();
        let mut written: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned()))
            .collect();
        written.sort();
        let mut listed = names();
        listed.sort_unstable();
        assert_eq!(written, listed);
    }

    #[test]
    fn every_story_is_understood_and_says_what_it_shows() {
        for name in names() {
            let story = story(name, Sizes::default()).unwrap();
            let story = story.unwrap_or_else(|mistakes| panic!("{mistakes}"));
            assert!(story.about.len() > 80, "{name} says too little");
            assert!(story.title.len() <= 80, "{name}: {}", story.title);
            assert!(!story.expectations.is_empty(), "{name} expects nothing");
        }
    }
}
