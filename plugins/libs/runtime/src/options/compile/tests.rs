// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_model::{ElementType, TensorInfo};

use super::*;
use crate::parse_providers;

fn options(providers: &str, device: Option<&str>) -> SessionOptions {
    SessionOptions {
        providers: parse_providers(providers).unwrap(),
        device: device.map(str::to_owned),
        ..SessionOptions::default()
    }
}

fn given(mut options: SessionOptions, key: &str, value: &str) -> SessionOptions {
    options.add(options.providers[0], [(key, value.to_owned())]);
    options
}

fn next(options: &SessionOptions) -> Option<Vec<Provider>> {
    options.meanwhile(&Provider::ALL).map(|meanwhile| {
        meanwhile.check().unwrap();
        meanwhile.providers
    })
}

#[test]
fn the_next_provider_that_is_there_at_once_serves_meanwhile() {
    use Provider::{Cpu, Cuda, OpenVino};
    for (providers, device, expected) in [
        ("tensorrt,cuda,cpu", Some("1"), Some(vec![Cuda, Cpu])),
        ("tensorrt,openvino,cpu", None, Some(vec![OpenVino, Cpu])),
        ("openvino,cpu", Some("GPU.1"), Some(vec![Cpu])),
        ("openvino,cpu", Some("npu"), Some(vec![Cpu])),
        ("openvino,tensorrt,cpu", Some("GPU"), Some(vec![Cpu])),
        ("openvino,cpu", None, None),
        ("openvino,cpu", Some("AUTO:GPU,CPU"), None),
        ("cuda,tensorrt,cpu", None, None),
        ("tensorrt,tensorrt", None, None),
        ("tensorrt", None, None),
    ] {
        assert_eq!(next(&options(providers, device)), expected, "{providers}");
    }
    let by_key = given(options("openvino,cpu", None), "device_type", "GPU");
    assert_eq!(next(&by_key), Some(vec![Cpu]));
}

#[test]
fn what_the_next_cannot_heed_is_left_out() {
    let first = SessionOptions {
        precision: Precision::Int8,
        ..given(options("tensorrt,cuda", Some("1")), "trt_x", "1")
    };
    let meanwhile = first.meanwhile(&Provider::ALL).unwrap();
    assert_eq!(meanwhile, options("cuda", Some("1")));
}

#[test]
fn nobody_waits_for_a_provider_that_the_library_lacks() {
    let list = options("tensorrt,cuda,cpu", None);
    assert_eq!(list.meanwhile(&[Provider::Cuda, Provider::Cpu]), None);
    let only = list.meanwhile(&[Provider::TensorRt, Provider::Cpu]);
    assert_eq!(only.unwrap().providers, [Provider::Cpu]);
    assert_eq!(list.meanwhile(&[Provider::TensorRt]), None);
}

#[test]
fn one_engine_is_for_all_rungs_of_inputs_that_are_open() {
    let input = |name: &str, dims: &[Option<usize>]| TensorInfo {
        name: name.into(),
        element: ElementType::F32,
        dims: dims.into(),
    };
    let shape = |dims: &[usize]| Shape {
        element: ElementType::F32,
        dims: dims.into(),
    };
    let io = ModelIo {
        inputs: vec![
            input("im", &[None, Some(3), None, None]),
            input("scale", &[None, Some(2)]),
            input("fixed", &[Some(1), Some(2)]),
        ],
        ..ModelIo::default()
    };
    let inputs = [shape(&[1, 3, 64, 96]), shape(&[1, 2]), shape(&[1, 2])];
    let list = options("tensorrt,cuda", None);
    let keys = list.with_profiles(&io, &inputs, 8).keys(Provider::TensorRt);
    let expected = [
        ("trt_profile_max_shapes", "im:8x3x64x96,scale:8x2"),
        ("trt_profile_min_shapes", "im:1x3x64x96,scale:1x2"),
        ("trt_profile_opt_shapes", "im:8x3x64x96,scale:8x2"),
    ];
    let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), expected);

    let fixed = ModelIo {
        inputs: vec![io.inputs[2].clone()],
        ..ModelIo::default()
    };
    assert_eq!(list.with_profiles(&fixed, &inputs[2..], 1), list);
    let own = given(list, "trt_profile_min_shapes", "im:1x3x8x8");
    assert_eq!(own.with_profiles(&io, &inputs, 8), own);
    let other = options("cuda,cpu", None);
    assert_eq!(other.with_profiles(&io, &inputs, 8), other);
}

#[test]
fn a_folder_that_the_user_gave_stays() {
    let mut list = given(options("openvino", None), "cache_dir", "/theirs");
    list.keep(Provider::OpenVino, Path::new("/ours"));
    assert_eq!(list.keys(Provider::OpenVino)["cache_dir"], "/theirs");
    let mut list = options("tensorrt", None);
    list.keep(Provider::TensorRt, Path::new("/ours"));
    let keys = list.keys(Provider::TensorRt);
    assert_eq!(keys["trt_engine_cache_path"], "/ours");
    assert_eq!(keys.len(), 4);
    list.keep(Provider::Cpu, Path::new("/ours"));
    list.check().unwrap();
}
