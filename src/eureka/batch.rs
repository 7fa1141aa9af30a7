//! What peers tell each other, many calls at once, and the answers.
//!
//! Always JSON. A body that is no batch is refused as a whole, and so is one with a field or an action that we do not
//! know: its sender speaks another protocol, and doing half of what it says would be worse than doing nothing. An item
//! that merely makes no sense is refused alone.

use serde_json::value::RawValue;

use super::dialect::{Dialect, Format};
use super::draft::{self, carried};
use super::instance;
use super::json::{self, value};
use super::limits::Limits;
use super::pen::Pen;
use super::refusal::Refusal;
use crate::clock::Timestamp;
use crate::registry::instance::{AppName, Registration, Text};
use crate::registry::status::Status;
use crate::registry::view::Shown;

/// One call of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The application it is about.
    pub app: AppName,
    /// The instance it is about.
    pub id: Text,
    /// What is to be done.
    pub call: Call,
}

/// What a peer asks for. Eureka calls it the item's action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A registration.
    Register(Box<Registration>),
    /// A heartbeat.
    Heartbeat {
        /// When the client last changed what it says, as the peer knows it.
        last_dirty: Option<i64>,
        /// The override that the peer believes the instance to be under.
        carried_override: Option<Status>,
    },
    /// The end of a registration.
    Cancel,
    /// An override.
    StatusUpdate {
        /// The status to show.
        status: Status,
        /// When the client last changed what it says, as the peer knows it.
        last_dirty: Option<i64>,
    },
    /// The end of an override.
    DeleteStatusOverride {
        /// What the instance says of itself then, if the peer knows.
        status: Option<Status>,
        /// When the client last changed what it says, as the peer knows it.
        last_dirty: Option<i64>,
    },
}

/// Reads a batch, its items in their order. An item that makes no sense is refused in its place.
pub fn requests(
    body: &[u8],
    limits: &Limits,
    now: Timestamp,
) -> Result<Vec<Result<Item, Refusal>>, Refusal> {
    let text = str::from_utf8(body).map_err(Refusal::unparsable)?;
    let root = value::document(text, limits)?;
    let list = match value::fields(root)?.as_slice() {
        [(name, list)] if name == "replicationList" => *list,
        _ => return Err(Refusal::unparsable("root is not a list of calls alone")),
    };
    let items = value::items(list, limits.batch_items_max)?;
    let drafts: Result<Vec<_>, _> = items.into_iter().map(Draft::read).collect();
    let read = |draft: Draft<'_>| draft.item(limits, now);
    Ok(drafts?.into_iter().map(read).collect())
}

/// An item as it stands in the body.
#[derive(Default)]
struct Draft<'a> {
    app: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    last_dirty: Option<&'a RawValue>,
    overridden: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    instance: Option<&'a RawValue>,
    action: Option<Name>,
}

#[derive(Clone, Copy)]
enum Name {
    Register,
    Heartbeat,
    Cancel,
    StatusUpdate,
    DeleteStatusOverride,
}

impl<'a> Draft<'a> {
    /// Sorts the fields. What fails here fails the whole batch.
    fn read(item: &'a RawValue) -> Result<Self, Refusal> {
        let mut draft = Self::default();
        for (name, value) in value::fields(item)? {
            let place = match &*name {
                "appName" => &mut draft.app,
                "id" => &mut draft.id,
                "lastDirtyTimestamp" => &mut draft.last_dirty,
                "overriddenStatus" => &mut draft.overridden,
                "status" => &mut draft.status,
                "instanceInfo" => &mut draft.instance,
                "action" => {
                    draft.action = action(value)?;
                    continue;
                }
                _ => return Err(Refusal::unparsable(format_args!("unknown field {name:?}"))),
            };
            *place = Some(value).filter(|value| value.get() != "null");
        }
        Ok(draft)
    }

    /// Makes sense of it. What fails here fails this item.
    fn item(&self, limits: &Limits, now: Timestamp) -> Result<Item, Refusal> {
        let app = AppName::new(&required(self.app, "appName")?);
        let id = required(self.id, "id")?;
        let call = match self.action {
            Some(Name::Register) => self.register(&app, limits, now)?,
            Some(Name::Heartbeat) => Call::Heartbeat {
                last_dirty: self.last_dirty()?,
                carried_override: carried(status(self.overridden)?),
            },
            Some(Name::Cancel) => Call::Cancel,
            Some(Name::StatusUpdate) => Call::StatusUpdate {
                status: status(self.status)?.ok_or_else(|| missing("status"))?,
                last_dirty: self.last_dirty()?,
            },
            Some(Name::DeleteStatusOverride) => Call::DeleteStatusOverride {
                status: status(self.status)?,
                last_dirty: self.last_dirty()?,
            },
            None => return Err(missing("action")),
        };
        Ok(Item { app, id, call })
    }

    fn register(&self, app: &AppName, limits: &Limits, now: Timestamp) -> Result<Call, Refusal> {
        let instance = self.instance.ok_or_else(|| missing("instanceInfo"))?;
        let registration = json::instance(instance, limits)?.registration(app, limits, now)?;
        Ok(Call::Register(Box::new(registration)))
    }

    fn last_dirty(&self) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.last_dirty.map(value::text).transpose()?.flatten() else {
            return Ok(None);
        };
        match draft::whole(&text).map(i64::try_from) {
            Some(Ok(millis)) => Ok(Some(millis)),
            _ => Err(Refusal::unparsable("timestamp is not a number")),
        }
    }
}

fn action(value: &RawValue) -> Result<Option<Name>, Refusal> {
    match value::text(value)?.as_deref() {
        None => Ok(None),
        Some("Register") => Ok(Some(Name::Register)),
        Some("Heartbeat") => Ok(Some(Name::Heartbeat)),
        Some("Cancel") => Ok(Some(Name::Cancel)),
        Some("StatusUpdate") => Ok(Some(Name::StatusUpdate)),
        Some("DeleteStatusOverride") => Ok(Some(Name::DeleteStatusOverride)),
        Some(other) => Err(Refusal::unparsable(format_args!(
            "unknown action {other:?}"
        ))),
    }
}

/// A status by its exact name; here, other than in a registration, nothing else will do.
fn status(value: Option<&RawValue>) -> Result<Option<Status>, Refusal> {
    let Some(name) = value.map(value::text).transpose()?.flatten() else {
        return Ok(None);
    };
    match name.parse() {
        Ok(status) => Ok(Some(status)),
        Err(_) => Err(Refusal::unparsable("unknown status")),
    }
}

fn required(value: Option<&RawValue>, field: &str) -> Result<Text, Refusal> {
    let text = value.map(value::text).transpose()?.flatten();
    text.map(Text::from).ok_or_else(|| missing(field))
}

fn missing(field: &str) -> Refusal {
    Refusal::unparsable(format_args!("item without {field}"))
}

/// The answer to one call.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// As HTTP would have it.
    pub status_code: u16,
    /// Our own instance, for a peer whose copy is older.
    pub instance: Option<Shown<'a>>,
}

/// Appends the answers to a batch, one per item in the order of the items.
pub fn write<'a>(out: &mut Vec<u8>, answers: impl IntoIterator<Item = Answer<'a>>) {
    let pen = &mut Pen::new(out, Dialect::full(Format::Json));
    pen.open_item("");
    pen.open_list("responseList");
    for (place, answer) in answers.into_iter().enumerate() {
        if place > 0 {
            pen.separate();
        }
        pen.open_item("");
        pen.number("statusCode", answer.status_code.into());
        if let Some(shown) = &answer.instance {
            pen.open_field("responseEntity");
            instance::write(pen, shown);
            pen.close_field("responseEntity");
        }
        pen.close_item("");
    }
    pen.close_list();
    pen.close_item("");
}

#[cfg(test)]
mod tests;
