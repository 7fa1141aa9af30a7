use super::*;
use crate::item::ITEM_MAX;
use proptest::prelude::*;

fn head(node: u64, epoch: u64, counter: u64) -> Head {
    let origin = Origin {
        node: NodeId(node),
        epoch: Epoch(epoch),
    };
    Head {
        stamp: Stamp { origin, counter },
        report: Report::default(),
    }
}

fn any_head() -> impl Strategy<Value = Head> {
    (0..3u64, 0..3u64, 0..5u64).prop_map(|(node, epoch, counter)| head(node, epoch, counter))
}

fn report() -> impl Strategy<Value = Report> {
    (
        any::<[u64; 4]>(),
        any::<[u32; 3]>(),
        any::<u8>(),
        "[a-z0-9-]{0,20}",
    )
        .prop_map(
            |(
                [sequence, clock, vector_hash, digest],
                [leases_owned, leases_silent, renewals_per_minute],
                flags,
                zone,
            )| {
                Report {
                    sequence,
                    clock: Hlc::at(clock),
                    vector_hash,
                    digest,
                    leases_owned,
                    leases_silent,
                    renewals_per_minute,
                    flags: Flags(flags),
                    zone,
                }
            },
        )
}

proptest! {
    #[test]
    fn what_is_kept_does_not_depend_on_the_order_it_came_in(mut heard in prop::collection::vec(any_head(), 0..20)) {
        let keep = |heard: &[Head]| {
            let mut heads = Heads::default();
            for head in heard {
                heads.learn(head.clone());
            }
            heads.by_origin
        };
        let forwards = keep(&heard);
        heard.reverse();
        prop_assert_eq!(forwards, keep(&heard));
    }

    #[test]
    fn a_head_is_news_once_and_only_if_it_is_its_server_s_newest(heard in prop::collection::vec(any_head(), 0..20)) {
        let mut heads = Heads::default();
        for head in heard {
            let stamp = head.stamp;
            let newest = heads.newest(stamp.origin.node).map(|held| held.stamp);
            let news = heads.learn(head.clone());
            prop_assert_eq!(news, newest.is_none_or(|newest| stamp.newer_than(&newest)));
            prop_assert!(!heads.learn(head));
        }
    }

    #[test]
    fn what_is_written_can_be_read(report in report()) {
        let head = Head { report, ..head(1, 2, 3) };
        let bytes = head.write().unwrap();
        prop_assert_eq!(Head::of(&Item::read(&bytes).unwrap()), Some(head));
    }
}

#[test]
fn a_head_takes_about_sixty_bytes() {
    let mut head = head(u64::MAX / 3, 1_790_000_000_000, 100_000);
    head.report = Report {
        sequence: 1_000_000,
        clock: Hlc::at(1_790_000_000_000),
        leases_owned: 10_000,
        leases_silent: 100,
        renewals_per_minute: 20_000,
        zone: "eu-west-1a".into(),
        ..Report::default()
    };
    assert_eq!(head.write().unwrap().len(), 66);
}

#[test]
fn a_head_that_fits_no_datagram_is_refused() {
    let mut head = head(1, 2, 3);
    head.report.zone = "z".repeat(ITEM_MAX);
    assert!(head.write().is_err_and(|refused| refused.length > ITEM_MAX));
}

#[test]
fn the_last_head_of_a_lost_start_is_kept_until_nobody_needs_it() {
    let mut heads = Heads::default();
    assert!(heads.learn(head(1, 10, 5)));
    assert!(heads.learn(head(1, 11, 0)));
    let lost = head(1, 10, 5).stamp.origin;
    assert_eq!(heads.last_of(lost), Some(&head(1, 10, 5)));
    assert_eq!(heads.newest(NodeId(1)), Some(&head(1, 11, 0)));
    heads.retain(|origin| origin != lost);
    assert_eq!(heads.last_of(lost), None);
}

#[test]
fn a_flood_of_made_up_servers_fills_no_memory() {
    let mut heads = Heads::default();
    for node in 0..2 * HEADS_MAX as u64 {
        heads.learn(head(node, 0, 0));
    }
    assert_eq!(heads.iter().count(), HEADS_MAX);
    assert!(
        heads.learn(head(0, 0, 1)),
        "those already known are still heard"
    );
}

#[test]
fn what_a_later_release_appends_to_a_report_is_passed_over() {
    let head = head(1, 2, 3);
    let mut body = postcard::to_allocvec(&head.report).unwrap();
    body.extend([1, 2, 3]);
    let item = Item {
        kind: HEAD,
        stamp: head.stamp,
        body: &body,
    };
    assert_eq!(Head::of(&item), Some(head));
}
