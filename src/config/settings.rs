//! The settings: the one place where each is declared.
//!
//! Here: every setting with its meaning, unit, default and bounds. From this declaration come the typed structs, the
//! defaults, the parser of every layer, `config show` and the suggestions for misspelt keys. Not here: rules between
//! two settings ([`rules`](super::rules)). What must always hold: a setting that is here does something.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use peers::node::Rules;
use peers::runtime::Seed;

use super::declare::{Setting, settings};
use super::kinds::{Actions, Directory, File, Filter, LogFormat, PagePath, Percent, Size};
use super::listen::{Advertise, Listen};
use super::lists::{Allowed, Networks, Words};
use super::seeds::Seeds;
use super::value;
use crate::registry::settings::RegistrySettings;
use crate::registry::zones::ZoneRules;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn mins(mins: u64) -> Duration {
    Duration::from_secs(mins * 60)
}

const fn hours(hours: u64) -> Duration {
    mins(hours * 60)
}

const REGISTRY: RegistrySettings = RegistrySettings::DEFAULT;
const LOOPBACK_PEERS: SocketAddr =
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, Seed::PORT));

settings! {
    [] {
        /// The address and port of the Eureka API and the dashboard. Default `*:8761`, every address of the machine at
        /// the port Eureka's clients try first. On `127.0.0.1` no other machine finds the server; on every address
        /// everybody who reaches the machine may register. Port 0 takes any free one.
        listen: Listen = Listen::Everywhere { port: 8761 };

        /// What the server is called in its status, its pages and its log. Default the host name, which people know it
        /// by. Two servers of one name cannot be told apart.
        name: String = host_name();

        /// The environment that status and pages show. Default `test`, as Eureka's. It changes nothing else; a wrong one
        /// makes people restart the wrong server.
        environment: String = "test".to_owned();

        /// The data centre that status and pages show. Default `default`, as Eureka's. It changes nothing else.
        datacenter: String = "default".to_owned();

        /// The zone this server stands in, as status and pages show it. Default `none`: it is not guessed.
        zone: Option<String> = None;

        /// The directory in which the server remembers who it is, when it last started, where it knew its peers, and what
        /// was registered. Default `none`: nothing is written, the server is known by its name, and finds its peers by
        /// `cluster.join` alone. With one it keeps its id under another name, starts are told apart though a clock went
        /// back, the peers it knew are seeds, and the registry outlives a stop of all servers. One directory belongs to one server: a copy on another machine makes the later of
        /// the two stop, and one that takes no writes is warned of and done without.
        data_dir: Option<Directory> = None;

        /// Who may act as an operator through `/api/v1` and the pages: override, drain, evict, release. Default `auto`:
        /// whoever calls from this machine itself, not by way of a proxy. `off` is nobody; `on` is everybody who reaches
        /// the server, which may take any instance out of service.
        actions: Actions = Actions::Auto;
    }

    /// The zones of instances: by the first that is set of metadata `zone`, Amazon's availability zone, the further keys,
    /// the networks.
    [zones] ZoneSettings {
        /// Further keys of the metadata that tell the zone of an instance, in the order in which they are asked. Default
        /// `topology.kubernetes.io/zone`, the label of Kubernetes' nodes. A key that means something else puts instances
        /// into zones that do not exist; `none` leaves them to the networks.
        metadata_keys: Words = Words::of(&["topology.kubernetes.io/zone"]);

        /// Which zone the addresses of a network are in, for instances that tell none, like
        /// `10.1.0.0/16=eu-a,10.2.0.0/16=eu-b`; of several that hold an address the narrowest counts. Default `none`:
        /// nothing is guessed. A network too wide puts strangers into a zone, whose guard then counts them.
        networks: Networks = Networks::default();
    }

    /// The API below `/api/v1`.
    [api] ApiSettings {
        /// Names under which browsers may write through this server, besides addresses, `localhost` and the server's own
        /// name. Default `none`. A page of another site cannot act here even if its name is made to point here; a name
        /// that is missing refuses the server's own pages under it, a foreign one lets its owner's pages act.
        hosts: Words = Words::default();

        /// What the keys of metadata that hold secrets contain, in whatever case; their values are shown as `•••`, and so
        /// are those of keys that end in the word `key`. Default `password,passwd,secret,token,credential,apikey`. Too few
        /// show secrets to whoever can read the registry by this API, too many hide what people look for; `none` hides
        /// nothing. Eureka's own lists show everything, as clients need it.
        secret_keys: Words =
            Words::of(&["password", "passwd", "secret", "token", "credential", "apikey"]);
    }

    /// When a lease ends and how fast ended leases are evicted.
    [lease] LeaseSettings {
        /// Whether a renewed lease lasts twice its duration. Default `false`: 90 s mean 90 s. `true` brings back the
        /// arithmetic of Netflix's server, for clients that came to rely on it; the dead are then shown twice as long.
        doubled: bool = REGISTRY.lease_doubled;

        /// How often leases that are over are looked for. Default `1s`, so that the dead go within a second. Shorter
        /// costs wake-ups and gains nothing, since leases count in seconds; longer shows the dead for longer.
        sweep_interval: Duration = REGISTRY.sweep_interval, in millis(10)..=hours(24);

        /// The time for which the quota of evictions is dealt out: at most the share that `preservation.threshold`
        /// leaves goes in one window. Default `60s`, the pace of Eureka's sweeps. A short window lets a whole zone go
        /// before anybody looks; a long one keeps the dead after an honest mass shutdown.
        quota_window: Duration = REGISTRY.quota_window, in millis(10)..=hours(24);
    }

    /// Not evicting in doubt.
    [preservation] PreservationSettings {
        /// Whether the silence of many at once protects leases from eviction. Default `true`: a cut network looks
        /// like the death of all. `false` lets a cut empty the registry at the pace of the quota.
        enabled: bool = REGISTRY.preservation;

        /// The share of leases below which those still heard must fall for all to be protected; what is left to
        /// hundred is the quota of evictions per window. Default `85%`, Eureka's. Near 100% a single crash protects
        /// everything and nearly nothing is ever evicted; near 0% nothing is protected.
        threshold: Percent = percent(REGISTRY.share_kept_percent), in percent(1)..=percent(99);

        /// How long protection stays after its cause is gone. Default `1min`, two heartbeats of slow clients. Shorter
        /// makes it flap while clients come back; longer keeps the dead.
        hold: Duration = REGISTRY.protection_hold, in Duration::ZERO..=hours(24);

        /// The longest protection lasts while fewer than half of the leases, or fewer than ten, are silent. Default
        /// `10min`: few silent leases are more likely dead than cut off. Too short evicts during a rollout of the
        /// network, too long shows the dead.
        limit_short: Duration = REGISTRY.protection_limit_short, in secs(1)..=hours(24 * 7);

        /// The longest protection lasts when more are silent. Default `1h`: half of everything falls silent by a cut,
        /// and people need time to mend it. Too short empties the registry during an outage, too long hides a
        /// shutdown that was meant.
        limit_long: Duration = REGISTRY.protection_limit_long, in secs(1)..=hours(24 * 7);
    }

    /// Other servers that share the registry, and the times by which they are waited for.
    [cluster] ClusterSettings {
        /// The address and port at which peers are heard, by UDP and TCP alike. Default `127.0.0.1:8764`: peers of this
        /// machine only, for whoever reaches this port can write the registry. A server that is told to join nobody, and
        /// was not told where to listen, goes without peers if that port is taken. Port 0 takes any free one; then only
        /// this server finds others, until they have heard of it.
        peer_listen: Listen = Listen::At(LOOPBACK_PEERS);

        /// The address and port at which other peers reach this server. Default `auto`: what it listens at, or where
        /// that is every address, the one from which the first seed is reached. Wrong behind address translation, where
        /// peers then try in vain; `ADDR:PORT` sets it, and port 0 stands for the one it listens at.
        advertise: Advertise = Advertise::Auto;

        /// Where to look for peers: `HOST:PORT` or `dns:NAME[:PORT]`, several separated by commas; one that can be reached
        /// is enough. Default `none`: nobody is looked for, and the server is ready at once. Seeds are resolved and tried
        /// for ever. Servers that name no common seed never meet; a seed of another cluster is refused and reported.
        join: Seeds = Seeds::default();

        /// What the cluster is called. Default `peerage`. Only servers of one name share a registry, so that those of two
        /// environments stay apart though somebody mistook a seed; one misspelt name and a server stays alone.
        name: String = "peerage".to_owned();

        /// The file with the cluster's key, by which peers prove that they belong to it and seal what they say. Default
        /// `none`: whoever reaches the port of peers is believed. Each line is a key, 64 hexadecimal digits as
        /// `peerage cluster-key` makes them; the first is used, the others are accepted as well. SIGHUP has it read
        /// again, so that a key is replaced without a stop: add the new one as the second line everywhere, then make it
        /// the first everywhere, then take the old one away. A server that is left out stays alone.
        key_file: Option<File> = None;

        /// Whether peers may be heard beyond this machine though nothing proves who they are. Default `false`: without a
        /// key the server then refuses to start at such a `peer-listen`. With `true` whoever reaches the port can read and write the
        /// whole registry: only for networks that let nobody else in.
        insecure: bool = false;

        /// The networks that peers are in, like `10.1.0.0/16,2001:db8::/32`. Default `none`: peers may be anywhere. What
        /// comes from elsewhere is dropped before it is looked at, and counted as `outside`; whoever lies about an
        /// address still lacks the key. A network left out keeps its peers away.
        allow: Allowed = Allowed::default();

        /// How long a server that was told of seeds waits for a peer that is ready before it goes on without. Default
        /// `30s`, one renewal interval. Short ones take a slow network for a cold start, and open lists before clients
        /// that live have called; long ones refuse writes for longer when all servers start at once.
        join_wait: Duration = Rules::default().join_wait, in millis(100)..=hours(1);

        /// How long lists stay closed at least when no peer was ready. Default `1min`, two renewal intervals: by then
        /// every living client has registered again. Short ones show a part of the registry for the whole.
        collect_min: Duration = Rules::default().collect_min, in millis(100)..=hours(1);

        /// How long they stay closed at most. Default `5min`. Short ones show a part of a large registry for the whole;
        /// long ones leave clients that start meanwhile without any list.
        collect_max: Duration = Rules::default().collect_max, in millis(100)..=hours(24);

        /// In what time registrations must have grown by less than 5 % for lists to open in between; where nobody calls,
        /// how long after `join-wait` they open. Default `10s`: who failed to call has tried again by then. Short ones
        /// take a pause for the end; long ones open lists late.
        calm: Duration = Rules::default().calm, in millis(100)..=hours(1);

        /// After how long without a stream to anybody a server takes itself for cut off, and protects what falls silent.
        /// Default `10s`. Short ones protect the dead at every hiccup, long ones evict the living before the cut is seen.
        isolation: Duration = Rules::default().isolation, in millis(100)..=hours(1);

        /// How often peers that are lost, and seeds, are tried. Default `1s`: a cut that is mended heals within that
        /// time. Short ones make useless connections, long ones leave the registry in two parts.
        reconnect: Duration = Rules::default().reconnect, in millis(10)..=hours(1);
    }

    /// What changed lately, for clients that fetch only that.
    [delta] DeltaSettings {
        /// Whether the delta is served. Default `true`. When `false` it is refused with 403 and clients fetch the
        /// whole registry each time, which costs them and this server many times the bytes.
        enabled: bool = true;

        /// How long a change is told. Default `180s`, six fetches of a client. Below two fetch intervals (60 s) every
        /// hiccup makes a client fetch everything; above, deltas grow and tell clients what they know.
        retention: Duration = REGISTRY.delta_retention, in millis(100)..=hours(24);

        /// How often changes too old to be told are dropped. Default `30s`, Eureka's. Shorter costs work for nothing;
        /// longer keeps changes in the delta by up to that time more.
        prune_interval: Duration = secs(30), in millis(10)..=hours(24);
    }

    /// What is believed and what is remembered.
    [registry] RegistryMemorySettings {
        /// Whether a heartbeat that names a newer `lastDirtyTimestamp` than is registered is answered 404, so that the
        /// client registers again. Default `true`. When `false` changes that a client failed to register stay unseen.
        compare_timestamps: bool = REGISTRY.compare_timestamps;

        /// How long the record of an instance that left is remembered if it carries an override, so that the override
        /// still holds when the instance returns. Default `1h`, a long redeployment. Shorter forgets that somebody
        /// took the instance out of service; longer surprises who reuses its id tomorrow.
        remember_overridden: Duration = REGISTRY.remember_overridden, in secs(1)..=hours(24 * 7);
    }

    /// What is written into the data directory of what is registered.
    [snapshot] SnapshotSettings {
        /// How often all that is registered is written down; also when the server stops in order. Default `1min`. What
        /// was written since the last time is lost when all servers are killed at once: clients register again by
        /// themselves, overrides of operators do not. Short ones wear the disk, long ones lose more.
        interval: Duration = mins(1), in millis(100)..=hours(24);

        /// How old a snapshot may be at a start to be used. Default `10min`: whoever has left by then is shown for a lease
        /// more. With long ones instances are shown that are long gone, until their leases have passed; with short ones
        /// a long reboot empties the registry until clients register again, and forgets overrides.
        age_max: Duration = mins(10), in secs(1)..=hours(24 * 7);
    }

    /// The time after a start.
    [warm_up] WarmUpSettings {
        /// How long lists are refused after a start, while everything else is served. Default `0s`: open at once. With
        /// some time clients of an empty server keep the list they have until others have registered again; too long
        /// and clients that start in between find nobody.
        lists_closed_for: Duration = Duration::ZERO, in Duration::ZERO..=hours(24);

        /// How long after a start pages do not say that heartbeats are below the threshold. Default `5min`, Eureka's:
        /// until clients have found the server, they are. `0s` alarms people at every restart; long hides a real lack.
        notice_after: Duration = mins(5), in Duration::ZERO..=hours(24);
    }

    /// Reads of lists and deltas.
    [reads] ReadSettings {
        /// How many times a second answers are made anew for reads that follow a write; more reads in that second may
        /// get an answer that is up to 100 ms old. Default `10`. Low ones show changes late under load, high ones
        /// spend the processor on answers that few read.
        rebuilds_per_second: u32 = 10, in 1..=1000;
    }

    /// `/eureka/status`.
    [status] StatusSettings {
        /// From how many available peers on `/eureka/status` calls the server healthy. Default `none`: the flag is
        /// left out, as Eureka does. `0` always says healthy; more than there are peers never does.
        min_available_peers: Option<u32> = None;
    }

    /// How HTTP is served.
    [http] HttpSettings {
        /// How long an idle connection stays open. Default `75s`: clients beat every 30 s and should not have to dial
        /// each time. Below 30 s every heartbeat pays for a connection; very long keeps dead ones.
        keep_alive: Duration = secs(75), in secs(1)..=hours(1);

        /// How many threads serve. Default one per core. Fewer leave cores idle; many more only take turns.
        workers: NonZeroUsize = cores(), in count(1)..=count(1024);

        /// How many connections may be open at once; further ones wait to be accepted. Default `65536`. Too few lets
        /// clients time out; too many for the open files the system allows makes accepting fail.
        max_connections: NonZeroUsize = count(65_536), in count(1)..=count(10_000_000);
    }

    /// What a request may be at most. Each bounds what a stranger can make the server spend; each refuses honest
    /// clients where it is too low.
    [limits] LimitSettings {
        /// The longest body of a request; a longer one is answered 413. Default `1MiB`, a hundred times the usual
        /// registration. Low refuses instances with much metadata, high lets each connection hold that much memory.
        body: Size = Size::from_mib(1), in Size::from_kib(1)..=Size::from_mib(1024);

        /// The longest body of a batch from a Java peer; a longer one is answered 413. Default `16MiB`: such peers
        /// send 250 items at once. Low breaks their replication, high lets each connection hold that much memory.
        batch_body: Size = Size::from_mib(16), in Size::from_kib(1)..=Size::from_mib(1024);

        /// The longest head of a request; a longer one is answered 431. Default `32KiB`, what proxies pass. Low
        /// refuses clients with large tokens, high spends memory on each connection.
        head: Size = Size::from_kib(32), in Size::from_kib(1)..=Size::from_mib(1);

        /// The longest path with its query; a longer one is answered 414. Default `16KiB`, several times the longest
        /// id in its percent-encoding. Low refuses long ids, high is bounded by `head` anyway.
        path: Size = Size::from_kib(16), in Size::from_bytes(256)..=Size::from_mib(1);

        /// The longest id of an instance or name of an application; a longer one is answered 400. Default `4KiB`. Low
        /// refuses generated ids, high makes every list of everybody longer.
        name: Size = Size::from_kib(4), in Size::from_bytes(64)..=Size::from_mib(1);

        /// How many keys the metadata of an instance may have; more are answered 400. Default `1024`. Low refuses
        /// instances that describe themselves at length, high makes every list longer.
        metadata_keys: usize = 1024, in 1..=1_000_000;

        /// How long keys and values of the metadata of an instance may be together; longer ones are answered 400.
        /// Default `256KiB`. Low refuses instances that describe themselves at length, high makes every list longer.
        metadata_size: Size = Size::from_kib(256), in Size::from_bytes(256)..=Size::from_mib(1024);

        /// How deep a body may nest; a deeper one is answered 400. Default `32`: Eureka's own are six deep. Low
        /// refuses registrations, high costs stack.
        nesting: usize = 32, in 8..=128;

        /// How long the head of a request may take; then 408. Default `10s`. Short cuts off slow networks, long lets
        /// idle strangers hold connections.
        head_timeout: Duration = secs(10), in millis(100)..=hours(1);

        /// How long the body of a request may take; then 408. Default `30s`, a batch over a slow line. Short cuts off
        /// slow networks, long lets strangers hold memory.
        body_timeout: Duration = secs(30), in millis(100)..=hours(1);

        /// For how long a client may take nothing of what it is sent; then its connection ends. Default `60s`, longer
        /// than any pause of a network that is passed. Short cuts off slow readers of streams, long lets deaf ones hold
        /// connections. Only Linux ends them by it.
        unread_timeout: Duration = secs(60), in secs(1)..=hours(1);
    }

    /// What is remembered of what happened.
    [events] EventsSettings {
        /// How many events are kept. Default `65536`, an hour of a busy registry and about 16 MB when full. Few make
        /// streams that were broken off begin anew; many take memory.
        keep: NonZeroUsize = count(65_536), in count(100)..=count(10_000_000);

        /// For how long events are kept, but for the last thousand, which stay. Default `10min`, longer than any
        /// browser or script takes to connect again. Short ones make streams begin anew; long ones take memory up to
        /// `events.keep`.
        keep_for: Duration = mins(10), in secs(10)..=hours(24 * 7);
    }

    /// Streams of events and long polls.
    [stream] StreamSettings {
        /// How many subscribers there may be, streams and long polls together; more are answered 503. Default `20000`,
        /// which the limit of connections usually undercuts. Few turn pages and scripts away; each takes some ten
        /// kilobytes.
        subscribers: NonZeroUsize = count(20_000), in count(1)..=count(10_000_000);

        /// For how long changes are collected before they are told. Default `250ms`, which people take for at once.
        /// Short ones wake every subscriber for every change; long ones tell late.
        coalesce: Duration = millis(250), in millis(10)..=secs(60);

        /// How often a stream on which nothing happens says that it is alive. Default `15s`, less than proxies wait.
        /// Short ones cost wake-ups; long ones let proxies cut streams.
        bookmark: Duration = secs(15), in secs(1)..=mins(10);

        /// How much all streams together are written in a second. Default `256MiB`, which leaves a server of two cores
        /// time for its clients. Low ones tell thousands of subscribers late; high ones make heartbeats wait for them.
        rate: Size = Size::from_mib(256), in Size::from_mib(1)..=Size::from_mib(1024 * 1024);
    }

    /// Draining instances.
    [drain] DrainSettings {
        /// How often clients read the registry: a drain waits for so long for those it does not know yet, and takes who has
        /// not read for three times as long for gone. Default `30s`, as Eureka's clients do unless told otherwise. Shorter
        /// than they read lets instances be stopped that are still called; longer makes every drain slow.
        fetch_interval: Duration = secs(30), in secs(1)..=hours(1);
    }

    /// Stopping.
    [shutdown] ShutdownSettings {
        /// How long requests under way may take once the server was told to stop. Default `2s`, which is more than any
        /// needs and less than anybody waits. `0s` cuts requests off; above 30 s the system kills the server first.
        timeout: Duration = secs(2), in Duration::ZERO..=mins(5);

        /// How long a server that has peers goes on serving while it leaves, so that its clients find the others and the
        /// others take over its leases. Default `5s`; it is cut short when no client beats here any more. `0s` leaves that
        /// to the clients' retries; above 10 s the system may kill the server first.
        grace: Duration = secs(5), in Duration::ZERO..=mins(5);
    }

    /// The log, on standard error.
    [log] LogSettings {
        /// How lines look: `auto`, `text`, `json` or `logfmt`. Default `auto`: text on a terminal, JSON otherwise.
        format: LogFormat = LogFormat::Auto;

        /// Which lines are written: a level, or levels by target, like `peerage=debug,warn`. Default `info`: what
        /// happens to the server and its instances. `error` hides what was coped with; `trace` slows it down.
        filter: Filter = Filter::info();
    }

    /// `/metrics`.
    [metrics] MetricsSettings {
        /// Whether gauges are kept per application. Default `true`, since boards exist for them. With thousands of
        /// applications `true` makes scrapes long; `false` leaves only sums.
        per_application: bool = true;
    }

    /// The pages for people.
    [dashboard] DashboardSettings {
        /// Whether pages are served. Default `true`. When `false` only the API answers.
        enabled: bool = true;

        /// Where pages are served. Default `/`, as Eureka's. A path below `/eureka` hides part of the API, and is
        /// refused.
        path: PagePath = PagePath::root();

        /// The folder from which styles and modules of pages are read, anew each time, while designing them: `web-ui` of
        /// the sources. Default `none`: from within the program. A folder that is not there leaves pages bare.
        ui_dir: Option<Directory> = None;
    }
}

fn percent(percent: u8) -> Percent {
    Percent::new(percent).expect("settings are declared with at most 100 percent")
}

fn count(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("settings are declared with counts above zero")
}

fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn host_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}

impl Config {
    /// The times by which peers are waited for.
    pub const fn peer_rules(&self) -> Rules {
        let cluster = &self.cluster;
        Rules {
            join_wait: cluster.join_wait,
            collect_min: cluster.collect_min,
            collect_max: cluster.collect_max,
            calm: cluster.calm,
            isolation: cluster.isolation,
            reconnect: cluster.reconnect,
        }
    }

    /// By what the zone of an instance is told.
    pub fn zone_rules(&self) -> ZoneRules {
        let keys = self.zones.metadata_keys.0.iter();
        ZoneRules {
            metadata_keys: keys.map(|key| key.as_str().into()).collect(),
            networks: self.zones.networks.0.clone(),
        }
    }

    /// The settings the registry decides by.
    pub fn registry_settings(&self) -> RegistrySettings {
        RegistrySettings {
            sweep_interval: self.lease.sweep_interval,
            quota_window: self.lease.quota_window,
            share_kept_percent: self.preservation.threshold.get(),
            preservation: self.preservation.enabled,
            protection_hold: self.preservation.hold,
            protection_limit_short: self.preservation.limit_short,
            protection_limit_long: self.preservation.limit_long,
            delta_retention: self.delta.retention,
            compare_timestamps: self.registry.compare_timestamps,
            lease_doubled: self.lease.doubled,
            remember_dead: RegistrySettings::remember_dead_for(self.delta.retention),
            remember_overridden: self.registry.remember_overridden,
        }
    }
}
