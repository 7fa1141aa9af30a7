//! What people and programs are shown.

use super::Output;
use crate::config::tests::World;
use crate::config::{TABLE, show};

#[test]
#[expect(clippy::too_many_lines, reason = "every setting has a line")]
fn settings_are_shown_with_their_sources() {
    let loaded = World::default()
        .spring(
            "app.yml",
            "server.port: 9000\nspring.application.name: registry\n",
        )
        .file("./peerage.toml", "[http]\nworkers = 4\n")
        .flag("--name", "name", "a")
        .load()
        .unwrap();
    insta::assert_snapshot!(show::effective(&loaded, Output::Table), @r"
    SETTING                       VALUE                                           SOURCE
    listen                        *:9000                                          spring app.yml:1 server.port
    name                          a                                               flag --name
    environment                   test                                            default
    datacenter                    default                                         default
    zone                          none                                            default
    data-dir                      none                                            default
    actions                       auto                                            default
    zones.metadata-keys           topology.kubernetes.io/zone                     default
    zones.networks                none                                            default
    api.hosts                     none                                            default
    api.secret-keys               password,passwd,secret,token,credential,apikey  default
    lease.doubled                 false                                           default
    lease.sweep-interval          1s                                              default
    lease.quota-window            1min                                            default
    preservation.enabled          true                                            default
    preservation.threshold        85%                                             default
    preservation.hold             1min                                            default
    preservation.limit-short      10min                                           default
    preservation.limit-long       1h                                              default
    cluster.peer-listen           127.0.0.1:8764                                  default
    cluster.advertise             auto                                            default
    cluster.join                  none                                            default
    cluster.name                  peerage                                         default
    cluster.key-file              none                                            default
    cluster.insecure              false                                           default
    cluster.allow                 none                                            default
    cluster.join-wait             30s                                             default
    cluster.collect-min           1min                                            default
    cluster.collect-max           5min                                            default
    cluster.calm                  10s                                             default
    cluster.isolation             10s                                             default
    cluster.reconnect             1s                                              default
    delta.enabled                 true                                            default
    delta.retention               3min                                            default
    delta.prune-interval          30s                                             default
    registry.compare-timestamps   true                                            default
    registry.remember-overridden  1h                                              default
    snapshot.interval             1min                                            default
    snapshot.age-max              10min                                           default
    warm-up.lists-closed-for      0s                                              default
    warm-up.notice-after          5min                                            default
    reads.rebuilds-per-second     10                                              default
    status.min-available-peers    none                                            default
    http.keep-alive               75s                                             default
    http.workers                  4                                               ./peerage.toml:2
    http.max-connections          65536                                           default
    limits.body                   1MiB                                            default
    limits.batch-body             16MiB                                           default
    limits.head                   32KiB                                           default
    limits.path                   16KiB                                           default
    limits.name                   4KiB                                            default
    limits.metadata-keys          1024                                            default
    limits.metadata-size          256KiB                                          default
    limits.nesting                32                                              default
    limits.head-timeout           10s                                             default
    limits.body-timeout           30s                                             default
    limits.unread-timeout         1min                                            default
    events.keep                   65536                                           default
    events.keep-for               10min                                           default
    stream.subscribers            20000                                           default
    stream.coalesce               250ms                                           default
    stream.bookmark               15s                                             default
    stream.rate                   256MiB                                          default
    drain.fetch-interval          30s                                             default
    shutdown.timeout              2s                                              default
    shutdown.grace                5s                                              default
    log.format                    auto                                            default
    log.filter                    info                                            default
    metrics.per-application       true                                            default
    dashboard.enabled             true                                            default
    dashboard.path                /                                               default
    dashboard.ui-dir              none                                            default

    SPRING'S KEY             SOURCE     CLASS    NOTE
    server.port              app.yml:1  mapped   sets listen
    spring.application.name  app.yml:2  foreign  none of Eureka's
    ");
}

#[test]
fn what_is_right_is_said_in_short() {
    let loaded = World::default()
        .spring(
            "app.yml",
            "server.port: 9000\nspring.application.name: registry\n",
        )
        .file("./peerage.toml", "[http]\nworkers = 4\n")
        .load()
        .unwrap();
    insta::assert_snapshot!(show::all_right(&loaded), @r"
    ok: ./peerage.toml
    ok: 1 of Spring's keys: mapped
    ok: 1 of Spring's keys: foreign
    ");
}

#[test]
fn programs_read_the_same_as_people() {
    let loaded = World::default().flag("--name", "name", "a").load().unwrap();
    let document: serde_json::Value =
        serde_json::from_str(&show::effective(&loaded, Output::Json)).unwrap();
    let settings = document["settings"].as_array().unwrap();
    assert_eq!(settings.len(), TABLE.len());
    let name = settings
        .iter()
        .find(|setting| setting["key"] == "name")
        .unwrap();
    assert_eq!(
        (&name["value"], &name["source"]),
        (&"a".into(), &"flag --name".into())
    );
    let lines = show::effective(&loaded, Output::Ndjson);
    assert_eq!(lines.lines().count(), TABLE.len());
}

#[test]
fn a_key_given_twice_is_shown_once_as_mapped_and_each_time_with_its_place() {
    let world = World::default()
        .spring("a.yml", "eureka.dashboard: {path: /a, enabled: false}")
        .spring(
            "b.properties",
            "eureka.dashboard.path=/b\neureka.dashboard.enabled=true",
        );
    let loaded = world.load().unwrap();
    assert!(loaded.config.dashboard.enabled);
    let shown = show::effective(&loaded, Output::Table);
    let (_, springs) = shown.split_once("\n\n").unwrap();
    insta::assert_snapshot!(springs, @r"
    SPRING'S KEY              SOURCE          CLASS       NOTE
    eureka.dashboard.path     a.yml:1         not chosen  b.properties:1 says it later, and wins
    eureka.dashboard.enabled  a.yml:1         not chosen  b.properties:2 says it later, and wins
    eureka.dashboard.path     b.properties:1  mapped      sets dashboard.path
    eureka.dashboard.enabled  b.properties:2  mapped      sets dashboard.enabled
    ");
}

#[test]
fn what_clients_would_miss_is_warned_of_once_it_is_asked_for() {
    let loaded = World::default()
        .spring(
            "app.yml",
            "
server:
  port: 8761
  servlet.context-path: /registry
  ssl: {enabled: true, key-store-password: secret}
spring:
  security.user.password: secret
  webflux.base-path: /
  profiles.include: cloud
  application.name: registry
eureka:
  client.tls.enabled: false
  server: {rate-limiter-enabled: true, renewal-threshold-update-interval-ms: 1}
---
spring.config.activate.on-profile: prod
management.server.port: 9000
",
        )
        .env("SPRING_CONFIG_IMPORT", "configserver:")
        .load()
        .unwrap();
    insta::assert_snapshot!(show::spring_warnings(&loaded.spring).join("\n"), @r"
    app.yml:4: server.servlet.context-path: unsupported: clients find Eureka at /eureka, below no other path; change their URLs or let a proxy cut the path off
    app.yml:5: server.ssl.enabled: unsupported: clients must speak plain http to this server; for https put a proxy before it
    app.yml:5: server.ssl.key-store-password: unsupported: clients must speak plain http to this server; for https put a proxy before it
    app.yml:7: spring.security.user.password: unsupported: nobody is asked for a password: who reaches the port may read and register
    app.yml:9: spring.profiles.include: unsupported: profiles are active only if spring.profiles.active names them
    app.yml:13: eureka.server.rate-limiter-enabled: unsupported: requests are not limited in number
    app.yml:13: eureka.server.renewal-threshold-update-interval-ms: different meaning: nothing is expected in sum: silence is judged by each lease's own interval
    SPRING_CONFIG_IMPORT: unsupported: settings are read from what --spring-config names, and from nowhere else
    ");
    let checked = show::all_right(&loaded);
    let notes = checked.lines().filter(|line| line.starts_with("note: "));
    assert_eq!(notes.count(), show::spring_warnings(&loaded.spring).len());
}
