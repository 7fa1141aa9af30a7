//! The rows of a report's charts, ready for its template.

use super::draw::{Canvas, escaped, whole};
use super::{Mark, Peer, Report, Run, Span};

/// A row: whose it is, what it says about it, and its picture.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) note: String,
    pub(super) picture: String,
}

/// More servers than this are not shown pair by pair.
const PAIRS_MAX: usize = 6;

impl Report {
    const fn canvas(&self) -> Canvas<'_> {
        Canvas {
            lasts: self.lasts,
            misfortunes: self.misfortunes.as_slice(),
        }
    }

    /// What went wrong, as a strip of its own.
    pub(super) fn wrong(&self) -> String {
        let whiles = self.misfortunes.iter().flat_map(|one| {
            let spans = one.whiles.iter().map(|(at, until)| Span {
                from: *at,
                until: until.unwrap_or(*at),
                mark: Mark::Wrong,
                text: one.text.clone(),
            });
            spans.collect::<Vec<Span>>()
        });
        let spans: Vec<Span> = whiles.collect();
        self.canvas().strip("what was wrong over time", &spans)
    }

    /// What each server listed.
    pub(super) fn listed(&self, run: &Run) -> Vec<Row> {
        let rows = run.peers.iter().map(|peer| {
            let label = format!("instances listed by {} over time", peer.name);
            row(
                peer,
                &peer.zone,
                self.canvas()
                    .listed(&label, &peer.levels, &peer.away, self.instances),
            )
        });
        rows.collect()
    }

    /// Who saw whom.
    pub(super) fn seen(&self, run: &Run) -> Vec<Row> {
        let pairs = run.peers.len() <= PAIRS_MAX;
        run.peers
            .iter()
            .map(|peer| {
                let strips = if pairs {
                    self.strips(peer)
                } else {
                    self.merged(peer)
                };
                row(peer, "sees", strips)
            })
            .collect()
    }

    fn strips(&self, peer: &Peer) -> String {
        let strips = peer.sees.iter().map(|(whom, spans)| {
            let label = format!("how {} saw {whom} over time", peer.name);
            let strip = self.canvas().strip(&label, spans);
            format!(r#"<span class="whom">{}</span>{strip}"#, escaped(whom))
        });
        format!(r#"<div class="pairs">{}</div>"#, strips.collect::<String>())
    }

    /// One strip for all others: whatever is not as it should be lies above what is.
    fn merged(&self, peer: &Peer) -> String {
        let mut spans: Vec<Span> = Vec::new();
        for (whom, theirs) in &peer.sees {
            let theirs = theirs.iter().map(|span| Span {
                text: format!("{whom}: {}", span.text),
                ..span.clone()
            });
            spans.extend(theirs);
        }
        spans.sort_by_key(|span| span.mark as u8);
        let label = format!("how {} saw all others over time", peer.name);
        self.canvas().strip(&label, &spans)
    }

    /// What was protected; nothing for runs in which nothing was.
    pub(super) fn protected(&self, run: &Run) -> Vec<Row> {
        let rows = run.peers.iter().map(|peer| {
            let label = format!("what {} protected over time", peer.name);
            row(
                peer,
                &peer.zone,
                self.canvas().strip(&label, &peer.protects),
            )
        });
        rows.collect()
    }

    /// Whether all were equal.
    pub(super) fn equal(&self, run: &Run) -> String {
        self.canvas()
            .strip("whether all peers were equal over time", &run.equal)
    }

    /// What was sent.
    pub(super) fn traffic(&self, run: &Run) -> Vec<Row> {
        let most = self.sent_most();
        let rows = run.peers.iter().map(|peer| {
            let label = format!("bytes per second sent by {} over time", peer.name);
            let peak = peer.sent.iter().copied().fold(0.0, f64::max);
            let mean = peer.sent.iter().sum::<f64>() / whole(peer.sent.len().max(1));
            let note = format!("mean {}, peak {}", rate(mean), rate(peak));
            row(
                peer,
                &note,
                self.canvas()
                    .rates(&label, run.traffic_step, &peer.sent, most),
            )
        });
        rows.collect()
    }

    /// The same scale for all runs, or they could not be compared.
    fn sent_most(&self) -> f64 {
        let peers = self.runs.iter().flat_map(|run| &run.peers);
        peers
            .flat_map(|peer| &peer.sent)
            .copied()
            .fold(1.0, f64::max)
    }

    /// Moments below the charts: where along them in per cent, and what to write there.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let steps = [
            5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0,
        ];
        let step = steps
            .into_iter()
            .find(|step| self.lasts / step <= TICKS_MAX);
        let step = step.unwrap_or(self.lasts / TICKS_MAX).max(1.0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= self.lasts * LAST_TICK {
            ticks.push((at / self.lasts.max(1.0) * 100.0, clock(at)));
            at += step;
        }
        ticks
    }

    /// Whether a server protected anything in any run.
    pub(super) fn any_protected(&self) -> bool {
        let mut peers = self.runs.iter().flat_map(|run| &run.peers);
        peers.any(|peer| !peer.protects.is_empty())
    }
}

/// More would not be readable on a small screen.
const TICKS_MAX: f64 = 6.0;
/// A moment written nearer to the end would be cut.
const LAST_TICK: f64 = 0.96;

fn row(peer: &Peer, note: &str, picture: String) -> Row {
    Row {
        name: peer.name.clone(),
        note: note.to_owned(),
        picture,
    }
}

/// A rate for people.
fn rate(bytes: f64) -> String {
    match bytes {
        0.0..1_000.0 => format!("{bytes:.0} B/s"),
        1_000.0..1_000_000.0 => format!("{:.1} KB/s", bytes / 1_000.0),
        _ => format!("{:.1} MB/s", bytes / 1_000_000.0),
    }
}

/// A moment for people: minutes and seconds, hours before them if there are any.
fn clock(at: f64) -> String {
    let seconds = at.round();
    let (hours, minutes) = ((seconds / 3_600.0).floor(), (seconds / 60.0 % 60.0).floor());
    let seconds = seconds % 60.0;
    match hours {
        0.0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
