//! Consent: what will follow is said, and somebody agrees.
//!
//! What must always hold: nobody is taken to agree who was not asked and did not say `--yes`.

use std::env;

use clap::Args;

use super::super::answer::{Answer, FAILED, MISUSED};
use super::super::terminal::Terminal;
use crate::native::documents::Undo;

/// Who acts, why, and whether that needs no question.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Why; whoever comes after will want to know
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    reason: String,
    /// Who acts; else the user of this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Do it without a question
    #[arg(short = 'y', long)]
    yes: bool,
}

impl Consent {
    /// Says what will follow, and asks whether to go on where nobody has said so. Answers with what to print instead,
    /// if not.
    pub(super) fn given(&self, plan: &str, terminal: &mut Terminal<'_>) -> Result<Given, Answer> {
        terminal.note(plan.trim_end());
        let given = |reason: String| Given {
            by: self.by(),
            reason,
        };
        if self.yes {
            return Ok(given(self.reason().unwrap_or_default()));
        }
        let (code, text) = if !terminal.answers {
            let text = "nothing was done: there is nobody to ask; say --yes to do it";
            (MISUSED, text)
        } else if terminal.agrees("Go on?") {
            let asked = || terminal.asked(WHY).unwrap_or_default();
            return Ok(given(self.reason().unwrap_or_else(asked)));
        } else {
            (FAILED, "nothing was done")
        };
        Err(Answer {
            text: format!("peerage: {text}\n"),
            code,
        })
    }

    /// Whether it was said beforehand.
    pub(super) const fn yes(&self) -> bool {
        self.yes
    }

    /// Who acts.
    fn by(&self) -> String {
        let named = ["USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .filter_map(|name| env::var(name).ok());
        let given = self.by.iter().cloned().chain(named);
        given
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_else(nameless)
    }

    /// Why, if that was said.
    fn reason(&self) -> Option<String> {
        let reason = self.reason.trim();
        (!reason.is_empty()).then(|| reason.to_owned())
    }
}

/// A user whose name the environment does not tell, as in a container.
fn nameless() -> String {
    let user = rustix::process::getuid().as_raw();
    format!(
        "user {user} of {}",
        gethostname::gethostname().to_string_lossy()
    )
}

/// Who acts, and why, once it is settled that they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) by: String,
    pub(super) reason: String,
}

/// What is asked of a person who did not say why.
const WHY: &str = "Why? Whoever comes after will want to know:";

impl Given {
    pub(super) fn undo(self) -> Undo {
        Undo {
            by: self.by,
            reason: Some(self.reason).filter(|reason| !reason.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests;
