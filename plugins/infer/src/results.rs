// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the model says of one frame, from its answers to metadata.

use lynx_geometry::Detection;
use lynx_meta::{Classification, Forms, NewObject, Object, classes, objects};
use lynx_model::decode::Class;
use lynx_model::describe::Description;
use lynx_model::merge::{Found, Merger, is_cut};
use lynx_tensor::Transform;

use crate::reader::Said;
use crate::regions::Region;
use crate::settings::Settings;

/// What the model has said of a frame so far.
#[derive(Debug, Default)]
pub(crate) struct Results {
    found: Vec<Found>,
    /// Of each object that the frame came with: whether it was asked about, and what was said.
    said: Vec<Option<Option<Class>>>,
}

/// Makes one list of what was found in several regions. Its memory is reused.
#[derive(Default)]
pub(crate) struct Merge {
    merger: Merger,
    merged: Vec<Found>,
}

/// What an answer is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// Index of the region.
    pub index: usize,
    pub region: &'a Region,
    /// Where the frame lies in the region's tensor.
    pub transform: Transform,
    /// Of the frame, in pixels.
    pub size: (u32, u32),
}

impl Results {
    /// Those of a frame that came with so many objects.
    pub fn new(objects: usize) -> Self {
        Self {
            found: Vec::new(),
            said: vec![None; objects],
        }
    }

    /// Takes what the model says of one region.
    pub fn take(&mut self, entry: &Entry<'_>, said: Said<'_>) {
        match said {
            Said::Objects(detections) => self.found.extend(detections.iter().map(|d| {
                let rect = entry.transform.to_frame(&d.rect);
                Found {
                    detection: Detection { rect, ..*d },
                    region: entry.index,
                    // Of an object's part nothing is elsewhere: its crop shows all of it.
                    cut: entry.region.object.is_none()
                        && is_cut(&rect, &entry.region.rect, entry.size),
                }
            })),
            Said::Class(class) => {
                if let Some(object) = entry.region.object {
                    self.say(object, class);
                }
            }
        }
    }

    /// Says what an object is.
    pub fn say(&mut self, object: usize, class: Option<Class>) {
        if let Some(said) = self.said.get_mut(object) {
            *said = Some(class);
        }
    }

    /// What was said of an object, if anything was.
    pub fn said(&self, object: usize) -> Option<Option<Class>> {
        self.said.get(object).copied().flatten()
    }

    /// Adds what was found in `regions` to the frame; how many objects that are. Of an object's
    /// region they are its parts.
    pub fn add_objects(
        &self,
        merge: &mut Merge,
        buffer: &mut gst::BufferRef,
        size: (u32, u32),
        settings: &Settings,
        description: &Description,
        (regions, parents): (&[Region], &[Object]),
    ) -> usize {
        let found = if regions.len() > 1 {
            let (iou, max) = (
                settings.decode.iou_threshold,
                settings.decode.max_detections,
            );
            let Merge { merger, merged } = merge;
            merger.merge(&self.found, iou, max, merged);
            merged
        } else {
            &self.found
        };
        let forms = forms(buffer, settings, !parents.is_empty());
        for Found {
            detection: d,
            region,
            ..
        } in found
        {
            let label = description.labels.get(d.class);
            let parent = regions.get(*region).and_then(|r| parents.get(r.object?));
            let object = NewObject {
                parent: parent.map(|p| p.id),
                ..NewObject::new(d.rect, label, d.class, d.score)
            };
            objects::add(buffer, size, &object, forms);
        }
        found.len()
    }

    /// Adds what was said to the objects; to how many.
    pub fn add_classes(&self, buffer: &mut gst::BufferRef, description: &Description) -> usize {
        let count = self.said.iter().flatten().flatten().count();
        if count > 0 {
            classes::add(buffer, |object| {
                let said = self.said(object).flatten()?;
                Some(Classification {
                    label: description.labels.get(said.class),
                    class: Some(said.class),
                    score: said.score,
                    model: Some(&description.name),
                })
            });
        }
        count
    }
}

/// Parts come in the forms that their parents came in: they name them by an id of that form.
fn forms(buffer: &gst::BufferRef, settings: &Settings, parts: bool) -> Forms {
    let ours = Forms::new(settings.roi_meta);
    match Forms::of(buffer).filter(|_| parts) {
        Some(theirs) => Forms {
            analytics: theirs.analytics,
            roi: theirs.roi || ours.roi,
        },
        None => ours,
    }
}
