//! Encoded lists, kept until what they show has changed.
//!
//! Here: rendering a listing block by block, keeping blocks whose leaf did not change, and how often documents are
//! made anew. Not here: what a document looks like (`eureka`), how blocks become one (`stitch`). What must always
//! hold: a document is of one snapshot; a reader waits for one that knows all writes acknowledged before it came,
//! unless documents were made so often in the last second that it gets one a little older.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web;
use arc_swap::ArcSwapOption;

use super::stitch::{Block, Document};
use crate::clock::Timestamp;
use crate::eureka::document::{self, Header};
use crate::eureka::{Dialect, Form, Format};
use crate::registry::instance::AppName;
use crate::registry::listing::{Leaf, Listing};
use crate::registry::snapshot::Snapshot;
use crate::server::State;

/// A list that is kept encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Everything.
    All,
    /// What changed lately.
    Delta,
}

impl List {
    fn of(self, snapshot: &Snapshot) -> &Listing {
        match self {
            Self::All => &snapshot.registered,
            Self::Delta => &snapshot.recent,
        }
    }

    /// Full lists have always been version 1; that of a delta changes whenever it does, and is never 0, since some
    /// clients take that for none.
    fn version(self, snapshot: &Snapshot) -> i64 {
        match self {
            Self::All => 1,
            Self::Delta => i64::try_from(snapshot.revision).unwrap_or(i64::MAX - 1) + 1,
        }
    }
}

/// All encoded lists.
#[derive(Debug)]
pub(crate) struct Cache {
    shelves: [Shelf; 8],
    rebuilds_per_second: usize,
}

/// One list in one dialect.
#[derive(Debug, Default)]
struct Shelf {
    current: ArcSwapOption<Edition>,
    making: tokio::sync::Mutex<()>,
    made_at: Mutex<VecDeque<Timestamp>>,
}

/// A document and the snapshot it is of.
#[derive(Debug)]
pub(crate) struct Edition {
    revision: u64,
    blocks: HashMap<u64, Block>,
    pub(crate) document: Document,
}

impl Cache {
    pub(crate) fn new(rebuilds_per_second: u32) -> Self {
        Self {
            shelves: Default::default(),
            rebuilds_per_second: rebuilds_per_second.max(1) as usize,
        }
    }

    fn shelf(&self, list: List, dialect: Dialect) -> &Shelf {
        let place = usize::from(list == List::Delta) * 4
            + usize::from(dialect.format == Format::Xml) * 2
            + usize::from(dialect.form == Form::Compact);
        self.shelves
            .get(place)
            .expect("there is a shelf for each list, format and form")
    }

    /// The document, if it may be served as it is.
    pub(crate) fn ready(
        &self,
        state: &State,
        list: List,
        dialect: Dialect,
    ) -> Option<Arc<Edition>> {
        let shelf = self.shelf(list, dialect);
        let edition = shelf.current.load_full()?;
        let fresh = state.registry.revision() == edition.revision;
        (fresh || shelf.may_lag(state.clock.now(), self.rebuilds_per_second)).then_some(edition)
    }

    /// The document, made anew if it must be.
    pub(crate) async fn get(
        state: &web::Data<State>,
        list: List,
        dialect: Dialect,
    ) -> Arc<Edition> {
        if let Some(edition) = state.cache.ready(state, list, dialect) {
            return edition;
        }
        let shelf = state.cache.shelf(list, dialect);
        let _one_at_a_time = shelf.making.lock().await;
        if let Some(edition) = state.cache.ready(state, list, dialect) {
            return edition;
        }
        let (maker, last) = (state.clone(), shelf.current.load_full());
        let made = web::block(move || {
            Arc::new(Edition::make(
                &maker.registry.refresh(),
                list,
                dialect,
                last.as_deref(),
            ))
        });
        let edition = made.await.expect("making a document does not panic");
        shelf.put(
            edition.clone(),
            state.clock.now(),
            state.cache.rebuilds_per_second,
        );
        edition
    }
}

impl Shelf {
    fn put(&self, edition: Arc<Edition>, now: Timestamp, rebuilds_per_second: usize) {
        self.current.store(Some(edition));
        let mut made_at = self.made_at.lock().unwrap_or_else(PoisonError::into_inner);
        made_at.push_back(now);
        while made_at.len() > rebuilds_per_second {
            made_at.pop_front();
        }
    }

    /// Whether a document that does not know the last write may be served: if all rebuilds of this second are
    /// spent, and it is not older than the pace they would have.
    fn may_lag(&self, now: Timestamp, rebuilds_per_second: usize) -> bool {
        let made_at = self.made_at.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(first), Some(last)) = (made_at.front(), made_at.back()) else {
            return false;
        };
        let pace = Duration::from_secs(1) / u32::try_from(rebuilds_per_second).unwrap_or(u32::MAX);
        let spent =
            made_at.len() == rebuilds_per_second && now.since(*first) < Duration::from_secs(1);
        spent && now.since(*last) < pace
    }
}

impl Edition {
    fn make(snapshot: &Snapshot, list: List, dialect: Dialect, last: Option<&Self>) -> Self {
        let header = Header {
            version: list.version(snapshot),
            hash: &snapshot.hash_code,
        };
        let mut blocks = HashMap::new();
        let mut pieces = Vec::new();
        let mut between = Between::begin(dialect, &header);
        for leaf in list.of(snapshot).leaves() {
            pieces.push(between.next(leaf));
            let known = last.and_then(|last| last.blocks.get(&leaf.number)).cloned();
            let block = known.unwrap_or_else(|| Block::deflate(&text(leaf, dialect)));
            pieces.push(block.clone());
            blocks.insert(leaf.number, block);
        }
        pieces.push(between.end(&header));
        Self {
            revision: snapshot.revision,
            blocks,
            document: Document::of(pieces),
        }
    }
}

/// The text of a leaf, from its first instance to its last.
fn text(leaf: &Leaf, dialect: Dialect) -> Vec<u8> {
    let mut out = Vec::new();
    let mut before: Option<&AppName> = None;
    for entry in &leaf.entries {
        step(&mut out, dialect, before, &entry.key().app);
        document::instance(&mut out, dialect, &entry.shown());
        before = Some(&entry.key().app);
    }
    out
}

/// What stands between two instances. In front of the first of a leaf stands nothing, since that depends on its
/// neighbour.
fn step(out: &mut Vec<u8>, dialect: Dialect, before: Option<&AppName>, app: &AppName) {
    match before {
        None => {}
        Some(before) if before == app => document::separate(out, dialect),
        Some(_) => {
            document::close_application(out, dialect);
            document::separate(out, dialect);
            document::open_application(out, dialect, app);
        }
    }
}

/// What stands between leaves.
struct Between<'a> {
    dialect: Dialect,
    opening: Vec<u8>,
    before: Option<&'a AppName>,
}

impl<'a> Between<'a> {
    fn begin(dialect: Dialect, header: &Header<'_>) -> Self {
        let mut opening = Vec::new();
        document::open(&mut opening, dialect, header);
        Self {
            dialect,
            opening,
            before: None,
        }
    }

    /// What stands in front of a leaf.
    fn next(&mut self, leaf: &'a Leaf) -> Block {
        let mut out = std::mem::take(&mut self.opening);
        if let Some(first) = leaf.entries.first() {
            match self.before {
                None => document::open_application(&mut out, self.dialect, &first.key().app),
                before => step(&mut out, self.dialect, before, &first.key().app),
            }
        }
        self.before = leaf.entries.last().map(|last| &last.key().app);
        Block::store(&out)
    }

    /// What stands behind the last.
    fn end(self, header: &Header<'_>) -> Block {
        let mut out = self.opening;
        if self.before.is_some() {
            document::close_application(&mut out, self.dialect);
        }
        document::close(&mut out, self.dialect, header);
        Block::store(&out)
    }
}
