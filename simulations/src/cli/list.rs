//! The stories there are.

use simulations::stories::catalogue;
use simulations::stories::story::Sizes;

use super::Told;

/// One line each, and how to play one.
pub(super) fn tell() -> Told {
    let names = catalogue::names();
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let lines = names.iter().map(|name| {
        let title = match catalogue::story(name, Sizes::default()) {
            Some(Ok(story)) => story.title,
            Some(Err(mistakes)) => mistakes.to_string(),
            None => String::new(),
        };
        format!("  {name:widest$}  {title}\n")
    });
    let lines: String = lines.collect();
    Told {
        text: format!("Stories:\n\n{lines}\n{HOW}"),
        sound: true,
    }
}

const HOW: &str = "Play one:           cargo sim -- story split_brain
Look at it:         cargo sim -- story split_brain --html split_brain.html
Your own cluster:   cargo sim -- story my.toml       (simulations/stories/README.md has every key)
Random misfortunes: cargo sim -- seed 7              and many at once: cargo sim -- sweep --seeds 1000
All commands:       cargo sim -- --help
";
