//! What is sent is bounded: datagrams fit one packet, and nobody queues more for a slow peer than its credit.

use peers::envelope::DATAGRAM_MAX;
use peers::frame::FRAME_MAX;

use super::Broken;
use crate::world::moment::Moment;
use crate::world::timeline::letter;

const INVARIANT: &str = "bounds hold";
/// The credit of a stream, and one frame beyond it.
const QUEUE_MAX: usize = (1 << 20) + FRAME_MAX;

/// The first host that has sent or queued too much: the longest datagram of each is handed in.
pub fn exceeded(moment: &Moment, datagrams: &[usize]) -> Option<Broken> {
    let mut long = datagrams.iter().enumerate();
    let long = long.find(|(_, length)| **length > DATAGRAM_MAX);
    let queued = moment.up().find(|(_, seen)| seen.queued_bytes > QUEUE_MAX);
    let text = match (long, queued) {
        (Some((host, length)), _) => format!("{} sent {length} bytes at once", letter(host)),
        (_, Some((host, seen))) => {
            format!("{} has queued {} bytes", letter(host), seen.queued_bytes)
        }
        (None, None) => return None,
    };
    Some(Broken::new(INVARIANT, moment.at, text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{moment, seen};
    use super::*;

    #[test]
    fn a_long_datagram_and_a_long_queue_are_found() {
        let mut now = moment(&[seen(&[])]);
        assert_eq!(exceeded(&now, &[DATAGRAM_MAX]), None);
        assert!(exceeded(&now, &[DATAGRAM_MAX + 1]).is_some());
        now.hosts[0].as_mut().unwrap().queued_bytes = QUEUE_MAX + 1;
        assert!(exceeded(&now, &[0]).is_some());
    }
}
