//! What the system says of this process.

use rustix::process::{Resource, getrlimit};

/// What the system says of this process. What it does not say is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Statistics {
    /// Memory in use.
    pub(crate) resident_bytes: u64,
    /// Open files.
    pub(crate) open_files: u64,
    /// Limit of open files; without one, what a number can hold.
    pub(crate) files_max: u64,
    /// Processor time used, in seconds.
    pub(crate) cpu_seconds: f64,
}

/// Asks the system.
pub(crate) fn statistics() -> Statistics {
    let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Statistics {
        resident_bytes: resident_bytes().unwrap_or_default(),
        open_files: std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64),
        files_max: files_max().unwrap_or(u64::MAX),
        cpu_seconds: cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
    }
}

fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// How many files this process may have open, if there is a limit.
pub(crate) fn files_max() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Asks for as many open files as the system allows without asking anybody.
///
/// # Errors
///
/// What the system says against it.
pub(crate) fn raise_files_limit() -> std::io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = rustix::process::Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    Ok(rustix::process::setrlimit(Resource::Nofile, raised)?)
}
