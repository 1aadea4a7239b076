// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine on ONNX Runtime itself: many threads, runs at the same time, batches of all sizes.

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use lynx_model::{ElementType, OutputView};
use lynx_runtime::engine::{
    Answer, Engine, EngineOptions, Failure, Ladder, Padding, Policy, Request, Runner, Slot,
    Submitted, WhenFull,
};
use lynx_runtime::{Binding, Loaded, Provider, Session, SessionOptions, Shape};
use lynx_tensor::AlignedBytes;
use lynx_tests::places::tiny;

const PIXELS: usize = 32 * 32;

/// Pictures of one colour each.
struct Pictures {
    colours: Vec<[f32; 3]>,
    /// What the model said of each; `None` before it has.
    said: Mutex<Vec<Option<[f32; 3]>>>,
    done: mpsc::Sender<Result<usize, String>>,
}

impl Request for Pictures {
    fn fill(&self, image: usize, slot: &mut Slot<'_>) -> Result<(), String> {
        for (plane, value) in self.colours[image].iter().enumerate() {
            let plane = &mut slot.tensors[0][plane * 4 * PIXELS..][..4 * PIXELS];
            let values = plane.as_chunks_mut::<4>().0;
            values.fill(value.to_ne_bytes());
        }
        Ok(())
    }

    fn answer(&self, image: usize, answer: Result<Answer<'_>, Failure>) {
        let result = answer.map(|answer| {
            let logits = match &answer.outputs[0].entry(answer.entry) {
                Some(OutputView::F32(view)) => [0, 1, 2].map(|channel| view[[0, channel]]),
                _ => panic!("no logits"),
            };
            self.said.lock().unwrap()[image] = Some(logits);
            image
        });
        let result = result.map_err(|failure| format!("{failure:?}"));
        let _ = self.done.send(result);
    }

    fn unanswered(&self) {
        let _ = self.done.send(Err("unanswered".into()));
    }
}

fn colour_model(threads: usize) -> Loaded {
    let options = SessionOptions {
        providers: vec![Provider::Cpu],
        intra_op_threads: threads,
        ..Default::default()
    };
    let session = Session::load(Path::new(&tiny("colour")), &options).unwrap();
    let inputs = vec![Shape {
        element: ElementType::F32,
        dims: vec![1, 3, 32, 32],
    }];
    Loaded {
        session: Arc::new(session),
        inputs,
    }
}

#[test]
fn each_image_gets_its_own_answer_whatever_runs_beside_it() {
    for (threads, requests, limit) in [(1, 1, 1), (1, 4, 1), (1, 3, 4), (2, 2, 6)] {
        let options = EngineOptions {
            requests,
            ladder: Ladder::new(limit, Padding::Dear),
            policy: Policy::Latency,
        };
        let engine = Engine::new(Arc::new(colour_model(threads)), options).unwrap();
        std::thread::scope(|scope| {
            for number in 0..6 {
                let engine = &engine;
                scope.spawn(move || one_stream(engine, number));
            }
        });
        let stats = engine.stats();
        assert_eq!((stats.images, stats.failed), (6 * 100 * 3, 0));
        assert!(limit > 1 || stats.runs == stats.images);
    }
}

/// A hundred requests of one to five images, up to four of them at a time.
fn one_stream(engine: &Arc<Engine>, number: usize) {
    let stream = engine.stream(4);
    let (sender, answers) = mpsc::channel();
    let mut requests = Vec::new();
    for nth in 0..100 {
        let value = |image: usize, channel| ((7 * number + 3 * nth + image + channel) % 11) as f32;
        let colours = (0..1 + nth % 5).map(|image| [0, 1, 2].map(|channel| value(image, channel)));
        let colours: Vec<_> = colours.collect();
        let request = Arc::new(Pictures {
            said: Mutex::new(vec![None; colours.len()]),
            colours,
            done: sender.clone(),
        });
        requests.push(Arc::clone(&request));
        let images = request.colours.len();
        let queued = stream.submit(request, images, Duration::ZERO, WhenFull::Refuse);
        assert!(matches!(queued, Submitted::Queued));
    }
    for _ in 0..requests.iter().map(|request| request.colours.len()).sum() {
        let answer = answers.recv_timeout(Duration::from_secs(60)).unwrap();
        answer.unwrap();
    }
    for request in requests {
        let said = request.said.lock().unwrap();
        for (colour, said) in request.colours.iter().zip(said.iter()) {
            let said = said.expect("an answer");
            for (value, logit) in colour.iter().zip(said) {
                assert!((10.0 * value - logit).abs() < 1e-3, "{colour:?} {said:?}");
            }
        }
    }
}

/// Where each image's tensor was made.
struct Places {
    places: Mutex<Vec<usize>>,
    done: mpsc::Sender<bool>,
}

impl Request for Places {
    fn fill(&self, _: usize, slot: &mut Slot<'_>) -> Result<(), String> {
        let place = slot.tensors[0].as_ptr().addr();
        self.places.lock().unwrap().push(place);
        Ok(())
    }

    fn answer(&self, _: usize, answer: Result<Answer<'_>, Failure>) {
        let _ = self.done.send(answer.is_ok());
    }

    fn unanswered(&self) {
        let _ = self.done.send(false);
    }
}

#[test]
fn tensors_are_made_where_the_run_reads_them() {
    // Two requests of up to three images: six places, and nothing is copied on the way.
    let options = EngineOptions {
        requests: 2,
        ladder: Ladder::new(3, Padding::Dear),
        policy: Policy::Latency,
    };
    let engine = Engine::new(Arc::new(colour_model(1)), options).unwrap();
    let stream = engine.stream(8);
    let (done, answers) = mpsc::channel();
    let places = Mutex::default();
    let request = Arc::new(Places { places, done });
    for _ in 0..500 {
        let request = Arc::clone(&request) as Arc<dyn Request>;
        stream.submit(request, 1, Duration::ZERO, WhenFull::Refuse);
    }
    let answers = (0..500).map(|_| answers.recv_timeout(Duration::from_secs(60)));
    assert!(answers.into_iter().all(|answer| answer == Ok(true)));
    let mut places = request.places.lock().unwrap().clone();
    places.sort_unstable();
    places.dedup();
    assert!(places.len() <= 6, "{places:x?}");
    assert_eq!(engine.stats().copies, 0);
}

#[test]
fn memory_that_is_used_again_holds_what_a_fresh_run_gives() {
    for name in ["yolov8-bright", "half", "dets-labels", "bright-box"] {
        let options = SessionOptions {
            providers: vec![Provider::Cpu],
            intra_op_threads: 1,
            ..Default::default()
        };
        let session = Session::load(Path::new(&tiny(name)), &options).unwrap();
        let one = match name {
            "half" => vec![0x00, 0x38],
            _ => 0.5_f32.to_ne_bytes().to_vec(),
        };
        let mut picture = AlignedBytes::new(3 * PIXELS * one.len());
        picture
            .chunks_exact_mut(one.len())
            .for_each(|to| to.copy_from_slice(&one));
        let session = Arc::new(session);
        let shape = Shape {
            element: session.io().inputs[0].element,
            dims: vec![1, 3, 32, 32],
        };
        let views = |binding: &Binding| format!("{:?}", binding.views().unwrap());
        let make = || Binding::new(&session, std::slice::from_ref(&shape), &[1]).unwrap();
        let fresh = {
            let mut binding = make();
            binding.image(0)[0].copy_from_slice(&picture);
            binding.run(1).unwrap();
            views(&binding)
        };
        let mut binding = make();
        let empty = views(&binding);
        binding.image(0)[0].fill(0x3a);
        binding.run(1).unwrap();
        binding.image(0)[0].copy_from_slice(&picture);
        binding.run(1).unwrap();
        let bound = views(&binding);
        binding.run_ready(&picture).unwrap();
        let ready = views(&binding);
        assert_eq!((&bound, &ready), (&fresh, &fresh), "{name}");
        let blind = ["half", "dets-labels"].contains(&name);
        assert_eq!(
            empty == fresh,
            blind,
            "{name}: only some look at the picture"
        );
        assert!(
            binding.run_ready(&picture[1..]).is_err(),
            "{name}: too short"
        );
        assert!(
            Binding::new(&session, &[], &[1]).is_err(),
            "{name}: no inputs"
        );
    }
}
