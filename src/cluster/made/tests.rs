//! The document, from views made by hand.

use peers::keys::Fingerprint;
use peers::version::Epoch;

use super::*;

fn origin(node: u64) -> Origin {
    Origin {
        node: NodeId(node),
        epoch: Epoch(7),
    }
}

fn state(vector_hash: u64, digest: u64) -> seen::State {
    seen::State {
        sequence: 12,
        vector_hash,
        digest,
        leases_owned: 34,
        leases_silent: 1,
        renewals_per_minute: 68,
    }
}

fn view() -> seen::Cluster {
    seen::Cluster {
        name: "peerage".to_owned(),
        me: seen::Me {
            origin: origin(0xaa),
            name: "a".to_owned(),
            zone: "za".to_owned(),
            url: "http://a:8761/".to_owned(),
            address: ([10, 0, 0, 1], 8764).into(),
            stage: node::Stage::Ready,
            doors: OPEN,
            state: state(0xfe, 0xd1),
            doubt: 1,
            key: Some(Fingerprint([0xab; 4])),
        },
        members: vec![seen::Member {
            node: NodeId(0xbb),
            origin: Some(origin(0xbb)),
            name: "b".to_owned(),
            zone: String::new(),
            url: String::new(),
            address: ([10, 0, 0, 2], 8764).into(),
            standing: seen::Standing::Behind,
            ready: true,
            draining: false,
            preserving: true,
            isolated: false,
            state: Some(state(0xff, 0xd2)),
            applied: 10,
            lag: 2,
            round_trip: Some(Duration::from_nanos(412_345)),
            heard_ago: Some(Duration::from_millis(312)),
            connected: true,
            pushed: false,
            queued_bytes: 5,
            clock_offset_millis: Some(-3),
            protocol: Some(1),
            key: Some(Fingerprint([0xab; 4])),
            blocked: Some(node::Blocked::Datagrams),
        }],
        agreed: false,
        isolated_since: Some(Duration::from_secs(61)),
        counts: seen::Counts {
            pulls: 3,
            ..seen::Counts::default()
        },
    }
}

const OPEN: node::Doors = node::Doors {
    lists: true,
    not_found: true,
    writes: true,
    new_leases: true,
};

fn own() -> Own {
    let began = Timestamp::from_millis(1_700_000_000_000);
    let protection = |scope| Protection {
        scope,
        since: began,
        until: began + Duration::from_secs(600),
        owned: 40,
        silent: 31,
    };
    let kept = |reason| Kept {
        owner: origin(0xcc),
        count: 12,
        since: began,
        until: began + Duration::from_secs(3600),
        reason,
    };
    Own {
        started_at: began,
        ready: true,
        doors: OPEN,
        instances: 102,
        protections: [
            Scope::Server,
            Scope::Zone(Some("za".into())),
            Scope::Isolation,
        ]
        .map(protection)
        .to_vec(),
        orphans: [
            Reason::Isolated,
            Reason::ManyLeft { told: 20 },
            Reason::NoHead,
        ]
        .map(kept)
        .to_vec(),
        adoptions: 4,
        refutations: 1,
    }
}

#[test]
fn the_document_tells_all_that_is_seen() {
    let mut document = cluster(&view(), own());
    document.server.version = "1.2.3".to_owned();
    let told = [
        serde_json::to_string(&document.isolated_since),
        serde_json::to_string(&document.server),
        serde_json::to_string(&document.members),
    ];
    let told = told.map(Result::unwrap).join("\n");
    insta::assert_snapshot!(told, @r#"
    "2023-11-14T22:14:21.000Z"
    {"id":"00000000000000aa","epoch":7,"name":"a","zone":"za","url":"http://a:8761/","address":"10.0.0.1:8764","version":"1.2.3","started_at":"2023-11-14T22:13:20.000Z","stage":"ready","ready":true,"serves":{"lists":true,"not_found":true,"writes":true,"new_leases":true},"sequence":12,"seen_hash":"00000000000000fe","digest":"00000000000000d1","leases_owned":34,"leases_silent":1,"renewals_per_minute":68,"instances":102,"doubt":1,"key":"abababab"}
    [{"id":"00000000000000bb","epoch":7,"name":"b","zone":"","url":"","address":"10.0.0.2:8764","standing":"behind","ready":true,"draining":false,"preserving":true,"isolated":false,"agrees":"not_yet","state":{"sequence":12,"seen_hash":"00000000000000ff","digest":"00000000000000d2","leases_owned":34,"leases_silent":1,"renewals_per_minute":68},"applied":10,"lag":2,"round_trip_ms":0.412,"heard_ms_ago":312,"connected":true,"pushed":false,"queued_bytes":5,"clock_offset_ms":-3,"protocol":1,"blocked":"udp","key":"abababab"}]
    "#);
}

#[test]
fn what_is_protected_or_kept_says_why_in_a_sentence() {
    let document = cluster(&view(), own());
    let protected = document.protected.iter();
    let protected = protected.map(|each| format!("{} {:?}: {}", each.guard, each.zone, each.why));
    let kept = document.orphans.iter();
    let kept = kept.map(|each| format!("{} of {}: {}", each.leases, each.owner, each.why));
    insta::assert_snapshot!(protected.chain(kept).collect::<Vec<_>>().join("\n"), @r#"
    server None: more leases fell silent than die at once; now 31 of 40 are silent
    zone Some("za"): more than half of the zone's leases fell silent; now 31 of 40 are silent
    isolation None: this server is cut off from its peers, and perhaps from its clients too
    12 of 00000000000000cc.7: this server is cut off, and cannot hear whether they beat elsewhere
    12 of 00000000000000cc.7: 12 of the 20 its owner had are left: more than live clients leave, so they may be cut off with it
    12 of 00000000000000cc.7: nobody knows how many its owner had
    "#);
}

#[test]
fn a_reader_understands_what_a_writer_of_another_release_says() {
    let document = cluster(&view(), own());
    let mut text = serde_json::to_value(&document).unwrap();
    assert_eq!(
        serde_json::from_value::<Cluster>(text.clone()).unwrap(),
        document
    );
    text["later"] = "something".into();
    text["members"][0]["later"] = "something".into();
    text["members"][0]
        .as_object_mut()
        .unwrap()
        .remove("protocol");
    text.as_object_mut().unwrap().remove("counts");
    let read: Cluster = serde_json::from_value(text).unwrap();
    assert_eq!(read.members[0].protocol, None);
    assert_eq!(read.counts, Counts::default());
}

#[test]
fn peers_agree_when_they_have_seen_and_show_the_same() {
    let mine = state(1, 1);
    assert_eq!(agreement(&mine, None), Agreement::Unknown);
    assert_eq!(agreement(&mine, Some(&state(2, 1))), Agreement::NotYet);
    assert_eq!(agreement(&mine, Some(&state(1, 2))), Agreement::No);
    assert_eq!(agreement(&mine, Some(&state(1, 1))), Agreement::Yes);
}
