//! `POST act/many`: what is done to several instances of a list, those that were chosen or all that match.
//!
//! What must always hold: as many are acted on as the form was sent for, and no more; what comes to only some of them
//! is said.

use std::collections::BTreeMap;

use web_ui::links;

use super::{Done, draining, overriding, target, undoing};
use crate::dashboard::forms::Form;
use crate::native::acting::{self, Refused};
use crate::native::documents::DrainTarget;
use crate::native::drains;
use crate::native::instances::{self, Ask, PAGE_MAX};
use crate::native::query::Query;
use crate::server::State;

/// Of so many the reasons are told why nothing was done to them.
const TOLD_MAX: usize = 3;

/// An application and an id.
type Key = (String, String);

/// Does it.
pub(super) async fn act(state: &State, form: &Form) -> Done {
    match form.value("do") {
        "drain" => drain(state, form).await,
        "override" => each(state, form, |(app, id)| {
            acting::overrule(state, app, id, &overriding(form)).map(drop)
        }),
        "clear" => each(state, form, |(app, id)| {
            acting::give_back(state, app, id, &undoing(form)).map(drop)
        }),
        _ => Err(nobody(form)),
    }
}

/// The query of the list that the form stands under, as the address spells it.
pub(super) fn list(form: &Form) -> String {
    links::query(&["query", "sort", "group_by", "after"].map(|key| (key, form.value(key))))
}

/// Drains them: by what was asked, or application by application those that were chosen.
async fn drain(state: &State, form: &Form) -> Done {
    if all(form) {
        let target = DrainTarget {
            query: Some(form.value("query").to_owned()),
            ..draining(form)
        };
        return super::drain(state, target).await;
    }
    let mut last = Err(nobody(form));
    let queries = queries(&chosen(form));
    let several = queries.len() > 1;
    for query in queries {
        let target = DrainTarget {
            query: Some(query),
            ..draining(form)
        };
        let begun = drains::begin(state, &target).await?;
        last = Ok((format!("drains/{}", begun.id), begun.sentence));
    }
    match last {
        Ok(_) if several => Ok((
            "drains".to_owned(),
            "One drain for each service.".to_owned(),
        )),
        last => last,
    }
}

/// Queries that match these instances and no others, one for each application.
fn queries(chosen: &[Key]) -> Vec<String> {
    let mut ids = BTreeMap::<&str, Vec<String>>::new();
    for (app, id) in chosen {
        let quoted = Query::of("id", id);
        let quoted = quoted.trim_start_matches("id:").to_owned();
        ids.entry(app).or_default().push(quoted);
    }
    let query =
        |(app, ids): (&str, Vec<String>)| format!("{} id:{}", Query::of("app", app), ids.join(","));
    ids.into_iter().map(query).collect()
}

/// Does something to one after the other.
fn each(state: &State, form: &Form, act: impl Fn(&Key) -> Result<(), Refused>) -> Done {
    let keys = match all(form) {
        true => matching(state, form)?,
        false => chosen(form),
    };
    if keys.is_empty() {
        return Err(nobody(form));
    }
    let mut refused = Vec::new();
    for key in &keys {
        refused.extend(act(key).err());
    }
    let done = keys.len() - refused.len();
    if done == 0 {
        return Err(refused.swap_remove(0));
    }
    let mut said = format!("Done to {done} of {}.", keys.len());
    for why in refused.into_iter().take(TOLD_MAX) {
        said = format!("{said} {}", crate::api::v1::detail(why));
    }
    Ok((format!("instances{}", list(form)), said))
}

/// Whether all that match are meant, and not those that were chosen.
fn all(form: &Form) -> bool {
    form.value("whom") == "all"
}

fn chosen(form: &Form) -> Vec<Key> {
    form.values("chosen").map(target).collect()
}

fn matching(state: &State, form: &Form) -> Result<Vec<Key>, Refused> {
    let ask = Ask {
        query: Query::parse(form.value("query")).map_err(Refused::BadQuery)?,
        limit: PAGE_MAX,
        ..Ask::default()
    };
    let found = instances::list(state, &ask).instances;
    Ok(found.into_iter().map(|row| (row.app, row.id)).collect())
}

fn nobody(form: &Form) -> Refused {
    let meant = match all(form) {
        true => form.value("query"),
        false => "nothing that was chosen",
    };
    Refused::NothingMatches(meant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_were_chosen_are_named_application_by_application() {
        let chosen = [("B", "2"), ("A", "a\"b"), ("B", "1,*")]
            .map(|(app, id)| (app.to_owned(), id.to_owned()));
        let expected = [r#"app:"A" id:"a\"b""#, r#"app:"B" id:"2","1,*""#];
        assert_eq!(queries(&chosen), expected);
        assert!(
            queries(&chosen)
                .iter()
                .all(|query| Query::parse(query).is_ok())
        );
    }
}
