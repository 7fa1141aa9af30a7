//! Files that are written whole or not at all.
//!
//! Here: [`Draft`], which takes the place of a file once all of it is on the disk. Not here: what is in it. What must
//! always hold: under the name there is the old file or the new one, and after [`Draft::finish`] the new one survives
//! the power; nobody but its owner reads it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What is written is nobody's business but the owner's.
pub(crate) const FILE_MODE: u32 = 0o600;

/// A file in the making, beside the one whose place it takes.
#[derive(Debug)]
pub(crate) struct Draft {
    written: File,
    next: PathBuf,
    file: PathBuf,
    finished: bool,
}

impl Draft {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// If the path names no file, or the disk is full or takes no writes.
    pub(crate) fn begin(file: &Path) -> io::Result<Self> {
        let next = beside(file, "next").ok_or(ErrorKind::InvalidFilename)?;
        let mut options = File::options();
        let options = options.write(true).create(true).truncate(true);
        Ok(Self {
            written: options.mode(FILE_MODE).open(&next)?,
            next,
            file: file.to_owned(),
            finished: false,
        })
    }

    /// Appends to it.
    ///
    /// # Errors
    ///
    /// If the disk is full or takes no writes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written.write_all(bytes)
    }

    /// Puts it in its place.
    ///
    /// # Errors
    ///
    /// If the disk is full or takes no writes; then what was in its place stays.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.written.sync_all()?;
        fs::rename(&self.next, &self.file)?;
        self.finished = true;
        let directory = self.file.parent().filter(|path| *path != Path::new(""));
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Draft {
    /// What came to nothing must not fill the disk.
    fn drop(&mut self) {
        if !self.finished {
            // Where even this fails, the next draft takes its place.
            drop(self.written.set_len(0));
        }
    }
}

/// The file of that name with a further ending.
pub(crate) fn beside(file: &Path, ending: &str) -> Option<PathBuf> {
    let mut name: OsString = file.file_name()?.to_owned();
    name.push(OsStr::new("."));
    name.push(ending);
    Some(file.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn place(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("peerage-draft-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    #[test]
    fn a_draft_takes_the_place_of_a_file_when_it_is_finished_and_not_before() {
        let file = place("finished");
        fs::write(&file, "old").unwrap();
        let mut draft = Draft::begin(&file).unwrap();
        draft.write(b"ne").unwrap();
        draft.write(b"w").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"old");
        draft.finish().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, FILE_MODE);
        assert!(!beside(&file, "next").unwrap().exists());
    }

    #[test]
    fn a_draft_that_comes_to_nothing_leaves_the_file_and_takes_no_room() {
        let file = place("dropped");
        fs::write(&file, "old").unwrap();
        let mut draft = Draft::begin(&file).unwrap();
        draft.write(b"new").unwrap();
        drop(draft);
        assert_eq!(fs::read(&file).unwrap(), b"old");
        let next = beside(&file, "next").unwrap();
        assert_eq!(fs::metadata(next).unwrap().len(), 0);
    }
}
