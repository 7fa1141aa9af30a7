//! XML compared: names, attributes, text and counts of elements matter, their order does not.

use super::super::memory::{Placeholder, digits};
use super::super::xml::Element;
use super::{Comparison, show};

impl Comparison<'_> {
    /// Collects in what `got` differs from `want`.
    pub(crate) fn xml(&mut self, above: &str, want: &Element, got: &Element) {
        let at = format!("{above}/{}", got.name);
        if want.name != got.name {
            self.differs(&at, &format!("expected the element {}", want.name));
        }
        self.attributes(&at, want, got);
        if want.children.is_empty() {
            self.leaf(&at, want, got);
        } else {
            self.children(&at, want, got);
        }
    }

    fn attributes(&mut self, at: &str, want: &Element, got: &Element) {
        for (name, value) in &want.attributes {
            let found = got.attributes.get(name);
            if found != Some(value) {
                self.differs(at, &format!("expected {name}={value:?}, got {found:?}"));
            }
        }
        let unexpected = got
            .attributes
            .keys()
            .filter(|name| !want.attributes.contains_key(*name));
        for name in unexpected.filter(|_| self.exact) {
            self.found
                .push(format!("{at}: the attribute {name} is not expected"));
        }
    }

    /// An expected element without children or text says nothing of what is in it, unless all of it counts.
    fn leaf(&mut self, at: &str, want: &Element, got: &Element) {
        let expected = &want.text;
        if let Some(wanted) = Placeholder::parse(expected) {
            if let Some(wrong) = self.memory.misfit(&wanted, digits(&got.text)) {
                self.differs(at, &format!("{wrong} for {expected}, got {}", show(got)));
            }
        } else if (self.exact || !expected.is_empty())
            && (!got.children.is_empty() || *expected != got.text)
        {
            self.differs(at, &format!("expected {expected:?}, got {}", show(got)));
        }
    }

    fn children(&mut self, at: &str, want: &Element, got: &Element) {
        let mut left: Vec<_> = got.children.iter().collect();
        for child in &want.children {
            match left.iter().position(|other| key(other) == key(child)) {
                Some(twin) => self.xml(at, child, left.remove(twin)),
                None => self.differs(
                    &format!("{at}/{}", child.name),
                    &format!("missing, expected {}", show(child)),
                ),
            }
        }
        for other in left {
            if self.exact || lists(want, &other.name) {
                self.differs(
                    &format!("{at}/{}", other.name),
                    &format!("not expected, got {}", show(other)),
                );
            }
        }
    }
}

/// Who names one application or instance names them all.
fn lists(want: &Element, name: &str) -> bool {
    matches!(name, "application" | "instance") && want.child(name).is_some()
}

/// What a child is found by: its name, and for applications and instances who they are.
fn key(element: &Element) -> (&str, &str) {
    let named = match element.name.as_str() {
        "application" => element.child("name"),
        "instance" => element.child("instanceId"),
        _ => None,
    };
    (&element.name, named.map_or("", |child| &child.text))
}

#[cfg(test)]
mod tests {
    use super::super::super::memory::Memory;
    use super::*;

    fn check(exact: bool, want: &str, got: &str, expected: &[&str]) {
        let want = Element::parse_expected(&[want.into()]).expect("well-formed");
        let got = Element::parse(got).expect("well-formed");
        let mut memory = Memory::at(0);
        let mut comparison = Comparison::new(&mut memory, exact);
        comparison.xml("", &want, &got);
        assert_eq!(comparison.found, expected);
    }

    #[test]
    fn equal_elements_do_not_differ_whatever_their_order() {
        check(
            true,
            "<a><b>1</b> <c><int></c></a>",
            "<a><c>7</c><b>1</b></a>",
            &[],
        );
    }

    #[test]
    fn names_attributes_and_texts_count() {
        check(true, "<a/>", "<b/>", &["/b: expected the element a"]);
        check(
            true,
            "<a>1</a>",
            "<a>2</a>",
            &["/a: expected \"1\", got <a>2</a>"],
        );
        check(
            true,
            "<a><int></a>",
            "<a>x</a>",
            &["/a: expected a number for <int>, got <a>x</a>"],
        );
        check(
            false,
            "<a b=\"1\"/>",
            "<a/>",
            &["/a: expected b=\"1\", got None"],
        );
        check(
            true,
            "<a/>",
            "<a b=\"1\"/>",
            &["/a: the attribute b is not expected"],
        );
    }

    #[test]
    fn missing_elements_differ_and_others_only_where_it_is_exact() {
        let (want, got) = ("<a><b>1</b></a>", "<a><c>2</c></a>");
        let missing = "/a/b: missing, expected <b>1</b>";
        check(false, want, got, &[missing]);
        check(
            true,
            want,
            got,
            &[missing, "/a/c: not expected, got <c>2</c>"],
        );
    }

    #[test]
    fn naming_one_instance_names_them_all() {
        let want = "<a><instance><instanceId>1</instanceId></instance></a>";
        let got = "<a><instance><instanceId>1</instanceId></instance><instance/></a>";
        check(
            false,
            want,
            got,
            &["/a/instance: not expected, got <instance></instance>"],
        );
    }
}
