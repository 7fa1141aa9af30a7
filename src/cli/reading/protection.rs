//! `peerage protection`: what is not evicted though it is silent, and why.

use super::super::answer::{Answer, DONE, UNWELL};
use super::super::table::{plain, table, written};
use super::super::text::ago;
use crate::config::show::Output;
use crate::native::documents::{Guard, Protection};
use crate::plural::counted;

/// So many of the leases a guard holds are named.
const NAMED_MAX: usize = 10;

/// What is said of protection. That there is any is not well.
pub(in crate::cli) fn answer(protection: &Protection, output: Output) -> Answer {
    Answer {
        text: written(output, || text(protection), protection, &[protection]),
        code: if protection.active { UNWELL } else { DONE },
    }
}

fn text(protection: &Protection) -> String {
    let Protection {
        as_of,
        sentence,
        guards,
        quota,
        ..
    } = protection;
    let mut text = format!("{}\n", plain(sentence));
    for guard in guards {
        text += &of_guard(guard, &as_of.0);
    }
    let next = match &quota.renewed_at {
        Some(at) => format!(
            "; the next begins {}, with {}",
            soon(&as_of.0, at),
            quota.next
        ),
        None => String::new(),
    };
    text + &format!(
        "\n{} may still be evicted in this window{next}.\n",
        counted(quota.left, "lease"),
    )
}

/// When something is due.
fn soon(as_of: &str, at: &str) -> String {
    let when = ago(as_of, at);
    if when.starts_with("in ") {
        when
    } else {
        "now".to_owned()
    }
}

/// What the zone is called of those of which nothing tells it.
pub(in crate::cli) const NO_ZONE: &str = "unknown";

/// What names a guard, as it is given to `release`.
pub(in crate::cli) fn name(guard: &Guard) -> String {
    match guard.zone.as_deref() {
        Some("") => format!("{} {NO_ZONE}", plain(&guard.guard)),
        Some(zone) => format!("{} {}", plain(&guard.guard), plain(zone)),
        None => plain(&guard.guard),
    }
}

fn of_guard(guard: &Guard, as_of: &str) -> String {
    let shown: Vec<_> = guard.leases.iter().take(NAMED_MAX).collect();
    let row = |held: &&crate::native::documents::Held| {
        [
            format!("  {}", held.app),
            held.id.clone(),
            held.zone.clone(),
            ago(as_of, &held.over_since),
        ]
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    let listed = match rows.as_slice() {
        [] => String::new(),
        rows => table(["  APPLICATION", "ID", "ZONE", "LEASE OVER"], rows),
    };
    let more = guard.held.saturating_sub(shown.len() as u64);
    let more = match more {
        0 => String::new(),
        more => format!("  … and {more} more\n"),
    };
    format!(
        "\n{}: {}\n  since {} ({}), until {} at the latest; {} of {} silent, {} held\n{listed}{more}",
        name(guard),
        plain(&guard.why),
        plain(&guard.since),
        ago(as_of, &guard.since),
        plain(&guard.until),
        guard.leases_silent,
        counted(guard.leases_counted, "lease"),
        guard.held,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::documents::{AsOf, Held, Quota};

    fn protecting() -> Protection {
        let text = str::to_owned;
        let held = |id: u64| Held {
            app: text("ORDERS"),
            id: format!("o-{id}"),
            zone: text("zone-b"),
            over_since: text("2026-01-01T12:03:00.000Z"),
        };
        Protection {
            as_of: AsOf(text("2026-01-01T12:05:00.000Z")),
            active: true,
            enabled: true,
            sentence: text(
                "Zone zone-b is protected: its instances stay listed though they are silent.",
            ),
            guards: vec![Guard {
                guard: text("zone"),
                zone: Some(text("zone-b")),
                why: text("34 of its 34 leases are silent, more than half of them"),
                since: text("2026-01-01T12:02:00.000Z"),
                until: text("2026-01-01T13:02:00.000Z"),
                leases_counted: 34,
                leases_silent: 34,
                held: 12,
                leases: (0..12).map(held).collect(),
            }],
            quota: Quota {
                window_ms: 60_000,
                left: 3,
                of: 14,
                next: 15,
                renewed_at: Some(text("2026-01-01T12:05:20.000Z")),
            },
            ..Protection::default()
        }
    }

    #[test]
    fn protection_says_who_is_held_why_and_until_when() {
        let answer = answer(&protecting(), Output::Table);
        assert_eq!(answer.code, UNWELL);
        insta::assert_snapshot!(answer.text, @r"
        Zone zone-b is protected: its instances stay listed though they are silent.

        zone zone-b: 34 of its 34 leases are silent, more than half of them
          since 2026-01-01T12:02:00.000Z (3 min ago), until 2026-01-01T13:02:00.000Z at the latest; 34 of 34 leases silent, 12 held
          APPLICATION  ID   ZONE    LEASE OVER
          ORDERS       o-0  zone-b  2 min ago
          ORDERS       o-1  zone-b  2 min ago
          ORDERS       o-2  zone-b  2 min ago
          ORDERS       o-3  zone-b  2 min ago
          ORDERS       o-4  zone-b  2 min ago
          ORDERS       o-5  zone-b  2 min ago
          ORDERS       o-6  zone-b  2 min ago
          ORDERS       o-7  zone-b  2 min ago
          ORDERS       o-8  zone-b  2 min ago
          ORDERS       o-9  zone-b  2 min ago
          … and 2 more

        3 leases may still be evicted in this window; the next begins in 20 s, with 15.
        ");
    }

    #[test]
    fn nothing_protected_is_well() {
        let calm = Protection {
            sentence: "Nothing is protected.".to_owned(),
            ..Protection::default()
        };
        assert_eq!(answer(&calm, Output::Table).code, DONE);
    }
}
