//! Rust sources as the rules see them: code without comments and literals, and the paths named in it.
//!
//! Not a parser. It knows just enough to tell what a file names and where, and expects code as rustfmt leaves it.

use std::path::Path;

/// A source file.
pub(crate) struct Source {
    /// Its place in the repository.
    pub(crate) place: String,
    /// How many lines it has.
    pub(crate) lines: usize,
    /// Its code: comments and literals are blank.
    pub(crate) whole: String,
    /// The same without the tests at its end.
    pub(crate) code: String,
}

/// The first two parts of a path, such as `crate::registry`, and the line it stands in.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) head: String,
    pub(crate) next: String,
}

impl Source {
    /// A file with this text.
    pub(crate) fn new(place: &str, text: &str) -> Self {
        let whole = without_literals(text);
        let tests = declared_for_tests(&whole).find(|(_, module)| module.ends_with('{'));
        let code = tests.map_or(whole.as_str(), |(at, _)| &whole[..at]);
        Self {
            place: place.into(),
            lines: text.lines().count(),
            code: code.to_owned(),
            whole,
        }
    }

    /// All sources below a folder, in order.
    pub(crate) fn below(root: &Path, folder: &str) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.expect("the folder is readable").file_name());
        let mut places: Vec<_> = names
            .map(|name| format!("{folder}/{}", name.display()))
            .collect();
        places.sort();
        places
            .iter()
            .flat_map(|place| Self::at(root, place))
            .collect()
    }

    /// The sources at a place: a folder's, a file's, or none.
    fn at(root: &Path, place: &str) -> Vec<Self> {
        let path = root.join(place);
        if path.is_dir() {
            return Self::below(root, place);
        }
        if !place.ends_with(".rs") {
            return Vec::new();
        }
        let text = std::fs::read_to_string(path).expect("a source is text");
        vec![Self::new(place, &text)]
    }

    /// The files it declares as modules that only tests use.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let (folder, name) = self.place.rsplit_once('/').unwrap_or_default();
        let folder = match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder,
            _ => self.place.trim_end_matches(".rs"),
        };
        let declared = declared_for_tests(&self.code).filter_map(|(_, module)| {
            let (_, name) = module.strip_suffix(';')?.rsplit_once("mod ")?;
            Some(format!("{folder}/{name}.rs"))
        });
        declared.collect()
    }

    /// Every path named in the code, by its first two parts. Those of a group (`crate::{a, b::c}`) come one by one,
    /// and `super` that leads out of the outermost module is `crate`.
    pub(crate) fn names(&self) -> Vec<Named> {
        let code = &self.code;
        let heads = code
            .match_indices("::")
            .filter_map(|(at, _)| Some((at, head(&code[..at])?)));
        let named = heads.flat_map(|(at, head)| {
            let line = code[..at].matches('\n').count() + 1;
            let (head, tail) = self.leave_super(head, &code[at + 2..]);
            nexts(tail).into_iter().map(move |next| Named {
                line,
                head: head.into(),
                next: next.into(),
            })
        });
        named.collect()
    }

    fn leave_super<'a>(&self, head: &'a str, mut tail: &'a str) -> (&'a str, &'a str) {
        if head != "super" {
            return (head, tail);
        }
        let mut ups = 1;
        while let Some(rest) = tail.strip_prefix("super::") {
            (ups, tail) = (ups + 1, rest);
        }
        (if ups >= self.depth() { "crate" } else { head }, tail)
    }

    /// How many modules down from the root of its package: `src/a/b.rs` is two.
    fn depth(&self) -> usize {
        let inside = self.place.rsplit("src/").next().unwrap_or_default();
        let module = inside.trim_end_matches(".rs").trim_end_matches("/mod");
        module.split('/').count()
    }
}

/// The lines that hold this text, in whatever case.
pub(crate) fn lines_with(code: &str, text: &str) -> Vec<usize> {
    let text = text.to_lowercase();
    let lines = (1..).zip(code.lines());
    lines
        .filter(|(_, line)| line.to_lowercase().contains(&text))
        .map(|(number, _)| number)
        .collect()
}

/// Where something is declared for tests only, and the line that declares it.
fn declared_for_tests(code: &str) -> impl Iterator<Item = (usize, &str)> {
    const MARK: &str = "#[cfg(test)]\n";
    let marks = code.match_indices(MARK);
    let declared = marks.filter_map(|(at, _)| Some((at, code[at + MARK.len()..].lines().next()?)));
    declared.filter(|(_, line)| line.contains("mod "))
}

/// The word a path begins with, if one begins there.
fn head(before: &str) -> Option<&str> {
    let start = before
        .rfind(|character| !is_word(character))
        .map_or(0, |at| at + 1);
    let first = !before[..start].ends_with("::");
    Some(&before[start..]).filter(|head| first && !head.is_empty())
}

/// The words that follow a `::`, several if there is a group.
fn nexts(tail: &str) -> Vec<&str> {
    let Some(group) = tail.strip_prefix('{') else {
        return vec![word(tail)];
    };
    let mut depth = 0;
    let end = group.find(|character| nest(&mut depth, character) < 0);
    let mut depth = 0;
    let members = group[..end.unwrap_or(group.len())]
        .split(|character| nest(&mut depth, character) == 0 && character == ',');
    let names = members.map(|member| word(member.trim_start()));
    names.filter(|name| !name.is_empty()).collect()
}

/// How deep in braces we are after this character.
fn nest(depth: &mut i32, character: char) -> i32 {
    match character {
        '{' => *depth += 1,
        '}' => *depth -= 1,
        _ => {}
    }
    *depth
}

fn word(text: &str) -> &str {
    &text[..text
        .find(|character| !is_word(character))
        .unwrap_or(text.len())]
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The text with blanks in the place of comments and literals. Lines stay where they are.
fn without_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let inside_word = code.ends_with(is_word);
        let Some(length) = literal(rest, inside_word) else {
            code.push(character);
            rest = &rest[character.len_utf8()..];
            continue;
        };
        let (opaque, after) = rest.split_at(length);
        code.extend(
            opaque
                .chars()
                .map(|character| if character == '\n' { '\n' } else { ' ' }),
        );
        rest = after;
    }
    code
}

/// The length of the comment or literal that starts here, if one does.
fn literal(rest: &str, inside_word: bool) -> Option<usize> {
    let until = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(until("*/", 2));
    }
    if let (Some(raw), false) = (rest.strip_prefix('r'), inside_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let quoted = raw[hashes..].starts_with('"');
        return quoted.then(|| until(&format!("\"{}", "#".repeat(hashes)), hashes + 2));
    }
    match rest.chars().next()? {
        '"' => Some(quoted(rest)),
        '\'' => character(rest),
        _ => None,
    }
}

/// The length of the string that starts here.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, character)| {
        let closes = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

/// The length of the character that starts here, unless it is a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    let (at, second) = characters.next()?;
    match (first, second) {
        ('\\', _) => rest[at + 1..].find('\'').map(|end| at + 1 + end + 1),
        (_, '\'') => Some(at + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &str, code: &str) -> Vec<String> {
        let named = Source::new(place, code).names();
        named
            .into_iter()
            .map(|named| format!("{} {}::{}", named.line, named.head, named.next))
            .collect()
    }

    #[test]
    fn comments_and_literals_are_blank_and_lines_stay() {
        let text = "a // b::c\n/* d\n::e */ f \"g\\\"::h\" r#\"i\"::j\"# '\"' 'k' '\\'' &'life m";
        let code = without_literals(text);
        assert_eq!(
            code.split_whitespace().collect::<Vec<_>>(),
            ["a", "f", "&'life", "m"]
        );
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn paths_are_found_by_their_first_two_parts() {
        let code = "use std::fs;\nuse crate::{a::{b, c}, d};\nfn f() { tokio::spawn(x) }\n";
        let expected = [
            "1 std::fs",
            "2 crate::a",
            "2 crate::d",
            "2 a::b",
            "2 a::c",
            "3 tokio::spawn",
        ];
        assert_eq!(names("src/a.rs", code), expected);
    }

    #[test]
    fn super_that_leaves_the_room_is_the_crate() {
        assert_eq!(names("src/a/b.rs", "use super::c;"), ["1 super::c"]);
        assert_eq!(names("src/a/b.rs", "use super::super::c;"), ["1 crate::c"]);
        assert_eq!(names("src/a/mod.rs", "use super::c;"), ["1 crate::c"]);
    }

    #[test]
    fn modules_that_only_tests_use_are_known() {
        let text = "mod a;\n#[cfg(test)]\npub(crate) mod laws;\nmod b;\n#[cfg(test)]\nmod tests;\n";
        let declared = Source::new("src/x/mod.rs", text).test_modules();
        assert_eq!(declared, ["src/x/laws.rs", "src/x/tests.rs"]);
        assert_eq!(Source::new("src/x.rs", text).test_modules(), declared);
    }

    #[test]
    fn the_tests_of_a_file_are_left_out() {
        let text = "use a::b;\n#[cfg(test)]\nmod tests {\n    use c::d;\n}\n";
        assert_eq!(names("src/a.rs", text), ["1 a::b"]);
    }
}
