//! The rooms of the house keep to themselves.
//!
//! Reads the sources and fails when a room names what it must not: the direction between packages is held by the
//! compiler, that between the modules of one package only here. Tests inside the sources may name what they like.

mod rules;
mod source;

use std::path::Path;

use toml_edit::{DocumentMut, Item};

use self::rules::{WORDS, room};
use self::source::{Source, lines_with};

/// A longer file is two that live together.
const LINES_MAX: usize = 600;

/// The rules all sources break, each as `file:line: what: why`. `packages` are the names a path into another package
/// can begin with; any other path stays at home.
fn violations(sources: &[Source], packages: &[String]) -> Vec<String> {
    let tests: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
    let tests_only = |place: &str| {
        let among = |test: &String| place == test || is_below(place, test);
        place.starts_with("tests/") || tests.iter().any(among)
    };
    let mut told = Vec::new();
    for source in sources {
        let mut found = everywhere(source);
        if !tests_only(&source.place) {
            found.extend(words(source));
            found.extend(names(source, packages));
        }
        let place = &source.place;
        told.extend(
            found
                .iter()
                .map(|(line, what, why)| format!("{place}:{line}: {what}: {why}")),
        );
    }
    told
}

/// Whether a file belongs to the module of another: `a/b.rs` to `a.rs`.
fn is_below(place: &str, module: &str) -> bool {
    let below = place.strip_prefix(module.trim_end_matches(".rs"));
    below.is_some_and(|rest| rest.starts_with('/'))
}

/// A line, what is wrong there, and the rule.
type Violation = (usize, String, &'static str);

/// What is asked of tests too.
fn everywhere(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    if source.lines > LINES_MAX {
        found.push((
            source.lines,
            "too long".into(),
            "two things live together here",
        ));
    }
    for line in lines_with(&source.whole, "#[ignore") {
        found.push((
            line,
            "an ignored test".into(),
            "a test that does not run proves nothing",
        ));
    }
    found
}

fn words(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in WORDS.iter().filter(|rule| !(rule.allowed)(&source.place)) {
        for line in lines_with(&source.code, rule.word) {
            found.push((line, format!("says {}", rule.word.trim()), rule.why));
        }
    }
    found
}

fn names(source: &Source, packages: &[String]) -> Vec<Violation> {
    let Some(room) = room(&source.place) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for named in source
        .names()
        .iter()
        .filter(|named| packages.contains(&named.head))
    {
        let path = format!("{}::{}", named.head, named.next);
        if !room.admits(&named.head, &path) {
            found.push((named.line, format!("names {path}"), room.why));
        }
    }
    found
}

/// What paths out of a module begin with: the packages that the manifests depend on, the standard library, and the
/// package itself.
fn packages(manifests: &[String]) -> Vec<String> {
    let mut names = ["crate", "std", "core", "alloc", "peerage"]
        .map(String::from)
        .to_vec();
    for manifest in manifests {
        let manifest: DocumentMut = manifest.parse().expect("a manifest is TOML");
        let sections = ["dependencies", "dev-dependencies"].map(|section| manifest.get(section));
        let tables = sections.into_iter().flatten().filter_map(Item::as_table);
        names.extend(tables.flatten().map(|(name, _)| name.replace('-', "_")));
    }
    names
}

#[test]
fn every_room_keeps_to_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifests = ["", "peers/", "web-ui/", "simulations/"]
        .map(|package| root.join(package).join("Cargo.toml"));
    let manifests = manifests.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let packages = packages(&manifests);
    let folders = [
        "src",
        "peers/src",
        "web-ui/src",
        "simulations/src",
        "tests/it",
    ];
    let sources: Vec<_> = folders
        .into_iter()
        .flat_map(|folder| Source::below(root, folder))
        .collect();
    assert!(
        sources.iter().any(|source| source.place == "src/clock.rs"),
        "the sources are read"
    );
    let found = violations(&sources, &packages);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(place: &str, text: &str, expected: &[&str]) {
        let packages = packages(&[
            "[dependencies]\nactix-web = \"4\"\ntokio.workspace = true\npeers = \"1\"".into(),
            "[dependencies.foca]\nversion = \"2\"".into(),
        ]);
        let found = violations(&[Source::new(place, text)], &packages);
        let told = found
            .iter()
            .zip(expected)
            .all(|(found, expected)| found.starts_with(expected));
        assert!(
            told && found.len() == expected.len(),
            "{found:?} is not {expected:?}"
        );
    }

    #[test]
    fn a_room_may_name_what_it_needs() {
        let text = "use std::sync::Arc;\nuse crate::clock::Timestamp;\nuse peers::version::Version;\nuse super::x::Y;\n";
        check("src/registry/lease.rs", text, &[]);
        check(
            "src/api/apps.rs",
            "use crate::registry::Registry;\nuse actix_web::web;",
            &[],
        );
    }

    #[test]
    fn a_room_that_names_another_is_found() {
        let place = "src/registry/lease.rs";
        check(
            place,
            "use crate::api;",
            &["src/registry/lease.rs:1: names crate::api"],
        );
        check(
            place,
            "\nuse super::super::eureka::json;",
            &["src/registry/lease.rs:2: names crate::eureka"],
        );
        check(
            place,
            "use peers::{node, version};",
            &["src/registry/lease.rs:1: names peers::node"],
        );
        check(
            place,
            "fn f() {\n    tokio::spawn(g)\n}",
            &["src/registry/lease.rs:2: names tokio::spawn"],
        );
        check(
            place,
            "use std::{fs, sync};",
            &["src/registry/lease.rs:1: names std::fs"],
        );
        check(
            "src/eureka/xml.rs",
            "use actix_web::web;",
            &["src/eureka/xml.rs:1: names actix_web::web"],
        );
        check(
            "src/api/apps.rs",
            "use foca::Foca;",
            &["src/api/apps.rs:1: names foca::Foca"],
        );
        check(
            "peers/src/node.rs",
            "use tokio::time;",
            &["peers/src/node.rs:1: names tokio::time"],
        );
        check("peers/src/runtime/udp.rs", "use tokio::net;", &[]);
    }

    #[test]
    fn words_are_found_outside_their_place_and_outside_comments() {
        check(
            "src/server.rs",
            "Instant::now();",
            &["src/server.rs:1: says Instant::now"],
        );
        check("src/clock.rs", "SystemTime::now();", &[]);
        check(
            "src/api/a.rs",
            "DashMap::new(); // dashmap",
            &["src/api/a.rs:1: says dashmap"],
        );
        check(
            "peers/src/a.rs",
            "//! Not here: Eureka.\nstruct EurekaPeer;",
            &["peers/src/a.rs:2: says eureka"],
        );
        check(
            "src/registry/a.rs",
            "async fn wait() {}",
            &["src/registry/a.rs:1: says async"],
        );
    }

    #[test]
    fn long_files_and_ignored_tests_are_found() {
        check("src/a.rs", &"x\n".repeat(601), &["src/a.rs:601: too long"]);
        check("src/a.rs", &"x\n".repeat(600), &[]);
        check(
            "tests/it/a.rs",
            "#[test]\n#[ignore]\nfn a() {}",
            &["tests/it/a.rs:2: an ignored test"],
        );
    }

    #[test]
    fn tests_may_name_what_they_like_and_are_not_ignored() {
        let text = "#[cfg(test)]\nmod tests {\n    use tokio::time;\n}\n";
        check("src/registry/lease.rs", text, &[]);
        let ignored = text.replace("use tokio::time;", "#[ignore]");
        check(
            "src/registry/lease.rs",
            &ignored,
            &["src/registry/lease.rs:3: an ignored test"],
        );
        let declared = Source::new("src/registry/mod.rs", "#[cfg(test)]\nmod laws;\n");
        let laws = Source::new("src/registry/laws.rs", "use tokio::time;");
        let below = Source::new("src/registry/laws/leases.rs", "use tokio::time;");
        let sources = [declared, laws, below];
        assert_eq!(violations(&sources, &packages(&[])), [""; 0]);
    }
}
