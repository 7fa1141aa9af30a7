//! Where and when a document was made, which is no change of it.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// When a document was made, or at which revision. It does not count when two documents are compared for change: what
/// was read at an earlier revision is as good as long as nothing else in it differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AsOf(pub String);

impl Hash for AsOf {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
