//! What is told of subscribers.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use super::page::Sheet;
use crate::server::State;

/// Prints how many subscribers there are, and what became of them.
pub(super) fn encode(sheet: &mut Sheet<'_>, state: &State) -> fmt::Result {
    let counts = &state.feed.counts;
    let guests = [("stream", &counts.subscribers), ("watch", &counts.watchers)];
    let guests =
        guests.map(|(kind, count)| (vec![("kind", kind.to_owned())], count.load(Relaxed) as f64));
    let help = "Subscribers connected, to the stream or waiting for one answer";
    sheet.gauges("peerage_subscribers", help, guests)?;
    let help = "Subscribers turned away since there were as many as allowed";
    sheet.counter(
        "peerage_subscribers_refused",
        help,
        counts.refused.load(Relaxed),
    )?;
    let help =
        "Subscribers told to read everything again, by reason; those too slow were cut off as well";
    let resyncs = counts
        .resyncs()
        .map(|(reason, count)| (vec![("reason", reason.to_owned())], count));
    sheet.counters("peerage_subscriber_resyncs", help, resyncs)?;
    let help = "Bytes that subscribers were told";
    sheet.counter("peerage_subscriber_bytes", help, counts.bytes.load(Relaxed))?;
    let help = "Events since the start, by which revisions count";
    let (last, floor) = (
        state.account.revision().sequence,
        state.account.floor().sequence,
    );
    sheet.counter("peerage_account_events", help, last)?;
    let help = "Events that are kept";
    sheet.gauge(
        "peerage_account_events_kept",
        help,
        last.saturating_sub(floor) as f64,
    )
}
