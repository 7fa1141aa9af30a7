//! `peerage snapshot`: what a server holds, as a file.
//!
//! Here: saving one, and reading one from its file. Not here: what is said of it (`inspect`), its bytes
//! (`peers::snapshot`). What must always hold: a file is saved only when all of it came, and whole, or not at all.

mod inspect;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use peers::snapshot::Snapshot;
use serde::Serialize;

use self::inspect::Inspected;
use super::answer::{Answer, DONE};
use super::client::Failure;
use super::commands::{Asking, Form};
use super::failure;
use super::table::written;
use super::terminal::Terminal;
use crate::config::show::Output;
use crate::draft::Draft;
use crate::plural::counted;

/// The path at which servers give theirs.
const PATH: &str = "/api/v1/snapshot";

/// What to do with snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Keeping {
    /// Save all that a server holds, so that one can start from it: as registry.snapshot in its data directory
    Save {
        /// Where to save it
        file: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Look into a snapshot, without any server
    Inspect {
        /// The file, saved or from a data directory
        file: PathBuf,
        /// List the instances as well; programs get them anyway
        #[arg(long)]
        instances: bool,
        /// How to answer
        #[command(flatten)]
        form: Form,
    },
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Saved {
    file: String,
    bytes: usize,
    records: usize,
}

impl Keeping {
    pub(super) fn answer(&self, terminal: &Terminal) -> Result<Answer, Failure> {
        match self {
            Self::Save { file, asking } => save(file, asking, terminal.form(asking.form.output)),
            Self::Inspect {
                file,
                instances,
                form,
            } => Ok(inspect(file, *instances, terminal.form(form.output))),
        }
    }
}

fn save(file: &Path, asking: &Asking, output: Output) -> Result<Answer, Failure> {
    let client = asking.client()?;
    let bytes = client.download(PATH)?;
    let snapshot = Snapshot::read(&bytes);
    let snapshot = snapshot.map_err(|unusable| client.strange(&unusable))?;
    let outcome = Draft::begin(file).and_then(|mut draft| {
        draft.write(&bytes)?;
        draft.finish()
    });
    if let Err(error) = outcome {
        return Ok(failure(&format!("cannot save {}: {error}", file.display())));
    }
    let saved = Saved {
        file: file.display().to_string(),
        bytes: bytes.len(),
        records: snapshot.records.len(),
    };
    let records = counted(saved.records, "record");
    let people = || format!("saved {records} as {}\n", saved.file);
    Ok(Answer {
        text: written(output, people, &saved, &[&saved]),
        code: DONE,
    })
}

fn inspect(file: &Path, instances: bool, output: Output) -> Answer {
    let at = file.display();
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return failure(&format!("cannot read {at}: {error}")),
    };
    let snapshot = match Snapshot::read(&bytes) {
        Ok(snapshot) => snapshot,
        Err(unusable) => return failure(&format!("{at} {unusable}")),
    };
    let inspected = Inspected::of(&snapshot, at.to_string(), bytes.len());
    Answer {
        text: written(
            output,
            || inspected.text(instances),
            &inspected,
            &inspected.instances,
        ),
        code: DONE,
    }
}
