//! Membership, and agreement on versioned records.
//!
//! One server of a cluster is a [`node`]: it knows who is there ([`membership`], with the small [`heads`] by which each
//! tells what it has written), talks to the others on streams ([`frame`]), proves with a key that it belongs to them
//! ([`keys`], [`envelope`]; [`gate`] keeps the rest at a distance), and makes a set of records the same
//! everywhere ([`agreement`], with [`vector`] and [`log`]). What "newer" means is told by [`version`], what is agreed on
//! by [`record`], and who keeps it is behind the seam of [`replica`]; what outlives a server is a [`snapshot`]. Not here: what the records say, and when a lease
//! ends. All of it is values; time and chance are handed in. Only `runtime`, behind the feature of that name, puts a node
//! among real sockets.

pub mod agreement;
mod channel;
pub mod envelope;
pub mod frame;
pub mod gate;
pub mod heads;
pub mod health;
pub mod identity;
pub mod item;
pub mod keys;
pub mod log;
pub mod membership;
pub mod node;
pub mod pace;
pub mod record;
pub mod replica;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(test)]
mod shelf;
pub mod snapshot;
pub mod surroundings;
pub mod timers;
pub mod vector;
pub mod version;
