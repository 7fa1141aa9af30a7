//! The settings in effect.

use super::documents::Settings;
use crate::server::State;

/// Every effective setting with its source.
pub fn of(state: &State) -> Settings {
    state.settings.get().cloned().unwrap_or_default()
}
