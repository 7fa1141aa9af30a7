//! The four ways to spell a document.

/// JSON or XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl Format {
    /// What the `Content-Type` header of such a document says.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// The body that refuses an unparsable request. Eureka writes it as JSON only if the request called itself exactly
    /// `application/json`.
    pub const fn cannot_parse(self) -> &'static str {
        match self {
            Self::Json => r#"{"error": "cannot parse request body"}"#,
            Self::Xml => "<error><message>cannot parse request body</message></error>",
        }
    }
}

/// How much of an instance a list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Everything. XML is indented.
    Full,
    /// What it takes to call an instance. XML is on one line.
    Compact,
}

/// A format in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// JSON or XML.
    pub format: Format,
    /// Full or compact.
    pub form: Form,
}

impl Dialect {
    /// Everything, in this format.
    pub const fn full(format: Format) -> Self {
        let form = Form::Full;
        Self { format, form }
    }

    /// What it takes to call an instance, in this format.
    pub const fn compact(format: Format) -> Self {
        let form = Form::Compact;
        Self { format, form }
    }
}
