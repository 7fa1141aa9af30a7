//! `peerage explain`: why an instance is shown as it is, or is not.

use super::super::answer::{Answer, DONE};
use super::super::table::{plain, written};
use super::super::terminal::Tint;
use super::super::text::ago;
use crate::config::show::Output;
use crate::native::documents::{Code, Explanation, Fact, Next, Note, Step};

/// What is said of an explanation.
pub(in crate::cli) fn answer(explained: &Explanation, output: Output, colours: bool) -> Answer {
    Answer {
        text: written(output, || text(explained, colours), explained, &[explained]),
        code: DONE,
    }
}

/// An explanation for people.
pub(in crate::cli) fn text(explained: &Explanation, colours: bool) -> String {
    let Explanation {
        app,
        id,
        server,
        as_of,
        code,
        title,
        sentence,
        since,
        facts,
        next,
        actions,
        notes,
    } = explained;
    let code_shown = tint(*code).paint(code.name(), colours);
    let mut text = format!(
        "{}/{}  {code_shown}: {}\n\n{}\n",
        plain(app),
        plain(id),
        plain(title),
        plain(sentence)
    );
    if let Some(since) = since {
        text += &format!("\nSince {} ({}).\n", plain(since), ago(as_of, since));
    }
    text += &part("Facts", facts, fact);
    text += &part("Next", next.as_slice(), |next| happens(next, as_of));
    text += &part("What you can do", actions, step);
    text += &part("Also", notes, note);
    let told = format!("\nTold by {} at {}.\n", plain(server), plain(as_of));
    text + &told
}

const fn tint(code: Code) -> Tint {
    match code {
        Code::Fresh | Code::LearnedFromPeer => Tint::Good,
        Code::Overridden
        | Code::Late
        | Code::OrphanAwaitingAdoption
        | Code::Cancelled
        | Code::Unknown => Tint::Doubtful,
        Code::OrphanKept
        | Code::ProtectedIsolated
        | Code::ProtectedServer
        | Code::ProtectedZone
        | Code::ExpiredAwaitingQuota
        | Code::Evicted => Tint::Bad,
    }
}

fn part<T>(head: &str, all: &[T], told: impl Fn(&T) -> String) -> String {
    if all.is_empty() {
        return String::new();
    }
    let lines: String = all.iter().map(told).collect();
    format!("\n{head}\n{lines}")
}

fn fact(fact: &Fact) -> String {
    let Fact { name, value, text } = fact;
    let said = if text.is_empty() { value } else { text };
    format!("  {:<20} {}\n", plain(name), plain(said))
}

fn happens(next: &Next, as_of: &str) -> String {
    let what = plain(&next.what);
    match &next.at {
        None => format!("  {what}\n"),
        Some(at) => format!("  {what}\n  at {} ({})\n", plain(at), ago(as_of, at)),
    }
}

fn step(step: &Step) -> String {
    let Step {
        act,
        why,
        cli,
        http,
    } = step;
    let command = match (cli.is_empty(), http.is_empty()) {
        (false, _) => format!("    $ {}\n", plain(cli)),
        (true, false) => format!("    {}\n", plain(http)),
        (true, true) => String::new(),
    };
    format!("  {}: {}\n{command}", plain(act), plain(why))
}

fn note(note: &Note) -> String {
    format!("  {}: {}\n", note.code.name(), plain(&note.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::documents::NoteCode;

    fn explained() -> Explanation {
        let text = str::to_owned;
        Explanation {
            app: text("ORDERS"),
            id: text("o-1\u{1b}]0;title\u{7}"),
            server: text("server-a"),
            as_of: text("2026-01-01T12:05:00.000Z"),
            code: Code::ProtectedZone,
            title: text("its zone is silent"),
            sentence: text("Its lease is over, and 34 of the 34 leases of zone-b are silent."),
            since: Some(text("2026-01-01T12:01:30.000Z")),
            facts: vec![Fact {
                name: text("lease_over_since"),
                value: text("2026-01-01T12:01:30.000Z"),
                text: text("the lease is over for 3 min 30 s \u{202e}gnp.exe"),
            }],
            next: Some(Next {
                what: text("It is evicted when the protection ends."),
                at: Some(text("2026-01-01T13:01:00.000Z")),
            }),
            actions: vec![
                Step {
                    act: text("evict it"),
                    why: text("It is gone from all lists at once."),
                    cli: text("peerage evict ORDERS/o-1"),
                    http: text("POST /api/v1/instances/ORDERS/o-1/evict"),
                },
                Step {
                    act: text("look at the network"),
                    why: text("All of the zone is silent."),
                    ..Step::default()
                },
            ],
            notes: vec![Note {
                code: NoteCode::ClockOff,
                text: text("Its clock is 3 s ahead."),
            }],
        }
    }

    #[test]
    fn an_explanation_says_why_what_next_and_what_to_do() {
        insta::assert_snapshot!(answer(&explained(), Output::Table, false).text, @r"
        ORDERS/o-1?]0;title?  protected_zone: its zone is silent

        Its lease is over, and 34 of the 34 leases of zone-b are silent.

        Since 2026-01-01T12:01:30.000Z (3 min 30 s ago).

        Facts
          lease_over_since     the lease is over for 3 min 30 s ?gnp.exe

        Next
          It is evicted when the protection ends.
          at 2026-01-01T13:01:00.000Z (in 56 min)

        What you can do
          evict it: It is gone from all lists at once.
            $ peerage evict ORDERS/o-1
          look at the network: All of the zone is silent.

        Also
          clock_off: Its clock is 3 s ahead.

        Told by server-a at 2026-01-01T12:05:00.000Z.
        ");
    }

    #[test]
    fn what_nobody_knows_is_left_out() {
        let unknown = Explanation {
            app: "ORDERS".to_owned(),
            id: "o-9".to_owned(),
            title: "nothing is known of it".to_owned(),
            sentence: "Nobody registered it here lately.".to_owned(),
            server: "server-a".to_owned(),
            as_of: "2026-01-01T12:05:00.000Z".to_owned(),
            ..Explanation::default()
        };
        insta::assert_snapshot!(answer(&unknown, Output::Table, false).text, @r"
        ORDERS/o-9  unknown: nothing is known of it

        Nobody registered it here lately.

        Told by server-a at 2026-01-01T12:05:00.000Z.
        ");
    }

    #[test]
    fn programs_get_the_document() {
        for form in [Output::Json, Output::Ndjson] {
            let text = answer(&explained(), form, true).text;
            let read: Explanation = serde_json::from_str(&text).unwrap();
            assert_eq!(read, explained());
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text}");
        }
    }
}
