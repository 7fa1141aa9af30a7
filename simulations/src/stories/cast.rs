//! Who is who in a story: peers, zones, and crowds of clients.
//!
//! Here: names, and the groups that a story writes with them. Not here: what becomes of them. What must always hold:
//! a name means one thing, and one that means nothing is refused with those there are.

use toml_edit::Value;

use super::source::{Reading, Table, suggest};
use super::values;
use crate::world::fault::Crowd;
use crate::world::timeline::letter;

/// A story has no more peers than this; the world has names for as many.
pub const PEERS_MAX: usize = 200;

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// The names of the zones.
    pub zones: Vec<String>,
    /// The zone of each peer.
    pub peers: Vec<usize>,
    /// The crowds of clients, by name.
    pub crowds: Vec<(String, Crowd)>,
}

impl Cast {
    /// Reads `[zones]`. `peers`: how many peers there are to be instead of those in the file.
    pub fn read(reading: &Reading<'_>, table: &Table<'_>, peers: Option<usize>) -> Self {
        let mut cast = Self::default();
        let mut placed: Vec<Option<usize>> = Vec::new();
        for key in table.keys() {
            let zone = cast.zones.len();
            cast.zones.push(key.to_owned());
            if numbered(key).is_some() || RESERVED.contains(&key) {
                let text =
                    format!("a zone cannot be called \"{key}\", since that means something else");
                reading.mistake(table.key_span(key), text);
            }
            for host in table.read(key, letters).unwrap_or_default() {
                placed.resize(placed.len().max(host + 1), None);
                if placed[host].replace(zone).is_some() {
                    table.mistake_at(key, format!("{} has a zone already", letter(host)));
                }
            }
        }
        cast.place(table, &placed, peers);
        cast
    }

    /// Peers beyond those of the file go to the zones in turn.
    fn place(&mut self, table: &Table<'_>, placed: &[Option<usize>], peers: Option<usize>) {
        if let Some(left_out) = placed.iter().position(Option::is_none) {
            let text = format!(
                "peers are called A, B, C and so on; {} has no zone",
                letter(left_out)
            );
            table.mistake(text);
        }
        if placed.is_empty() {
            table.mistake(
                "there has to be a peer: write a zone with its peers, as in: east = \"A B\"",
            );
        }
        let zones = self.zones.len().max(1);
        let peers = peers.unwrap_or(placed.len()).min(PEERS_MAX);
        let zone = |peer: usize| placed.get(peer).copied().flatten();
        self.peers = (0..peers)
            .map(|peer| zone(peer).unwrap_or(peer % zones))
            .collect();
    }

    /// The peers that some words mean: letters, zones, `all`, or `others`, which are those not among `named`.
    pub fn group(&self, words: &str, named: &[usize]) -> Result<Vec<usize>, String> {
        let mut group = Vec::new();
        for word in words.split_whitespace() {
            group.extend(self.meant(word, named)?);
        }
        group.sort_unstable();
        group.dedup();
        match group.is_empty() {
            true => Err(format!("\"{}\" is nobody", words.trim())),
            false => Ok(group),
        }
    }

    fn meant(&self, word: &str, named: &[usize]) -> Result<Vec<usize>, String> {
        let peers = 0..self.peers.len();
        if word == "all" {
            return Ok(peers.collect());
        }
        if word == "others" {
            return Ok(peers.filter(|peer| !named.contains(peer)).collect());
        }
        if let Some(zone) = self.zones.iter().position(|zone| zone == word) {
            return Ok(peers.filter(|peer| self.peers[*peer] == zone).collect());
        }
        let found = numbered(word).filter(|peer| peers.contains(peer));
        found
            .map(|peer| vec![peer])
            .ok_or_else(|| self.unknown(word))
    }

    fn unknown(&self, word: &str) -> String {
        let last = letter(self.peers.len().saturating_sub(1));
        let mut known: Vec<&str> = self.zones.iter().map(String::as_str).collect();
        known.extend(["all", "others"]);
        if numbered(word).is_some() {
            return format!("there is no peer {word}: peers go from A to {last}");
        }
        let near = suggest(word, &known);
        format!("there is no peer or zone \"{word}\"{near}, and the peers A to {last}")
    }

    /// The crowds that some words mean: their names, or `all`.
    pub fn crowds(&self, words: &str) -> Result<Vec<usize>, String> {
        let mut found = Vec::new();
        for word in words.split_whitespace() {
            let place = self.crowds.iter().position(|(name, _)| name == word);
            match place {
                Some(place) => found.push(place),
                None if word == "all" => found.extend(0..self.crowds.len()),
                None => return Err(self.unknown_crowd(word)),
            }
        }
        found.sort_unstable();
        found.dedup();
        match found.is_empty() {
            true => Err("name the clients, or write \"all\"".to_owned()),
            false => Ok(found),
        }
    }

    fn unknown_crowd(&self, word: &str) -> String {
        let mut known: Vec<&str> = self.crowds.iter().map(|(name, _)| name.as_str()).collect();
        known.push("all");
        let near = suggest(word, &known);
        format!("there are no clients called \"{word}\"{near}")
    }

    /// Some peers for people: the zone if they are all of one, all, or their letters.
    pub fn told(&self, group: &[usize]) -> String {
        if group.len() == self.peers.len() {
            return "every peer".to_owned();
        }
        let letters: Vec<String> = group.iter().map(|peer| letter(*peer)).collect();
        match self.zone_of(group) {
            Some(zone) => format!("zone {} ({})", self.zones[zone], letters.join(" ")),
            None => letters.join(" "),
        }
    }

    /// Whether some peers are told as several, and not as one group.
    pub fn told_as_many(&self, group: &[usize]) -> bool {
        group.len() > 1 && group.len() < self.peers.len() && self.zone_of(group).is_none()
    }

    /// The zone of which these peers are all, if they are several.
    fn zone_of(&self, group: &[usize]) -> Option<usize> {
        let mut zones = 0..self.zones.len();
        let zone = zones.find(|zone| {
            let peers = (0..self.peers.len()).filter(|peer| self.peers[*peer] == *zone);
            peers.eq(group.iter().copied())
        });
        zone.filter(|_| group.len() > 1)
    }

    /// Some crowds for people.
    pub fn told_crowds(&self, crowds: &[usize]) -> String {
        if crowds.len() == self.crowds.len() && crowds.len() > 1 {
            return "every instance".to_owned();
        }
        let names: Vec<&str> = crowds
            .iter()
            .map(|crowd| self.crowds[*crowd].0.as_str())
            .collect();
        names.join(" and ")
    }
}

/// Words that mean peers, and so cannot be names.
const RESERVED: [&str; 2] = ["all", "others"];

/// The number of the peer with a name: A is 0, Z 25, H26 26.
fn numbered(name: &str) -> Option<usize> {
    let mut letters = name.chars();
    let number = match (letters.next()?, letters.as_str()) {
        (letter @ 'A'..='Z', "") => usize::from(u8::try_from(letter).ok()? - b'A'),
        ('H', digits) => digits.parse().ok()?,
        _ => return None,
    };
    (number < PEERS_MAX).then_some(number)
}

fn letters(value: &Value) -> Result<Vec<usize>, String> {
    let text = values::text(value)?;
    let numbers = text.split_whitespace().map(|word| {
        let refused = format!("\"{word}\" is no peer; write them like \"A B C\"");
        numbered(word).ok_or(refused)
    });
    numbers.collect()
}
