// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxpublish` at the end of a real chain.

use lynx_tests::places::tiny;
use lynx_tests::run::run;
use serde_json::Value;

#[test]
fn a_line_a_frame_with_all_that_the_schema_names() {
    let path = std::env::temp_dir().join(format!("lynx-publish-{}.jsonl", std::process::id()));
    let line = format!(
        "videotestsrc num-buffers=5 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 \
         ! lynxinfer model={} inference-interval=2 stream=door ! lynxtrack ! lynxpublish location={} ! fakesink name=out",
        tiny("yolov8-fixed"),
        path.display()
    );
    assert_eq!(run(&line).errors, [""; 0]);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    for (number, line) in lines.iter().enumerate() {
        let skipped = number % 2 == 1;
        assert_eq!(line["schema"], 1);
        assert_eq!(line["stream"], "door");
        assert_eq!(line["frame"], number);
        assert_eq!(line["pts"], number * 40_000_000);
        assert_eq!(
            (line["width"].as_u64(), line["height"].as_u64()),
            (Some(64), Some(48))
        );
        assert_eq!(line["inference"], if skipped { "skipped" } else { "ran" });
        assert_eq!(line["provider"], "cpu");
        let objects = line["objects"].as_array().unwrap();
        assert_eq!(objects.len(), 2, "{line}");
        assert_eq!(objects[0]["coasted"], skipped, "{line}");
        assert_eq!(objects[0]["id"], 1, "{line}");
    }
    assert!(lines[0]["timings"]["inference"].as_f64().unwrap() > 0.0);
}

/// A file that goes on after its writer was killed in the middle of a line.
#[test]
fn a_file_goes_on_with_whole_lines() {
    let path = std::env::temp_dir().join(format!("lynx-append-{}.jsonl", std::process::id()));
    std::fs::write(&path, "{\"first\":1}\n{\"bro").unwrap();
    for _ in 0..2 {
        let launch = format!(
            "videotestsrc num-buffers=3 ! lynxpublish append=true location={} ! fakesink",
            path.display()
        );
        assert_eq!(run(&launch).errors, Vec::<String>::new());
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 8, "{text}");
    let whole = |line: &&str| serde_json::from_str::<Value>(line).is_ok();
    assert_eq!(lines.iter().filter(|line| whole(line)).count(), 7, "{text}");
}
