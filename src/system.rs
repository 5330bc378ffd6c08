//! What the system says of this process and of the machine. Linux says it in files; elsewhere it is not known.

use std::time::Duration;

/// Memory of this process that is really there, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Now.
    pub now: u64,
    /// The most there ever was.
    pub peak: u64,
}

/// How much memory this process has, where that is known.
pub fn resident() -> Option<Resident> {
    let status = read("/proc/self/status")?;
    Some(Resident { now: kibibytes(&status, "VmRSS:")?, peak: kibibytes(&status, "VmHWM:")? })
}

fn kibibytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|count| count * 1024)
}

/// The memory of the machine, or of the part of it that this process may use, in bytes; where that is known.
pub fn memory() -> Option<u64> {
    let machine = kibibytes(&read("/proc/meminfo")?, "MemTotal:")?;
    // A container's limit; without one the file holds a word.
    let limit = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    Some(limit.map_or(machine, |limit: u64| limit.min(machine)))
}

/// Is there a process with this number, where that is known?
pub fn is_alive(process: u32) -> Option<bool> {
    let all = std::path::Path::new("/proc");
    all.join("self").exists().then(|| all.join(process.to_string()).exists())
}

/// How long ago this process was started, to a hundredth of a second, where that is known.
pub fn age() -> Option<Duration> {
    let uptime: f64 = read("/proc/uptime")?.split_ascii_whitespace().next()?.parse().ok()?;
    let started = started_ticks(&read("/proc/self/stat")?)? as f64 / TICKS_PER_SEC;
    Duration::try_from_secs_f64((uptime - started).max(0.0)).ok()
}

/// In which the kernel tells times to programs, on every kind of machine.
const TICKS_PER_SEC: f64 = 100.0;

fn started_ticks(stat: &str) -> Option<u64> {
    // The second field is the name in brackets, which may hold anything; the start is the 22nd.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// How long this thread had a processor, since it began; where that is known.
pub fn thread_time() -> Option<Duration> {
    let statistics = read("/proc/thread-self/schedstat")?;
    statistics.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// How long this thread has waited for a processor that others had, since it began; where that is known.
pub fn waited() -> Option<Duration> {
    let statistics = read("/proc/thread-self/schedstat")?;
    statistics.split_ascii_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_the_programs_name() {
        let stat = "1745 (a ) b) R 1739 1739 328 0 -1 4194304 101 0 1 0 0 0 0 0 20 0 1 0 1119026 2998272 401";
        assert_eq!(started_ticks(stat), Some(1_119_026));
        assert_eq!(kibibytes("VmPeak:\t 12 kB\nVmRSS:\t    1748 kB\n", "VmRSS:"), Some(1748 * 1024));
        assert_eq!(kibibytes("VmRSS:\t many\n", "VmRSS:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_in_use_is_counted_and_time_goes_on() {
        // Other tests of this process take and free memory meanwhile: one undisturbed moment of many is enough.
        let grows = || {
            let before = resident().unwrap();
            let block = std::hint::black_box(vec![1_u8; 64 << 20]);
            let after = resident().unwrap();
            drop(block);
            assert!(after.peak >= after.now, "{after:?}");
            after.now >= before.now + (60 << 20)
        };
        assert!((0..50).any(|_| grows()), "64 MiB are not seen");
        let after = resident().unwrap();
        assert!(memory().unwrap() > after.now);
        let age = age().unwrap();
        assert!(age < Duration::from_secs(3600), "{age:?}");
        assert!(waited().is_some());
        assert_eq!([std::process::id(), u32::MAX].map(is_alive), [Some(true), Some(false)]);
        let (before, began) = (thread_time().unwrap(), std::time::Instant::now());
        while began.elapsed() < Duration::from_millis(20) {}
        let worked = thread_time().unwrap() - before;
        assert!(worked > Duration::ZERO && worked < began.elapsed() + Duration::from_millis(5), "{worked:?}");
    }
}
