//! The page of all metrics, in OpenMetrics. Every metric stands here once, with its name, unit and help.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::peers::node::view::Cluster;
use actix_web::web::Data;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType::{Counter, Gauge, Histogram};
use prometheus_client::registry::Registry as Page;

use super::{CODES, Metrics, TIMES, ownership, peers, streams};
use crate::api::Operation;
use crate::registry::change::What;
use crate::registry::snapshot::Snapshot;
use crate::registry::status::Status;
use crate::server::State;

/// Upper bounds of the ages of leases, in seconds since the client was heard.
const AGES: [f64; 8] = [10.0, 20.0, 30.0, 60.0, 90.0, 180.0, 600.0, 3600.0];

/// Prints the page. `seen` is what is seen of the cluster.
pub(crate) fn print(state: &Data<State>, seen: Cluster) -> String {
    let mut page = Page::default();
    let state = state.clone();
    page.register_collector(Box::new(Reading { state, seen }));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &page)
        .expect("writing to memory does not fail");
    text
}

struct Reading {
    state: Data<State>,
    seen: Cluster,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}

impl Collector for Reading {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (state, sheet) = (&self.state, &mut Sheet(encoder));
        let snapshot = state.registry.refresh();
        instances(sheet, state, &snapshot)?;
        leases(sheet, state, &snapshot)?;
        changes(sheet, state)?;
        requests(sheet, &state.metrics)?;
        peers::encode(sheet, &self.seen)?;
        ownership::encode(sheet, state, &self.seen)?;
        streams::encode(sheet, state)?;
        process(sheet, state)
    }
}

pub(super) type Labels<'a> = Vec<(&'a str, String)>;

/// Writes metrics of one kind each.
pub(super) struct Sheet<'a>(DescriptorEncoder<'a>);

impl Sheet<'_> {
    pub(super) fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels<'a>, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, Gauge)?;
        rows.into_iter()
            .try_for_each(|(labels, value)| metric.encode_family(&labels)?.encode_gauge(&value))
    }

    pub(super) fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels<'a>, u64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, Counter)?;
        let mut rows = rows.into_iter();
        rows.try_for_each(|(labels, value)| {
            metric
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, _, u64>(&value, None)
        })
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.0
            .encode_descriptor(name, help, None, Gauge)?
            .encode_gauge(&value)
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.0
            .encode_descriptor(name, help, None, Counter)?
            .encode_counter::<NoLabelSet, _, u64>(&value, None)
    }
}

/// How many instances are shown in each status, by some name.
type Counts = BTreeMap<(String, Status), usize>;

fn instances(sheet: &mut Sheet<'_>, state: &State, snapshot: &Snapshot) -> fmt::Result {
    let zones = state.registry.zones();
    let (mut by_zone, mut by_application) = (Counts::new(), Counts::new());
    let mut overrides: BTreeMap<Status, usize> = BTreeMap::new();
    for entry in snapshot.registered.iter() {
        let status = entry.record().status();
        let zone = zones.name(entry.instance()).unwrap_or("unknown").to_owned();
        *by_zone.entry((zone, status)).or_default() += 1;
        let application = entry.key().app.as_str().to_owned();
        *by_application.entry((application, status)).or_default() += 1;
        if let Some(overridden) = entry.record().overridden() {
            *overrides.entry(overridden).or_default() += 1;
        }
    }
    let help = "Instances by zone and shown status";
    sheet.gauges("peerage_instances", help, rows("zone", by_zone))?;
    let status =
        |(status, count): (Status, usize)| (vec![("status", status.to_string())], count as f64);
    let help = "Status overrides in force";
    sheet.gauges(
        "peerage_status_overrides",
        help,
        overrides.into_iter().map(status),
    )?;
    let applications = snapshot.registered.applications().count();
    sheet.gauge(
        "peerage_applications",
        "Applications with instances",
        applications as f64,
    )?;
    if state.config.metrics.per_application {
        let help =
            "Instances by application and shown status, under the name Spring Cloud gives it";
        sheet.gauges(
            "eureka_server_instances",
            help,
            rows("application", by_application),
        )?;
    }
    Ok(())
}

fn rows(label: &'static str, counts: Counts) -> impl Iterator<Item = (Labels<'static>, f64)> {
    counts.into_iter().map(move |((name, status), count)| {
        (
            vec![(label, name), ("status", status.to_string())],
            count as f64,
        )
    })
}

fn leases(sheet: &mut Sheet<'_>, state: &State, snapshot: &Snapshot) -> fmt::Result {
    let (registry, metrics) = (&state.registry, &state.metrics);
    sheet.gauge(
        "peerage_leases_owned",
        "Leases this server keeps",
        registry.owned().0 as f64,
    )?;
    let silent = registry.silent().into_iter();
    let silent = silent.map(|(zone, count)| {
        (
            vec![("zone", zone.unwrap_or("unknown".to_owned()))],
            count as f64,
        )
    });
    sheet.gauges(
        "peerage_leases_silent",
        "Leases unheard for two of their intervals, or over, by zone",
        silent,
    )?;
    let active = f64::from(u8::from(!registry.protections().is_empty()));
    sheet.gauge(
        "peerage_self_preservation_active",
        "Whether any guard protects leases from eviction",
        active,
    )?;
    let held = metrics.held.load(Ordering::Relaxed);
    sheet.gauge(
        "peerage_leases_protected",
        "Leases that are over and kept by a guard",
        held as f64,
    )?;
    ages(sheet, state, snapshot)
}

fn ages(sheet: &mut Sheet<'_>, state: &State, snapshot: &Snapshot) -> fmt::Result {
    let now = state.clock.now();
    let (mut buckets, mut sum, mut count) = ([0; AGES.len() + 1], 0.0, 0);
    let own = state.registry.origin();
    let kept = snapshot.registered.iter();
    for entry in kept.filter(|entry| entry.owned_by(own)) {
        let age = now.since(entry.heard_at()).as_secs_f64();
        if let Some(bucket) = buckets.get_mut(AGES.partition_point(|bound| *bound < age)) {
            *bucket += 1;
        }
        (sum, count) = (sum + age, count + 1);
    }
    let rows: Vec<_> = AGES
        .into_iter()
        .chain([f64::INFINITY])
        .zip(buckets)
        .collect();
    let help = "Time since the client was last heard, by lease this server keeps";
    let mut metric =
        sheet
            .0
            .encode_descriptor("peerage_lease_age_seconds", help, None, Histogram)?;
    metric.encode_histogram::<NoLabelSet>(sum, count, &rows, None)
}

fn changes(sheet: &mut Sheet<'_>, state: &State) -> fmt::Result {
    let (metrics, read) = (&state.metrics, |count: &AtomicU64| {
        count.load(Ordering::Relaxed)
    });
    let of = |what| metrics.changes(what);
    let registrations = of(What::Registered) + of(What::RegisteredAgain);
    sheet.counter(
        "peerage_registrations",
        "Registrations, first and repeated",
        registrations,
    )?;
    sheet.counter(
        "peerage_renewals",
        "Heartbeats that renewed a lease",
        state.registry.renewals(),
    )?;
    sheet.counter(
        "peerage_cancels",
        "Instances that left",
        of(What::Cancelled),
    )?;
    let evicted = [(vec![("reason", "expired".to_owned())], of(What::Evicted))];
    sheet.counters("peerage_evictions", "Leases ended by this server", evicted)?;
    let help = "Leases that were over when a guard kept them";
    sheet.counter(
        "peerage_evictions_suppressed",
        help,
        read(&metrics.suppressed),
    )?;
    let help =
        "Heartbeats answered with the wish to register again, since nobody of that name was known";
    sheet.counter(
        "peerage_renewals_unknown",
        help,
        read(&metrics.renewals_of_nobody),
    )?;
    let help = "Heartbeats in the last full minute";
    sheet.gauge(
        "peerage_renewals_last_minute",
        help,
        metrics.renewals_last_minute() as f64,
    )?;
    let fetched = [(
        vec![("kind", "list".to_owned())],
        read(&metrics.fetched_bytes),
    )];
    sheet.counters(
        "peerage_registry_fetch_bytes",
        "Bytes of full lists and deltas sent",
        fetched,
    )
}

fn requests(sheet: &mut Sheet<'_>, metrics: &Metrics) -> fmt::Result {
    let answers = || Operation::ALL.iter().zip(&metrics.answers);
    let rows = answers().flat_map(|(operation, answers)| {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = CODES.iter().zip(answers.by_code.iter().map(read));
        let row = |(code, count): (&u16, u64)| (route_and_code(*operation, *code), count);
        counts.filter(|(_, count)| *count > 0).map(row)
    });
    let help = "Answers by operation and status code";
    sheet.counters("peerage_http_requests", help, rows)?;
    let help = "Time from the head of a request to the head of its answer, by operation";
    let name = "peerage_http_request_duration_seconds";
    let mut metric = sheet.0.encode_descriptor(name, help, None, Histogram)?;
    for (operation, answers) in answers() {
        let counts = answers
            .by_time
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed));
        let total = counts.iter().sum();
        if total > 0 {
            let labels = [("route", operation.name())];
            let sum = answers.nanos.load(Ordering::Relaxed) as f64 / 1e9;
            let mut family = metric.encode_family(&labels)?;
            let bounds = TIMES.iter().map(Duration::as_secs_f64);
            let buckets: Vec<_> = bounds.chain([f64::INFINITY]).zip(counts).collect();
            family.encode_histogram::<NoLabelSet>(sum, total, &buckets, None)?;
        }
    }
    Ok(())
}

fn route_and_code(operation: Operation, code: u16) -> Labels<'static> {
    vec![
        ("route", operation.name().to_owned()),
        ("code", code.to_string()),
    ]
}

fn process(sheet: &mut Sheet<'_>, state: &State) -> fmt::Result {
    let version = [(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)];
    sheet.gauges("peerage_build_info", "The version of this server", version)?;
    sheet.gauge(
        "peerage_http_connections",
        "Open connections",
        state.connections.open() as f64,
    )?;
    let started = state.started_at.as_millis() as f64 / 1000.0;
    sheet.gauge(
        "process_start_time_seconds",
        "When this server started, in seconds since the epoch",
        started,
    )?;
    let help = "Times that this process did not run for more than two seconds";
    let stalls = state.metrics.stalls.load(Ordering::Relaxed);
    sheet.counter("peerage_stalls", help, stalls)?;
    data_directory(sheet, &state.metrics)?;
    state.metrics.snapshots.encode(sheet)?;
    let statistics = crate::process::statistics();
    sheet.gauge(
        "process_resident_memory_bytes",
        "Memory in use",
        statistics.resident_bytes as f64,
    )?;
    sheet.gauge(
        "process_open_fds",
        "Open files",
        statistics.open_files as f64,
    )?;
    sheet.gauge(
        "process_max_fds",
        "Limit of open files",
        statistics.files_max as f64,
    )?;
    sheet
        .0
        .encode_descriptor("process_cpu_seconds", "Processor time used", None, Counter)?
        .encode_counter::<NoLabelSet, _, u64>(&statistics.cpu_seconds, None)
}

fn data_directory(sheet: &mut Sheet<'_>, metrics: &Metrics) -> fmt::Result {
    let help = "Times that the data directory did not take what is to be remembered";
    let failures = metrics.memory_failures.load(Ordering::Relaxed);
    sheet.counter("peerage_data_dir_write_failures", help, failures)?;
    let behind = f64::from(u8::from(metrics.memory_behind.load(Ordering::Relaxed)));
    let help = "Whether what is to be remembered could not be written at the last try";
    sheet.gauge("peerage_data_dir_behind", help, behind)
}
