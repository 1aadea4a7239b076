// SPDX-License-Identifier: MIT OR Apache-2.0

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lynx_bench::{Case, Picture, Variant};
use lynx_tensor::{Converter, Source, Word};
use lynx_tests::places;
use serde_json::json;

use crate::Failure;

/// Python with OpenCV on the same bytes: tests/reference/opencv_preprocess.py, which measures
/// itself.
pub struct OpenCv {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    tensor: Vec<u8>,
    pub version: String,
}

impl OpenCv {
    pub fn new(python: &str, case: &Case, picture: &Picture) -> Result<Self, Failure> {
        let mut child = Command::new(python)
            .arg(places::root().join("tests/reference/opencv_preprocess.py"))
            // Or glibc gives a tensor's pages back after each call, and to get them anew takes
            // longer than all the rest: OpenCV at its best, not as its luck has it.
            .env("MALLOC_MMAP_THRESHOLD_", "1073741824")
            .env("MALLOC_TRIM_THRESHOLD_", "1073741824")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{python} does not start: {error}"))?;
        let answers = child.stdout.take().ok_or("a pipe")?;
        let mut opencv = Self {
            questions: child.stdin.take(),
            answers: BufReader::new(answers),
            child,
            tensor: vec![0; case.spec.bytes()],
            version: String::new(),
        };
        let bytes: usize = picture.planes().iter().map(|(data, _)| data.len()).sum();
        let spec = &case.spec;
        let description = json!({
            "format": case.format_name(), "width": case.width, "height": case.height,
            "bytes": bytes,
            "regions": case.regions.iter().map(|r| [r.x, r.y, r.w, r.h].map(|v| v as i32)).collect::<Vec<_>>(),
            "tensor": [spec.width, spec.height], "image": image(case)?,
            "element": spec.element.word(), "layout": spec.layout.word(), "color": spec.color.word(),
            "pad": spec.pad_value, "mean": spec.mean, "std": spec.std,
        });
        opencv.ask(&format!("{description}\n"))?;
        let questions = opencv.questions.as_mut().ok_or("a pipe")?;
        for (data, _) in picture.planes() {
            questions.write_all(data)?;
        }
        questions.flush()?;
        opencv.version = opencv.line()?.trim().to_owned();
        opencv.ask("tensor\n")?;
        opencv.answers.read_exact(&mut opencv.tensor)?;
        Ok(opencv)
    }

    fn ask(&mut self, question: &str) -> Result<(), Failure> {
        let questions = self.questions.as_mut().ok_or("a pipe")?;
        questions.write_all(question.as_bytes())?;
        Ok(questions.flush()?)
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("opencv_preprocess.py ended; its message is above".into());
        }
        Ok(line)
    }
}

/// Left, top, width and height of the image in the tensor, as Lynx lays it.
fn image(case: &Case) -> Result<[u32; 4], Failure> {
    let source = Source::new(case.format, case.width, case.height);
    let t = Converter::new(source, &case.spec)?.transform();
    let (w, h) = (case.width as f32, case.height as f32);
    let place = [t.offset_x, t.offset_y, t.scale_x * w, t.scale_y * h];
    Ok(place.map(|v| v.round() as u32))
}

impl Variant for OpenCv {
    fn run(&mut self) {
        self.times(1);
    }

    fn tensor(&self) -> Option<&[u8]> {
        Some(&self.tensor)
    }

    fn times(&mut self, calls: usize) -> Vec<f64> {
        let answer = self
            .ask(&format!("run {calls}\n"))
            .and_then(|()| self.line());
        let line = answer.expect("opencv_preprocess.py answers");
        serde_json::from_str(&line).expect("a list of numbers")
    }
}

impl Drop for OpenCv {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}
