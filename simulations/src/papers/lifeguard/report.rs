//! What stalls came to, as tables.
//!
//! Here: which figures stand where, and whose they are. What must always hold: a figure of the paper is called so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use web_ui::figures::{Axis, Line, Plot};

use super::grid::Cell;
use super::stalls::Counted;
use crate::papers::report::Report;
use crate::papers::table::{Figure, Table, count, figure};
use crate::papers::variant::Variant;

/// Everything that was counted.
pub fn report(cells: &[Cell]) -> Report {
    let sizes: BTreeSet<usize> = cells.iter().map(|cell| cell.stalls.size).collect();
    let plots = sizes.iter().map(|size| positives_plot(cells, *size));
    Report {
        title: "Stalled readers: whom do members take for dead?".to_owned(),
        lead: [LEAD, &variants()].map(str::to_owned).to_vec(),
        plots: plots.collect(),
        tables: vec![summary(cells), positives(cells), latency(cells)],
    }
}

const LEAD: &str = "Some members stop reading what they are sent for a while, read again, and stop again, while their \
                    timers go on: the experiment of Lifeguard (Dadgar, Phillips, Currey, DSN 2018). A member that does \
                    not read finds everybody else silent. How often does that make somebody declare a healthy member \
                    dead (FP), how often does a healthy member (FP−), and how soon are the stalled ones noticed? All \
                    figures are measured here, of foca and of this house's settings; what the paper claims is \
                    called so.";

fn variants() -> String {
    let all = [
        Variant::Stock,
        Variant::Health,
        Variant::Spread,
        Variant::Ours,
    ];
    let told = all.map(|variant| format!("{variant}: {}.", variant.told()));
    told.join(" ")
}

/// False positives over the length of stalls, a line per variant.
fn positives_plot(cells: &[Cell], size: usize) -> Plot {
    let here = || cells.iter().filter(|cell| cell.stalls.size == size);
    let variants: BTreeSet<Variant> = here().map(|cell| cell.variant).collect();
    let line = |variant: &Variant| {
        let mut sums: BTreeMap<Duration, (u64, u64)> = BTreeMap::new();
        for cell in here().filter(|cell| cell.variant == *variant) {
            let (deaths, runs) = sums.entry(cell.stalls.stall).or_default();
            *deaths += cell.counted.false_deaths;
            *runs += cell.runs;
        }
        let mean = |(stall, (deaths, runs)): (Duration, (u64, u64))| {
            (stall.as_secs_f64(), deaths as f64 / runs.max(1) as f64)
        };
        Line {
            name: variant.to_string(),
            points: sums.into_iter().map(mean).collect(),
            computed: false,
        }
    };
    Plot {
        title: format!("False positives (FP) of five minutes, mean, {size} members"),
        x: Axis::logarithmic("length of a stall in seconds"),
        y: Axis::even("healthy members declared dead"),
        lines: variants.iter().map(line).collect(),
    }
}

/// All cells of one size and variant, as one.
pub fn together(cells: &[Cell]) -> Vec<Cell> {
    let mut sums: Vec<Cell> = Vec::new();
    for cell in cells {
        let same =
            |sum: &&mut Cell| sum.stalls.size == cell.stalls.size && sum.variant == cell.variant;
        match sums.iter_mut().find(same) {
            Some(sum) => {
                sum.runs += cell.runs;
                sum.counted += cell.counted.clone();
            }
            None => sums.push(cell.clone()),
        }
    }
    sums.sort_by_key(|sum| (sum.stalls.size, sum.variant));
    sums
}

fn summary(cells: &[Cell]) -> Table {
    let head = [
        "N",
        "variant",
        "runs",
        "FP",
        "FP−",
        "fewer FP",
        "fewer FP−",
        "first: median s",
        "99 %",
        "99.9 %",
        "all: median s",
        "99 %",
        "99.9 %",
        "datagrams/s",
        "bytes/s",
    ];
    let mut table = Table::new("All stalls together", head)
        .noting("FP: a healthy member declared dead, by anyone. FP−: by a healthy member. fewer: than stock, times.")
        .noting("first, all: from the beginning of a stall until one, until all healthy members declare the stalled one dead;")
        .noting("  only stalls long enough to be noticed, so a variant that notices fewer short ones looks slower here.")
        .noting("paper: more than 50 times fewer FP by all of Lifeguard over memberlist's SWIM (abstract, arXiv:1707.00788v1).")
        .noting("All figures: ours, foca 2 and this house's settings. Readers stop, timers go on, as in the paper.");
    let sums = together(cells);
    for cell in &sums {
        let stock = sums
            .iter()
            .find(|sum| sum.stalls.size == cell.stalls.size && sum.variant == Variant::Stock);
        let fewer = |of: fn(&Counted) -> u64| {
            let stock = stock.map(|stock| of(&stock.counted))?;
            let here = of(&cell.counted);
            (here > 0).then(|| stock as f64 / here as f64)
        };
        let (first, full, (datagrams, bytes)) = (cell.first(), cell.full(), cell.sent());
        table.row([
            count(cell.stalls.size as u64),
            Figure::Name(cell.variant.name()),
            count(cell.runs),
            count(cell.counted.false_deaths),
            count(cell.counted.false_deaths_by_healthy),
            figure(fewer(|counted| counted.false_deaths), 1),
            figure(fewer(|counted| counted.false_deaths_by_healthy), 1),
            figure(first.median(), 1),
            figure(first.quantile(0.99), 1),
            figure(first.quantile(0.999), 1),
            figure(full.median(), 1),
            figure(full.quantile(0.99), 1),
            figure(full.quantile(0.999), 1),
            figure(Some(datagrams), 1),
            figure(Some(bytes), 0),
        ]);
    }
    table
}

fn positives(cells: &[Cell]) -> Table {
    let head = [
        "N",
        "C",
        "D s",
        "I s",
        "variant",
        "FP",
        "FP−",
        "a run and member",
    ];
    let mut table = Table::new("False positives, stall by stall", head).noting(
        "C members stop reading for D, read for I, and so on for five minutes. Sums over all runs.",
    );
    for cell in cells {
        let each = cell.runs as f64 * cell.stalls.size as f64;
        table.row([
            count(cell.stalls.size as u64),
            count(cell.stalls.victims as u64),
            figure(Some(cell.stalls.stall.as_secs_f64()), 2),
            figure(Some(cell.stalls.pause.as_secs_f64()), 2),
            Figure::Name(cell.variant.name()),
            count(cell.counted.false_deaths),
            count(cell.counted.false_deaths_by_healthy),
            figure(Some(cell.counted.false_deaths as f64 / each), 2),
        ]);
    }
    table
}

fn latency(cells: &[Cell]) -> Table {
    let head = [
        "N",
        "C",
        "D s",
        "I s",
        "variant",
        "stalls",
        "noticed",
        "first: median s",
        "99 %",
        "all: median s",
        "99 %",
    ];
    let mut table = Table::new("Latency, stall by stall", head)
        .noting("noticed: stalls at which a healthy member declared a stalled one dead that all held alive before.");
    for cell in cells {
        let (first, full) = (cell.first(), cell.full());
        table.row([
            count(cell.stalls.size as u64),
            count(cell.stalls.victims as u64),
            figure(Some(cell.stalls.stall.as_secs_f64()), 2),
            figure(Some(cell.stalls.pause.as_secs_f64()), 2),
            Figure::Name(cell.variant.name()),
            count(cell.counted.stalls),
            count(first.len() as u64),
            figure(first.median(), 2),
            figure(first.quantile(0.99), 2),
            figure(full.median(), 2),
            figure(full.quantile(0.99), 2),
        ]);
    }
    table
}
