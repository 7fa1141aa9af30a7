//! The pages for people: what is asked becomes a view, and `web-ui` makes HTML of it.
//!
//! Here: routes, one file per page, the files pages load. Not here: HTML (`web-ui`), any knowledge of instances and
//! servers but what the documents of the API tell. What must always hold: a page shows nothing that `/api/v1` does not
//! also say; it is whole without JavaScript; nothing is changed by reading; and whatever clients registered is shown as
//! text.

mod acting;
mod answer;
mod asked;
mod assets;
mod cluster;
mod connect;
mod drains;
mod events;
mod forms;
mod frame;
mod heat;
mod help;
mod instance;
mod instances;
mod lines;
mod look;
mod needs;
mod overview;
mod plain;
mod rows;
mod service;
mod services;
mod settings;
mod situation;
mod times;
mod zones;

use actix_web::{HttpResponse, web};

use crate::api::page;
use crate::config::DashboardSettings;

/// The pages, unless they are switched off. Where they are served is a setting.
pub(crate) fn routes(config: &mut web::ServiceConfig, settings: &DashboardSettings) {
    if !settings.enabled {
        return;
    }
    let path = settings.path.as_str().trim_end_matches('/');
    let at = |below: &str| format!("{path}/{below}");
    config
        .service(page(&at(""), overview::show))
        .service(page(&at("services"), services::show))
        .service(page(&at("services/{name}"), service::show))
        .service(page(&at("instances"), instances::show))
        .service(page(&at("instances.csv"), instances::csv))
        .service(page(&at("instances.ndjson"), instances::ndjson))
        .service(page(&at("instances/{app}/{id}"), instance::show))
        .service(page(&at("zones"), zones::show))
        .service(page(&at("cluster"), cluster::show))
        .service(page(&at("drains"), drains::show))
        .service(page(&at("drains/{drain}"), drains::show))
        .service(page(&at("events"), events::show))
        .service(page(&at("settings"), settings::show))
        .service(web::resource(at("act/{what}")).route(web::post().to(acting::act)))
        .service(page(&at("connect"), connect::show))
        .service(page(&at("check"), connect::check))
        .service(page(&at("help"), help::show))
        // Where Eureka has what happened last.
        .service(page(&at("lastn"), events::show))
        .service(page(&at("ui/{name}"), assets::show))
        .service(web::resource(at("look")).route(web::post().to(look::choose)));
    if !path.is_empty() {
        config.service(web::redirect(
            path.to_owned(),
            format!("{}/", last_part(path)),
        ));
    }
}

/// The last part of a path: relative, so that it holds behind a proxy that serves us elsewhere.
fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What stood here stands there now.
fn moved(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("Location", to))
        .finish()
}
