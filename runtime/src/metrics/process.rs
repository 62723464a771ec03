//! What the operating system says about the process. Where it has no `/proc`, nothing is said.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;

/// Ticks of the clock that `/proc` counts CPU time in, a second; Linux shows this number to programs on every machine.
const TICKS: f64 = 100.0;

#[derive(Debug, Default)]
pub(super) struct Process {
    resident: Gauge,
    descriptors: Gauge,
    threads: Gauge,
    cpu: Counter<f64, AtomicU64>,
}

impl Process {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Memory that is in use and not swapped out";
        registry.register_with_unit("process_resident_memory", help, Unit::Bytes, self.resident.clone());
        registry.register("process_open_fds", "Open file descriptors", self.descriptors.clone());
        registry.register("process_threads", "Threads", self.threads.clone());
        let help = "CPU time of user and system";
        registry.register_with_unit("process_cpu", help, Unit::Seconds, self.cpu.clone());
    }

    /// Looks it up.
    pub(super) fn look(&self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| -> Option<i64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        if let Some(kilobytes) = number("VmRSS:") {
            self.resident.set(kilobytes * 1024);
        }
        if let Some(threads) = number("Threads:") {
            self.threads.set(threads);
        }
        if let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") {
            self.descriptors.set(i64::try_from(descriptors.count()).unwrap_or(i64::MAX));
        }
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        if let Some(seconds) = cpu_seconds(&stat) {
            self.cpu.inc_by((seconds - self.cpu.get()).max(0.0));
        }
    }
}

/// User and system time: the 14th and 15th field; the second is a name that may hold blanks and ends with the last `)`.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().ok());
    Some((times.next()?? + times.next()??) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_whatever_the_name_holds() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("7 (a"), None);
        assert_eq!(cpu_seconds(""), None);
    }
}
