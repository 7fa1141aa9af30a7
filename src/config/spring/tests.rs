//! What Spring's keys come to, alone and together.

use std::time::Duration;

use crate::config::tests::World;
use crate::config::{Config, Loaded};

/// What a group of the recorded conversations sets, in both forms of file and in the environment.
fn group(settings: &[(&'static str, &'static str)]) -> Config {
    let properties = settings
        .iter()
        .map(|(key, value)| format!("{key}={value}\n"));
    let yaml = settings
        .iter()
        .map(|(key, value)| format!("{key}: {value}\n"));
    let from_properties = World::default().spring("a.properties", properties.collect::<String>());
    let from_yaml = World::default().spring("a.yml", yaml.collect::<String>());
    let from_environment = settings
        .iter()
        .fold(World::default(), |world, (key, value)| {
            let name = key.replace(['.', '-'], "_").to_uppercase();
            world.env(name.leak(), value)
        });
    let config = from_properties.config();
    assert_eq!(config, from_yaml.config());
    assert_eq!(config, from_environment.config());
    config
}

const NO_CACHE: (&str, &str) = ("eureka.server.use-read-only-response-cache", "false");

#[test]
fn the_plain_group_never_lets_an_answer_lag() {
    let mut expected = Config::default();
    expected.reads.rebuilds_per_second = 1000;
    assert_eq!(group(&[NO_CACHE]), expected);
}

#[test]
fn the_cached_group_bounds_rebuilds() {
    let config = group(&[
        ("eureka.server.use-read-only-response-cache", "true"),
        ("eureka.server.response-cache-update-interval-ms", "1000"),
    ]);
    assert_eq!(config.reads.rebuilds_per_second, 1);
}

#[test]
fn the_switched_group_turns_every_switch() {
    let config = group(&[
        NO_CACHE,
        ("eureka.server.enable-self-preservation", "false"),
        ("eureka.server.eviction-interval-timer-in-ms", "3600000"),
        ("eureka.server.disable-delta", "true"),
        ("eureka.server.sync-when-timestamp-differs", "false"),
        (
            "eureka.server.min-available-instances-for-peer-replication",
            "0",
        ),
    ]);
    let registry = config.registry_settings();
    assert!(!registry.preservation);
    assert!(!registry.compare_timestamps);
    assert_eq!(registry.sweep_interval, Duration::from_secs(3600));
    assert_eq!(registry.quota_window, Duration::from_secs(3600));
    assert!(!config.delta.enabled);
    assert_eq!(config.status.min_available_peers, Some(0));
}

#[test]
fn the_brisk_group_sweeps_and_forgets_fast() {
    let config = group(&[
        NO_CACHE,
        ("eureka.server.enable-self-preservation", "false"),
        ("eureka.server.eviction-interval-timer-in-ms", "500"),
        ("eureka.server.retention-time-in-m-s-in-delta-queue", "2000"),
        ("eureka.server.delta-retention-timer-interval-in-ms", "250"),
    ]);
    let registry = config.registry_settings();
    assert!(!registry.preservation);
    assert_eq!(registry.sweep_interval, Duration::from_millis(500));
    assert_eq!(registry.quota_window, Duration::from_millis(500));
    assert_eq!(registry.delta_retention, Duration::from_secs(2));
    assert_eq!(registry.remember_dead, Duration::from_secs(602));
    assert_eq!(config.delta.prune_interval, Duration::from_millis(250));
}

#[test]
fn the_preserved_group_keeps_preservation_and_tells_of_it_at_once() {
    let config = group(&[
        NO_CACHE,
        ("eureka.server.eviction-interval-timer-in-ms", "500"),
        ("eureka.server.wait-time-in-ms-when-sync-empty", "0"),
    ]);
    assert!(config.preservation.enabled);
    assert_eq!(config.warm_up.notice_after, Duration::ZERO);
    assert_eq!(config.warm_up.lists_closed_for, Duration::ZERO);
}

#[test]
fn the_warming_group_closes_lists() {
    let hour = Duration::from_secs(3600);
    let config = group(&[
        NO_CACHE,
        (
            "eureka.instance.registry.default-open-for-traffic-count",
            "0",
        ),
        ("eureka.server.wait-time-in-ms-when-sync-empty", "3600000"),
    ]);
    assert_eq!(config.warm_up.lists_closed_for, hour);
    let alone = group(&[(
        "eureka.instance.registry.default-open-for-traffic-count",
        "0",
    )]);
    assert_eq!(alone.warm_up.lists_closed_for, Duration::from_secs(300));
    let opened = group(&[
        (
            "eureka.instance.registry.default-open-for-traffic-count",
            "1",
        ),
        ("eureka.server.wait-time-in-ms-when-sync-empty", "3600000"),
    ]);
    assert_eq!(opened.warm_up.lists_closed_for, Duration::ZERO);
    assert_eq!(opened.warm_up.notice_after, hour);
}

#[test]
fn what_a_file_closes_the_environment_opens() {
    let world = World::default()
        .spring(
            "a.properties",
            "eureka.instance.registry.default-open-for-traffic-count=0",
        )
        .env("EUREKA_INSTANCE_REGISTRY_DEFAULTOPENFORTRAFFICCOUNT", "1");
    assert_eq!(world.config().warm_up.lists_closed_for, Duration::ZERO);
}

#[test]
fn a_port_in_a_file_and_an_address_in_the_environment_come_together() {
    let world = World::default()
        .spring("a.properties", "server.port=9000")
        .env("SERVER_ADDRESS", "127.0.0.1");
    assert_eq!(world.config().listen.to_string(), "127.0.0.1:9000");
}

#[test]
fn port_and_address_of_spring_together_say_where_to_listen() {
    let listen = |text: &str| {
        World::default()
            .spring("a.properties", text)
            .config()
            .listen
            .to_string()
    };
    assert_eq!(listen("server.port=9000"), "*:9000");
    assert_eq!(listen("\u{feff}server.port=9000"), "*:9000");
    assert_eq!(listen("server.port=${UNSET:9000}"), "*:9000");
    assert_eq!(listen("server.address=::1"), "[::1]:8761");
    assert_eq!(
        listen("server.address=127.0.0.1\nserver.port=0"),
        "127.0.0.1:0"
    );
    let told_by_environment = World::default()
        .spring("a.properties", "server.port=9000")
        .env("SERVER_PORT", "9001");
    assert_eq!(told_by_environment.config().listen.port(), 9001);
}

#[test]
fn springs_keys_are_listed_in_their_classes_and_strangers_keep_their_values_to_themselves() {
    let loaded = World::default()
        .spring(
            "app.yml",
            "eureka:
  client:
    register-with-eureka: false
    service-url: {defaultZone: 'http://user:secret@other:8761/eureka/'}
  server:
    evictionIntervalTimerInMs: 500
    use-read-only-response-cache: false
    rate-limiter-enabled: true
    my-own: 1
spring.datasource.password: secret
list: [1, {a: b}]
---
spring.config.activate.on-profile: production
eureka.server.enable-self-preservation: false
",
        )
        .load()
        .unwrap();
    assert!(loaded.config.preservation.enabled, "no profile is chosen");
    insta::assert_snapshot!(listing(&loaded), @r"
    eureka.client.register-with-eureka | - | spring app.yml:3 eureka.client.register-with-eureka | not needed | the server is no client of itself
    eureka.client.service-url.defaultZone | - | spring app.yml:4 eureka.client.service-url.defaultZone | unsupported | servers written in Java are no peers; name servers of this kind with --join
    eureka.server.evictionIntervalTimerInMs | 500 | spring app.yml:6 eureka.server.evictionIntervalTimerInMs | mapped | sets lease.sweep-interval and lease.quota-window
    eureka.server.use-read-only-response-cache | false | spring app.yml:7 eureka.server.use-read-only-response-cache | different meaning | there is no read-only cache; false sets reads.rebuilds-per-second so high that no answer lags
    eureka.server.rate-limiter-enabled | - | spring app.yml:8 eureka.server.rate-limiter-enabled | unsupported | requests are not limited in number
    eureka.server.my-own | - | spring app.yml:9 eureka.server.my-own | foreign | no key of Eureka's server
    spring.datasource.password | - | spring app.yml:10 spring.datasource.password | foreign | none of Eureka's
    list[0] | - | spring app.yml:11 list[0] | foreign | none of Eureka's
    list[1].a | - | spring app.yml:11 list[1].a | foreign | none of Eureka's
    spring.config.activate.on-profile | - | spring app.yml:13 spring.config.activate.on-profile | not chosen | stands in the document for profile production; active: default
    eureka.server.enable-self-preservation | - | spring app.yml:14 eureka.server.enable-self-preservation | not chosen | stands in the document for profile production; active: default
    ");
}

/// Every key with its value if it acts, its place, and what became of it.
pub(in crate::config) fn listing(loaded: &Loaded) -> String {
    let rows = loaded.spring.iter().map(|key| {
        let value = key.value.as_deref().unwrap_or("-");
        format!(
            "{} | {value} | {} | {} | {}",
            key.key, key.place, key.class, key.note
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_key_without_a_value_says_nothing() {
    let world = World::default()
        .spring(
            "a.yml",
            "server.port:\neureka.datacenter: ~\neureka.environment: ''\n",
        )
        .env("EUREKA_INSTANCE_HOSTNAME", "");
    assert_eq!(world.config(), Config::default());
}
