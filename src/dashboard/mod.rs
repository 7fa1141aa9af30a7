//! The page for people: every application, instance, status, zone and age.
//!
//! Here: one plain page, ten lines for terminals, and the last registrations and cancels. Not here: anything that
//! changes an instance. What must always hold: whatever clients registered is shown as text.

use std::fmt::Write as _;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::api::{negotiate, page};
use crate::clock::Timestamp;
use crate::registry::Noted;
use crate::registry::change::{Change, Sender};
use crate::registry::entry::Entry;
use crate::registry::preservation::Protection;
use crate::registry::snapshot::Snapshot;
use crate::registry::zones::ZoneRules;
use crate::server::State;

const STYLE: &str = "body{font:15px system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3em .8em;border-bottom:1px solid #8884}\
.notice{border-left:4px solid #c60;padding:.5em 1em}:root{color-scheme:light dark}";

/// The pages, unless they are switched off. Where they are served is a setting.
pub(crate) fn routes(config: &mut web::ServiceConfig, enabled: bool, path: &str) {
    if enabled {
        let path = path.trim_end_matches('/');
        config.service(page(&format!("{path}/"), overview));
        config.service(page(&format!("{path}/lastn"), last));
        if !path.is_empty() {
            config.service(web::redirect(
                path.to_owned(),
                format!("{}/", last_part(path)),
            ));
        }
    }
}

/// The last part of a path: relative, so that it holds behind a proxy that serves us elsewhere.
fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A browser gets a page, everything else ten lines of text.
async fn overview(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let snapshot = state.registry.refresh();
    if negotiate::html(request.headers()) {
        html(&state.config.name, &instances(&state, &snapshot))
    } else {
        HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(summary(&state, &snapshot))
    }
}

fn html(title: &str, body: &str) -> HttpResponse {
    let title = escaped(title);
    HttpResponse::Ok()
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .content_type("text/html; charset=utf-8")
        .body(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Peerage</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>{body}</body></html>"
        ))
}

fn summary(state: &State, snapshot: &Snapshot) -> String {
    let registered = &snapshot.registered;
    let statuses: Vec<_> = registered
        .statuses()
        .iter()
        .map(|(status, count)| format!("{status} {count}"))
        .collect();
    let silent: usize = state.registry.silent().iter().map(|(_, count)| count).sum();
    let protections = state.registry.protections();
    let protected: Vec<_> = protections
        .iter()
        .map(|protection| sentence(protection, state))
        .collect();
    let lines = [
        format!(
            "peerage       {} {}",
            state.config.name,
            env!("CARGO_PKG_VERSION")
        ),
        format!(
            "state         {}",
            if state.ready() { "ready" } else { "not ready" }
        ),
        format!("up            {} h", crate::api::uptime(state)),
        format!("applications  {}", registered.applications().count()),
        format!("instances     {}", registered.iter().count()),
        format!("status        {}", statuses.join(", ")),
        format!(
            "heartbeats    {} in the last full minute",
            state.metrics.renewals_last_minute()
        ),
        format!("silent        {silent}"),
        format!(
            "protected     {}",
            if protected.is_empty() {
                "nothing".to_owned()
            } else {
                protected.join("; ")
            }
        ),
        format!("revision      {}", snapshot.revision),
    ];
    lines.join("\n") + "\n"
}

/// What a guard protects, in words.
fn sentence(protection: &Protection, state: &State) -> String {
    let Protection {
        scope,
        since,
        until,
        owned,
        silent,
    } = protection;
    let (since, left) = (
        ago(state.clock.now(), *since),
        until.since(state.clock.now()).as_secs(),
    );
    format!(
        "{scope}: {silent} of {owned} are silent, so nobody is evicted for it; since {since}, for {left} s more at most"
    )
}

fn instances(state: &State, snapshot: &Snapshot) -> String {
    let mut out = format!("<h1>{}</h1>", escaped(&state.config.name));
    // Right after a start clients have yet to find this server.
    let settled = state.clock.now().since(state.started_at) >= state.config.warm_up.notice_after;
    let protections = state.registry.protections();
    for protection in protections.iter().filter(|_| settled) {
        write!(
            out,
            "<p class=\"notice\">Protected: {}.</p>",
            escaped(&sentence(protection, state))
        )
        .expect(MEMORY);
    }
    out += "<h2>Instances currently registered with Eureka</h2>\
            <table><thead><tr><th>Application<th>Instance<th>Status<th>Zone<th>Registered<th>Last heard</tr></thead><tbody>";
    let (zones, now) = (state.registry.zones(), state.clock.now());
    for entry in snapshot.registered.iter() {
        row(&mut out, entry, zones, now);
    }
    if snapshot.registered.leaves().is_empty() {
        out += "<tr><td colspan=\"6\">No instances. Point a client at this server under /eureka/.</tr>";
    }
    out + "</tbody></table><p><a href=\"lastn\">The last changes, registrations and cancels</a></p>"
}

const MEMORY: &str = "writing to memory does not fail";

fn row(out: &mut String, entry: &Entry, zones: &ZoneRules, now: Timestamp) {
    let shown = entry.shown();
    let cells = [
        entry.key().app.as_str().to_owned(),
        entry.key().id.to_string(),
        shown.status.to_string(),
        zones.name(entry.instance()).unwrap_or("–").to_owned(),
        ago(now, shown.times.registered_at),
        heard(now, entry),
    ];
    *out += "<tr>";
    for cell in cells {
        write!(out, "<td>{}", escaped(&cell)).expect(MEMORY);
    }
    *out += "</tr>";
}

/// When the client was heard, if that was here: beats of leases that other servers keep go to them.
fn heard(now: Timestamp, entry: &Entry) -> String {
    let heard_at = entry.heard_at();
    if heard_at == Timestamp::default() {
        return "–".to_owned();
    }
    ago(now, heard_at)
}

async fn last(state: web::Data<State>) -> HttpResponse {
    let mut body = changes(&state.registry.account(1000));
    table(
        &mut body,
        "Last 1000 cancelled leases",
        &state.registry.last_cancelled(),
    );
    table(
        &mut body,
        "Last 1000 newly registered leases",
        &state.registry.last_registered(),
    );
    html("Last changes", &body)
}

/// The last changes, with who asked for them.
fn changes(account: &[Change]) -> String {
    let mut out = "<h2>Last 1000 changes</h2><table><thead>\
                   <tr><th>Revision<th>Timestamp<th>Change<th>Asked for by</tr></thead><tbody>"
        .to_owned();
    for change in account {
        let by = match change.by {
            Some(Sender::Client) => "a client",
            Some(Sender::Peer | Sender::Cluster) => "a peer",
            Some(Sender::Operator) => "an operator",
            None => "this server",
        };
        let (revision, at, what) = (change.revision, change.at, escaped(&change.to_string()));
        write!(out, "<tr><td>{revision}<td>{at}<td>{what}<td>{by}</tr>").expect(MEMORY);
    }
    out + "</tbody></table>"
}

fn table(out: &mut String, title: &str, notes: &[Noted]) {
    write!(
        out,
        "<h2>{title}</h2><table><thead><tr><th>Timestamp<th>Lease</tr></thead><tbody>"
    )
    .expect(MEMORY);
    for (at, key) in notes {
        write!(
            out,
            "<tr><td>{at}<td>{}({})</tr>",
            escaped(key.app.as_str()),
            escaped(&key.id)
        )
        .expect(MEMORY);
    }
    *out += "</tbody></table>";
}

fn ago(now: Timestamp, then: Timestamp) -> String {
    let secs = now.since(then).as_secs();
    match secs {
        0..120 => format!("{secs} s ago"),
        120..7200 => format!("{} min ago", secs / 60),
        _ => format!("{} h ago", secs / 3600),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
    }
    out
}
