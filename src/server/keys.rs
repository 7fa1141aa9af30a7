//! The cluster's keys, from their file.
//!
//! Here: reading them at the start, and again at SIGHUP. Not here: what they seal (`::peers`). What must always hold: no
//! key is logged; and a file that cannot be used changes nothing while the server runs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use actix_web::web::Data;
use peers::keys::{ClusterKey, Keyring};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use super::State;
use super::systemd::Systemd;
use crate::config::Config;

/// What a file's mode says of others than its owner and group.
const OTHERS: u32 = 0o007;

/// The keys that the settings name, if they name any.
///
/// # Errors
///
/// If there is no such file, or it holds anything but keys, in words for whoever started the server.
pub(super) fn read(config: &Config) -> Result<Option<Keyring>, String> {
    let file = config.cluster.key_file.as_ref();
    file.map(|file| ring(file.path())).transpose()
}

/// Reads the keys again at every SIGHUP. None where the settings name no file, and nobody sends one to all alike: then a
/// SIGHUP ends the server, as that of a closed terminal should.
pub(super) fn follow(state: &Data<State>, systemd: &Systemd) -> Option<JoinHandle<()>> {
    let file = state.config.cluster.key_file.clone();
    if file.is_none() && !systemd.listens() {
        return None;
    }
    let mut hangups = signal(SignalKind::hangup()).expect("this is within a runtime");
    let (state, systemd) = (state.clone(), systemd.clone());
    Some(tokio::task::spawn_local(async move {
        while hangups.recv().await.is_some() {
            let done = systemd.reloading();
            if let Some(file) = &file {
                read_again(&state, file.path()).await;
            }
            done();
        }
    }))
}

async fn read_again(state: &State, file: &Path) {
    match ring(file) {
        Ok(keys) => use_from_now_on(state, keys).await,
        Err(reason) => error!(
            event = "cluster_keys_kept",
            "{reason}; the keys stay as they were"
        ),
    }
}

async fn use_from_now_on(state: &State, keys: Keyring) {
    let (used, accepted) = (keys.used().print(), keys.accepted().count());
    if let Some(peers) = state.peers.get() {
        peers.rekey(keys).await;
    }
    info!(
        event = "cluster_keys_read", key = %used, accepted,
        "uses the cluster key {used} from now on, and accepts {accepted}"
    );
}

fn ring(file: &Path) -> Result<Keyring, String> {
    let refused = |reason: String| {
        format!(
            "cannot use the cluster keys of {}: {reason}",
            file.display()
        )
    };
    let text = fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    tell_if_open(file);
    parsed(&text).map_err(refused)
}

/// Whoever can read the file can do what the servers can.
fn tell_if_open(file: &Path) {
    let mode = fs::metadata(file).map_or(0, |file| file.permissions().mode());
    if mode & OTHERS != 0 {
        let at = file.display();
        warn!(
            event = "cluster_keys_open",
            "others than this server's user can read the cluster keys of {at}: take that away with chmod 600 {at}"
        );
    }
}

/// One key a line; empty lines and those that begin with `#` are passed over.
fn parsed(text: &str) -> Result<Keyring, String> {
    let lines = text.lines().enumerate();
    let keys = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let keys = keys.map(|(number, line)| {
        ClusterKey::parse(line).map_err(|wrong| format!("line {}: {wrong}", number + 1))
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    Keyring::new(keys).map_err(|wrong| wrong.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_is_used_and_all_are_accepted() {
        let (one, other) = ("a1".repeat(32), "b2".repeat(32));
        let ring = parsed(&format!("# of August\n{one}\n\n{other}\n")).unwrap();
        assert_eq!(ring.used(), &ClusterKey::parse(&one).unwrap());
        assert_eq!(ring.accepted().count(), 2);
    }

    #[test]
    fn what_is_no_key_is_named_by_its_line_and_not_shown() {
        let wrong = parsed("# of August\nsecret").unwrap_err();
        assert_eq!(wrong, "line 2: a key is 64 hexadecimal digits");
        assert!(parsed("# of August\n").is_err());
    }
}
