use super::*;

const DATA: &str = r#"{"format":"peerage-simulation","version":1,
"story":{"name":"split","title":"A split","about":"","command":"","seed":1,"lasts":100,"step":0.5,"instances":10,
 "peers":[{"name":"A","zone":"east"},{"name":"B","zone":"west"}],"crowds":[{"name":"orders","count":10}]},
"misfortunes":[{"at":20,"until":60,"kind":"cut","text":"nothing gets through between A and B"}],
"runs":[{"model":"peerage","name":"Peerage","trace":"0","verdicts":[],"traffic":{"step":1,"sent":[[],[]]},"moments":[],
 "pictures":[{"at":0,"equal":true,"alive":10,"readers":[0,0,0],"peers":[
  {"power":"up","ready":true,"isolated":false,"shown":10,"missing":0,"stale":0,"crowds":[[10,10,0,0]],"sees":"IU","protects":[],"owned":5,"silent":0},
  {"power":"up","ready":true,"isolated":false,"shown":10,"missing":0,"stale":0,"crowds":[[10,10,0,0]],"sees":"UI","protects":[],"owned":5,"silent":0}]},
 {"at":20,"equal":false,"alive":10,"readers":[0,0,0],"peers":[null,
  {"power":"up","ready":true,"isolated":true,"shown":8,"missing":3,"stale":1,"crowds":[[8,8,3,1]],"sees":"DI","protects":["all instances"],"owned":5,"silent":0}]}]}]}"#;

fn span(from: f64, until: f64, mark: Mark, text: &str) -> Span {
    Span {
        from,
        until,
        mark,
        text: text.to_owned(),
    }
}

fn level(at: f64, living: usize, missing: usize, stale: usize) -> Level {
    Level {
        at,
        living,
        missing,
        stale,
    }
}

fn peer(name: &str, zone: &str, other: &str) -> Peer {
    Peer {
        name: name.to_owned(),
        zone: zone.to_owned(),
        levels: vec![
            level(0.0, 10, 0, 0),
            level(20.0, 7, 3, 1),
            level(60.0, 10, 0, 0),
        ],
        away: vec![span(80.0, 90.0, Mark::Away, "is down")],
        protects: vec![span(20.0, 60.0, Mark::Held, "protects all instances")],
        sees: vec![(
            other.to_owned(),
            vec![
                span(0.0, 20.0, Mark::Good, "up"),
                span(20.0, 60.0, Mark::Bad, "down"),
            ],
        )],
        sent: vec![100.0, 2_500.0, 50.0],
    }
}

/// Ten instances at two servers that lose each other, as something that was expected.
fn split(title: &str) -> Report {
    let outcome = |kept, measured: &str| {
        Some(Outcome {
            kept,
            measured: measured.to_owned(),
        })
    };
    Report {
        title: title.to_owned(),
        about: vec!["Two servers lose each other.".to_owned()],
        facts: vec![("Seed".to_owned(), "1".to_owned())],
        command: "cargo sim -- story split".to_owned(),
        lasts: 100.0,
        instances: 10,
        misfortunes: vec![Misfortune {
            whiles: vec![(20.0, Some(60.0))],
            when: "0:20.0 to 1:00.0".to_owned(),
            text: "nothing gets through between A and B".to_owned(),
        }],
        expectations: vec![Expected {
            text: "every peer lists all of orders".to_owned(),
            outcomes: vec![outcome(false, "from 20 s until 60 s B has 8 of 10 orders")],
        }],
        runs: vec![Run {
            model: "Peerage".to_owned(),
            peers: vec![peer("A", "east", "B"), peer("B", "west", "A")],
            equal: vec![
                span(0.0, 20.0, Mark::Good, ""),
                span(20.0, 60.0, Mark::Doubt, "peers differ"),
            ],
            traffic_step: 1.0,
            moments: vec![Moment {
                at: 20.0,
                when: "0:20.0".to_owned(),
                who: "B".to_owned(),
                text: "sees A down".to_owned(),
                kind: "sight".to_owned(),
            }],
            ..Run::default()
        }],
        data: DATA.to_owned(),
    }
}

/// How often a text occurs in a page.
fn count(page: &str, text: &str) -> usize {
    page.matches(text).count()
}

#[test]
fn a_page_asks_nobody_for_anything() {
    let page = split("A split").page().unwrap();
    for foreign in [
        "src=",
        "@import",
        "url(http",
        "<link rel=\"stylesheet\"",
        "//cdn",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(count(&page, "href="), 1, "only the empty icon");
    for at in page.match_indices("http").map(|(at, _)| at) {
        assert!(
            page[at..].starts_with("http://www.w3.org/2000/svg"),
            "{}",
            &page[at..at + 40]
        );
    }
}

#[test]
fn a_page_tells_all_without_its_script() {
    let page = split("A split").page().unwrap();
    let end = page.find("id=\"data\"").unwrap();
    for told in [
        "<h1>A split</h1>",
        "1 of 1 expectations were not met",
        "every peer lists all of orders",
        "from 20 s until 60 s B has 8 of 10 orders",
        "nothing gets through between A and B",
        "sees A down",
        "class=\"living\"",
        "class=\"held\"",
        "cargo sim -- story split",
    ] {
        assert!(page[..end].contains(told), "{told}");
    }
}

#[test]
fn what_was_given_cannot_end_the_element_it_stands_in() {
    let mischief = "</script><script>alert(1)</script><!--";
    let mut report = split(mischief);
    report.data = format!("{{\"a\":\"{mischief}\u{2028}\"}}");
    report.runs[0].peers[0].away[0].text = mischief.to_owned();
    report.runs[0].peers[0].sees[0].0 = mischief.to_owned();
    let page = report.page().unwrap();
    assert_eq!(count(&page, "</script"), 2);
    assert_eq!(count(&page, "alert(1)</script"), 0);
    assert!(page.contains("\\u003c/script>\\u003cscript>alert(1)\\u003c/script>\\u003c!--\\u2028"));
}

#[test]
fn a_report_says_at_once_whether_all_came_about() {
    let mut report = split("A split");
    assert!(report.page().unwrap().contains("<title>✕ A split"));
    report.expectations[0].outcomes[0].as_mut().unwrap().kept = true;
    let page = report.page().unwrap();
    assert!(page.contains("<title>✓ A split"));
    assert!(page.contains("What was expected came about"));
}

#[test]
fn two_runs_stand_side_by_side() {
    let mut report = split("A split");
    let mut java = report.runs[0].clone();
    java.model = "Java".to_owned();
    report.runs.push(java);
    report.expectations[0].outcomes.push(None);
    let page = report.page().unwrap();
    assert_eq!(count(&page, "<article class=\"run\""), 2);
    assert!(page.contains("<h3>Java</h3>"));
    assert!(page.contains("not asked"));
}

#[test]
fn many_servers_are_not_shown_pair_by_pair() {
    let mut report = split("A split");
    let peer = report.runs[0].peers[0].clone();
    report.runs[0].peers = vec![peer; 7];
    assert!(!report.page().unwrap().contains("class=\"pairs\""));
}

#[test]
fn nothing_at_all_makes_a_page_too() {
    assert!(Report::default().page().is_ok());
}
