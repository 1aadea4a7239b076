// SPDX-License-Identifier: MIT OR Apache-2.0
//! With a slow provider that compiles for as long as a test wants.

use std::sync::atomic::{AtomicUsize, Ordering};

use lynx_model::OutputView;
use ndarray::{CowArray, IxDyn};

use super::*;
use crate::engine::{
    Answer, Backend, Engine, EngineOptions, Failure, Ladder, Padding, Policy, Request, Runner,
    Slot, Stream, WhenFull,
};

/// Says of each image the image times `factor`; counts what is left of it.
struct Times {
    factor: f32,
    alive: Arc<AtomicUsize>,
    /// No runner can be made of it.
    fails: bool,
}

struct TimesRunner {
    factor: f32,
    image: [u8; 1],
    alive: Arc<AtomicUsize>,
}

impl Backend for Times {
    fn runner(&self, _: &[usize]) -> Result<Box<dyn Runner>, Error> {
        if self.fails {
            return Err(Error::Run {
                reason: "no memory on the device".into(),
            });
        }
        self.alive.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(TimesRunner {
            factor: self.factor,
            image: [0],
            alive: Arc::clone(&self.alive),
        }))
    }
}

impl Drop for TimesRunner {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Runner for TimesRunner {
    fn image(&mut self, _: usize) -> Vec<&mut [u8]> {
        vec![&mut self.image]
    }
    fn copy_image(&mut self, _: usize, _: usize) {}
    fn run(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }
    fn run_ready(&mut self, first: &[u8]) -> Result<(), Error> {
        self.image[0] = first[0];
        Ok(())
    }
    fn views(&self) -> Result<Vec<OutputView<'_>>, Error> {
        let view = CowArray::from(vec![f32::from(self.image[0]) * self.factor]);
        let view = view.into_shape_with_order(IxDyn(&[1, 1])).unwrap();
        Ok(vec![OutputView::F32(view)])
    }
    fn terminate(&self) -> Box<dyn Fn() + Send + Sync> {
        Box::new(|| ())
    }
}

/// An image, and where its answer goes.
struct Image(u8, mpsc::Sender<(u8, f32)>);

impl Request for Image {
    fn fill(&self, _: usize, slot: &mut Slot<'_>) -> Result<(), String> {
        slot.tensors[0][0] = self.0;
        *slot.writer = 1;
        Ok(())
    }
    fn answer(&self, _: usize, answer: Result<Answer<'_>, Failure>) {
        let answer = answer.expect("an answer");
        let Some(OutputView::F32(view)) = &answer.outputs[0].entry(answer.entry) else {
            panic!("no numbers");
        };
        let _ = self.1.send((self.0, view[[0, 0]]));
    }
    fn unanswered(&self) {
        panic!("an image was lost");
    }
}

struct Serving {
    engine: Arc<Engine>,
    reports: Arc<Reports>,
}

impl Serve<Times> for Serving {
    fn reports(&self) -> &Reports {
        &self.reports
    }
    fn switch(&self, built: Times) -> Result<(), Error> {
        self.engine.replace(Arc::new(built))
    }
}

const FIRST: Provider = Provider::TensorRt;
const WAIT: Duration = Duration::from_secs(20);

/// What one test has: the second provider serves (x 1), and the first (x 10) is built when `go`
/// says what comes of it.
struct Scene {
    serving: Arc<Serving>,
    stream: Stream,
    answers: mpsc::Receiver<(u8, f32)>,
    images: mpsc::Sender<(u8, f32)>,
    go: mpsc::Sender<Result<Times, String>>,
    second: Arc<AtomicUsize>,
    first: Arc<AtomicUsize>,
    heard: mpsc::Receiver<Progress>,
    _subscription: super::super::Subscription,
}

fn scene() -> Scene {
    let (second, first) = (Arc::default(), Arc::default());
    let options = EngineOptions {
        requests: 1,
        ladder: Ladder::new(1, Padding::Dear),
        policy: Policy::Latency,
    };
    let engine = Engine::new(Arc::new(times(1.0, &second)), options).unwrap();
    let stream = engine.stream(4);
    let reports = Arc::default();
    let serving = Arc::new(Serving { engine, reports });
    let (go, gone) = mpsc::channel();
    let built = move || gone.recv().unwrap_or(Err("the test is over".into()));
    build(&serving, FIRST, Duration::from_millis(5), built).unwrap();
    let (teller, heard) = mpsc::channel();
    let call = move |progress| drop(teller.send(progress));
    let subscription = serving.reports.subscribe(Box::new(call));
    let (images, answers) = mpsc::channel();
    Scene {
        serving,
        stream,
        answers,
        images,
        go,
        second,
        first,
        heard,
        _subscription: subscription,
    }
}

fn times(factor: f32, alive: &Arc<AtomicUsize>) -> Times {
    let alive = Arc::clone(alive);
    let fails = false;
    Times {
        factor,
        alive,
        fails,
    }
}

impl Scene {
    fn submit(&self, byte: u8) {
        let image = Arc::new(Image(byte, self.images.clone()));
        self.stream
            .submit(image, 1, Duration::ZERO, WhenFull::Refuse);
    }

    fn ask(&self, byte: u8) -> f32 {
        self.submit(byte);
        let (answered, number) = self.answers.recv_timeout(WAIT).expect("an answer");
        assert_eq!(answered, byte);
        number
    }

    /// The first progress that is told and is so.
    fn hear(&self, is_so: impl Fn(&Progress) -> bool) -> Progress {
        loop {
            let progress = self.heard.recv_timeout(WAIT).expect("progress");
            if is_so(&progress) {
                return progress;
            }
        }
    }
}

fn is_end(progress: &Progress) -> bool {
    !matches!(progress, Progress::Building { .. })
}

#[test]
fn the_second_answers_at_once_and_the_first_when_it_is_ready_and_none_is_lost() {
    let scene = scene();
    assert_eq!(scene.ask(7), 7.0);
    let elapsed = |progress: &Progress| match progress {
        Progress::Building { elapsed, .. } => *elapsed,
        _ => Duration::ZERO,
    };
    let one = scene.hear(|progress| elapsed(progress) > Duration::ZERO);
    scene.hear(|progress| elapsed(progress) > elapsed(&one));
    assert_eq!(scene.ask(8), 8.0);

    for byte in 0..200 {
        if byte == 50 {
            scene.go.send(Ok(times(10.0, &scene.first))).unwrap();
        }
        scene.submit(byte);
    }
    let ready = scene.hear(is_end);
    assert!(matches!(
        ready,
        Progress::Ready {
            provider: FIRST,
            ..
        }
    ));
    assert_eq!(scene.serving.reports.now(), Some(ready));
    for byte in 200..=255 {
        scene.submit(byte);
    }
    let mut all = Vec::new();
    for byte in 0..=255 {
        let (answered, number) = scene.answers.recv_timeout(WAIT).expect("an answer");
        assert_eq!(answered, byte, "in order");
        let (old, new) = (f32::from(byte), 10.0 * f32::from(byte));
        assert!(number == old || number == new, "{byte}: {number}");
        all.push(byte > 0 && number == new);
    }
    assert!(all.is_sorted(), "the second before the first");
    assert!(all[200..].iter().any(|is_new| *is_new), "it took over");
    assert_eq!(scene.ask(9), 90.0);
    assert_eq!(
        scene.second.load(Ordering::Relaxed),
        0,
        "and the other went"
    );
}

#[test]
fn the_second_serves_on_if_the_first_fails() {
    let no_memory = |scene: &Scene| Times {
        fails: true,
        ..times(10.0, &scene.first)
    };
    type Outcome<'a> = &'a dyn Fn(&Scene) -> Result<Times, String>;
    let cases: [(Outcome<'_>, &str); 2] = [
        (&|_| Err("no such layer".into()), "no such layer"),
        (&|scene| Ok(no_memory(scene)), "no memory on the device"),
    ];
    for (outcome, expected) in cases {
        let scene = scene();
        scene.go.send(outcome(&scene)).unwrap();
        let Progress::Failed { provider, reason } = scene.hear(is_end) else {
            panic!("it did not fail");
        };
        assert!(provider == FIRST && reason.contains(expected), "{reason}");
        assert_eq!(scene.ask(7), 7.0);
        assert_eq!(scene.second.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_panic_of_the_first_is_a_failure() {
    let scene = scene();
    // The scene's own build has ended: nobody else tells anything any more.
    scene.go.send(Err("no such layer".into())).unwrap();
    scene.hear(is_end);
    let panics = || -> Result<Times, String> { panic!("half an engine") };
    build(&scene.serving, FIRST, WAIT, panics).unwrap();
    let told = |progress: &Progress| match progress {
        Progress::Failed { reason, .. } => reason.contains("half an engine"),
        _ => false,
    };
    scene.hear(told);
}

#[test]
fn nothing_is_left_when_all_users_have_gone_while_it_is_built() {
    let scene = scene();
    let (engine, serving) = (
        Arc::downgrade(&scene.serving.engine),
        Arc::downgrade(&scene.serving),
    );
    let (go, heard, first, second) = (scene.go, scene.heard, scene.first, scene.second);
    drop((scene.stream, scene.serving, scene._subscription));
    // A tick may hold it for a moment.
    while serving.strong_count() + engine.strong_count() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(second.load(Ordering::Relaxed), 0);
    while heard.recv_timeout(WAIT).is_ok() {}
    let built = times(10.0, &first);
    go.send(Ok(built)).unwrap();
    while Arc::strong_count(&first) > 1 {
        std::thread::yield_now();
    }
}
