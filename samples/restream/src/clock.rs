// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::{SystemTime, UNIX_EPOCH};

use gst::glib;

/// Such as `2026-11-26 23:12:05 UTC`.
pub fn utc(time: SystemTime) -> String {
    let seconds = unix(time) as i64;
    glib::DateTime::from_unix_utc(seconds)
        .and_then(|time| time.format("%Y-%m-%d %H:%M:%S UTC"))
        .map_or_else(|_| format!("{seconds} s"), String::from)
}

/// Seconds since 1970.
pub fn unix(time: SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_time_is_written_in_utc() {
        let time = UNIX_EPOCH + Duration::from_millis(1_795_734_725_900);
        assert_eq!(super::utc(time), "2026-11-26 23:12:05 UTC");
    }
}
