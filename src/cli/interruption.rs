//! What is said when somebody interrupts a command that would go on for long.
//!
//! What must always hold: a line that is being printed is printed whole; a second interruption is never needed.

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use super::text::plain_lines;

/// The words for an interruption that may come at any time.
pub(super) struct Interruption {
    words: Arc<Mutex<String>>,
}

impl Interruption {
    /// From now on Ctrl-C, or a signal to end, prints the last words and exits with this code. Where the system does not
    /// allow to listen for it, it ends the process without them.
    pub(super) fn expected(code: u8) -> Self {
        let words = Arc::new(Mutex::new(String::new()));
        let (listens, listening) = mpsc::channel();
        let last = words.clone();
        thread::spawn(move || {
            if interrupted(&listens).is_ok() {
                exit(&last, code);
            }
        });
        // Either it listens, or it never will and says so by being gone.
        let _ended: Result<(), mpsc::RecvError> = listening.recv();
        Self { words }
    }

    /// What to say from now on.
    pub(super) fn says(&self, words: &str) {
        let mut said = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.clone_into(&mut said);
    }
}

/// Waits for a signal. Tells once it listens.
fn interrupted(listens: &mpsc::Sender<()>) -> io::Result<()> {
    let waiting = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    waiting.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        listens.send(()).map_err(io::Error::other)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

fn exit(words: &Mutex<String>, code: u8) {
    // Whoever prints a line holds this until it is printed.
    let _output = io::stdout().lock();
    let words = words.lock().unwrap_or_else(PoisonError::into_inner);
    if !words.is_empty() {
        // A terminal shows the keys that interrupted on the line that was being written.
        let apart = if io::stderr().is_terminal() { "\n" } else { "" };
        eprintln!("{apart}{}", plain_lines(&words));
    }
    std::process::exit(code.into());
}
