//! What clients say in plain JSON: register, renew, cancel; the same registry calls as Eureka's.
//!
//! Here: what a registration means, its limits, and what is answered. Not here: HTTP. What must always hold: an instance
//! that registers here looks to Eureka's clients like one of theirs; and saying the same again changes nothing.

use std::time::Duration;

use super::acting::{Refused, bad, revision, writing};
use super::documents::{Cancelled, Register, Registered, Renewed, Urls};
use super::rows::millis;
use crate::clock::Timestamp;
use crate::config::LimitSettings;
use crate::registry::change::Sender;
use crate::registry::entry::Entry;
use crate::registry::instance::{
    AppName, Instance, LeaseTerms, Metadata, Port, Registration, Text,
};
use crate::registry::status::Status;
use crate::registry::{Heartbeat, MetadataLimits, Renewal};
use crate::server::State;

/// The longest text of a field that is neither name nor metadata, in bytes.
const TEXT_MAX: usize = 4096;
/// The longest lease. Eureka's clients read it as a signed number of seconds.
const LEASE_MAX: Duration = Duration::from_secs(i32::MAX as u64);

/// Registers an instance, for the first time or again. Answers whether it was listed before.
///
/// # Errors
///
/// If the body makes no sense, or this server takes no new instances now.
pub fn register(
    state: &State,
    app: &str,
    id: &str,
    asked: Register,
    from: Option<&str>,
) -> Result<(Registered, bool), Refused> {
    writing(state)?;
    let now = state.clock.now();
    let mut instance = instance(&state.config.limits, app, id, asked, from)?;
    let held = state
        .registry
        .stored_as(instance.app.as_str(), id)
        .filter(|entry| entry.record().live());
    instance.last_dirty = last_dirty(&instance, held.as_deref(), now);
    let registration = Registration {
        instance,
        carried_override: None,
    };
    if !state.takes(&registration, now) {
        return Err(Refused::NotReady);
    }
    let change = state.registry.register(registration, Sender::Client, now);
    state.record(&change);
    let entry = state
        .registry
        .stored(&change.key)
        .ok_or(Refused::NotReady)?;
    let registered = Registered {
        revision: revision(state, Some(&change)),
        app: change.key.app.as_str().to_owned(),
        id: change.key.id.to_string(),
        status: change.status.to_string(),
        renew_every_ms: millis(entry.instance().lease.interval()),
        deadline: entry.deadline().to_string(),
    };
    Ok((registered, held.is_some()))
}

/// When the client last changed: it does not say, so it did if what it says differs from what is held. Of two
/// registrations by one clock the later counts, so a change is later than what it replaces.
fn last_dirty(instance: &Instance, held: Option<&Entry>, now: Timestamp) -> i64 {
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    match held.map(Entry::instance) {
        Some(held)
            if (Instance {
                last_dirty: held.last_dirty,
                ..instance.clone()
            }) == *held =>
        {
            held.last_dirty
        }
        Some(held) => now.max(held.last_dirty.saturating_add(1)),
        None => now,
    }
}

fn instance(
    limits: &LimitSettings,
    app: &str,
    id: &str,
    asked: Register,
    from: Option<&str>,
) -> Result<Instance, Refused> {
    let name_max = limits.name.bytes();
    text("app", app, name_max)?;
    text("id", id, name_max)?;
    text("host", &asked.host, TEXT_MAX)?;
    let app = AppName::new(app);
    let ip = address(&asked, from);
    let mut instance = Instance::new(app.clone(), asked.host.trim(), &ip);
    let vip = optional("vip", asked.vip)?.unwrap_or_else(|| app.as_str().to_lowercase().into());
    let secure_vip = optional("secure_vip", asked.secure_vip)?;
    instance.id = Some(id.into());
    instance.status = asked.status.as_deref().map_or(Ok(Status::Up), own_status)?;
    instance.port = Port {
        number: asked.port.into(),
        enabled: true,
    };
    if let Some(port) = asked.secure_port {
        instance.secure_port = Port {
            number: port.into(),
            enabled: true,
        };
        instance.secure_vip_address = secure_vip.clone().or_else(|| Some(vip.clone()));
    }
    instance.secure_vip_address = instance.secure_vip_address.or(secure_vip);
    instance.vip_address = Some(vip);
    instance.lease = terms(asked.interval_ms, asked.duration_ms)?;
    instance.metadata = metadata(limits, &asked.metadata, asked.zone.as_deref())?;
    put_urls(&mut instance, asked.urls.unwrap_or_default())?;
    Ok(instance)
}

/// The address: as said, else the host if it is one, else where the request came from.
fn address(asked: &Register, from: Option<&str>) -> String {
    let said = asked
        .ip
        .as_deref()
        .map(str::trim)
        .filter(|ip| !ip.is_empty());
    let host = asked.host.trim();
    let host_is = host.parse::<std::net::IpAddr>().is_ok().then_some(host);
    said.or(host_is).or(from).unwrap_or_default().to_owned()
}

fn text(field: &'static str, text: &str, max: usize) -> Result<(), Refused> {
    match text {
        _ if text.trim().is_empty() => Err(bad(field, "it must not be empty")),
        _ if text.len() > max => Err(bad(field, "it is too long")),
        _ => Ok(()),
    }
}

fn optional(field: &'static str, given: Option<String>) -> Result<Option<Text>, Refused> {
    let given = given.filter(|given| !given.is_empty());
    match given {
        Some(given) if given.len() > TEXT_MAX => Err(bad(field, "it is too long")),
        given => Ok(given.map(Text::from)),
    }
}

fn own_status(name: &str) -> Result<Status, Refused> {
    let status = name.to_ascii_uppercase().parse();
    status.map_err(|_bad| {
        bad(
            "status",
            "it is none of UP, DOWN, STARTING, OUT_OF_SERVICE, UNKNOWN",
        )
    })
}

/// The lease: whole seconds, since that is what Eureka's clients read.
fn terms(interval_ms: Option<u64>, duration_ms: Option<u64>) -> Result<LeaseTerms, Refused> {
    let default = LeaseTerms::default();
    let duration_secs = duration_ms.map_or(Ok(default.duration_secs), |millis| {
        secs("duration_ms", millis)
    })?;
    let interval_secs = interval_ms.map_or(Ok((duration_secs / 3).max(1)), |millis| {
        secs("interval_ms", millis)
    })?;
    if interval_secs > duration_secs {
        return Err(bad("interval_ms", "it must not be longer than the lease"));
    }
    Ok(LeaseTerms {
        interval_secs,
        duration_secs,
    })
}

fn secs(field: &'static str, millis: u64) -> Result<u32, Refused> {
    let fits =
        millis > 0 && millis.is_multiple_of(1000) && Duration::from_millis(millis) <= LEASE_MAX;
    let secs = u32::try_from(millis / 1000).ok().filter(|_| fits);
    secs.ok_or_else(|| {
        bad(
            field,
            "it must be whole seconds, at least one: 30000 for 30 s",
        )
    })
}

fn metadata(
    limits: &LimitSettings,
    said: &std::collections::BTreeMap<String, String>,
    zone: Option<&str>,
) -> Result<Metadata, Refused> {
    let said = said
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let zone = zone
        .filter(|zone| !zone.is_empty())
        .map(|zone| ("zone", zone));
    let metadata: Metadata = said.chain(zone).collect();
    let limits = MetadataLimits {
        keys: limits.metadata_keys,
        bytes: limits.metadata_size.bytes(),
    };
    if limits.allow(&metadata) {
        Ok(metadata)
    } else {
        Err(bad("metadata", "there is too much of it"))
    }
}

fn put_urls(instance: &mut Instance, urls: Urls) -> Result<(), Refused> {
    instance.home_page_url = optional("urls.home", urls.home)?;
    instance.status_page_url = optional("urls.status", urls.status)?;
    instance.health_check_url = optional("urls.health", urls.health)?;
    instance.secure_health_check_url = optional("urls.secure_health", urls.secure_health)?;
    Ok(())
}

/// Renews a lease.
///
/// # Errors
///
/// If it is not registered: the client is to register again.
pub fn renew(state: &State, app: &str, id: &str) -> Result<Renewed, Refused> {
    let name = AppName::new(app);
    let unknown = || match state.doors().not_found {
        true => Refused::UnknownInstance {
            app: name.as_str().to_owned(),
            id: id.to_owned(),
        },
        false => Refused::NotReady,
    };
    let beat = Heartbeat {
        last_dirty: None,
        carried_override: None,
        by: Sender::Client,
    };
    let renewal = state.renew(
        crate::api::Name {
            app: name.as_str(),
            id,
        },
        &beat,
    );
    let entry = state.registry.stored_as(name.as_str(), id);
    match (renewal, entry) {
        (Renewal::Renewed, Some(entry)) => Ok(Renewed {
            deadline: entry.deadline().to_string(),
            renew_every_ms: millis(entry.instance().lease.interval()),
            status: entry.record().status().to_string(),
        }),
        _ => Err(unknown()),
    }
}

/// Cancels a lease. One that is not there is cancelled already.
///
/// # Errors
///
/// If this server writes nothing now.
pub fn cancel(state: &State, app: &str, id: &str) -> Result<Cancelled, Refused> {
    writing(state)?;
    let name = AppName::new(app);
    let change = state
        .registry
        .cancel(name.as_str(), id, Sender::Client, state.clock.now())
        .ok();
    change.iter().for_each(|change| state.record(change));
    if change.is_none() && !state.doors().not_found {
        return Err(Refused::NotReady);
    }
    Ok(Cancelled {
        revision: revision(state, change.as_ref()),
        was: change.is_some(),
    })
}
