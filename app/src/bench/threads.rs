//! Where the time goes: the processor time of this process's threads, by what they are called. Read from `/proc`; empty where
//! there is none.

use std::collections::BTreeMap;

/// Processor time in seconds, by the names of threads.
pub type CpuTimes = BTreeMap<String, f64>;

/// What one tick of `/proc` is, seconds: it has been 1/100 on every Linux of the last twenty years (`man 5 proc`).
const TICK_SECONDS: f64 = 0.01;

/// The processor time of every thread so far, summed over threads of one name.
#[must_use]
pub fn cpu_times() -> CpuTimes {
    let mut times = CpuTimes::new();
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return times };
    for task in tasks.flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).ok();
        if let (Some(name), Some(stat)) = (read("comm"), read("stat")) {
            // After the name in brackets, user and system time are the 12th and 13th field.
            let ticks: f64 = stat
                .rsplit_once(')')
                .map(|(_, rest)| {
                    rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
                })
                .unwrap_or(0.0);
            *times.entry(name.trim().to_owned()).or_default() += ticks * TICK_SECONDS;
        }
    }
    times
}

/// What each name has used since `before`; names that used next to nothing are left out.
#[must_use]
pub fn since(before: &CpuTimes, now: &CpuTimes) -> CpuTimes {
    let used = |(name, seconds): (&String, &f64)| (name.clone(), seconds - before.get(name).unwrap_or(&0.0));
    now.iter().map(used).filter(|(_, seconds)| *seconds >= 0.05).collect()
}
