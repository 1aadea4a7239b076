// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames whose memory is not ours to draw on (GL, VA, DMABuf): what is drawn travels beside them as a
//! `GstVideoOverlayComposition`, which an element further down blends into the frame.

use gst_video::{
    VideoFormat, VideoFrameFlags, VideoMeta, VideoOverlayComposition, VideoOverlayCompositionMeta,
    VideoOverlayFormatFlags, VideoOverlayRectangle,
};

use crate::draw::Patch;

/// The caps feature by which elements agree that somebody blends.
pub(crate) const BLENDED: &str = "meta:GstVideoOverlayComposition";

/// Memory that is not mapped.
pub(crate) const MEMORY: [&str; 3] = ["memory:GLMemory", "memory:VAMemory", "memory:DMABuf"];

/// How the pixels of a rectangle lie in memory.
const FORMAT: VideoFormat = if cfg!(target_endian = "big") {
    VideoFormat::Argb
} else {
    VideoFormat::Bgra
};

/// Caps of frames in such memory, with and without somebody who blends; any format and size.
pub(crate) fn caps() -> gst::Caps {
    let mut caps = gst::Caps::new_empty();
    let structure = gst::Structure::new_empty("video/x-raw");
    for memory in MEMORY {
        for features in [
            gst::CapsFeatures::new([memory, BLENDED]),
            gst::CapsFeatures::new([memory]),
        ] {
            caps.make_mut()
                .append_structure_full(structure.clone(), Some(features));
        }
    }
    caps
}

/// What can stand on the other side of the element: frames that come are, if possible, given on to
/// somebody who blends.
pub(crate) fn other_side(direction: gst::PadDirection, caps: &gst::CapsRef) -> gst::Caps {
    let mut others = gst::Caps::new_empty();
    let all = others.make_mut();
    for (structure, features) in caps.iter_with_features() {
        let features = features.to_owned();
        if is_elsewhere(&features) {
            let mut changed = features.clone();
            match direction {
                gst::PadDirection::Sink => changed.add(BLENDED),
                _ => changed.remove(BLENDED),
            }
            if !changed.is_equal(&features) {
                all.append_structure_full(structure.to_owned(), Some(changed));
            }
        }
        all.append_structure_full(structure.to_owned(), Some(features));
    }
    others
}

/// Of what the other side takes, what somebody blends, where there is that: elements do not say it
/// first.
pub(crate) fn preferred(direction: gst::PadDirection, others: gst::Caps) -> gst::Caps {
    if direction != gst::PadDirection::Sink {
        return others;
    }
    let blended = others
        .iter_with_features()
        .find(|(_, features)| features.contains(BLENDED));
    match blended {
        Some((structure, features)) => {
            let mut caps = gst::Caps::new_empty();
            let only = caps.make_mut();
            only.append_structure_full(structure.to_owned(), Some(features.to_owned()));
            caps
        }
        None => others,
    }
}

/// Whether frames with these features are not ours to draw on.
pub(crate) fn is_elsewhere(features: &gst::CapsFeaturesRef) -> bool {
    MEMORY.iter().any(|memory| features.contains(*memory))
}

/// Adds what was drawn to what others have put beside the frame.
pub(crate) fn attach(buffer: &mut gst::BufferRef, patches: Vec<Patch>) -> Result<(), String> {
    if patches.is_empty() {
        return Ok(());
    }
    let theirs = buffer.meta::<VideoOverlayCompositionMeta>();
    let mut rectangles: Vec<VideoOverlayRectangle> = theirs
        .map(|meta| {
            meta.overlay()
                .iter()
                .map(|rectangle| rectangle.to_owned())
                .collect()
        })
        .unwrap_or_default();
    for patch in patches {
        rectangles.push(rectangle(patch)?);
    }
    let composition =
        VideoOverlayComposition::new(&rectangles).map_err(|error| error.to_string())?;
    match buffer.meta_mut::<VideoOverlayCompositionMeta>() {
        Some(mut meta) => meta.set_overlay(&composition),
        None => {
            VideoOverlayCompositionMeta::add(buffer, &composition);
        }
    }
    Ok(())
}

fn rectangle(patch: Patch) -> Result<VideoOverlayRectangle, String> {
    let Patch {
        x,
        y,
        width,
        height,
        pixels,
    } = patch;
    #[cfg(target_endian = "big")]
    let pixels = pixels
        .chunks(4)
        .flat_map(|p| [p[3], p[2], p[1], p[0]])
        .collect::<Vec<_>>();
    let mut pixels = gst::Buffer::from_mut_slice(pixels);
    let writable = pixels.get_mut().ok_or("a new buffer is not ours")?;
    VideoMeta::add(writable, VideoFrameFlags::empty(), FORMAT, width, height)
        .map_err(|error| error.to_string())?;
    Ok(VideoOverlayRectangle::new_raw(
        &pixels,
        x as i32,
        y as i32,
        width,
        height,
        VideoOverlayFormatFlags::PREMULTIPLIED_ALPHA,
    ))
}
