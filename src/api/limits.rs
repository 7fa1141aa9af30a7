//! Settings of limits, as the rooms that keep to them want to hear them.

use crate::config::LimitSettings;
use crate::eureka::Limits;
use crate::registry::MetadataLimits;

/// What one body may bring.
pub(crate) fn of_bodies(settings: &LimitSettings) -> Limits {
    Limits {
        name_bytes_max: settings.name.bytes(),
        metadata_keys_max: settings.metadata_keys,
        metadata_bytes_max: settings.metadata_size.bytes(),
        depth_max: settings.nesting,
        ..Limits::default()
    }
}

/// What metadata may grow to.
pub(crate) fn of_metadata(settings: &LimitSettings) -> MetadataLimits {
    MetadataLimits {
        keys: settings.metadata_keys,
        bytes: settings.metadata_size.bytes(),
    }
}
