//! How layers come together. Kinds of values are tested with them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::*;
use crate::registry::settings::RegistrySettings;

/// Files, environment and flags as a test wants them.
#[derive(Default)]
pub(super) struct World {
    files: BTreeMap<&'static str, String>,
    env: Vec<(&'static str, &'static str)>,
    flags: Flags,
}

impl World {
    pub(super) fn file(mut self, path: &'static str, text: impl Into<String>) -> Self {
        self.files.insert(path, text.into());
        self
    }

    pub(super) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    pub(super) fn flag(mut self, flag: &'static str, key: &str, text: &str) -> Self {
        self.flags.given.push(Given {
            key: key.to_owned(),
            text: text.to_owned(),
            place: Place::Flag(flag),
        });
        self
    }

    pub(super) fn spring(mut self, path: &'static str, text: impl Into<String>) -> Self {
        self.flags.spring_config.push(path.into());
        self.file(path, text)
    }

    pub(super) fn load(self) -> Result<Loaded, Mistakes> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        load(&Sources {
            flags: self.flags,
            env: self.env.iter().map(own).collect(),
            read_file: &|path: &Path| {
                let text = self.files.get(path.to_str().unwrap());
                text.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
            },
        })
    }

    pub(super) fn mistakes(self) -> String {
        self.load().expect_err("mistakes").to_string()
    }

    pub(super) fn config(self) -> Config {
        self.load().expect("no mistakes").config
    }
}

/// One line of the usual file, and what is said about it.
fn complaint(line: &str) -> String {
    World::default().file("./peerage.toml", line).mistakes()
}

#[test]
fn without_anything_the_defaults_hold() {
    let loaded = World::default().load().unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.file, None);
    assert!(
        loaded
            .origins
            .values()
            .all(|place| *place == Place::Default)
    );
}

#[test]
fn the_defaults_of_the_registry_are_its_own() {
    assert_eq!(
        Config::default().registry_settings(),
        RegistrySettings::default()
    );
}

#[test]
fn the_default_times_of_peers_are_their_own() {
    assert_eq!(
        Config::default().peer_rules(),
        peers::node::Rules::default()
    );
}

#[test]
fn seeds_may_be_a_list_and_nothing_else_may() {
    let seeds = |text: &str| {
        let world = World::default().file("./peerage.toml", text);
        let seeds = world.config().cluster.join.0;
        seeds.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        seeds("cluster.join = ['localhost:1', 'dns:peers.local']"),
        ["localhost:1", "dns:peers.local"]
    );
    assert!(seeds("cluster.join = []").is_empty());
    let complaint = complaint("cluster.name = ['a']");
    assert!(complaint.contains("not a list"), "{complaint}");
}

#[test]
fn peers_beyond_this_machine_are_asked_for_in_as_many_words() {
    let alone = complaint("cluster.peer-listen = '*:8764'");
    assert!(alone.contains("--insecure-cluster"), "{alone}");
    assert!(alone.contains("--cluster-key-file"), "{alone}");
    let unheard = complaint("cluster.join = '10.0.0.7:8764'");
    assert!(unheard.contains("--peer-listen"), "{unheard}");
    let asked = "cluster = { peer-listen = '*:8764', insecure = true, join = '10.0.0.7:8764' }";
    let config = World::default().file("./peerage.toml", asked).config();
    assert!(config.cluster.insecure);
}

#[test]
fn every_default_reads_back_as_itself_and_keeps_its_own_bounds() {
    let default = Config::default();
    let mut config = Config::default();
    for setting in TABLE {
        let text = (setting.write)(&default);
        assert_eq!(
            (setting.read)(&mut config, &text),
            Ok(()),
            "{}",
            setting.key()
        );
    }
    assert_eq!(config, default);
}

#[test]
fn every_setting_says_its_default() {
    for setting in TABLE {
        assert!(setting.about().contains("Default"), "{}", setting.key());
    }
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_springs_keys() {
    let all = || {
        World::default()
            .spring(
                "app.properties",
                "eureka.instance.hostname=spring\neureka.environment=spring",
            )
            .file(
                "./peerage.toml",
                "name = 'file'\nzone = 'file'\ndatacenter = 'file'",
            )
            .env("PEERAGE__NAME", "environment")
            .env("PEERAGE__ZONE", "environment")
            .flag("--name", "name", "flag")
    };
    let loaded = all().load().unwrap();
    let config = &loaded.config;
    assert_eq!(config.name, "flag");
    assert_eq!(config.zone.as_deref(), Some("environment"));
    assert_eq!(config.datacenter, "file");
    assert_eq!(config.environment, "spring");
    let source = |key: &str| loaded.origins[key].to_string();
    assert_eq!(source("name"), "flag --name");
    assert_eq!(source("zone"), "env PEERAGE__ZONE");
    assert_eq!(source("datacenter"), "./peerage.toml:3");
    assert_eq!(
        source("environment"),
        "spring app.properties:2 eureka.environment"
    );
    assert_eq!(source("listen"), "default");
}

#[test]
fn the_file_is_the_one_named_or_the_first_of_the_usual_places() {
    let all = || {
        World::default()
            .file("/etc/peerage/peerage.toml", "name = 'etc'")
            .file("./peerage.toml", "name = 'here'")
            .file("/named.toml", "name = 'named'")
            .file("/flag.toml", "name = 'flag'")
    };
    assert_eq!(all().config().name, "here");
    assert_eq!(
        all().env("PEERAGE_CONFIG", "/named.toml").config().name,
        "named"
    );
    let mut named_twice = all().env("PEERAGE_CONFIG", "/named.toml");
    named_twice.flags.config = Some("/flag.toml".into());
    assert_eq!(named_twice.config().name, "flag");
    let etc = World::default().file("/etc/peerage/peerage.toml", "name = 'etc'");
    assert_eq!(etc.config().name, "etc");
}

#[test]
fn a_file_that_cannot_be_read_is_one_sentence_that_says_what_to_do() {
    let mut named = World::default()
        .env("PEERAGE_CONFIG", "/missing.toml")
        .spring("peerage.toml", "");
    named.flags.spring_config.push("/missing.yml".into());
    let mut springs = World::default().file("application.yml", "");
    springs.flags.config = Some("application.yml".into());
    insta::assert_snapshot!(named.mistakes() + "\n" + &springs.mistakes(), @r"
    peerage.toml: is neither .properties nor .yml nor .yaml, as Spring's files are; give peerage's own settings with --config
    /missing.yml: there is no such file; name one that exists with --spring-config, or none at all
    /missing.toml: there is no such file; name one that exists with PEERAGE_CONFIG, or none at all
    application.yml: --config names a .toml file; give Spring's with --spring-config
    ");

    let kinds = [
        io::ErrorKind::IsADirectory,
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::InvalidData,
        io::ErrorKind::TimedOut,
    ];
    let complaints = kinds.map(|kind| {
        let sources = Sources {
            flags: Flags::default(),
            env: Vec::new(),
            read_file: &|_| Err(kind.into()),
        };
        load(&sources).expect_err("unreadable").to_string()
    });
    insta::assert_snapshot!(complaints.join("\n"), @r"
    ./peerage.toml: is a directory, not a file; remove it, or name a file with --config
    ./peerage.toml: this user may not read it; grant that, or run as one who may
    ./peerage.toml: is no text; save it in UTF-8
    ./peerage.toml: cannot be read: timed out; name another with --config
    ");
}

#[test]
fn every_setting_has_its_name_in_the_environment() {
    for setting in TABLE {
        let given = layers::read_environment(&[(setting.environment_name(), String::new())]);
        assert_eq!(given[0].key, setting.key());
    }
}

#[test]
fn what_kubernetes_sets_for_a_service_called_peerage_is_nobodys_setting() {
    let world = World::default()
        .env("PEERAGE_PORT", "tcp://10.0.0.1:8761")
        .env("PEERAGE_SERVICE_HOST", "10.0.0.1")
        .env("SERVER_PORT", "tcp://10.0.0.1:80");
    assert_eq!(world.config(), Config::default());
}

#[test]
fn a_variable_with_too_few_underscores_is_told_what_it_lacks() {
    let world = World::default()
        .env("PEERAGE_ZONE", "a")
        .env("PEERAGE_LEASE__DOUBLED", "true")
        .env("peerage__name", "a");
    insta::assert_snapshot!(world.mistakes(), @r"
    PEERAGE_ZONE: there is no such setting; did you mean PEERAGE__ZONE?
    PEERAGE_LEASE__DOUBLED: there is no such setting; did you mean PEERAGE__LEASE__DOUBLED?
    peerage__name: there is no such setting; did you mean PEERAGE__NAME?
    ");
}

#[test]
fn a_bad_value_is_told_what_would_be_right() {
    let lines = [
        "lease.sweep-interval = 30",
        "lease.sweep-interval = '30'",
        "lease.sweep-interval = '1.5s'",
        "lease.sweep-interval = '0s'",
        "lease.sweep-interval = '9999999999999999h'",
        "lease.quota-window = '2 weeks'",
        "lease.doubled = 'yes'",
        "preservation.threshold = 0.85",
        "preservation.threshold = '120%'",
        "preservation.threshold = '100%'",
        "limits.body = '1MB'",
        "limits.body = 1024",
        "limits.nesting = 0",
        "limits.nesting = -1",
        "http.workers = 0",
        "http.workers = 99999999999999999999",
        "reads.rebuilds-per-second = 0",
        "listen = '8761'",
        "listen = 'example.org:8761'",
        "listen = '*:80000'",
        "name = ''",
        "log.format = 'xml'",
        "log.filter = 'loud'",
        "log.filter = 'a=b=c'",
        "dashboard.path = 'pages'",
        "dashboard.path = '/eureka/pages'",
        "zone = ['a', 'b']",
        "[[lease]]\ndoubled = true",
    ];
    let complaints: Vec<_> = lines.into_iter().map(complaint).collect();
    insta::assert_snapshot!(complaints.join("\n"), @r#"
    ./peerage.toml:1: lease.sweep-interval: '30' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:1: lease.sweep-interval: '30' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:1: lease.sweep-interval: '1.5s' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:1: lease.sweep-interval: 0s is out of bounds: it must be from 10ms to 24h
    ./peerage.toml:1: lease.sweep-interval: '9999999999999999h' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:1: lease.quota-window: '2 weeks' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:1: lease.doubled: 'yes' is neither true nor false
    ./peerage.toml:1: preservation.threshold: '0.85' is not a percentage; write it from 0% to 100%, like 85%
    ./peerage.toml:1: preservation.threshold: '120%' is not a percentage; write it from 0% to 100%, like 85%
    ./peerage.toml:1: preservation.threshold: 100% is out of bounds: it must be from 1% to 99%
    ./peerage.toml:1: limits.body: '1MB' is not a size; write a whole number and its unit, like 512B, 32KiB or 1MiB
    ./peerage.toml:1: limits.body: '1024' is not a size; write a whole number and its unit, like 512B, 32KiB or 1MiB
    ./peerage.toml:1: limits.nesting: 0 is out of bounds: it must be from 8 to 128
    ./peerage.toml:1: limits.nesting: '-1' is not a whole number from 0 on
    ./peerage.toml:1: http.workers: '0' is not a whole number from 1 on
    ./peerage.toml:1: integer number overflowed
    ./peerage.toml:1: reads.rebuilds-per-second: 0 is out of bounds: it must be from 1 to 1000
    ./peerage.toml:1: listen: '8761' is not an address with a port; write *:8761, 127.0.0.1:8761 or [::1]:8761
    ./peerage.toml:1: listen: 'example.org:8761' is not an address with a port; write *:8761, 127.0.0.1:8761 or [::1]:8761
    ./peerage.toml:1: listen: '*:80000' is not an address with a port; write *:8761, 127.0.0.1:8761 or [::1]:8761
    ./peerage.toml:1: name: it must not be empty; leave it out for its default
    ./peerage.toml:1: log.format: 'xml' is not a format of the log; choose auto, text, json or logfmt
    ./peerage.toml:1: log.filter: 'loud' does not filter the log: 'loud' is no level; write info, or peerage=debug,warn
    ./peerage.toml:1: log.filter: 'a=b=c' does not filter the log: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5; write info, or peerage=debug,warn
    ./peerage.toml:1: dashboard.path: 'pages' is not a path; begin with a slash and use letters, digits, and - _ . ~
    ./peerage.toml:1: dashboard.path: '/eureka/pages' would hide what is served at /eureka; choose / or /dashboard
    ./peerage.toml:1: zone: a setting has one value, not a list
    ./peerage.toml:1: lease: a setting has one value, not a list
    "#);
}

#[test]
fn an_unknown_key_is_told_which_one_may_be_meant() {
    let lines = [
        "lease.sweep_interval = '1s'",
        "lease.swep-interval = '1s'",
        "keep-alive = '75s'",
        "listn = '*:8761'",
        "[preservations]\nenabled = true",
        "colour = 'blue'",
    ];
    let complaints: Vec<_> = lines.into_iter().map(complaint).collect();
    insta::assert_snapshot!(complaints.join("\n"), @r"
    ./peerage.toml:1: lease.sweep_interval: there is no such setting; did you mean lease.sweep-interval?
    ./peerage.toml:1: lease.swep-interval: there is no such setting; did you mean lease.sweep-interval?
    ./peerage.toml:1: keep-alive: there is no such setting; did you mean http.keep-alive?
    ./peerage.toml:1: listn: there is no such setting; did you mean listen?
    ./peerage.toml:2: preservations.enabled: there is no such setting; did you mean preservation.enabled?
    ./peerage.toml:1: colour: there is no such setting; `peerage config show` lists them all
    ");
}

#[test]
fn settings_that_are_right_alone_may_be_wrong_together() {
    let lines = [
        "lease.sweep-interval = '2min'",
        "lease.quota-window = '100ms'",
        "preservation.limit-short = '2h'",
        "limits.body = '32MiB'",
        "limits.path = '64KiB'",
        "limits.metadata-size = '2MiB'",
    ];
    let complaints: Vec<_> = lines.into_iter().map(complaint).collect();
    insta::assert_snapshot!(complaints.join("\n"), @r"
    ./peerage.toml:1: lease.sweep-interval: lease.sweep-interval (2min) must not be above lease.quota-window (1min)
    ./peerage.toml:1: lease.quota-window: lease.sweep-interval (1s) must not be above lease.quota-window (100ms)
    ./peerage.toml:1: preservation.limit-short: preservation.limit-short (2h) must not be above preservation.limit-long (1h)
    ./peerage.toml:1: limits.body: limits.body (32MiB) must not be above limits.batch-body (16MiB)
    ./peerage.toml:1: limits.path: limits.path (64KiB) must not be above limits.head (32KiB)
    ./peerage.toml:1: limits.metadata-size: limits.metadata-size (2MiB) must not be above limits.body (1MiB)
    ");
}

#[test]
fn all_mistakes_are_named_at_once_each_with_its_place() {
    let world = World::default()
        .spring(
            "app.yml",
            "eureka:\n  server:\n    disable-delta: perhaps\n    eviction-interval-timer-in-ms: 1",
        )
        .spring("app.ini", "")
        .file(
            "./peerage.toml",
            "# mine\n[lease]\ndoubled = 2\nquota-window = '60'\n\n[leases]\nx = 1\n",
        )
        .env("PEERAGE__DELTA__RETENTION", "3")
        .env("PEERAGE__DELTA__RETENTON", "3s")
        .env("EUREKA_SERVER_RENEWALPERCENTTHRESHOLD", "85")
        .env("PEERAGE__LIMITS__PATH", "1MiB")
        .flag("--listen", "listen", "8761");
    insta::assert_snapshot!(world.mistakes(), @r"
    app.ini: is neither .properties nor .yml nor .yaml, as Spring's files are; give peerage's own settings with --config
    app.yml:3: eureka.server.disable-delta: 'perhaps' is neither true nor false
    EUREKA_SERVER_RENEWALPERCENTTHRESHOLD: '85' is not a share from 0.01 to 0.99 in whole hundredths, like 0.85
    app.yml:4: eureka.server.eviction-interval-timer-in-ms: 1ms is out of bounds: it must be from 10ms to 24h
    ./peerage.toml:3: lease.doubled: '2' is neither true nor false
    ./peerage.toml:4: lease.quota-window: '60' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    ./peerage.toml:7: leases.x: there is no such setting; `peerage config show` lists them all
    PEERAGE__DELTA__RETENTION: '3' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h
    PEERAGE__DELTA__RETENTON: there is no such setting; did you mean PEERAGE__DELTA__RETENTION?
    --listen: '8761' is not an address with a port; write *:8761, 127.0.0.1:8761 or [::1]:8761
    PEERAGE__LIMITS__PATH: limits.path (1MiB) must not be above limits.head (32KiB)
    ");
}

#[test]
fn a_file_that_is_no_toml_is_named_with_its_line() {
    insta::assert_snapshot!(complaint("name = 'a'\nzone = \n"), @"./peerage.toml:2: string values must be quoted, expected literal string");
    let world = World::default().spring("app.yml", "a: 1\n  b: [2\n");
    insta::assert_snapshot!(world.mistakes(), @"app.yml:2: mapping values are not allowed in this context");
}
