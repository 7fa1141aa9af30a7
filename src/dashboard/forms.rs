//! Forms that act: who may send one, what it says, and how its outcome is told.
//!
//! Here: the check that a form was sent from a page of ours (origin and token), its fields, and the way back to a page
//! that says what came of it. Not here: what is done (`native`), whether somebody may act at all (`api`). What must always
//! hold: nothing is done for a form that another site could have sent.
//!
//! A browser has a cookie with a number nobody else knows, and every form repeats it: a page of another site can make a
//! browser send the cookie, but cannot read it. Browsers that say where a form comes from are held to it besides.

use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::{HttpRequest, HttpResponse};
use rand::TryRng as _;
use rand::rngs::SysRng;
use web_ui::links;

use super::asked::cookie;

/// The cookie with the number that forms repeat.
pub(super) const TOKEN: &str = "peerage-form";
/// The field of a form that repeats it.
pub(super) const TOKEN_FIELD: &str = "token";
/// The cookie that carries what came of a form to the page that tells it.
pub(super) const SAID: &str = "peerage-said";
/// How long that is kept, should no page come.
const SAID_SECS: u32 = 60;
/// The longest text it carries, in bytes: cookies are small.
const SAID_MAX: usize = 2048;
/// The number has so many hexadecimal digits.
const TOKEN_DIGITS: usize = 32;

/// A form that a page of ours sent.
#[derive(Debug)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
}

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It comes from a page of another site.
    Foreign,
    /// It does not repeat the number.
    NoToken,
}

impl Form {
    /// The form of a request's body, if a page of ours sent it.
    pub(super) fn of(request: &HttpRequest, body: &[u8]) -> Result<Self, Refused> {
        let headers = request.headers();
        if foreign(headers) {
            return Err(Refused::Foreign);
        }
        let form = Self {
            fields: form_urlencoded::parse(body).into_owned().collect(),
        };
        match cookie(headers, TOKEN) {
            Some(token) if is_token(&token) && form.value(TOKEN_FIELD) == token => Ok(form),
            _ => Err(Refused::NoToken),
        }
    }

    /// What a field says, without blanks around it; empty if it is not there.
    pub(super) fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// What all fields of a name say.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.fields.iter().filter(move |(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str())
    }
}

impl Refused {
    /// Says so, in plain words.
    pub(super) fn answer(self) -> HttpResponse {
        let text = match self {
            Self::Foreign => "This form was sent by a page of another site, and nothing was done.",
            Self::NoToken => {
                "Nothing was done: the form is older than this browser's session, or cookies are off. \
                 Go back, load the page again, and repeat it."
            }
        };
        HttpResponse::build(StatusCode::FORBIDDEN)
            .content_type("text/plain; charset=utf-8")
            .body(text)
    }
}

/// Whether a browser says that a request comes from elsewhere. Those of old say nothing; the token holds for them.
fn foreign(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = said("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let host = said(HOST.as_str());
    said(ORIGIN.as_str()).is_some_and(|origin| {
        let of_origin = origin.split_once("://").map(|(_, host)| host);
        of_origin.is_none() || of_origin != host
    })
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The number of this browser, and the cookie that gives it one, if it has none yet.
pub(super) fn token(headers: &HeaderMap) -> (String, Option<String>) {
    if let Some(known) = cookie(headers, TOKEN).filter(|token| is_token(token)) {
        return (known, None);
    }
    let token = fresh();
    let given = format!("{TOKEN}={token}; HttpOnly; SameSite=Strict; Path=/");
    (token, Some(given))
}

/// A number nobody can guess; nothing where the system gives no chance, and then no form is taken.
fn fresh() -> String {
    let mut bytes = [0_u8; TOKEN_DIGITS / 2];
    match SysRng.try_fill_bytes(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => String::new(),
    }
}

/// Back to a page, from the address of the form, and there it is told what came of it.
pub(super) fn done(page: &str, said: &str) -> HttpResponse {
    let end = said.floor_char_boundary(SAID_MAX / 3);
    let said = links::part(said.get(..end).unwrap_or_default());
    // What means something in a cookie is escaped like the rest.
    let said = said
        .replace(',', "%2C")
        .replace(';', "%3B")
        .replace('=', "%3D");
    HttpResponse::SeeOther()
        .insert_header(("Location", page))
        .insert_header((
            "Set-Cookie",
            format!("{SAID}={said}; Max-Age={SAID_SECS}; HttpOnly; SameSite=Strict; Path=/"),
        ))
        .finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const NUMBER: &str = "0123456789abcdef0123456789abcdef";

    fn check(headers: &[(&str, &str)], body: &str, expected: Result<(), Refused>) {
        let mut request =
            TestRequest::post().insert_header(("Cookie", format!("a=b; {TOKEN}={NUMBER}")));
        for header in headers {
            request = request.insert_header(*header);
        }
        let form = Form::of(&request.to_http_request(), body.as_bytes());
        assert_eq!(form.map(|_| ()), expected, "{headers:?} {body}");
    }

    #[test]
    fn a_form_must_come_from_a_page_of_ours() {
        let body = format!("token={NUMBER}&reason=x");
        let own = [("Host", "here:1"), ("Origin", "http://here:1")];
        check(&own, &body, Ok(()));
        check(&[("Sec-Fetch-Site", "same-origin")], &body, Ok(()));
        check(&[], &body, Ok(()));
        check(
            &[("Host", "here:1"), ("Origin", "http://there:1")],
            &body,
            Err(Refused::Foreign),
        );
        check(
            &[("Host", "here:1"), ("Origin", "null")],
            &body,
            Err(Refused::Foreign),
        );
        for site in ["cross-site", "same-site", "nonsense"] {
            check(&[("Sec-Fetch-Site", site)], &body, Err(Refused::Foreign));
        }
    }

    #[test]
    fn a_form_must_repeat_the_number() {
        check(&[], "reason=x", Err(Refused::NoToken));
        check(&[], "token=0123&reason=x", Err(Refused::NoToken));
        let request = TestRequest::post().to_http_request();
        let body = format!("token={NUMBER}");
        assert_eq!(
            Form::of(&request, body.as_bytes()).err(),
            Some(Refused::NoToken)
        );
        let empty = TestRequest::post()
            .insert_header(("Cookie", format!("{TOKEN}=")))
            .to_http_request();
        assert_eq!(Form::of(&empty, b"token=").err(), Some(Refused::NoToken));
    }

    #[test]
    fn every_browser_gets_a_number_of_its_own_and_keeps_it() {
        let (first, given) = token(&HeaderMap::new());
        let (second, _) = token(&HeaderMap::new());
        assert_ne!(first, second);
        assert!(given.unwrap().contains(&first));
        let request = TestRequest::get().insert_header(("Cookie", format!("{TOKEN}={first}")));
        assert_eq!(token(request.to_http_request().headers()), (first, None));
    }
}
