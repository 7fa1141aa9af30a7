//! A cluster in the words of the public API.
//!
//! Here: the document of `GET /api/v1/cluster`, which servers write and the command line reads. Not here: how it comes
//! about (`made`). What must always hold: a field that is here stays, with its meaning; a reader passes over fields it
//! does not know and takes those it misses as empty, so that two releases understand each other.
//!
//! Ids are 16 hexadecimal digits, times RFC 3339 in UTC, durations milliseconds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cluster as one of its servers sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cluster {
    /// What the cluster is called. Servers of clusters of other names are strangers.
    pub name: String,
    /// Whether all who are up have seen the same writes and hold the same instances. A lone server agrees with
    /// itself. While clients register it may be `false` for moments.
    pub agreed: bool,
    /// Since when this server has lost the others, rather than they their lives. `null`: it has not.
    #[serde(default)]
    pub isolated_since: Option<String>,
    /// The server that answers.
    pub server: Server,
    /// The others it knows, in the order of their ids.
    #[serde(default)]
    pub members: Vec<Member>,
    /// Which leases are not ended though they are silent, and why.
    #[serde(default)]
    pub protected: Vec<Protected>,
    /// Leases whose owner is gone, and which are kept in doubt.
    #[serde(default)]
    pub orphans: Vec<Orphans>,
    /// What was counted since the start.
    #[serde(default)]
    pub counts: Counts,
}

/// A server about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Server {
    /// Names it as long as it keeps its name or its data directory.
    pub id: String,
    /// Counts its starts. With the id it makes the origin of its writes.
    pub epoch: u64,
    /// What people call it.
    pub name: String,
    /// Its zone; empty if nobody said.
    pub zone: String,
    /// Where people and clients find it.
    pub url: String,
    /// Where its peers find it. `null`: it takes none.
    pub address: Option<String>,
    /// Its release.
    pub version: String,
    /// When it started.
    pub started_at: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether clients are to be sent here.
    pub ready: bool,
    /// What it serves meanwhile.
    pub serves: Serves,
    /// What it holds and has seen.
    #[serde(flatten)]
    pub state: State,
    /// Instances it shows, whoever owns their leases.
    pub instances: u64,
    /// How much reason it has to doubt its own senses, and to be slow in accusing others: 0 is none, 8 the most.
    pub doubt: u8,
    /// What the cluster key it uses may be called: the beginning of a hash of it. `null`: it has none.
    pub key: Option<String>,
}

/// How far a server has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Looks for anybody who is ready.
    #[default]
    Joining,
    /// Takes over what those have who are ready.
    Syncing,
    /// Nobody is ready: collects registrations until lists are whole again.
    Collecting,
    /// Serves.
    Ready,
    /// Is about to leave.
    Draining,
}

/// What a server serves at its stage. What it does not is answered 503, and clients go to the next server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Serves {
    /// Lists of instances.
    pub lists: bool,
    /// Calls about unknown instances, answered 404.
    pub not_found: bool,
    /// Anything that writes.
    pub writes: bool,
    /// Registrations of instances that are not registered yet.
    pub new_leases: bool,
}

/// What a server holds and has seen, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct State {
    /// Its last own write.
    pub sequence: u64,
    /// A hash of whose writes it has seen, and how far. Equal hashes: the same was seen.
    pub seen_hash: String,
    /// A hash of the instances it shows, with their versions. Equal hashes: the same is shown.
    pub digest: String,
    /// Leases it keeps.
    pub leases_owned: u32,
    /// How many of these are silent: unheard for two of their own intervals, or over.
    pub leases_silent: u32,
    /// Heartbeats it heard in the last minute.
    pub renewals_per_minute: u32,
}

/// Another server, as the one that answers sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Member {
    /// Names it as long as it keeps its name or its data directory.
    pub id: String,
    /// Counts its starts. `null`: nothing was heard of it yet.
    pub epoch: Option<u64>,
    /// What people call it; its id until it has told.
    pub name: String,
    /// Its zone; empty if nobody said.
    pub zone: String,
    /// Where people and clients find it; empty until it has told.
    pub url: String,
    /// Where its peers find it.
    pub address: String,
    /// Whether it is there.
    pub standing: Standing,
    /// Whether it serves lists.
    pub ready: bool,
    /// Whether it takes no new leases, since it is about to leave.
    pub draining: bool,
    /// Whether it holds back evictions.
    pub preserving: bool,
    /// Whether it has lost the others.
    pub isolated: bool,
    /// Whether it has seen and shows the same as the server that answers.
    pub agrees: Agreement,
    /// What it last told of itself. `null`: nothing yet.
    pub state: Option<State>,
    /// How many of its writes the server that answers has applied.
    pub applied: u64,
    /// How many of its writes that server knows to be missing there.
    pub lag: u64,
    /// How long an answer takes on the stream to it.
    pub round_trip_ms: Option<f64>,
    /// How long ago anything came from it.
    pub heard_ms_ago: Option<u64>,
    /// Whether there is a stream to it.
    pub connected: bool,
    /// Whether writes are sent to it as they happen; else it has to ask for them.
    pub pushed: bool,
    /// Bytes that wait to be sent to it.
    pub queued_bytes: u64,
    /// How far its clock is ahead.
    pub clock_offset_ms: Option<i64>,
    /// The release of the protocol that both speak.
    pub protocol: Option<u16>,
    /// What does not come through from it, though it is up. `null`: nothing is known to be blocked.
    pub blocked: Option<Blocked>,
    /// The cluster key by which the stream to it is sealed. `null`: there is no key, or no stream.
    pub key: Option<String>,
}

/// Whether a peer is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is.
    Up,
    /// It does not answer, and is given time to gainsay.
    Suspect,
    /// It is there, and ahead of the server that answers, which cannot follow.
    Behind,
    /// It is not.
    #[default]
    Down,
    /// It said goodbye.
    Left,
}

/// What does not come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// Datagrams: servers that die are noticed late.
    Udp,
    /// Streams: writes come by way of others only.
    Tcp,
    /// Neither, though others reach it.
    Both,
}

/// Whether two servers show the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// They have seen the same writes and show the same.
    Yes,
    /// One has seen writes that the other has not; they are on their way.
    NotYet,
    /// They have seen the same writes, and yet they show different instances.
    No,
    /// Nothing was heard of one of them.
    #[default]
    Unknown,
}

/// Leases that are not ended though they are silent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Protected {
    /// Which guard does it: `server`, `zone` or `isolation`.
    pub guard: String,
    /// Whose zone, for a zone's guard. `null`: those without one.
    pub zone: Option<String>,
    /// Why, as a sentence.
    pub why: String,
    /// Since when.
    pub since: String,
    /// Until when at the latest.
    pub until: String,
    /// Leases that are counted.
    pub leases_counted: u64,
    /// How many of these are silent.
    pub leases_silent: u64,
}

/// Leases of one owner that is gone, kept in doubt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Orphans {
    /// The origin that owned them: its id and its epoch.
    pub owner: String,
    /// How many there are.
    pub leases: u64,
    /// Why they are kept, as a sentence.
    pub why: String,
    /// Since when their owner has been gone.
    pub since: String,
    /// When their release begins.
    pub until: String,
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Counts {
    /// Pulls asked for.
    pub pulls: u64,
    /// Writes sent to peers as they happened, counted per peer.
    pub pushed_writes: u64,
    /// Writes of others applied.
    pub applied_writes: u64,
    /// Comparisons of all records with a peer.
    pub compares: u64,
    /// Times that two servers had seen the same writes and yet showed different instances.
    pub digest_mismatches: u64,
    /// Heartbeats passed on to the owners of their leases.
    pub relays_sent: u64,
    /// Heartbeats that were passed on to this server.
    pub relays_received: u64,
    /// Leases taken over from other servers.
    pub adoptions: u64,
    /// Ends of leases gainsaid, since their clients had been heard.
    pub refutations: u64,
    /// Records that could not be read and were passed over.
    pub records_unreadable: u64,
    /// Streams closed because the two ends had no cluster key in common.
    pub streams_unproved: u64,
    /// Streams closed because they carried nonsense.
    pub streams_senseless: u64,
    /// Datagrams that were damaged, or another cluster's.
    pub datagrams_foreign: u64,
    /// Datagrams whose sender does not have the cluster's key, or that were changed on their way.
    pub datagrams_forged: u64,
    /// Datagrams that had been taken before, or are too old to tell.
    pub datagrams_replayed: u64,
    /// Datagrams dropped unread, since their sender had not introduced itself on a stream.
    pub datagrams_unknown: u64,
    /// Datagrams that made no sense.
    pub datagrams_malformed: u64,
}

impl Cluster {
    /// Those who should be there and are not, or cannot be followed.
    pub fn missing(&self) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(|member| matches!(member.standing, Standing::Down | Standing::Behind))
    }
}
