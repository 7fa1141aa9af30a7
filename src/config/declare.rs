//! How settings are declared.
//!
//! Here: [`Setting`], one row of the table of settings, and the macro that makes typed structs, their defaults and
//! the table from one declaration. Not here: the settings themselves (`settings`).

use super::Config;

/// One setting, as everything that does not know its type sees it.
#[derive(Debug)]
pub struct Setting {
    section: &'static str,
    field: &'static str,
    doc: &'static [&'static str],
    /// Whether it is a list.
    pub(super) list: bool,
    pub(super) read: fn(&mut Config, &str) -> Result<(), String>,
    pub(super) write: fn(&Config) -> String,
}

impl Setting {
    /// A row of the table; the macro writes these.
    pub(super) const fn new(
        section: &'static str,
        field: &'static str,
        doc: &'static [&'static str],
        list: bool,
        read: fn(&mut Config, &str) -> Result<(), String>,
        write: fn(&Config) -> String,
    ) -> Self {
        Self {
            section,
            field,
            doc,
            list,
            read,
            write,
        }
    }

    /// Its name in the file: `lease.sweep-interval`.
    pub fn key(&self) -> String {
        let field = self.field.replace('_', "-");
        match self.section {
            "" => field,
            section => format!("{}.{field}", section.replace('_', "-")),
        }
    }

    /// Its name in the environment: `PEERAGE__LEASE__SWEEP_INTERVAL`.
    pub fn environment_name(&self) -> String {
        match self.section {
            "" => format!("PEERAGE__{}", self.field),
            section => format!("PEERAGE__{section}__{}", self.field),
        }
        .to_uppercase()
    }

    /// What it means, its default, and what goes wrong at both extremes.
    pub fn about(&self) -> String {
        let lines: Vec<_> = self.doc.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }
}

/// Declares all settings: first those without a section, then section by section.
///
/// `name: Kind = default, in bounds;` becomes a field with its documentation, its default, and a row of `TABLE`.
macro_rules! settings {
    (
        [] {
            $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty = $default:expr $(, in $bounds:expr)?; )*
        }
        $(
            $(#[doc = $section_doc:literal])+
            [$section:ident] $Section:ident {
                $( $(#[doc = $sdoc:literal])+ $sfield:ident: $skind:ty = $sdefault:expr $(, in $sbounds:expr)?; )*
            }
        )*
    ) => {
        /// Every setting of the server, with its effective value.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Config {
            $( $(#[doc = $doc])+ pub $field: $kind, )*
            $( $(#[doc = $section_doc])+ pub $section: $Section, )*
        }

        impl Default for Config {
            fn default() -> Self {
                Self {
                    $( $field: $default, )*
                    $( $section: $Section::default(), )*
                }
            }
        }

        $(
            $(#[doc = $section_doc])+
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $Section {
                $( $(#[doc = $sdoc])+ pub $sfield: $skind, )*
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $sfield: $sdefault, )* }
                }
            }
        )*

        /// All settings, in the order in which they are shown.
        pub static TABLE: &[Setting] = &[
            $( Setting::new(
                "",
                stringify!($field),
                &[$($doc),+],
                <$kind as value::Value>::LIST,
                |config, text| {
                    config.$field = value::read(text, &settings!(@bounds $($bounds)?))?;
                    Ok(())
                },
                |config| value::write(&config.$field),
            ), )*
            $( $( Setting::new(
                stringify!($section),
                stringify!($sfield),
                &[$($sdoc),+],
                <$skind as value::Value>::LIST,
                |config, text| {
                    config.$section.$sfield = value::read(text, &settings!(@bounds $($sbounds)?))?;
                    Ok(())
                },
                |config| value::write(&config.$section.$sfield),
            ), )* )*
        ];
    };
    (@bounds) => { .. };
    (@bounds $bounds:expr) => { $bounds };
}

pub(super) use settings;
