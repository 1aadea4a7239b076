// SPDX-License-Identifier: MIT OR Apache-2.0
//! The time in a corner.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gst::glib;

/// Which time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxOverlayClock")]
pub enum Clock {
    #[default]
    #[enum_value(name = "No clock", nick = "none")]
    None,
    #[enum_value(name = "Universal time, as 2026-11-26T23:12:05Z", nick = "utc")]
    Utc,
    #[enum_value(
        name = "Time of this machine's zone, as 2026-11-27T00:12:05+01:00",
        nick = "local"
    )]
    Local,
}

/// Seconds that this machine's time is ahead of UTC, looked up once a minute.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    looked_up: Option<i64>,
    ahead: i64,
}

impl Zone {
    fn ahead(&mut self, now: i64) -> i64 {
        let minute = now.div_euclid(60);
        if self.looked_up != Some(minute) {
            self.looked_up = Some(minute);
            let local = glib::DateTime::from_unix_local(now);
            self.ahead = local.map_or(0, |local| local.utc_offset().as_seconds());
        }
        self.ahead
    }
}

/// From 1900, where NTP's time begins, to 1970.
const NTP: Duration = Duration::from_secs(2_208_988_800);

/// When a frame was taken: what its reference timestamp says (`timestamp/x-unix` or
/// `timestamp/x-ntp`, as of `rtspsrc add-reference-timestamp-meta=true`), or now.
pub(crate) fn taken(buffer: &gst::BufferRef) -> Duration {
    let taken = buffer
        .iter_meta::<gst::ReferenceTimestampMeta>()
        .find_map(|meta| {
            let time = Duration::from(meta.timestamp());
            match meta.reference().structure(0)?.name().as_str() {
                "timestamp/x-unix" => Some(time),
                "timestamp/x-ntp" => time.checked_sub(NTP),
                _ => None,
            }
        });
    taken.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    })
}

/// Writes the time as RFC 3339 has it, to the second.
pub(crate) fn write(text: &mut String, taken: Duration, clock: Clock, zone: &mut Zone) {
    let seconds = i64::try_from(taken.as_secs()).unwrap_or_default();
    let ahead = match clock {
        Clock::Local => zone.ahead(seconds),
        _ => 0,
    };
    let shown = seconds + ahead;
    let (year, month, day) = civil(shown.div_euclid(86_400));
    let of_day = shown.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    // Writing to a `String` does not fail.
    let _ = write!(
        text,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    );
    let _ = match ahead {
        0 => write!(text, "Z"),
        _ => {
            let (sign, ahead) = if ahead < 0 {
                ('-', -ahead)
            } else {
                ('+', ahead)
            };
            write!(text, "{sign}{:02}:{:02}", ahead / 3600, ahead / 60 % 60)
        }
    };
}

/// Year, month and day of a day since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_734_725, "2026-11-26T23:12:05Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            let mut text = String::new();
            write(
                &mut text,
                Duration::from_secs(seconds),
                Clock::Utc,
                &mut Zone::default(),
            );
            assert_eq!(text, expected);
        }
        let mut zone = Zone {
            looked_up: Some(1_795_734_725 / 60),
            ahead: -12_600,
        };
        let mut text = String::new();
        write(
            &mut text,
            Duration::from_secs(1_795_734_725),
            Clock::Local,
            &mut zone,
        );
        assert_eq!(text, "2026-11-26T19:42:05-03:30");
    }
}
