//! `peerage completions`: what shells and `man` know of the command line.
//!
//! What must always hold: all of it is made from the one declaration of commands and flags.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;

use super::answer::{Answer, DONE, FAILED};
use super::text::plain;

/// `peerage completions`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// bash, zsh, fish, elvish or powershell; or man for the pages of the manual
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    wanted: For,
    /// Write the files there, named as they are looked for, instead of printing; man: one page per command
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Who is to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
    Man,
}

impl For {
    const fn shell(self) -> Option<Shell> {
        match self {
            Self::Bash => Some(Shell::Bash),
            Self::Zsh => Some(Shell::Zsh),
            Self::Fish => Some(Shell::Fish),
            Self::Elvish => Some(Shell::Elvish),
            Self::Powershell => Some(Shell::PowerShell),
            Self::Man => None,
        }
    }
}

/// Prints or writes it.
pub(super) fn answer(wanted: &Completions, command: clap::Command) -> Answer {
    let made = match (wanted.wanted.shell(), &wanted.dir) {
        (Some(shell), None) => Ok(printed(shell, command)),
        (Some(shell), Some(dir)) => written(shell, dir, command),
        (None, None) => page(command),
        (None, Some(dir)) => pages(dir, command),
    };
    match made {
        Ok(text) => Answer { text, code: DONE },
        Err(cause) => Answer {
            text: format!(
                "peerage: cannot write {}: {cause}: name a directory that is there and yours\n",
                wanted.dir.as_deref().map_or_else(String::new, shown)
            ),
            code: FAILED,
        },
    }
}

fn shown(path: &Path) -> String {
    plain(&path.display().to_string())
}

fn printed(shell: Shell, mut command: clap::Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "peerage", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn written(shell: Shell, dir: &Path, mut command: clap::Command) -> io::Result<String> {
    fs::create_dir_all(dir)?;
    let file = clap_complete::generate_to(shell, &mut command, "peerage", dir)?;
    Ok(format!("{}\n", shown(&file)))
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A page for the whole and one for each command, named as `git` does it: `peerage-drain-undo.1`.
fn pages(dir: &Path, command: clap::Command) -> io::Result<String> {
    fs::create_dir_all(dir)?;
    clap_mangen::generate_to(command, dir)?;
    Ok(format!("{}\n", shown(dir)))
}
