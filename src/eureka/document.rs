//! Documents: lists of applications, one application, one instance.
//!
//! Here: the documents, and a list's pieces, so that they can be rendered apart and put together later. A list is
//! [`open`], then per application [`open_application`], its instances with [`separate`] between them and
//! [`close_application`], with [`separate`] between applications, then [`close`]; all of the same dialect.
//! [`applications`] does just that. Everything is appended, and none of it can fail.

use super::dialect::{Dialect, Form, Format};
use super::instance::write;
use super::pen::Pen;
use crate::registry::instance::AppName;
use crate::registry::view::Shown;

/// What a list says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Counts the changes in deltas; 1 in full lists. Clients that read -1 never ask for deltas, so only lookups by
    /// virtual address carry that.
    pub version: i64,
    /// How many instances have which status, as clients compare it.
    pub hash: &'a str,
}

/// Begins a list.
pub fn open(out: &mut Vec<u8>, dialect: Dialect, header: &Header<'_>) {
    let pen = &mut Pen::new(out, dialect);
    pen.open_root("applications");
    if dialect.form == Form::Full {
        write_header(pen, header);
    }
    pen.open_list("application");
}

/// Begins an application in a list.
pub fn open_application(out: &mut Vec<u8>, dialect: Dialect, name: &AppName) {
    let pen = &mut Pen::inside(out, dialect, 1);
    pen.open_item("application");
    pen.text("name", name.as_str());
    pen.open_list("instance");
}

/// Writes an instance of an application in a list.
pub fn instance(out: &mut Vec<u8>, dialect: Dialect, shown: &Shown<'_>) {
    write_item(&mut Pen::inside(out, dialect, 2), shown);
}

/// Separates two instances of an application, or two applications.
pub fn separate(out: &mut Vec<u8>, dialect: Dialect) {
    Pen::new(out, dialect).separate();
}

/// Ends an application in a list.
pub fn close_application(out: &mut Vec<u8>, dialect: Dialect) {
    let pen = &mut Pen::inside(out, dialect, 2);
    pen.close_list();
    pen.close_item("application");
}

/// Ends a list.
pub fn close(out: &mut Vec<u8>, dialect: Dialect, header: &Header<'_>) {
    let pen = &mut Pen::inside(out, dialect, 1);
    pen.close_list();
    if dialect.form == Form::Compact {
        write_header(pen, header);
    }
    pen.close_root("applications");
}

/// Writes a whole list.
pub fn applications<'a>(
    out: &mut Vec<u8>,
    dialect: Dialect,
    header: &Header<'_>,
    groups: impl IntoIterator<Item = (&'a AppName, impl IntoIterator<Item = Shown<'a>>)>,
) {
    open(out, dialect, header);
    for (place, (name, instances)) in groups.into_iter().enumerate() {
        if place > 0 {
            separate(out, dialect);
        }
        open_application(out, dialect, name);
        write_items(&mut Pen::inside(out, dialect, 2), instances);
        close_application(out, dialect);
    }
    close(out, dialect, header);
}

/// Writes one application as a document.
pub fn application<'a>(
    out: &mut Vec<u8>,
    dialect: Dialect,
    name: &AppName,
    instances: impl IntoIterator<Item = Shown<'a>>,
) {
    let pen = &mut Pen::new(out, dialect);
    pen.open_root("application");
    pen.text("name", name.as_str());
    pen.open_list("instance");
    write_items(pen, instances);
    pen.close_list();
    pen.close_root("application");
}

/// Writes one instance as a document, which is always in full.
pub fn single_instance(out: &mut Vec<u8>, format: Format, shown: &Shown<'_>) {
    let pen = &mut Pen::new(out, Dialect::full(format));
    pen.open_root("instance");
    write(pen, shown);
    pen.close_root("instance");
}

fn write_header(pen: &mut Pen<'_>, header: &Header<'_>) {
    pen.digits("versions__delta", header.version);
    pen.text("apps__hashcode", header.hash);
}

fn write_items<'a>(pen: &mut Pen<'_>, instances: impl IntoIterator<Item = Shown<'a>>) {
    for (place, shown) in instances.into_iter().enumerate() {
        if place > 0 {
            pen.separate();
        }
        write_item(pen, &shown);
    }
}

fn write_item(pen: &mut Pen<'_>, shown: &Shown<'_>) {
    pen.open_item("instance");
    write(pen, shown);
    pen.close_item("instance");
}

#[cfg(test)]
mod tests;
