// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_bench::Case;
use serde_json::json;

/// What one variant took for one case.
pub struct Measured {
    pub variant: &'static str,
    /// Milliseconds a tensor.
    pub median: f64,
    pub least: f64,
}

impl Measured {
    pub fn new(variant: &'static str, mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self {
            variant,
            median: times[times.len() / 2],
            least: times[0],
        }
    }

    /// One line of `--json`.
    pub fn json(&self, case: &Case) -> String {
        let round = |ms: f64| (ms * 1e5).round() / 1e5;
        json!({
            "case": case.name(), "format": case.format_name(), "size": case.size(),
            "output": case.output(), "variant": self.variant,
            "median_ms": round(self.median), "min_ms": round(self.least),
        })
        .to_string()
    }
}

/// The peers in the order of their columns; all but the floor are given as times of Lynx's.
const PEERS: [&str; 5] = [
    "memcpy",
    "fast_image_resize",
    "yuv+fast_image_resize",
    "opencv",
    "videoconvertscale",
];

/// Prints what the table's columns are.
pub fn heading() -> String {
    let mut line = "| frame | tensor | Lynx |".to_owned();
    for peer in PEERS {
        line += &format!(" {peer} |");
    }
    let rule = "|---|---|---:|".to_owned() + &"---:|".repeat(PEERS.len());
    format!("{line}\n{rule}")
}

/// A case as a row of a Markdown table: medians in milliseconds, in brackets Lynx's share of the
/// floor, and how many times as long as Lynx the others take.
pub fn row(case: &Case, all: &[Measured]) -> String {
    let find = |name: &str| all.iter().find(|m| m.variant == name);
    let Some(lynx) = find("lynx") else {
        return String::new();
    };
    let crop = if case.regions.is_empty() {
        ""
    } else {
        " crops"
    };
    let mut line = format!(
        "| {} {}{crop} | {} | **{:.3}** |",
        case.format_name(),
        case.size(),
        case.output(),
        lynx.median
    );
    for peer in PEERS {
        line += &match find(peer) {
            None => " |".to_owned(),
            Some(m) if peer == "memcpy" => {
                format!(" {:.3} ({:.2} ×) |", m.median, lynx.median / m.median)
            }
            Some(m) => format!(" {:.2} ({:.1} ×) |", m.median, m.median / lynx.median),
        };
    }
    if !case.regions.is_empty() {
        line += &format!("\n\nCrops a second: {:.0}.", 1e3 / lynx.median);
    }
    line
}
