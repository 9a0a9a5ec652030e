//! What a process has used, read from Linux's `/proc`. Where there is none, nothing is known and nothing is guessed.

use std::fs;

/// One line of `/proc/PID/stat`, as far as it tells of processor time. Times are clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    parent: u32,
    /// In its own code and in the kernel for it.
    own: u64,
    /// Of its children that have ended and were waited for.
    ended_children: u64,
}

/// Reads fields 4 and 14 to 17. The name in field 2 may hold spaces and parentheses, so they are counted from its end.
fn parse_times(stat: &str) -> Option<Times> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Times {
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(14)? + ticks(15)?,
        ended_children: ticks(16)? + ticks(17)?,
    })
}

/// The largest resident size so far, in KiB, from `/proc/PID/status`.
fn parse_peak_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim_end().parse().ok()
}

fn times(pid: u32) -> Option<Times> {
    parse_times(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Seconds of processor time that one process has used.
pub(super) fn cpu_seconds(pid: u32) -> Option<f64> {
    Some(seconds(times(pid)?.own))
}

/// Seconds of processor time of a server and of every process that it started, those that have ended included.
pub(super) fn family_cpu_seconds(pid: u32) -> Option<f64> {
    let server = times(pid)?;
    let children: u64 = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(times)
        .filter(|process| process.parent == pid)
        .map(|child| child.own + child.ended_children)
        .sum();
    Some(seconds(server.own + server.ended_children + children))
}

/// The largest resident size that a process has had, in MiB.
pub(super) fn peak_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(parse_peak_kib(&status)? as f64 / 1024.0)
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "4711 (a (strange) name) S 42 4711 4711 0 -1 4194560 9000 77 0 0 \
                        150 50 30 7 20 0 4 0 123456 1000000 2500 18446744073709551615";

    #[test]
    fn reads_times_behind_a_name_with_parentheses() {
        let expected = Times {
            parent: 42,
            own: 200,
            ended_children: 37,
        };
        assert_eq!(parse_times(STAT), Some(expected));
    }

    #[test]
    fn a_cut_line_is_no_time() {
        assert_eq!(parse_times("4711 (postgres) S 42 4711"), None);
        assert_eq!(parse_times(""), None);
    }

    #[test]
    fn reads_the_peak_and_no_other_size() {
        let status =
            "Name:\tcoflow\nVmPeak:\t  999999 kB\nVmHWM:\t   38912 kB\nVmRSS:\t   20000 kB\n";
        assert_eq!(parse_peak_kib(status), Some(38_912));
        assert_eq!(parse_peak_kib("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn a_process_that_works_uses_time_and_memory() {
        let own = std::process::id();
        let (Some(before), Some(peak)) = (cpu_seconds(own), peak_mib(own)) else {
            return assert!(!std::path::Path::new("/proc/self/stat").exists());
        };
        assert!(peak > 0.5, "{peak} MiB");
        let mut sum = 0_u64;
        while cpu_seconds(own).is_some_and(|now| now <= before) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(1));
        }
        assert!(family_cpu_seconds(own) > Some(before));
    }
}
