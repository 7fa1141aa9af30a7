//! The claims of the papers on membership, on groups small enough for every run of the tests.

use std::num::NonZeroUsize;
use std::time::Duration;

use simulations::papers::lifeguard::grid::{Cell, Grid, product};
use simulations::papers::lifeguard::{report, stalls};
use simulations::papers::swim::{self, Experiment, periods_expected, quiet};
use simulations::papers::variant::Variant;

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("at least one")
}

fn swim(sizes: &[usize], variants: &[Variant], crashes: u64) -> Vec<swim::Cell> {
    let experiment = Experiment {
        sizes: sizes.to_vec(),
        variants: variants.to_vec(),
        crashes,
        ..Experiment::default()
    };
    experiment.run(threads(2), |_| {})
}

#[test]
fn a_crash_is_first_noticed_after_as_many_periods_as_the_paper_says() {
    for cell in swim(&[5, 20], &[Variant::Stock, Variant::Ours], 300) {
        let (expected, mean) = (periods_expected(cell.size), cell.periods.mean().unwrap());
        // Two standard errors of 300 crashes, and what a shuffled round is better than chance in small groups.
        assert!(
            (mean - expected).abs() < 0.2,
            "{cell:?}: {mean} for {expected}"
        );
    }
}

#[test]
fn what_a_member_sends_does_not_grow_with_the_group() {
    for variant in [Variant::Plain, Variant::Stock, Variant::Ours] {
        let [few, many] = [3, 60].map(|size| quiet::run(variant, size, 1, false).datagrams);
        assert!(
            (few - many).abs() < 0.02 * few,
            "{variant}: {few} and {many}"
        );
    }
}

#[test]
fn news_spreads_in_a_time_that_grows_with_the_logarithm_and_ours_never_dies_out() {
    let cells = swim(&[10, 100], &[Variant::Plain, Variant::Ours], 40);
    let [plain_few, ours_few, plain_many, ours_many] = cells.try_into().expect("four cells");
    let ratio = plain_many.spread.median().unwrap() / plain_few.spread.median().unwrap();
    assert!(
        (1.5..3.5).contains(&ratio),
        "ten times the size, the logarithm doubled: {ratio}"
    );
    for ours in [ours_few, ours_many] {
        let slowest = ours.spread.quantile(1.0).unwrap();
        assert!(slowest < 0.6, "{} members: {slowest} s", ours.size);
    }
}

#[test]
fn with_the_usual_settings_news_sometimes_dies_out() {
    let [cell] = <[_; 1]>::try_from(swim(&[10], &[Variant::Stock], 300)).unwrap();
    let late = cell.spread.quantile(1.0).unwrap();
    assert!(
        late > 3.0,
        "somebody heard only when the verdict came: {late}"
    );
}

#[test]
fn figures_are_the_same_however_many_threads_share_the_runs() {
    let mut grid = Grid::of(product(8, &[2], &[6.0], &[2.0]));
    grid.seeds = 3;
    let told = |count| report::report(&grid.run(threads(count), |_| {})).json();
    let alone = told(1);
    assert_eq!(alone, told(3));
    assert_eq!(alone["schema"], "peerage-figures-1");
}

fn stalled(victims: usize, stall: f64) -> Vec<Cell> {
    let mut grid = Grid::of(product(20, &[victims], &[stall], &[4.0]));
    grid.seeds = 3;
    grid.run(threads(2), |_| {})
}

#[test]
fn members_that_doubt_themselves_take_fifty_times_fewer_healthy_ones_for_dead() {
    let cells = stalled(5, 8.0);
    let [stock, _, _, ours] = cells.try_into().expect("four variants");
    let [stock, ours] = [stock, ours].map(|cell| cell.counted);
    assert!(stock.false_deaths > 500, "{}", stock.false_deaths);
    assert!(
        ours.false_deaths * 50 <= stock.false_deaths,
        "{}",
        ours.false_deaths
    );
    assert_eq!(ours.false_deaths_by_healthy, 0);
    let noticed = [&stock, &ours].map(|counted| counted.first.len());
    assert!(
        noticed[1] >= noticed[0],
        "and notice stalls no less often: {noticed:?}"
    );
}

#[test]
fn a_stall_shorter_than_a_suspicion_brings_down_nobody() {
    for cell in stalled(1, 0.5) {
        assert_eq!(cell.counted.false_deaths, 0, "{}", cell.variant);
        assert_eq!(cell.counted.first.len(), 0, "{}", cell.variant);
    }
}

#[test]
fn equal_seeds_give_equal_runs_and_others_do_not() {
    let [stalls] = <[_; 1]>::try_from(product(10, &[2], &[8.0], &[1.0])).unwrap();
    let short = stalls::Stalls {
        span: Duration::from_secs(60),
        ..stalls
    };
    let run = |seed| stalls::run(Variant::Stock, &short, seed);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_report_opens_from_disk_and_has_every_figure_of_the_tables() {
    let cells = swim(&[3], &[Variant::Stock], 3);
    let report = swim::report::report(&cells);
    let html = report.html().expect("a page");
    assert!(html.starts_with("<!doctype html>") && html.matches("<svg").count() == 3);
    let expected = format!("<td>{:.2}</td>", periods_expected(3));
    assert!(html.contains(&expected), "{expected}");
}
