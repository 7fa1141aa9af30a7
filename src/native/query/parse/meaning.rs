//! What the values of each key mean.

use std::time::Duration;

use super::Reader;
use super::mistakes::{missing, owned};
use crate::native::documents::{Code, LeaseState};
use crate::native::query::pattern::Pattern;
use crate::native::query::{Comparison, Mistake, Overridden, StatusKey, Test, TimeKey, WordKey};
use crate::registry::status::Status;

const YES_NO: [&str; 2] = ["yes", "no"];
/// Units of time, with their milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("min", 60_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

impl Reader<'_> {
    /// The test that a key and the values after it make.
    pub(super) fn test(&mut self, key: &str, begins: usize) -> Result<Test, Mistake> {
        let word = match key {
            "status" => return self.statuses(StatusKey::Shown),
            "own" => return self.statuses(StatusKey::Own),
            "overridden" => return self.overridden(),
            "protected" => return self.protected(),
            "lease" => {
                return Ok(Test::Lease(
                    self.choices(LeaseState::ALL, LeaseState::name)?,
                ));
            }
            "code" => return Ok(Test::Code(self.choices(Code::ALL, Code::name)?)),
            "age" => return self.time(TimeKey::Age),
            "renewed" => return self.time(TimeKey::Renewed),
            "app" => WordKey::App,
            "id" => WordKey::Id,
            "host" => WordKey::Host,
            "ip" => WordKey::Ip,
            "zone" => WordKey::Zone,
            "owner" => WordKey::Owner,
            "port" => WordKey::Port,
            "vip" => WordKey::Vip,
            metadata => {
                let Some(name) = metadata
                    .strip_prefix("meta.")
                    .filter(|name| !name.is_empty())
                else {
                    return Err(missing(
                        begins + key.chars().count(),
                        "a key of the metadata",
                        &["meta.KEY"],
                    ));
                };
                return Ok(Test::Metadata(name.to_owned(), self.patterns()?));
            }
        };
        Ok(Test::Word(word, self.patterns()?))
    }

    fn patterns(&mut self) -> Result<Vec<Pattern>, Mistake> {
        let values = self.values()?.into_iter();
        Ok(values.map(|value| Pattern::whole(value.pieces)).collect())
    }

    fn statuses(&mut self, key: StatusKey) -> Result<Test, Mistake> {
        Ok(Test::Status(key, self.choices(Status::ALL, Status::name)?))
    }

    fn overridden(&mut self) -> Result<Test, Mistake> {
        let kinds = [Overridden::Any, Overridden::No]
            .into_iter()
            .chain(Status::ALL.map(Overridden::By));
        let name = |kind| match kind {
            Overridden::Any => "yes",
            Overridden::No => "no",
            Overridden::By(status) => Status::name(status),
        };
        Ok(Test::Overridden(self.choices(kinds, name)?))
    }

    fn protected(&mut self) -> Result<Test, Mistake> {
        let value = self.value(true)?;
        match value.text().to_ascii_lowercase().as_str() {
            "yes" => Ok(Test::Protected(true)),
            "no" => Ok(Test::Protected(false)),
            _ => Err(value.mistake("this is neither yes nor no".to_owned(), owned(YES_NO))),
        }
    }

    /// All of these that one of the values matches; each value must match one at least.
    fn choices<T: Copy + PartialEq>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
    ) -> Result<Vec<T>, Mistake> {
        let all: Vec<T> = all.into_iter().collect();
        let mut chosen = Vec::new();
        for value in self.values()? {
            let pattern = Pattern::whole(value.pieces.clone());
            let before = chosen.len();
            chosen.extend(
                all.iter()
                    .copied()
                    .filter(|choice| pattern.matches(name(*choice))),
            );
            if chosen.len() == before {
                let names = all.iter().map(|choice| name(*choice));
                return Err(value.mistake("there is no such value".to_owned(), owned(names)));
            }
        }
        Ok(chosen)
    }

    fn time(&mut self, key: TimeKey) -> Result<Test, Mistake> {
        let value = self.value(true)?;
        let text = value.text();
        let signs = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::More),
            ("<", Comparison::Less),
        ];
        let sign = signs
            .into_iter()
            .find_map(|(sign, meant)| Some((meant, text.strip_prefix(sign)?)));
        let read =
            sign.and_then(|(comparison, time)| Some(Test::Time(key, comparison, duration(time)?)));
        read.ok_or_else(|| Mistake {
            suggestion: sign
                .is_none()
                .then(|| format!(">{text}"))
                .filter(|_| duration(&text).is_some()),
            ..value.mistake(
                "this is no comparison with a time".to_owned(),
                owned([">10m", "<30s", ">=1h", "<=500ms"]),
            )
        })
    }
}

/// A whole number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = UNITS
        .into_iter()
        .find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    Some(Duration::from_millis(
        number.parse::<u64>().ok()?.checked_mul(factor)?,
    ))
}
