//! `GET settings`: every setting in effect, where it comes from, and what became of Spring's keys.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::settings::{SettingLine, SettingsPage, SpringLine, Table};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::{answer, frame};
use crate::native::documents::{Setting, Settings, SpringSetting};
use crate::native::settings;
use crate::server::State;

/// What is called the source of a setting that nobody set.
const DEFAULT: &str = "default";

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Settings,
        cli: "peerage config show".to_owned(),
        api: "/api/v1/settings".to_owned(),
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    answer::html(&asked, &page(&asked, frame, settings::of(&state)))
}

fn page(asked: &Asked<'_>, frame: Frame, settings: Settings) -> SettingsPage {
    let changed_only = asked.value("show") == "set";
    let lines: Vec<_> = settings.settings.into_iter().map(line).collect();
    SettingsPage {
        changed: lines.iter().filter(|line| line.set).count(),
        total: lines.len(),
        toggle: asked.with("show", if changed_only { "" } else { "set" }),
        tables: tables(lines.into_iter().filter(|line| line.set || !changed_only)),
        spring: settings.spring.into_iter().map(spring).collect(),
        changed_only,
        frame,
    }
}

fn line(setting: Setting) -> SettingLine {
    SettingLine {
        set: setting.source != DEFAULT,
        key: setting.key,
        value: setting.value,
        source: setting.source,
        about: setting.about,
    }
}

/// By the tables of the file, in the order in which the first of each is documented.
fn tables(lines: impl Iterator<Item = SettingLine>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in lines {
        let name = line.key.rsplit_once('.').map_or("", |(table, _)| table);
        let place = tables.iter().position(|table| table.name == name);
        let place = place.unwrap_or_else(|| {
            tables.push(Table {
                name: name.to_owned(),
                ..Table::default()
            });
            tables.len() - 1
        });
        tables[place].settings.push(line);
    }
    tables
}

fn spring(setting: SpringSetting) -> SpringLine {
    SpringLine {
        key: setting.key,
        value: setting.value.unwrap_or_default(),
        source: setting.source,
        class: setting.class,
        note: setting.note,
    }
}
