// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `ffprobe` makes of a video file.

use std::process::Command;

use serde_json::Value;

/// The first video stream of a file: `codec_name`, `width`, `height` and `nb_read_frames`, the
/// frames that decode. Panics when `ffprobe` reports any error.
pub fn video_stream(file: &str) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v:0"])
        .args([
            "-show_entries",
            "stream=nb_read_frames,codec_name,width,height",
        ])
        .args(["-of", "json", file])
        .output()
        .expect("ffprobe runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && errors.is_empty(),
        "{file}: {errors}"
    );
    let probed: Value = serde_json::from_slice(&output.stdout).expect("ffprobe prints JSON");
    probed["streams"][0].clone()
}
