//! Numbers with their nouns.

use std::fmt::Display;

/// A number with its noun: `1 lease`, `2 leases`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let ending = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let told = [0, 1, 2].map(|number: u64| counted(number, "lease"));
        assert_eq!(told, ["0 leases", "1 lease", "2 leases"]);
    }
}
