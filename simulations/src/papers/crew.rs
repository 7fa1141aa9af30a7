//! Runs, shared among threads.
//!
//! Here: who does which run. Not here: what a run is; each is on one thread from its seed to its figures. What must
//! always hold: what comes out is in the order of what went in, so that two machines with unlike numbers of threads
//! print the same.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for all `jobs` on so many threads, and tells `done` how many are done whenever one is.
pub fn share<J: Sync, R: Send>(
    jobs: &[J],
    threads: NonZeroUsize,
    work: impl Fn(&J) -> R + Sync,
    done: impl Fn(usize) + Sync,
) -> Vec<R> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Vec::with_capacity(jobs.len()));
    let labour = || {
        while let Some((number, job)) = take(jobs, &next) {
            let result = work(job);
            let mut results = results.lock().expect("nobody panics while holding it");
            results.push((number, result));
            drop(results);
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.get().min(jobs.len()) {
            scope.spawn(labour);
        }
    });
    let mut results = results.into_inner().expect("all threads have ended well");
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, J>(jobs: &'a [J], next: &AtomicUsize) -> Option<(usize, &'a J)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, jobs.get(number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_jobs_whoever_does_them() {
        let jobs: Vec<u64> = (0..100).collect();
        for threads in [1, 2, 7] {
            let most = AtomicUsize::new(0);
            let threads = NonZeroUsize::new(threads).unwrap();
            let tell = |done| {
                most.fetch_max(done, Ordering::Relaxed);
            };
            let squares = share(&jobs, threads, |job| job * job, tell);
            assert_eq!(
                squares,
                jobs.iter().map(|job| job * job).collect::<Vec<_>>()
            );
            assert_eq!(most.into_inner(), 100);
        }
    }
}
