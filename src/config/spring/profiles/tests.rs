//! Which documents and keys count, and what is said of the others.

use std::time::Duration;

use super::holds;
use crate::config::Config;
use crate::config::spring::tests::listing;
use crate::config::tests::World;

const OF_PROFILES: &str = "
eureka.environment: plain
---
spring.config.activate.on-profile: dev
eureka.environment: dev
eureka.datacenter: ${UNSET}
---
spring.profiles: prod, !dev & !default
eureka.environment: prod
eureka.datacenter: east
---
spring.config.activate.on-profile: [default]
eureka.datacenter: home
---
spring.config.activate.on-profile: (dev | prod) & cloud
eureka.environment: cloud
---
spring.config.activate.on-cloud-platform: kubernetes
eureka.environment: pods
";

/// Environment and data centre under the profile that the world chooses.
fn chosen(world: World) -> (String, String) {
    let config = world.spring("app.yml", OF_PROFILES).config();
    (config.environment, config.datacenter)
}

fn pair(environment: &str, datacenter: &str) -> (String, String) {
    (environment.to_owned(), datacenter.to_owned())
}

fn check(expressions: &str, expected: Option<bool>) {
    let active = ["dev".to_owned(), "cloud".to_owned()];
    assert_eq!(holds(expressions, &active), expected, "{expressions}");
}

#[test]
fn a_condition_holds_if_one_of_its_expressions_does() {
    check("dev", Some(true));
    check("prod", Some(false));
    check("prod, cloud", Some(true));
    check("!dev", Some(false));
    check("! prod", Some(true));
    check("dev & cloud", Some(true));
    check("dev & !cloud", Some(false));
    check("prod | cloud", Some(true));
    check("prod | test", Some(false));
}

#[test]
fn what_needs_parentheses_or_values_is_not_understood() {
    check("(dev | prod) & cloud", None);
    check("dev & cloud | prod", None);
    check("${PROFILE}", None);
    check("dev, (prod)", None);
}

#[test]
fn the_active_profiles_choose_documents_and_the_default_one_if_none_is_named() {
    assert_eq!(chosen(World::default()), pair("plain", "home"));
    for name in ["SPRING_PROFILES_ACTIVE", "spring.profiles.active"] {
        let world = || World::default().env("UNSET", "set");
        assert_eq!(chosen(world().env(name, "dev")), pair("dev", "set"));
        assert_eq!(chosen(world().env(name, "other")), pair("prod", "east"));
        assert_eq!(
            chosen(world().env(name, "dev, prod")),
            pair("prod", "east"),
            "later documents win"
        );
        assert_eq!(chosen(world().env(name, "")), pair("plain", "home"));
    }
}

#[test]
fn the_last_place_that_names_active_profiles_counts() {
    let named = |text: &str| World::default().spring("a.yml", text).env("ENV", "prod");
    let prod = pair("prod", "east");
    assert_eq!(chosen(named("spring.profiles.active: prod")), prod);
    assert_eq!(chosen(named("spring.profiles.active: ${ENV:dev}")), prod);
    assert_eq!(chosen(named("spring.profiles.active: [prod, x]")), prod);
    assert_eq!(
        chosen(named(
            "spring.profiles.active: [dev, x]\n---\nspring.profiles.active: prod"
        )),
        prod
    );
    let overruled = named("spring.profiles.active: dev").env("SPRING_PROFILES_ACTIVE", "prod");
    assert_eq!(chosen(overruled), prod);
    insta::assert_snapshot!(named("spring.profiles.active: ${WHO}").mistakes(), @"a.yml:1: spring.profiles.active: '${WHO}' has neither a value nor a default; set WHO, or write ${WHO:default}");
}

#[test]
fn sections_of_properties_are_documents_too() {
    let config = World::default()
        .spring(
            "a.properties",
            "spring.profiles.active=dev\n#---\nspring.config.activate.on-profile=dev\neureka.environment=dev\n#---\nspring.config.activate.on-profile=prod\neureka.environment=prod\n",
        )
        .config();
    assert_eq!(config.environment, "dev");
}

#[test]
fn a_key_that_does_not_count_is_listed_with_the_reason() {
    let loaded = World::default()
        .spring("app.yml", OF_PROFILES)
        .spring(
            "own.yml",
            "eureka.dashboard.path: /a\n---\nspring.profiles: dev\nspring.profiles.active: prod\neureka.dashboard.path: /b\n",
        )
        .env("SPRING_PROFILES_ACTIVE", "dev")
        .env("EUREKA_DATACENTER", "${HERE:here}")
        .load()
        .unwrap();
    assert_eq!(loaded.config.dashboard.path.as_str(), "/b");
    insta::assert_snapshot!(listing(&loaded), @r"
    eureka.environment | - | spring app.yml:2 eureka.environment | not chosen | app.yml:5 says it later, and wins
    spring.config.activate.on-profile | - | spring app.yml:4 spring.config.activate.on-profile | mapped | says for which profile its document counts
    eureka.environment | dev | spring app.yml:5 eureka.environment | mapped | sets environment
    eureka.datacenter | - | spring app.yml:6 eureka.datacenter | not chosen | env EUREKA_DATACENTER says it later, and wins
    spring.profiles | - | spring app.yml:8 spring.profiles | not chosen | stands in the document for profile prod, !dev & !default; active: dev
    eureka.environment | - | spring app.yml:9 eureka.environment | not chosen | stands in the document for profile prod, !dev & !default; active: dev
    eureka.datacenter | - | spring app.yml:10 eureka.datacenter | not chosen | stands in the document for profile prod, !dev & !default; active: dev
    spring.config.activate.on-profile[0] | - | spring app.yml:12 spring.config.activate.on-profile[0] | not chosen | stands in the document for profile default; active: dev
    eureka.datacenter | - | spring app.yml:13 eureka.datacenter | not chosen | stands in the document for profile default; active: dev
    spring.config.activate.on-profile | - | spring app.yml:15 spring.config.activate.on-profile | not chosen | stands in the document for profile (dev | prod) & cloud; expression not understood
    eureka.environment | - | spring app.yml:16 eureka.environment | not chosen | stands in the document for profile (dev | prod) & cloud; expression not understood
    spring.config.activate.on-cloud-platform | - | spring app.yml:18 spring.config.activate.on-cloud-platform | not chosen | stands in a document with spring.config.activate.on-cloud-platform, which is not understood
    eureka.environment | - | spring app.yml:19 eureka.environment | not chosen | stands in a document with spring.config.activate.on-cloud-platform, which is not understood
    eureka.dashboard.path | - | spring own.yml:1 eureka.dashboard.path | not chosen | own.yml:5 says it later, and wins
    spring.profiles | - | spring own.yml:3 spring.profiles | mapped | says for which profile its document counts
    spring.profiles.active | - | spring own.yml:4 spring.profiles.active | not chosen | stands in a document for a profile, which cannot choose profiles
    eureka.dashboard.path | /b | spring own.yml:5 eureka.dashboard.path | mapped | sets dashboard.path
    SPRING_PROFILES_ACTIVE | - | spring env SPRING_PROFILES_ACTIVE | mapped | chooses documents; a profile's own file is read if another --spring-config names it
    EUREKA_DATACENTER | ${HERE:here} | spring env EUREKA_DATACENTER | mapped | sets datacenter
    ");
}

#[test]
fn a_value_that_is_overruled_leaves_nothing_behind() {
    let world = World::default()
        .spring(
            "a.yml",
            "eureka.server: {use-read-only-response-cache: false, eviction-interval-timer-in-ms: x}",
        )
        .env("EUREKA_SERVER_USE_READ_ONLY_RESPONSE_CACHE", "true")
        .env("EUREKA_SERVER_EVICTION_INTERVAL_TIMER_IN_MS", "500");
    let config = world.config();
    assert_eq!(config.reads, Config::default().reads);
    assert_eq!(config.lease.sweep_interval, Duration::from_millis(500));
}
