//! `.yml`: nested maps become dotted keys, lists become `key[0]`.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::find::Entry;
use crate::config::layers::join;

/// Every scalar of every document, or the line that is no YAML.
///
/// Aliases stay as they are: where one stands for a value that acts, the value is refused as any other text would be.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        entries: Vec::new(),
        document: 0,
    };
    match reader.documents() {
        Ok(()) => Ok(reader.entries),
        Err(error) => Err((error.marker().line(), error.info().to_owned())),
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    entries: Vec<Entry>,
    document: usize,
}

type Node<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn documents(&mut self) -> Result<(), ScanError> {
        while let Some(node) = self.parser.next().transpose()? {
            match node.0 {
                Event::DocumentStart(_) => self.document += 1,
                _ => self.node(node, "")?,
            }
        }
        Ok(())
    }

    /// What comes next; the parser closes all it opened, so there is always something.
    fn next(&mut self) -> Result<Node<'a>, ScanError> {
        let end = || Ok((Event::StreamEnd, Span::default()));
        self.parser.next().unwrap_or_else(end)
    }

    fn node(&mut self, (event, span): Node<'a>, path: &str) -> Result<(), ScanError> {
        match event {
            Event::Scalar(value, ScalarStyle::Plain, ..) if matches!(&*value, "~" | "null") => {
                self.scalar(path, String::new(), span);
            }
            Event::Scalar(value, ..) => self.scalar(path, value.into_owned(), span),
            Event::Alias(_) => self.scalar(path, "*alias".to_owned(), span),
            Event::MappingStart(..) => self.map(path)?,
            Event::SequenceStart(..) => self.list(path)?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, path: &str, value: String, span: Span) {
        self.entries.push(Entry {
            key: path.to_owned(),
            value,
            line: span.start.line(),
            document: self.document,
        });
    }

    fn map(&mut self, path: &str) -> Result<(), ScanError> {
        loop {
            let key = match self.next()?.0 {
                Event::MappingEnd | Event::StreamEnd => return Ok(()),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => "?".to_owned(),
            };
            let value = self.next()?;
            self.node(value, &join(path, &key))?;
        }
    }

    fn list(&mut self, path: &str) -> Result<(), ScanError> {
        for index in 0_usize.. {
            let item = self.next()?;
            if matches!(item.0, Event::SequenceEnd | Event::StreamEnd) {
                break;
            }
            self.node(item, &format!("{path}[{index}]"))?;
        }
        Ok(())
    }
}
