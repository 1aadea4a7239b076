// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;

fn on(providers: &[Provider]) -> SessionOptions {
    SessionOptions {
        providers: providers.to_vec(),
        ..Default::default()
    }
}

fn with(mut options: SessionOptions, provider: Provider, key: &str, value: &str) -> SessionOptions {
    let given = options.provider_options.entry(provider).or_default();
    given.insert(key.into(), value.into());
    options
}

fn said(options: &SessionOptions, provider: Provider) -> String {
    let keys = options.keys(provider);
    let keys: Vec<_> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
    keys.join(" ")
}

fn refusal(options: &SessionOptions) -> String {
    options.check().unwrap_err().to_string()
}

const ALL: [Provider; 4] = [
    Provider::TensorRt,
    Provider::Cuda,
    Provider::OpenVino,
    Provider::Cpu,
];

#[test]
fn a_number_is_a_device_of_nvidia_and_a_name_one_of_intel() {
    let mut options = on(&ALL);
    options.device = Some("1".into());
    options.check().unwrap();
    assert_eq!(said(&options, Provider::TensorRt), "device_id=1");
    assert_eq!(said(&options, Provider::Cuda), "device_id=1");
    assert_eq!(said(&options, Provider::OpenVino), "device_type=CPU");
    options.providers.reverse();
    options.providers.remove(0);
    options.device = Some("gpu.0".into());
    options.check().unwrap();
    assert_eq!(said(&options, Provider::Cuda), "");
    assert_eq!(said(&options, Provider::OpenVino), "device_type=GPU.0");
}

#[test]
fn a_device_that_the_first_provider_does_not_have_is_refused() {
    for (providers, device) in [
        (&[Provider::Cpu][..], "GPU"),
        (&[Provider::Cuda, Provider::Cpu], "GPU.0"),
        (&[Provider::OpenVino, Provider::Cuda], "0"),
        (&ALL, "-1"),
        (&ALL, ""),
    ] {
        let mut options = on(providers);
        options.device = Some(device.into());
        let message = refusal(&options);
        assert!(message.contains(&format!("device={device}:")), "{message}");
    }
}

#[test]
fn precision_is_said_in_the_words_of_each_provider() {
    for (precision, tensorrt, cuda, openvino) in [
        (Precision::Auto, "", "", "device_type=CPU"),
        (
            Precision::Fp32,
            "trt_fp16_enable=0 trt_int8_enable=0",
            "use_tf32=0",
            "device_type=CPU precision=FP32",
        ),
        (
            Precision::Fp16,
            "trt_fp16_enable=1",
            "",
            "device_type=CPU precision=FP16",
        ),
        (Precision::Int8, "trt_int8_enable=1", "", "device_type=CPU"),
    ] {
        let mut options = on(&ALL);
        options.precision = precision;
        options.check().unwrap();
        assert_eq!(said(&options, Provider::TensorRt), tensorrt);
        assert_eq!(said(&options, Provider::Cuda), cuda);
        assert_eq!(said(&options, Provider::OpenVino), openvino);
        assert_eq!(said(&options, Provider::Cpu), "");
    }
}

#[test]
fn a_precision_that_the_first_provider_does_not_take_is_refused() {
    for (providers, precision) in [
        (&[Provider::Cpu][..], Precision::Fp16),
        (&[Provider::Cuda, Provider::TensorRt], Precision::Fp16),
        (&[Provider::OpenVino, Provider::Cpu], Precision::Int8),
    ] {
        let mut options = on(providers);
        options.precision = precision;
        let message = refusal(&options);
        assert!(
            message.contains(precision.name()) && message.contains("convert the model"),
            "{message}"
        );
    }
}

#[test]
fn options_reach_their_provider_and_stand_above_the_defaults() {
    let options = with(
        on(&[Provider::OpenVino]),
        Provider::OpenVino,
        "device_type",
        "GPU",
    );
    let options = with(options, Provider::OpenVino, "cache_dir", "/tmp/x");
    options.check().unwrap();
    assert_eq!(
        said(&options, Provider::OpenVino),
        "cache_dir=/tmp/x device_type=GPU"
    );
}

#[test]
fn options_that_would_be_ignored_are_refused() {
    for (options, reason) in [
        (
            with(on(&[Provider::Cpu]), Provider::Cpu, "arena", "1"),
            "takes no options",
        ),
        (
            with(on(&[Provider::Cpu]), Provider::Cuda, "use_tf32", "1"),
            "not in the list",
        ),
        (
            with(on(&[Provider::Cuda]), Provider::Cuda, "a", "\0"),
            "no name and value",
        ),
    ] {
        let message = refusal(&options);
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn what_is_said_twice_must_be_the_same() {
    let mut options = with(on(&[Provider::Cuda]), Provider::Cuda, "device_id", "1");
    options.device = Some("1".into());
    options.check().unwrap();
    options.device = Some("0".into());
    let message = refusal(&options);
    assert!(message.contains("cuda,device_id=1: device,"), "{message}");
}

#[test]
fn affinity_is_for_the_cpu_and_gives_it_a_thread_a_cpu() {
    let mut options = on(&[Provider::OpenVino]);
    options.cpu_affinity = Some("0".parse().unwrap());
    assert!(refusal(&options).contains("add cpu"));
    options.cpu_affinity = Some("0-2".parse().unwrap());
    assert_eq!(options.threads(), 3);
    options.intra_op_threads = 2;
    assert_eq!(options.threads(), 2);
}
