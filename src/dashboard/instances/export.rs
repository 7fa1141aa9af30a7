//! The whole list as a file: `GET instances.csv` and `GET instances.ndjson`.
//!
//! What must always hold: what a client said of itself is a value in a cell, and no formula of the program that opens
//! the file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::api::v1;
use crate::dashboard::answer;
use crate::native::documents::Row;
use crate::native::instances::{self, Ask, Cursor, PAGE_MAX};
use crate::server::State;

/// A file has at most so many rows.
const ROWS_MAX: usize = 200_000;

const HEAD: &str = "app,id,status,own_status,override,zone,host,ip,port,secure_port,version,lease,heard,deadline,owner,\
                    reason,protected,registered,changed\r\n";

/// `GET instances.csv`
pub(crate) async fn csv(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let lines = |rows: &[Row]| rows.iter().map(comma_separated).collect();
    file(
        state,
        &request,
        "csv",
        "text/csv; charset=utf-8",
        HEAD,
        lines,
    )
    .await
}

/// `GET instances.ndjson`
pub(crate) async fn ndjson(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let line = |row: &Row| serde_json::to_string(row).map(|line| line + "\n");
    let lines = move |rows: &[Row]| rows.iter().flat_map(line).collect();
    file(state, &request, "ndjson", "application/x-ndjson", "", lines).await
}

async fn file(
    state: web::Data<State>,
    request: &HttpRequest,
    ending: &str,
    mime: &'static str,
    head: &'static str,
    lines: impl Fn(&[Row]) -> String + Send + 'static,
) -> HttpResponse {
    let ask = match v1::asked(request.query_string()) {
        Ok(ask) => ask,
        Err(problem) => return problem.answer(),
    };
    let made = web::block(move || whole(&state, ask, head, lines)).await;
    let Ok(text) = made else {
        return HttpResponse::InternalServerError().finish();
    };
    let name = format!("attachment; filename=\"instances.{ending}\"");
    answer::guard(&mut HttpResponse::Ok())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type(mime)
        .body(text)
}

/// All pages of the list, one after the other.
fn whole(state: &State, ask: Ask, head: &str, lines: impl Fn(&[Row]) -> String) -> String {
    let mut ask = Ask {
        limit: PAGE_MAX,
        ..ask
    };
    let (mut text, mut rows) = (head.to_owned(), 0);
    loop {
        let page = instances::list(state, &ask);
        text += &lines(&page.instances);
        rows += page.instances.len();
        match page.next.as_deref().and_then(Cursor::parse) {
            Some(after) if rows < ROWS_MAX => ask.after = Some(after),
            _ => return text,
        }
    }
}

fn comma_separated(row: &Row) -> String {
    let number = |port: Option<i32>| port.map(|port| port.to_string()).unwrap_or_default();
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        row.app.clone(),
        row.id.clone(),
        row.status.clone(),
        row.own_status.clone(),
        known(&row.overridden),
        row.zone.clone(),
        row.host.clone(),
        row.ip.clone(),
        number(row.port),
        number(row.secure_port),
        known(&row.version),
        row.lease.state.name().to_owned(),
        known(&row.lease.renewed_at),
        known(&row.lease.deadline),
        row.lease.owner.clone(),
        row.code.name().to_owned(),
        row.protected.to_string(),
        row.registered_at.clone(),
        row.updated_at.clone(),
    ];
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell. Programs take text that begins like a formula for one; an apostrophe tells them that it is none.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = match formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_stays_one_cell() {
        for (text, expected) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@a,b", "\"'@a,b\""),
            ("a\r\nb", "\"a\r\nb\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_head() {
        let cells = comma_separated(&Row::default());
        assert_eq!(cells.matches(',').count(), HEAD.matches(',').count());
    }
}
