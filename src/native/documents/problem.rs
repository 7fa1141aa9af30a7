//! Why a request was refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Why a request was refused (RFC 9457), as `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Problem {
    /// What kind of problem it is: a word that never changes, as a relative reference: `/problems/bad-query`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in a few words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong with this request, and what to do about it.
    pub detail: String,
    /// Further members: `position`, `length`, `expected` and `suggestion` of a mistake in a query, `field` of one in a
    /// body, and so on.
    #[serde(flatten)]
    #[schema(inline, additional_properties)]
    pub members: BTreeMap<String, Value>,
}
