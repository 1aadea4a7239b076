// SPDX-License-Identifier: MIT OR Apache-2.0

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::{self, lock};

use crate::message::message;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxpublish",
        gst::DebugColorFlags::empty(),
        Some("Lynx: frames to JSON Lines"),
    )
});

#[derive(Debug, Clone)]
struct Settings {
    location: String,
    append: bool,
    stream: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            location: "-".into(),
            append: false,
            stream: String::new(),
        }
    }
}

/// What runs between start and stop.
struct State {
    out: Box<dyn Write + Send>,
    stream: String,
    size: (u32, u32),
    line: Vec<u8>,
}

/// No two locks are held at once.
#[derive(Default)]
pub struct Publish {
    settings: Mutex<Settings>,
    state: Mutex<Option<State>>,
    /// Messages written since start.
    frames: AtomicU64,
}

/// Ends a line that whoever wrote the file before did not come to the end of.
fn whole_lines(mut file: File) -> io::Result<File> {
    // A pipe has no end to look at.
    if file.seek(io::SeekFrom::End(-1)).is_ok() {
        let mut last = *b"\n";
        let read = file.read(&mut last);
        if read.is_ok() && last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn open(location: &str, append: bool) -> Result<Box<dyn Write + Send>, gst::ErrorMessage> {
    if location == "-" {
        return Ok(Box::new(io::stdout()));
    }
    let mut options = File::options();
    options.read(append).write(true).create(true);
    options.append(append).truncate(!append);
    match options.open(location).and_then(whole_lines) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(gst::error_msg!(
            gst::ResourceError::OpenWrite,
            ("cannot write {location}: {error}; check that its folder exists and is writable")
        )),
    }
}

impl State {
    /// Writes a line a frame in one call, so that a reader never sees half of one for long.
    fn publish(&mut self, buffer: &gst::BufferRef, number: u64) -> io::Result<()> {
        let message = message(buffer, &self.stream, number, self.size);
        self.line.clear();
        writeln!(self.line, "{message}")?;
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Publish {
    const NAME: &'static str = "GstLynxPublish";
    type Type = super::Publish;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Publish {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let default = Settings::default();
            vec![
                glib::ParamSpecString::builder("location")
                    .nick("Location")
                    .blurb("File that receives the JSON Lines (- = standard output)")
                    .default_value(Some(default.location.as_str()))
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("append")
                    .nick("Append")
                    .blurb("Go on at the end of a file that is there, instead of writing it anew at each start")
                    .default_value(default.append)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecString::builder("stream")
                    .nick("Stream")
                    .blurb("Name of the camera in the messages (empty = what lynxinfer wrote on the frame)")
                    .default_value(Some(default.stream.as_str()))
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
                    .nick("Statistics")
                    .blurb("frames: messages written")
                    .read_only()
                    .build(),
            ]
        });
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        let mut settings = lock(&self.settings);
        let text = value.get::<Option<String>>().ok().flatten();
        match pspec.name() {
            "append" => settings.append = value.get().unwrap_or_default(),
            "location" => settings.location = text.unwrap_or(Settings::default().location),
            "stream" => settings.stream = text.unwrap_or_default(),
            _ => unreachable!("GObject checks names"),
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        match pspec.name() {
            "location" => lock(&self.settings).location.to_value(),
            "append" => lock(&self.settings).append.to_value(),
            "stream" => lock(&self.settings).stream.to_value(),
            "stats" => {
                let frames = self.frames.load(Ordering::Relaxed);
                let stats = gst::Structure::builder("stats").field("frames", frames);
                stats.build().to_value()
            }
            _ => unreachable!("GObject checks names"),
        }
    }
}

impl GstObjectImpl for Publish {}

impl ElementImpl for Publish {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx publish",
                "Filter/Metadata",
                "Writes what is known of each frame as a line of JSON",
                "The Lynx authors",
            )
        });
        Some(&*METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> =
            LazyLock::new(|| element::pad_templates(&lynx_meta::video::FORMATS));
        TEMPLATES.as_ref()
    }
}

impl BaseTransformImpl for Publish {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        let settings = lock(&self.settings).clone();
        self.frames.store(0, Ordering::Relaxed);
        *lock(&self.state) = Some(State {
            out: open(&settings.location, settings.append)?,
            stream: settings.stream,
            size: (0, 0),
            line: Vec::new(),
        });
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.state) = None;
        Ok(())
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        if let Some(state) = &mut *lock(&self.state) {
            state.size = (info.width(), info.height());
        }
        Ok(())
    }

    fn transform_ip_passthrough(
        &self,
        buffer: &gst::Buffer,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        // Taken out: no lock is held while writing.
        let Some(mut state) = lock(&self.state).take() else {
            return Err(gst::FlowError::Flushing);
        };
        let result = state.publish(buffer, self.frames.fetch_add(1, Ordering::Relaxed));
        lock(&self.state).get_or_insert(state);
        result.map(|()| gst::FlowSuccess::Ok).map_err(|error| {
            let location = lock(&self.settings).location.clone();
            gst::element_imp_error!(
                self,
                gst::ResourceError::Write,
                ("cannot write {location}: {error}; check the disk or whoever reads from it")
            );
            gst::FlowError::Error
        })
    }
}
