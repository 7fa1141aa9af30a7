//! Holds a recorded conversation with a service of its own, under false time.

use std::time::Duration;

use super::answer::differences;
use super::conversation::{Conversation, Request, Step};
use super::memory::Memory;
use super::plain;
use crate::service::{Answer, Service};

/// How long a step waits before it is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// Holds the conversation. If a step is not answered as it should be, that is told and the rest left out.
pub(crate) async fn hold(conversation: &Conversation) -> Result<(), String> {
    let settings: Vec<_> = conversation
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), plain(value)))
        .collect();
    let mut service = Service::start(&settings).await;
    let mut memory = Memory::at(service.now_ms());
    for (number, step) in (1..).zip(&conversation.steps) {
        for n in 1..=step.times {
            memory.keep("n", n);
            let found = hold_step(&mut service, step, &mut memory).await;
            if !found.is_empty() {
                return Err(report(number, step, &found));
            }
        }
    }
    Ok(())
}

fn report(number: usize, step: &Step, found: &[String]) -> String {
    let Request { method, path, .. } = &step.request;
    let heading = format!("step {number}: {method} {path}  {}", step.note);
    format!("{}\n    {}", heading.trim_end(), found.join("\n    "))
}

/// Waits, asks, and asks again while the step allows it. Tells what is wrong with the last answer.
async fn hold_step(service: &mut Service, step: &Step, memory: &mut Memory) -> Vec<String> {
    service.advance(Duration::from_millis(step.wait_ms));
    let mut left = Duration::from_millis(step.until_ms);
    loop {
        memory.now = service.now_ms();
        let answer = ask(service, &step.request, memory).await;
        let found = closest(step, &answer, memory);
        if found.is_empty() || left.is_zero() {
            return found;
        }
        left = left.saturating_sub(RETRY);
        service.advance(RETRY);
    }
}

async fn ask(service: &Service, request: &Request, memory: &Memory) -> Answer {
    let path = memory.fill(&request.path);
    let body = request.bytes(memory);
    service
        .send(&request.method, &path, &request.headers, body)
        .await
}

/// The differences from the acceptable answer that is closest; none if one fits, and then what it named is remembered.
fn closest(step: &Step, answer: &Answer, memory: &mut Memory) -> Vec<String> {
    let compact = step.request.asks_for_compact();
    let mut closest: Option<Vec<String>> = None;
    for want in step.acceptable() {
        let mut trial = memory.clone();
        let found = differences(want, answer, compact, &mut trial);
        if found.is_empty() {
            *memory = trial;
            return found;
        }
        if closest
            .as_ref()
            .is_none_or(|least| found.len() < least.len())
        {
            closest = Some(found);
        }
    }
    closest.unwrap_or_else(|| vec!["the recording accepts no answer".into()])
}

impl Request {
    fn asks_for_compact(&self) -> bool {
        let asked = self.headers.get("X-Eureka-Accept");
        asked.is_some_and(|form| form.eq_ignore_ascii_case("compact"))
    }

    /// The body as it is sent: raw bytes, a text without its quotes, or JSON.
    fn bytes(&self, memory: &Memory) -> Option<Vec<u8>> {
        if let Some(encoded) = &self.body_base64 {
            return Some(from_base64(encoded));
        }
        let raw = self.body.as_ref()?.get();
        let body = if raw.starts_with('"') {
            memory.fill(&serde_json::from_str::<String>(raw).expect("a JSON string"))
        } else {
            memory.fill(raw)
        };
        Some(body.into_bytes())
    }
}

/// The bytes written so; padding ends them.
fn from_base64(encoded: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<_> = encoded
        .chars()
        .map_while(|digit| DIGITS.find(digit))
        .collect();
    let group = |digits: &[usize]| {
        let bits = (0..4).fold(0, |bits, place| {
            (bits << 6) | digits.get(place).copied().unwrap_or(0)
        });
        let bytes = u32::try_from(bits).expect("24 bits").to_be_bytes();
        bytes[1..digits.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        assert_eq!(from_base64("UGVlcmFnZQ=="), b"Peerage");
        assert_eq!(from_base64("UGVlcg=="), b"Peer");
        assert_eq!(from_base64("UGVl"), b"Pee");
        assert_eq!(from_base64(""), b"");
    }
}
