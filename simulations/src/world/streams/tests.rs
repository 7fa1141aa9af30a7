use super::*;
use crate::world::chance::Purpose;
use crate::world::network::{Cut, Group, Links};
use peers::timers::Timers;

const SECOND: Duration = Duration::from_secs(1);

/// Two machines, and what each heard.
struct Wire {
    streams: Streams,
    network: Network,
    powers: Vec<Power>,
    reading: Vec<bool>,
    now: Duration,
    queue: Timers<Step>,
    heard: Vec<(usize, End, Told)>,
}

impl Wire {
    fn new(seed: u64) -> Self {
        Self {
            streams: Streams::new(Purpose::Streams.chance(seed)),
            network: Network::new(&Links::default(), &[0, 0]),
            reading: vec![true, true],
            powers: vec![Power::On(0), Power::On(1)],
            now: Duration::ZERO,
            queue: Timers::default(),
            heard: Vec::new(),
        }
    }

    fn at<T>(&mut self, act: impl FnOnce(&mut Streams, &Ground<'_>) -> T) -> T {
        let ground = Ground {
            now: self.now,
            network: &self.network,
            powers: &self.powers,
            reading: &self.reading,
        };
        let done = act(&mut self.streams, &ground);
        for (at, step) in self.streams.steps.drain(..) {
            self.queue.set(at, step);
        }
        self.heard.append(&mut self.streams.told);
        done
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, step)) = self.queue.pop_due(end) {
            self.now = at;
            self.at(|streams, ground| streams.take(ground, step));
        }
        self.now = end;
    }

    fn dial(&mut self) -> End {
        self.at(|streams, ground| streams.dial(ground, 0, 1))
    }

    fn send(&mut self, from: End, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.at(|streams, ground| streams.send(ground, from, bytes));
    }

    fn bytes_at(&self, host: usize) -> Vec<u8> {
        let pieces = self.heard.iter().filter(|(at, _, _)| *at == host);
        let bytes = pieces.filter_map(|(_, _, told)| match told {
            Told::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        });
        bytes.flatten().collect()
    }

    fn closed_at(&self, host: usize) -> bool {
        let mut heard = self.heard.iter();
        heard.any(|(at, _, told)| *at == host && matches!(told, Told::Closed))
    }
}

#[test]
fn bytes_come_in_order_and_in_pieces() {
    let sent: Vec<u8> = (0..100_000u32).map(|number| (number % 251) as u8).collect();
    let mut wire = Wire::new(1);
    let end = wire.dial();
    wire.send(end, &sent);
    wire.run(SECOND);
    assert_eq!(wire.bytes_at(1), sent);
    assert!(wire.heard.len() > 5);
}

#[test]
fn a_cut_stream_stands_still_and_goes_on_after_it() {
    let mut wire = Wire::new(2);
    let end = wire.dial();
    wire.run(SECOND);
    wire.network
        .cut(0, Cut::between(Group::one(0), Group::one(1)));
    wire.send(end, b"late");
    wire.run(60 * SECOND);
    assert_eq!(wire.bytes_at(1), b"");
    wire.network.mend(0);
    wire.at(|streams, ground| streams.go_on(ground));
    wire.run(SECOND);
    assert_eq!(wire.bytes_at(1), b"late");
}

#[test]
fn whoever_dials_into_a_cut_is_told_after_a_while() {
    let mut wire = Wire::new(3);
    wire.network
        .cut(0, Cut::between(Group::one(0), Group::one(1)));
    wire.dial();
    wire.run(SECOND);
    assert!(!wire.closed_at(0));
    wire.run(2 * SECOND);
    assert!(wire.closed_at(0));
}

#[test]
fn what_was_sent_before_closing_arrives() {
    let mut wire = Wire::new(4);
    let end = wire.dial();
    wire.run(SECOND);
    wire.send(end, b"goodbye");
    wire.at(|streams, ground| streams.close(ground, end));
    wire.run(SECOND);
    assert_eq!(wire.bytes_at(1), b"goodbye");
    assert!(wire.closed_at(1) && !wire.closed_at(0));
}

#[test]
fn a_machine_that_came_back_refuses_what_was_opened_before() {
    let mut wire = Wire::new(5);
    let end = wire.dial();
    wire.run(SECOND);
    wire.powers[1] = Power::Off;
    wire.send(end, b"anybody?");
    wire.run(10 * SECOND);
    assert!(!wire.closed_at(0));
    wire.powers[1] = Power::On(2);
    wire.at(|streams, ground| streams.go_on(ground));
    wire.run(2 * SECOND);
    assert!(wire.closed_at(0));
    assert_eq!(wire.bytes_at(1), b"");
}

#[test]
fn the_machine_of_an_ended_process_says_so() {
    let mut wire = Wire::new(6);
    wire.dial();
    wire.run(SECOND);
    wire.powers[1] = Power::Ended;
    wire.at(|streams, ground| streams.ended(ground, 1));
    wire.run(SECOND);
    assert!(wire.closed_at(0));
}

#[test]
fn one_that_does_not_read_holds_the_sender_up_and_then_gets_everything() {
    let sent = vec![7; 1_000_000];
    let mut wire = Wire::new(8);
    let end = wire.dial();
    wire.run(SECOND);
    wire.reading[1] = false;
    wire.send(end, &sent);
    wire.run(60 * SECOND);
    let arrived = wire.bytes_at(1).len();
    assert!((200_000..400_000).contains(&arrived), "{arrived}");
    wire.reading[1] = true;
    wire.at(|streams, ground| streams.read_on(ground, 1));
    wire.run(SECOND);
    assert_eq!(wire.bytes_at(1), sent);
}
