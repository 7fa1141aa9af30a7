//! What becomes of a stream, step by step.

use super::pipe::Piece;
use super::{DIAL_TIMEOUT, End, Ground, Power, Step, Stream, Streams, Told};

impl Streams {
    /// Takes a step that is due.
    pub fn take(&mut self, ground: &Ground<'_>, step: Step) {
        match step {
            Step::Reach(stream) => self.reach(ground, stream),
            Step::Answered(stream) => self.answered(ground, stream),
            Step::Fail(stream) => self.over(End {
                stream,
                accepted: false,
            }),
            Step::Arrive(end) => self.arrive(ground, end),
            Step::Linger(end) => self.linger(ground, end),
            Step::Refused(end) => self.refused(ground, end),
        }
    }

    fn reach(&mut self, ground: &Ground<'_>, number: u64) {
        let Some(stream) = self.open.get_mut(&number) else {
            return;
        };
        let [from, to] = stream.hosts;
        let delay = ground.network.delay(to, from, &mut self.chance);
        let (wait, step) = match ground.powers[to] {
            _ if !ground.reaches(from, to) => {
                let given_up = stream.dialled_at + DIAL_TIMEOUT;
                (given_up.saturating_sub(ground.now), Step::Fail(number))
            }
            Power::On(start) => {
                stream.starts[1] = Some(start);
                stream.pipes[1].not_before(ground.now + delay);
                let end = End {
                    stream: number,
                    accepted: true,
                };
                self.told.push((to, end, Told::Opened));
                (delay, Step::Answered(number))
            }
            Power::Ended | Power::Off => (delay, Step::Fail(number)),
        };
        self.steps.push((ground.now + wait, step));
    }

    fn answered(&mut self, ground: &Ground<'_>, number: u64) {
        let end = End {
            stream: number,
            accepted: false,
        };
        let Some(stream) = self.open.get(&number) else {
            return;
        };
        if ground.reaches(stream.hosts[1], stream.hosts[0]) {
            let told = (stream.hosts[0], end, Told::Connected);
            self.told.push(told);
        } else {
            let given_up = stream.dialled_at + DIAL_TIMEOUT;
            self.steps.push((given_up, Step::Fail(number)));
        }
    }

    fn arrive(&mut self, ground: &Ground<'_>, to: End) {
        let Some(stream) = self.open.get_mut(&to.stream) else {
            return;
        };
        if !ground.reaches(stream.host(to.other()), stream.host(to)) {
            stream.pipe_to(to).held += 1;
            return;
        }
        let Some(piece) = stream.pipe_to(to).land() else {
            return;
        };
        if !stream.listens(to, ground) {
            self.refused(ground, to.other());
            return;
        }
        match piece {
            Piece::Bytes(bytes) => {
                if !ground.reading[stream.host(to)] {
                    stream.pipe_to(to).leave_unread(bytes.len());
                }
                if stream.heard[usize::from(to.accepted)] {
                    self.told.push((stream.host(to), to, Told::Bytes(bytes)));
                }
                self.pump(ground, to);
            }
            Piece::End => self.over(to),
        }
    }

    fn linger(&mut self, ground: &Ground<'_>, end: End) {
        if let Some(stream) = self.open.get_mut(&end.stream) {
            stream.pipe_to(end.other()).give_up();
            self.pump(ground, end.other());
        }
    }

    fn refused(&mut self, ground: &Ground<'_>, end: End) {
        let stream = self.open.get(&end.stream);
        if stream.is_some_and(|stream| ground.reaches(stream.host(end.other()), stream.host(end))) {
            self.over(end);
        }
    }

    /// A stream is over, and one end hears of it. The other has closed it, or is gone.
    fn over(&mut self, end: End) {
        if let Some(stream) = self.open.remove(&end.stream) {
            self.tell(&stream, end, Told::Closed);
        }
    }

    pub(super) fn tell(&mut self, stream: &Stream, end: End, told: Told) {
        if stream.heard[usize::from(end.accepted)] {
            self.told.push((stream.host(end), end, told));
        }
    }
}
