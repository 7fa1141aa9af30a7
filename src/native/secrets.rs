//! What of an instance is not shown: values that look secret, and credentials in addresses.
//!
//! Here: the rule by which a key is taken for that of a secret, and masking. Not here: who may see it after all. What
//! must always hold: a value that is masked can neither be read nor asked for.

/// What stands for a value that is not shown.
pub const MASK: &str = "•••";

/// By what a key of metadata is taken for that of a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    parts: Vec<String>,
}

impl Secrets {
    /// Keys that contain one of these parts.
    pub fn new(parts: &[String]) -> Self {
        Self {
            parts: parts.iter().map(|part| part.to_lowercase()).collect(),
        }
    }

    /// Whether the value under this key is not shown.
    pub fn hide(&self, key: &str) -> bool {
        let lower = key.to_lowercase();
        self.parts.iter().any(|part| lower.contains(part))
            || (!self.parts.is_empty() && ends_in_key(key))
    }

    /// A value as it is shown: masked under the key of a secret, else without credentials.
    pub fn shown(&self, key: &str, value: &str) -> String {
        if self.hide(key) {
            MASK.to_owned()
        } else {
            without_credentials(value)
        }
    }
}

/// `access.key`, `ssh-key`, `accessKey`, and `key` alone; not `monkey`.
fn ends_in_key(key: &str) -> bool {
    let Some(place) = key.len().checked_sub("key".len()) else {
        return false;
    };
    let Some((before, word)) = key.split_at_checked(place) else {
        return false;
    };
    match word {
        "key" | "KEY" => before.is_empty() || before.ends_with(|c: char| !c.is_alphanumeric()),
        "Key" => true,
        _ => false,
    }
}

/// Text in which user name and password of addresses are masked: `http://a:b@c/` becomes `http://•••@c/`.
pub fn without_credentials(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let ends = after
            .find(|c: char| "/?#\"' ,;<>\\".contains(c) || c.is_whitespace())
            .unwrap_or(after.len());
        let (authority, further) = after.split_at_checked(ends).unwrap_or((after, ""));
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                shown.push_str(MASK);
                shown.push('@');
                shown.push_str(host);
            }
            None => shown.push_str(authority),
        }
        rest = further;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new(&["password".to_owned(), "Token".to_owned()])
    }

    #[test]
    fn keys_of_secrets_are_known_by_their_parts() {
        for key in [
            "user.password",
            "PASSWORD",
            "authToken",
            "token.csrf",
            "key",
            "ssh-key",
            "api.KEY",
            "accessKey",
        ] {
            assert!(secrets().hide(key), "{key}");
        }
        for key in [
            "zone",
            "monkey",
            "keyboard",
            "management.port",
            "turkey",
            "ключ",
            "",
        ] {
            assert!(!secrets().hide(key), "{key}");
        }
        assert!(!Secrets::default().hide("key"));
    }

    #[test]
    fn credentials_in_addresses_are_masked() {
        for (text, expected) in [
            ("http://a:b@c/d", "http://•••@c/d"),
            ("http://c/d@e", "http://c/d@e"),
            (
                "a http://x@y, https://u:p@ss@z:1?q",
                "a http://•••@y, https://•••@z:1?q",
            ),
            ("no address", "no address"),
            ("://", "://"),
            ("jdbc:pg://u:p@h", "jdbc:pg://•••@h"),
        ] {
            assert_eq!(without_credentials(text), expected);
        }
        assert_eq!(secrets().shown("password", "x"), MASK);
        assert_eq!(secrets().shown("url", "http://a@b"), "http://•••@b");
    }
}
