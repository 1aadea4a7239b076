// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::Error;

/// CPUs numbered as the system numbers them, from 0; never empty. Written as `0-3,6`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CpuSet(BTreeSet<usize>);

/// More than any machine has: what Linux' own sets hold by default (`CPU_SETSIZE`).
const MOST: usize = 1024;

impl CpuSet {
    /// How many CPUs there are in it.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Refuses CPUs that this process may not run on. Where the system does not say which those
    /// are, as only Linux does, nothing is refused.
    pub fn check(&self) -> Result<(), Error> {
        let Some(allowed) = Self::allowed() else {
            return Ok(());
        };
        match self.0.iter().find(|cpu| !allowed.0.contains(cpu)) {
            Some(cpu) => Err(invalid(
                &self.to_string(),
                format!("CPU {cpu} is not one that this process may use; those are {allowed}"),
            )),
            None => Ok(()),
        }
    }

    /// The CPUs that this process may run on.
    fn allowed() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        line?.parse().ok()
    }

    /// For ONNX Runtime's `session.intra_op_thread_affinities`: the CPUs of each of the `threads`
    /// of a run but the first, which is the caller's own, counted from 1 and separated by `;`.
    /// Each may run on all of the set. `None` for one thread, which is the caller's.
    pub(crate) fn for_threads(&self, threads: usize) -> Option<String> {
        let cpus: Vec<_> = self.0.iter().map(|cpu| (cpu + 1).to_string()).collect();
        let others = threads.checked_sub(1).filter(|others| *others > 0)?;
        Some(vec![cpus.join(","); others].join(";"))
    }

    /// Has the calling thread run on these CPUs alone. ONNX Runtime does that for threads that it
    /// starts itself; whoever calls a run works for it, too.
    #[cfg(target_os = "linux")]
    pub fn pin_this_thread(&self) -> Result<(), Error> {
        // SAFETY: the set is plain bits, of which no one is set; the numbers are below its size.
        let pinned = unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            for cpu in &self.0 {
                libc::CPU_SET(*cpu, &mut set);
            }
            libc::sched_setaffinity(0, size_of_val(&set), &set)
        };
        match pinned {
            0 => Ok(()),
            _ => Err(invalid(
                &self.to_string(),
                std::io::Error::last_os_error().to_string(),
            )),
        }
    }
}

impl FromStr for CpuSet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |word: &str| word.trim().parse().ok().filter(|cpu| *cpu < MOST);
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first..=last)
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        match ranges {
            Some(ranges) => Ok(Self(ranges.into_iter().flatten().collect())),
            None => Err(invalid(
                text,
                format!("write CPU numbers from 0 to {} such as 0-3,6", MOST - 1),
            )),
        }
    }
}

impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cpus = self.0.iter().copied().peekable();
        let mut comma = "";
        while let Some(first) = cpus.next() {
            let mut last = first;
            while let Some(next) = cpus.next_if_eq(&(last + 1)) {
                last = next;
            }
            write!(f, "{comma}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            comma = ",";
        }
        Ok(())
    }
}

fn invalid(value: &str, reason: String) -> Error {
    Error::Option {
        option: "cpu-affinity".into(),
        value: value.into(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_it_is_read() {
        for (text, written) in [("0-3,6", "0-3,6"), (" 2 , 1,0", "0-2"), ("5", "5")] {
            let set: CpuSet = text.parse().unwrap();
            assert_eq!(set.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_set_of_cpus_is_refused_with_an_example() {
        for text in [
            "",
            "x",
            "3-1",
            "1,",
            "-1",
            "0-",
            "1024",
            "0-99999999999",
            "1;2",
        ] {
            let message = text.parse::<CpuSet>().unwrap_err().to_string();
            assert!(message.contains("0-3,6"), "{text}: {message}");
        }
    }

    #[test]
    fn onnx_runtime_counts_from_one_and_leaves_the_caller_out() {
        let set: CpuSet = "0-1,6".parse().unwrap();
        assert_eq!(set.for_threads(3).as_deref(), Some("1,2,7;1,2,7"));
        assert_eq!(set.for_threads(1), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_cpu_that_is_not_there_is_named_beside_those_that_are() {
        let allowed = CpuSet::allowed().unwrap();
        allowed.check().unwrap();
        let message = "1023".parse::<CpuSet>().unwrap().check().unwrap_err();
        let message = message.to_string();
        assert!(
            message.contains("CPU 1023") && message.contains(&allowed.to_string()),
            "{message}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pinned_thread_stays_where_it_was_put() {
        let first = CpuSet::allowed().unwrap().0.first().copied().unwrap();
        let set = CpuSet([first].into());
        std::thread::spawn(move || {
            set.pin_this_thread().unwrap();
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            assert!(
                status.contains(&format!("Cpus_allowed_list:\t{first}\n")),
                "{status}"
            );
        })
        .join()
        .unwrap();
    }
}
