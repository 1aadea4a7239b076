// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames whose memory is not ours to draw on (GL, VA, DMABuf): what is drawn travels beside them as a
//! `GstVideoOverlayComposition`, which an element further down blends into the frame.

use gst::prelude::*;
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

/// What can stand on the other side of the element. Frames that are not ours to draw on may come only
/// where somebody `blends`, and go on to them alone: a decoder that could give them would take every
/// chance to, and nothing of what is drawn would be seen.
pub(crate) fn other_side(
    direction: gst::PadDirection,
    caps: &gst::CapsRef,
    blends: bool,
) -> gst::Caps {
    let mut others = gst::Caps::new_empty();
    let all = others.make_mut();
    for (structure, features) in caps.iter_with_features() {
        if !is_elsewhere(features) {
            all.append_structure_full(structure.to_owned(), Some(features.to_owned()));
            continue;
        }
        let asked = features.contains(BLENDED);
        if !blends || (direction == gst::PadDirection::Src && !asked) {
            continue;
        }
        let mut blended = features.to_owned();
        if !asked {
            blended.add(BLENDED);
        }
        if direction == gst::PadDirection::Src {
            let mut plain = blended.clone();
            plain.remove(BLENDED);
            all.append_structure_full(structure.to_owned(), Some(plain));
        }
        all.append_structure_full(structure.to_owned(), Some(blended));
    }
    others
}

/// Whether somebody behind `src` says that it blends. Those who take anything do not.
pub(crate) fn is_blended(src: &gst::Pad) -> bool {
    let caps = src.peer_query_caps(None);
    !caps.is_any()
        && caps
            .iter_with_features()
            .any(|(_, features)| !features.is_any() && features.contains(BLENDED))
}

/// Whether frames with these features are not ours to draw on.
pub(crate) fn is_elsewhere(features: &gst::CapsFeaturesRef) -> bool {
    !features.is_any() && MEMORY.iter().any(|memory| features.contains(*memory))
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
