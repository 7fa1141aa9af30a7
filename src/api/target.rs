//! Which resource of the Eureka API a path names, and what can be done with it.
//!
//! Here: the paths and methods of the whole API. Not here: doing it. What must always hold: both entrances, the
//! fast path and the routes, read paths with this and nothing else, so they cannot disagree.

use std::borrow::Cow;

use actix_web::http::Method;

use super::operation::Operation;

/// A resource of the Eureka API. Names are decoded; those of applications are in upper case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    Apps,
    Delta,
    App(Cow<'a, str>),
    Instance(Cow<'a, str>, Cow<'a, str>),
    InstanceStatus(Cow<'a, str>, Cow<'a, str>),
    InstanceMetadata(Cow<'a, str>, Cow<'a, str>),
    InstanceById(Cow<'a, str>),
    Vip(Cow<'a, str>),
    SecureVip(Cow<'a, str>),
    AsgStatus,
    Batch,
    Status,
}

/// Why a path names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTarget {
    /// It is not one of the API's.
    Unknown,
    /// It holds a broken escape, or one that stands for no text.
    Malformed,
}

/// The most segments a path of the API has, without its prefix.
const SEGMENTS_MAX: usize = 4;

impl<'a> Target<'a> {
    /// Reads a path as it came, escapes and all. One slash too many is forgiven in front and at the end.
    pub(crate) fn parse(path: &'a str) -> Result<Self, NoTarget> {
        let path = path
            .trim_start_matches('/')
            .strip_prefix("eureka/")
            .ok_or(NoTarget::Unknown)?;
        let path = path.strip_prefix("v2/").unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = [""; SEGMENTS_MAX];
        let mut count = 0;
        for segment in path.split('/') {
            let bare = segment
                .split_once(';')
                .map_or(segment, |(bare, _matrix)| bare);
            *segments.get_mut(count).ok_or(NoTarget::Unknown)? = bare;
            count += 1;
        }
        Self::of(segments.get(..count).unwrap_or_default())
    }

    /// The paths of the API.
    fn of(segments: &[&'a str]) -> Result<Self, NoTarget> {
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(NoTarget::Unknown);
        }
        Ok(match *segments {
            ["apps"] => Self::Apps,
            ["apps", "delta"] => Self::Delta,
            ["apps", app] => Self::app(upper(decode(app)?)),
            ["apps", app, id] => Self::Instance(upper(decode(app)?), decode(id)?),
            ["apps", app, id, "status"] => Self::InstanceStatus(upper(decode(app)?), decode(id)?),
            ["apps", app, id, "metadata"] => {
                Self::InstanceMetadata(upper(decode(app)?), decode(id)?)
            }
            ["instances", id] => Self::InstanceById(decode(id)?),
            ["vips", vip] => Self::Vip(decode(vip)?),
            ["svips", vip] => Self::SecureVip(decode(vip)?),
            ["asg", _, "status"] => Self::AsgStatus,
            ["peerreplication", "batch"] => Self::Batch,
            ["status"] => Self::Status,
            _ => return Err(NoTarget::Unknown),
        })
    }

    /// Two names are not those of applications: Java's cache keys for everything show through.
    fn app(name: Cow<'a, str>) -> Self {
        match &*name {
            "ALL_APPS" => Self::Apps,
            "ALL_APPS_DELTA" => Self::Delta,
            _ => Self::App(name),
        }
    }

    /// What can be done with it.
    pub(crate) const fn operations(&self) -> &'static [(Method, Operation)] {
        use Operation as Do;
        match self {
            Self::Apps => &[(Method::GET, Do::FetchAll)],
            Self::Delta => &[(Method::GET, Do::FetchDelta)],
            Self::App(_) => &[
                (Method::GET, Do::FetchApplication),
                (Method::POST, Do::Register),
            ],
            Self::Instance(..) => &[
                (Method::GET, Do::FetchInstance),
                (Method::PUT, Do::Renew),
                (Method::DELETE, Do::Cancel),
            ],
            Self::InstanceStatus(..) => &[
                (Method::PUT, Do::SetStatus),
                (Method::DELETE, Do::RemoveStatus),
            ],
            Self::InstanceMetadata(..) => &[(Method::PUT, Do::SetMetadata)],
            Self::InstanceById(_) => &[(Method::GET, Do::FetchInstance)],
            Self::Vip(_) | Self::SecureVip(_) => &[(Method::GET, Do::FetchVip)],
            Self::AsgStatus => &[(Method::PUT, Do::SetAsgStatus)],
            Self::Batch => &[(Method::POST, Do::Replicate)],
            Self::Status => &[(Method::GET, Do::FetchStatus)],
        }
    }

    /// What a method does with it. `HEAD` is `GET` without the body.
    pub(crate) fn operation(&self, method: &Method) -> Option<Operation> {
        if method == Method::OPTIONS {
            return Some(Operation::Options);
        }
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.operations()
            .iter()
            .find(|(known, _)| known == method)
            .map(|(_, operation)| *operation)
    }

    /// The application and the id, if it is about one instance of one application.
    pub(crate) fn instance(&self) -> Option<(&str, &str)> {
        match self {
            Self::Instance(app, id)
            | Self::InstanceStatus(app, id)
            | Self::InstanceMetadata(app, id) => Some((app, id)),
            _ => None,
        }
    }

    /// The methods it has, as the `Allow` header lists them.
    pub(crate) fn allow(&self) -> String {
        let head = self.operation(&Method::GET).map(|_| "HEAD");
        let own = self.operations().iter().map(|(method, _)| method.as_str());
        head.into_iter()
            .chain(own)
            .chain(["OPTIONS"])
            .collect::<Vec<_>>()
            .join(",")
    }
}

fn decode(segment: &str) -> Result<Cow<'_, str>, NoTarget> {
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    let mut rest = segment.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(at + 1..at + 3).ok_or(NoTarget::Malformed)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) || digits == b"00" {
            return Err(NoTarget::Malformed);
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    let decoded = percent_encoding::percent_decode_str(segment);
    decoded
        .decode_utf8()
        .map_err(|_invalid| NoTarget::Malformed)
}

fn upper(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.chars().any(char::is_lowercase) {
        Cow::Owned(name.to_uppercase())
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Result<Target<'_>, NoTarget>) {
        assert_eq!(Target::parse(path), expected, "{path}");
    }

    #[test]
    fn paths_name_these_targets() {
        check("/eureka/apps", Ok(Target::Apps));
        check("/eureka/apps/", Ok(Target::Apps));
        check("//eureka/apps", Ok(Target::Apps));
        check("/eureka/v2/apps/delta", Ok(Target::Delta));
        check("/eureka/apps/Delta", Ok(Target::App("DELTA".into())));
        check("/eureka/apps/all_apps", Ok(Target::Apps));
        check("/eureka/apps/orders;a=b", Ok(Target::App("ORDERS".into())));
        check(
            "/eureka/apps/A/h%3Aa%3a80",
            Ok(Target::Instance("A".into(), "h:a:80".into())),
        );
        check(
            "/eureka/apps/A/a+b;v=1/status",
            Ok(Target::InstanceStatus("A".into(), "a+b".into())),
        );
        check("/eureka/vips/a%2Cb", Ok(Target::Vip("a,b".into())));
    }

    #[test]
    fn other_paths_name_none() {
        for path in [
            "/eureka",
            "/eureka/",
            "/eureka/v1/apps",
            "/eureka/Apps",
            "/eureka/apps//A",
            "/eureka/vips/",
        ] {
            check(path, Err(NoTarget::Unknown));
        }
        check("/eureka/apps/A/b/c/d/e", Err(NoTarget::Unknown));
        check("/apps", Err(NoTarget::Unknown));
    }

    #[test]
    fn broken_escapes_are_malformed() {
        for path in [
            "/eureka/apps/A/%zz",
            "/eureka/apps/A/%",
            "/eureka/apps/A/%4",
            "/eureka/apps/A/b%00c",
            "/eureka/apps/%ff",
        ] {
            check(path, Err(NoTarget::Malformed));
        }
    }

    #[test]
    fn allow_lists_what_can_be_done() {
        assert_eq!(Target::Apps.allow(), "HEAD,GET,OPTIONS");
        assert_eq!(
            Target::Instance("A".into(), "b".into()).allow(),
            "HEAD,GET,PUT,DELETE,OPTIONS"
        );
        assert_eq!(Target::Batch.allow(), "POST,OPTIONS");
    }
}
