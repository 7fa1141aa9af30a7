//! The look of pages, chosen by form and kept in a cookie. It changes nothing but what its reader sees.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use web_ui::frame::Theme;

use super::asked::LOOK;

/// How long a look is remembered: a year.
const REMEMBERED_SECS: u32 = 365 * 24 * 3600;

/// What the form says.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    theme: String,
    #[serde(default)]
    back: String,
}

/// `POST look`
pub(super) async fn choose(choice: web::Form<Choice>) -> HttpResponse {
    let Some(theme) = Theme::named(&choice.theme) else {
        return HttpResponse::BadRequest().finish();
    };
    HttpResponse::SeeOther()
        .insert_header(("Location", back(&choice.back)))
        .insert_header(("Set-Cookie", cookie(theme)))
        .finish()
}

fn cookie(theme: Theme) -> String {
    let name = theme.name();
    format!("{LOOK}={name}; Max-Age={REMEMBERED_SECS}; SameSite=Lax")
}

/// Back to a page of ours, and to nobody else's.
fn back(link: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    let ours = link.chars().all(plain) && !link.starts_with('/') && !link.contains("//");
    let scheme = link
        .split(['/', '?'])
        .next()
        .is_some_and(|first| first.contains(':'));
    match ours && !scheme {
        true => format!("./{link}"),
        false => "./".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_our_pages_only() {
        assert_eq!(back("services?query=zone%3Aa"), "./services?query=zone%3Aa");
        assert_eq!(back("instances/A/host:a:1"), "./instances/A/host:a:1");
        for foreign in [
            "//evil.example",
            "http://evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "a\r\nb: c",
        ] {
            assert_eq!(back(foreign), "./", "{foreign}");
        }
    }
}
