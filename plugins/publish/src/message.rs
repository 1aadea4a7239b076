// SPDX-License-Identifier: MIT OR Apache-2.0
//! One frame as a JSON object. `docs/json-lines.md` is the contract.

use lynx_meta::names::DEFAULT_STREAM;
use lynx_meta::{Classification, Inference, Object, Stage, Word, classes, frame, objects};
use serde_json::{Map, Value, json};

/// Version of the messages' schema: grows by one when a field changes its meaning or goes.
pub(crate) const SCHEMA: u32 = 1;

/// The message for a frame of `size` (width, height) pixels. An empty `stream` is taken from
/// the frame.
pub(crate) fn message(
    buffer: &gst::BufferRef,
    stream: &str,
    number: u64,
    size: (u32, u32),
) -> Value {
    let info = frame::inference(buffer);
    let mut found: Vec<Value> = objects::iter(buffer, size).map(|o| object(&o)).collect();
    classes::each(buffer, |index, said| {
        if let Some(Value::Object(object)) = found.get_mut(index) {
            let all = object.entry("classifications").or_insert(json!([]));
            if let Value::Array(all) = all {
                all.push(classification(&said));
            }
        }
    });
    let stream = [stream, info.map_or("", |i| i.stream), DEFAULT_STREAM]
        .into_iter()
        .find(|name| !name.is_empty());
    // Elements of other vendors detect without saying that they ran.
    let inference = match (info, found.is_empty()) {
        (Some(info), _) => info.inference,
        (None, false) => Inference::Ran,
        (None, true) => Inference::Skipped,
    };
    let mut message = Map::new();
    message.insert("schema".into(), SCHEMA.into());
    message.insert("stream".into(), stream.into());
    message.insert("frame".into(), number.into());
    message.insert(
        "pts".into(),
        buffer.pts().map(gst::ClockTime::nseconds).into(),
    );
    message.insert("width".into(), size.0.into());
    message.insert("height".into(), size.1.into());
    message.insert("inference".into(), inference.word().into());
    if let Some(info) = info {
        message.insert("model".into(), info.model.into());
        message.insert("provider".into(), info.provider.into());
    }
    let timings = timings(buffer);
    if !timings.is_empty() {
        message.insert("timings".into(), timings.into());
    }
    message.insert("objects".into(), found.into());
    message.into()
}

fn object(object: &Object) -> Value {
    let r = object.rect;
    let mut value = json!({
        "label": object.label,
        "class": object.class,
        "score": rounded(object.score, 1e4),
        "box": [rounded(r.x, 1e2), rounded(r.y, 1e2), rounded(r.w, 1e2), rounded(r.h, 1e2)],
    });
    if object.rotation != 0.0 {
        value["rotation"] = rounded(object.rotation, 1e4).into();
    }
    if let Some(identity) = object.identity {
        value["id"] = identity.id.into();
        value["coasted"] = identity.coasted.into();
    }
    value
}

/// What a second model says of an object.
fn classification(said: &Classification<'_>) -> Value {
    let mut value = Map::new();
    value.insert("label".into(), said.label.into());
    if let Some(class) = said.class {
        value.insert("class".into(), class.into());
    }
    value.insert("score".into(), rounded(said.score, 1e4).into());
    if let Some(model) = said.model {
        value.insert("model".into(), model.into());
    }
    value.into()
}

/// Milliseconds of each stage that noted its time.
fn timings(buffer: &gst::BufferRef) -> Map<String, Value> {
    let times = Stage::WORDS.iter().filter_map(|(stage, word)| {
        let milliseconds = frame::time(buffer, *stage)?.as_secs_f64() * 1e3;
        Some((
            (*word).to_owned(),
            json!((milliseconds * 1e3).round() / 1e3),
        ))
    });
    times.collect()
}

fn rounded(value: f32, per_unit: f64) -> f64 {
    (f64::from(value) * per_unit).round() / per_unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use lynx_geometry::Rect;
    use lynx_meta::{Forms, Identity, InferenceInfo, NewObject};

    #[test]
    fn a_message_begins_as_documented() {
        gst::init().unwrap();
        let mut buffer = gst::Buffer::new();
        let buffer = buffer.get_mut().unwrap();
        buffer.set_pts(gst::ClockTime::from_mseconds(40));
        let info = InferenceInfo {
            inference: Inference::Ran,
            stream: "door",
            model: "m",
            version: None,
            provider: "cpu",
            threshold: 0.1,
        };
        frame::set_inference(buffer, &info);
        let identity = Identity {
            id: 1,
            coasted: false,
            seen: None,
        };
        let rect = Rect::new(10.5, 20.25, 30.0, 40.0);
        let object = NewObject {
            identity: Some(identity),
            ..NewObject::new(rect, "person", 0, 0.93)
        };
        objects::add(buffer, (768, 576), &object, Forms::new(false));
        let text = message(buffer, "", 7, (768, 576)).to_string();
        assert_eq!(
            text,
            r#"{"schema":1,"stream":"door","frame":7,"pts":40000000,"width":768,"height":576,"inference":"ran","model":"m","provider":"cpu","objects":[{"label":"person","class":0,"score":0.93,"box":[10.5,20.25,30.0,40.0],"id":1,"coasted":false}]}"#
        );
    }

    #[test]
    fn a_frame_nobody_looked_at_is_skipped_and_not_empty() {
        gst::init().unwrap();
        let buffer = gst::Buffer::new();
        let value = message(&buffer, "", 0, (8, 8));
        assert_eq!(value["inference"], "skipped");
        assert_eq!(value["stream"], DEFAULT_STREAM);
        assert_eq!(value["pts"], Value::Null);
    }
}
