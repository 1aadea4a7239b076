#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the golden tensors of plugins/libs/tensor/tests/goldens: one small text a model family.

Each is the family's own preprocessing, in the calls that its repository makes (OpenCV, Pillow,
NumPy), of pictures that `picture` computes and that tests/goldens.rs computes in the same way.
Nothing of Lynx is used. The texts have samples and moments of a tensor, not all of it.

    pip install --requirement tests/reference/preprocess-requirements.txt
    python tests/reference/preprocess.py plugins/libs/tensor/tests/goldens
"""

import argparse
import os

import cv2
import numpy as np
from PIL import Image

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SAMPLES = 64


def picture(width, height):
    """RGB: a ramp across, a ramp down, a saw tooth; inverted in some of the squares of 16."""
    y, x = np.mgrid[:height, :width]
    ramps = np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x * 3 + y * 5) % 256], axis=2)
    inverted = (x // 16 + y // 16 * 3) % 5 == 0
    return np.where(inverted[..., None], 255 - ramps, ramps).astype(np.uint8)


def bgr(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)


def linear(image, width, height):
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)


def nchw(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)


def nhwc(image):
    return np.ascontiguousarray(image[None])


def ultralytics_letterbox(image, width, height):
    """`LetterBox(auto=False)` of Ultralytics, and `letterbox` of YOLOv5."""
    h, w = image.shape[:2]
    ratio = min(height / h, width / w)
    new_w, new_h = round(w * ratio), round(h * ratio)
    dw, dh = (width - new_w) / 2, (height - new_h) / 2
    if (w, h) != (new_w, new_h):
        image = linear(image, new_w, new_h)
    top, bottom = round(dh - 0.1), round(dh + 0.1)
    left, right = round(dw - 0.1), round(dw + 0.1)
    return cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114))


def yolo(image, width, height):
    """`BasePredictor.preprocess` of Ultralytics: BGR from OpenCV, turned round, / 255."""
    return nchw(ultralytics_letterbox(bgr(image), width, height)[..., ::-1]) / np.float32(255)


def yolox(image, width, height):
    """`preproc` of YOLOX."""
    image = bgr(image)
    padded = np.full((height, width, 3), 114, np.uint8)
    ratio = min(height / image.shape[0], width / image.shape[1])
    resized = linear(image, int(image.shape[1] * ratio), int(image.shape[0] * ratio)).astype(np.uint8)
    padded[: resized.shape[0], : resized.shape[1]] = resized
    return nchw(padded)


def rtdetr_ultralytics(image, width, height):
    """`LetterBox(auto=False, scale_fill=True)` as RTDETRPredictor calls it."""
    return nchw(linear(bgr(image), width, height)[..., ::-1]) / np.float32(255)


def pillow(image, width, height):
    """torchvision's `Resize` of a Pillow image, and with `antialias=True` of a tensor."""
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def to_tensor(image):
    """torchvision's `ToTensor`."""
    return nchw(image) / np.float32(255)


def normalize(tensor, mean, std):
    """torchvision's `Normalize`."""
    mean, std = (np.asarray(v, np.float32).reshape(1, -1, 1, 1) for v in (mean, std))
    return (tensor - mean) / std


def rtdetr(image, width, height):
    """`Resize([640, 640])`, `ToTensor` of RT-DETR's own repository."""
    return to_tensor(pillow(image, width, height))


def detr(image, width, height):
    """`Resize`, `ToTensor`, `Normalize` with ImageNet's mean and std: RF-DETR, DETR at a fixed size."""
    return normalize(to_tensor(pillow(image, width, height)), IMAGENET_MEAN, IMAGENET_STD)


def detr_opencv(image, width, height):
    """The same with OpenCV's resize, as exporters' C++ samples have it."""
    return normalize(to_tensor(linear(image, width, height)), IMAGENET_MEAN, IMAGENET_STD)


def scrfd(image, width, height):
    """`SCRFD.detect` and `RetinaFace.detect` of InsightFace."""
    image = bgr(image)
    ratio = image.shape[0] / image.shape[1]
    if ratio > height / width:
        new_h, new_w = height, int(height / ratio)
    else:
        new_w, new_h = width, int(width * ratio)
    padded = np.zeros((height, width, 3), np.uint8)
    padded[:new_h, :new_w] = linear(image, new_w, new_h)
    return cv2.dnn.blobFromImage(padded, 1 / 128, (width, height), (127.5, 127.5, 127.5), swapRB=True)


def ssd_mobilenet(image, width, height):
    """TensorFlow's detection zoo as ONNX: the graph takes `uint8` and normalises itself."""
    return nhwc(linear(image, width, height))


def efficientdet_lite(image, width, height):
    """EfficientDet-Lite: normalised with 127 and 128, resized in `float`, padded with 0."""
    image = (image.astype(np.float32) - np.float32(127)) / np.float32(128)
    scale = min(height / image.shape[0], width / image.shape[1])
    new_w, new_h = int(image.shape[1] * scale), int(image.shape[0] * scale)
    padded = np.zeros((height, width, 3), np.float32)
    padded[:new_h, :new_w] = linear(image, new_w, new_h)
    return nhwc(padded)


def tensorflow_classifier(image, width, height):
    """`tf.image.resize` in `float` (no antialias), then -1..1: MobileNet, Inception, EfficientNetV2."""
    return nhwc(linear(image.astype(np.float32), width, height) / np.float32(127.5) - np.float32(1))


def center_crop(image, width, height):
    """torchvision's `CenterCrop` of an image that is large enough."""
    top, left = int(round((image.shape[0] - height) / 2.0)), int(round((image.shape[1] - width) / 2.0))
    return image[top : top + height, left : left + width]


def resize_shorter(image, side):
    """torchvision's `Resize(side)`."""
    h, w = image.shape[:2]
    short, long = min(w, h), max(w, h)
    new_short, new_long = side, int(side * long / short)
    return pillow(image, *((new_short, new_long) if w <= h else (new_long, new_short)))


def classify_ultralytics(image, width, height):
    """`classify_transforms` of Ultralytics: `Resize`, `CenterCrop`, `ToTensor`."""
    return to_tensor(center_crop(resize_shorter(image, height), width, height))


def classify_imagenet(image, width, height):
    """torchvision's classification preset where resize and crop have one size (timm: crop_pct 1)."""
    return normalize(classify_ultralytics(image, width, height), IMAGENET_MEAN, IMAGENET_STD)


def crop_uint8(image, width, height):
    """A cut out of the centre, not resized."""
    return nhwc(center_crop(image, width, height))


def crnn(image, width, height):
    """CRNN: grey, stretched, -1..1."""
    grey = linear(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), width, height)
    return (nchw(grey[..., None]) - np.float32(127.5)) / np.float32(127.5)


def lprnet(image, width, height):
    """LPRNet's `transform`: BGR, (v - 127.5) / 128."""
    return nchw((linear(bgr(image), width, height).astype(np.float32) - np.float32(127.5)) * np.float32(0.0078125))


def facenet_half(image, width, height):
    """A face embedding model exported to half precision: (v - 127.5) / 128, float16."""
    return ((nchw(linear(image, width, height)) - np.float32(127.5)) / np.float32(128)).astype(np.float16)


def quantized_int8(image, width, height):
    """Full-integer TFLite: `int8` with scale 1 and zero point -128."""
    return nhwc((linear(image, width, height).astype(np.int16) - 128).astype(np.int8))


def spec(**values):
    usual = {
        "element": "f32", "layout": "nchw", "color": "rgb", "resize": "letterbox", "filter": "bilinear",
        "pad": 114, "mean": (0, 0, 0), "std": (255, 255, 255),
    }
    return usual | values


def scaled(values):
    return tuple(round(v * 255, 5) for v in values)


GREY_HALF = (127.5,) * 3
WIDE, TALL, TINY = (333, 217), (96, 160), (61, 47)

# Name, preprocessing, what it is in the terms of a `TensorSpec`, sizes of picture and tensor, and
# how far a right tensor may be off, in levels of 255, in a sample and in a channel's mean. OpenCV
# rounds to whole levels after its resize, on the whole 0.1 to 0.16 down; Pillow after each of two
# passes. Ratios such as 1:2 are left out there: every second value would be a tie to round.
ROUNDED, ROUNDED_TWICE, FLOAT = (1.1, 0.2), (1.1, 0.2), (0.01, 0.001)
IMAGENET = {"mean": scaled(IMAGENET_MEAN), "std": scaled(IMAGENET_STD)}
GOLDENS = [
    ("yolo-wide", yolo, spec(), WIDE, (64, 64), ROUNDED),
    ("yolo-tall", yolo, spec(), TALL, (128, 96), ROUNDED),
    ("yolo-odd-pads", yolo, spec(), TINY, (96, 97), ROUNDED),
    ("yolox-wide", yolox, spec(color="bgr", resize="letterbox-top-left", std=(1, 1, 1)), WIDE, (104, 104), ROUNDED),
    ("yolox-tall", yolox, spec(color="bgr", resize="letterbox-top-left", std=(1, 1, 1)), TALL, (96, 64), ROUNDED),
    ("rtdetr-ultralytics", rtdetr_ultralytics, spec(resize="stretch"), WIDE, (160, 160), ROUNDED),
    ("rtdetr", rtdetr, spec(resize="stretch", filter="antialias"), WIDE, (96, 96), ROUNDED_TWICE),
    ("detr", detr, spec(resize="stretch", filter="antialias", **IMAGENET), TALL, (61, 77), ROUNDED_TWICE),
    ("detr-enlarged", detr, spec(resize="stretch", filter="antialias", **IMAGENET), TINY, (100, 90), ROUNDED_TWICE),
    ("detr-opencv", detr_opencv, spec(resize="stretch", **IMAGENET), WIDE, (128, 128), ROUNDED),
    ("scrfd-wide", scrfd, spec(resize="letterbox-top-left", pad=0, mean=GREY_HALF, std=(128,) * 3), WIDE, (160, 160), ROUNDED),
    ("scrfd-tall", scrfd, spec(resize="letterbox-top-left", pad=0, mean=GREY_HALF, std=(128,) * 3), TALL, (128, 128), ROUNDED),
    ("ssd-mobilenet", ssd_mobilenet, spec(element="u8", layout="nhwc", resize="stretch", std=(1, 1, 1)), WIDE, (75, 75), ROUNDED),
    ("efficientdet-lite", efficientdet_lite, spec(layout="nhwc", resize="letterbox-top-left", pad=127, mean=(127,) * 3, std=(128,) * 3), WIDE, (80, 80), FLOAT),
    ("tensorflow-classifier", tensorflow_classifier, spec(layout="nhwc", resize="stretch", mean=GREY_HALF, std=GREY_HALF), TALL, (112, 112), FLOAT),
    ("classify-ultralytics", classify_ultralytics, spec(resize="crop-resize", filter="antialias"), WIDE, (56, 56), ROUNDED_TWICE),
    ("classify-imagenet", classify_imagenet, spec(resize="crop-resize", filter="antialias", **IMAGENET), TALL, (56, 56), ROUNDED_TWICE),
    ("crop", crop_uint8, spec(element="u8", layout="nhwc", resize="crop", std=(1, 1, 1)), WIDE, (96, 64), (0.0, 0.0)),
    ("crnn-grey", crnn, spec(color="gray", resize="stretch", mean=GREY_HALF, std=GREY_HALF), WIDE, (100, 32), (1.6, 0.2)),
    ("lprnet", lprnet, spec(color="bgr", resize="stretch", mean=GREY_HALF, std=(128,) * 3), WIDE, (94, 24), ROUNDED),
    ("face-half", facenet_half, spec(element="f16", resize="stretch", mean=GREY_HALF, std=(128,) * 3), TALL, (112, 112), ROUNDED),
    ("quantized-int8", quantized_int8, spec(element="i8", layout="nhwc", resize="stretch", mean=(128,) * 3, std=(1, 1, 1)), TALL, (50, 44), ROUNDED),
]


def words(value):
    return ",".join(f"{v:g}" for v in value) if isinstance(value, tuple) else str(value)


def text(name, family, options, size, tensor_size, tolerance):
    tensor = family(picture(*size), *tensor_size)
    planes = tensor.astype(np.float64)
    planes = planes if options["layout"] == "nchw" else planes.transpose(0, 3, 1, 2)
    flat = tensor.reshape(-1).astype(np.float64)
    # A prime step visits rows, columns and channels in no order, and no element twice.
    indices = [i * 7919 % flat.size for i in range(SAMPLES)]
    return "\n".join([
        f"# {' '.join(family.__doc__.split())}",
        "# Made by tests/reference/preprocess.py.",
        f"picture {size[0]}x{size[1]}",
        f"tensor {tensor_size[0]}x{tensor_size[1]}",
        *(f"{key} {words(value)}" for key, value in options.items()),
        f"shape {' '.join(map(str, tensor.shape))}",
        f"tolerance {tolerance[0]:g} {tolerance[1]:g}",
        "channel-means " + " ".join(f"{v:.5g}" for v in planes.mean(axis=(0, 2, 3))),
        "channel-deviations " + " ".join(f"{v:.5g}" for v in planes.std(axis=(0, 2, 3))),
        # The last element of a letterbox is padding, which nobody rounds.
        *([f"exactly {flat.size - 1} {flat[-1]:.6g}"] if options["resize"].startswith("letterbox") else []),
        *(f"at {index} {flat[index]:.6g}" for index in sorted(indices)),
        "",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where the texts go")
    arguments = parser.parse_args()
    for golden in GOLDENS:
        with open(os.path.join(arguments.folder, golden[0] + ".txt"), "w", encoding="utf-8") as out:
            out.write(text(*golden))
    print(f"{arguments.folder}: {len(GOLDENS)} golden tensors")


if __name__ == "__main__":
    main()
