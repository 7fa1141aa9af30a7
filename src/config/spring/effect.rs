//! What a key of Spring's does to settings.

use super::Class;

/// How a value of Spring's becomes values of settings.
#[derive(Debug)]
pub(super) enum Effect {
    /// The text as it is.
    Text(&'static str),
    /// True or false, the same here.
    Switch(&'static str),
    /// True or false, the other way round here.
    Opposite(&'static str),
    /// Milliseconds, the same for each of these.
    Millis(&'static [&'static str]),
    /// A share from 0 to 1, as percent.
    Share(&'static str),
    /// How many, where below zero means not at all.
    CountOrNone(&'static str),
    /// How long an answer of Java's cache lives, as rebuilds per second.
    CacheInterval(&'static str),
    /// Whether answers may lag behind the registry as those of Java's cache do. If not, as many rebuilds per second
    /// as can be set.
    CacheSwitch(&'static str),
    /// The port the server listens at.
    Port,
    /// The address the server listens at.
    Address,
    /// With how many instances an empty server starts to count. Zero closes lists for the time of [`Self::EmptyWait`].
    OpenCount,
    /// How long an empty server refuses lists, if [`Self::OpenCount`] says so, and stays silent about its threshold.
    EmptyWait,
}

/// What an unset [`Effect::EmptyWait`] means in Eureka.
const EMPTY_WAIT_MILLIS: &str = "300000";

/// As many rebuilds per second as the setting allows: an answer then lags by a millisecond at most.
const REBUILDS_MAX: &str = "1000";

const EMPTY_WAIT: &str = "eureka.server.wait-time-in-ms-when-sync-empty";
const OPEN_COUNTS: [&str; 2] = [
    "eureka.instance.registry.default-open-for-traffic-count",
    "eureka.server.default-open-for-traffic-count",
];

type Values = Vec<(&'static str, String)>;

impl Effect {
    /// The settings it may change.
    pub(super) fn targets(&self) -> &[&'static str] {
        match self {
            Self::Millis(keys) => keys,
            Self::Text(key)
            | Self::Switch(key)
            | Self::Opposite(key)
            | Self::Share(key)
            | Self::CountOrNone(key)
            | Self::CacheInterval(key)
            | Self::CacheSwitch(key) => std::slice::from_ref(key),
            Self::Port | Self::Address => &["listen"],
            Self::OpenCount => &["warm-up.lists-closed-for"],
            Self::EmptyWait => &["warm-up.notice-after", "warm-up.lists-closed-for"],
        }
    }

    /// Only what replaces Java's cache means something else than there.
    pub(super) const fn class(&self) -> Class {
        match self {
            Self::CacheInterval(_) | Self::CacheSwitch(_) => Class::Different,
            _ => Class::Mapped,
        }
    }

    /// What it does, in words.
    pub(super) fn note(&self) -> String {
        let sets = format!("sets {}", self.targets().join(" and "));
        match self {
            Self::Opposite(_) => format!("{sets}, the other way round"),
            Self::CacheInterval(_) => {
                format!(
                    "there is no read-only cache; {sets}, which bounds how often answers are rebuilt under load"
                )
            }
            Self::CacheSwitch(_) => {
                format!("there is no read-only cache; false {sets} so high that no answer lags")
            }
            Self::OpenCount => format!("{sets}, to nothing unless it is 0"),
            Self::EmptyWait => {
                format!("{sets}, the latter only if default-open-for-traffic-count is 0")
            }
            _ => sets,
        }
    }

    /// The values it gives to settings. `other` tells what other keys of Spring's say.
    pub(super) fn values(
        &self,
        text: &str,
        other: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Values, String> {
        match self {
            Self::Text(key) => Ok(vec![(key, text.to_owned())]),
            Self::Switch(key) => Ok(vec![(key, switch(text)?.to_string())]),
            Self::Opposite(key) => Ok(vec![(key, (!switch(text)?).to_string())]),
            Self::Millis(keys) => {
                let time = millis(text)?;
                Ok(keys.iter().map(|key| (*key, time.clone())).collect())
            }
            Self::Share(key) => Ok(vec![(key, share(text)?)]),
            Self::CountOrNone(key) => Ok(vec![(key, count_or_none(text)?)]),
            Self::CacheInterval(key) => Ok(vec![(key, rebuilds(text)?)]),
            Self::CacheSwitch(key) => Ok(unlagged(key, switch(text)?)),
            Self::Port => port(text, other("server.address")),
            Self::Address => Ok(address(text, other("server.port"))),
            Self::OpenCount => open_count(text, other(EMPTY_WAIT)),
            Self::EmptyWait => empty_wait(text, OPEN_COUNTS.into_iter().find_map(other)),
        }
    }
}

fn unlagged(key: &'static str, lagging: bool) -> Values {
    if lagging {
        Vec::new()
    } else {
        vec![(key, REBUILDS_MAX.to_owned())]
    }
}

/// Spring's words for true and false.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err(format!("'{text}' is neither true nor false")),
    }
}

fn whole_number(text: &str, of: &str) -> Result<u64, String> {
    text.replace('_', "")
        .parse()
        .map_err(|_cause| format!("'{text}' is not a whole number of {of}"))
}

fn millis(text: &str) -> Result<String, String> {
    Ok(format!("{}ms", whole_number(text, "milliseconds")?))
}

fn share(text: &str) -> Result<String, String> {
    let share: Option<f64> = text.parse().ok();
    let is_share = |percent: &u8| {
        share.is_some_and(|share| (f64::from(*percent) / 100.0 - share).abs() < 1e-9)
    };
    let percent = (1..=99).find(is_share);
    percent
        .map(|percent: u8| format!("{percent}%"))
        .ok_or_else(|| {
            format!("'{text}' is not a share from 0.01 to 0.99 in whole hundredths, like 0.85")
        })
}

fn count_or_none(text: &str) -> Result<String, String> {
    match text.parse::<i64>() {
        Ok(count) if count < 0 => Ok("none".to_owned()),
        Ok(count) => Ok(count.to_string()),
        Err(_) => Err(format!("'{text}' is not a whole number")),
    }
}

/// As many in a second as the interval fits into it, and at least one: answers that are older help nobody.
fn rebuilds(text: &str) -> Result<String, String> {
    match whole_number(text, "milliseconds")? {
        0 => Err("0 is no interval; write some milliseconds, like 1000".to_owned()),
        interval => Ok((1000 / interval).max(1).to_string()),
    }
}

fn port(text: &str, address: Option<String>) -> Result<Values, String> {
    let port: u16 = text
        .parse()
        .map_err(|_cause| format!("'{text}' is not a port from 0 to 65535"))?;
    Ok(vec![(
        "listen",
        format!("{}:{port}", bracketed(address.as_deref().unwrap_or("*"))),
    )])
}

/// If there is a port, it says both.
fn address(text: &str, port: Option<String>) -> Values {
    match port {
        Some(_) => Vec::new(),
        None => vec![("listen", format!("{}:8761", bracketed(text)))],
    }
}

fn bracketed(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => address.to_owned(),
    }
}

/// Where there is a time to wait, that key closes lists.
fn open_count(text: &str, wait: Option<String>) -> Result<Values, String> {
    let key = "warm-up.lists-closed-for";
    match (whole_number(text, "instances")?, wait) {
        (0, Some(_)) => Ok(Vec::new()),
        (0, None) => Ok(vec![(key, millis(EMPTY_WAIT_MILLIS)?)]),
        _ => Ok(vec![(key, "0s".to_owned())]),
    }
}

fn empty_wait(text: &str, open_count: Option<String>) -> Result<Values, String> {
    let time = millis(text)?;
    let mut values = vec![("warm-up.notice-after", time.clone())];
    if open_count.is_some_and(|count| count.trim() == "0") {
        values.push(("warm-up.lists-closed-for", time));
    }
    Ok(values)
}
