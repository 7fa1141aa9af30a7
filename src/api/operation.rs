//! What a request asks for. Readiness, limits, rights and metrics are keyed by it.

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Register an instance.
    Register,
    /// Renew a lease.
    Renew,
    /// Cancel a lease.
    Cancel,
    /// Set an override.
    SetStatus,
    /// Remove an override.
    RemoveStatus,
    /// Put metadata in.
    SetMetadata,
    /// Fetch everything.
    FetchAll,
    /// Fetch what changed lately.
    FetchDelta,
    /// Fetch one application.
    FetchApplication,
    /// Fetch one instance.
    FetchInstance,
    /// Fetch what answers to a virtual address.
    FetchVip,
    /// Fetch the status of this server.
    FetchStatus,
    /// Switch a group at Amazon.
    SetAsgStatus,
    /// Take a batch from a server that speaks Eureka's replication.
    Replicate,
    /// Ask what can be done.
    Options,
    /// Anything that is no part of the Eureka API.
    Other,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Register,
        Self::Renew,
        Self::Cancel,
        Self::SetStatus,
        Self::RemoveStatus,
        Self::SetMetadata,
        Self::FetchAll,
        Self::FetchDelta,
        Self::FetchApplication,
        Self::FetchInstance,
        Self::FetchVip,
        Self::FetchStatus,
        Self::SetAsgStatus,
        Self::Replicate,
        Self::Options,
        Self::Other,
    ];

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Renew => "renew",
            Self::Cancel => "cancel",
            Self::SetStatus => "set_status",
            Self::RemoveStatus => "remove_status",
            Self::SetMetadata => "set_metadata",
            Self::FetchAll => "fetch_all",
            Self::FetchDelta => "fetch_delta",
            Self::FetchApplication => "fetch_application",
            Self::FetchInstance => "fetch_instance",
            Self::FetchVip => "fetch_vip",
            Self::FetchStatus => "fetch_status",
            Self::SetAsgStatus => "set_asg_status",
            Self::Replicate => "replicate",
            Self::Options => "options",
            Self::Other => "other",
        }
    }

    /// Whether it reads a list, which a server that is not ready must not serve: clients would take a partial list
    /// for the whole.
    pub const fn reads_list(self) -> bool {
        matches!(
            self,
            Self::FetchAll | Self::FetchDelta | Self::FetchApplication | Self::FetchVip
        )
    }

    /// Whether it writes, which a server must not do before it knows that no other goes by its name. A heartbeat
    /// writes nothing.
    pub const fn writes(self) -> bool {
        matches!(
            self,
            Self::Register
                | Self::Cancel
                | Self::SetStatus
                | Self::RemoveStatus
                | Self::SetMetadata
                | Self::Replicate
        )
    }

    /// Whether it tells what holds when it is said: heard late, it could be taken for the last word.
    pub const fn speaks_for_now(self) -> bool {
        self.writes() || matches!(self, Self::Renew)
    }
}
