// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;

const OPENVINO: &str = "OpenVINOExecutionProvider";
const CPU: &str = "CPUExecutionProvider";

fn placed(operators: &[(&str, &str, usize)]) -> Placement {
    let each = operators.iter().flat_map(|(provider, operator, count)| {
        std::iter::repeat_n((provider.to_string(), operator.to_string()), *count)
    });
    Placement::new(each)
}

fn judged(policy: ProviderPolicy, placement: &Placement) -> Verdict {
    verdict(
        policy,
        &[Provider::OpenVino, Provider::Cpu],
        Ok(placement),
        &[],
    )
}

#[test]
fn a_placement_counts_by_provider_and_by_weight() {
    let placement = placed(&[
        (CPU, "Shape", 4),
        (CPU, "Conv", 1),
        (OPENVINO, "Conv", 2),
        (OPENVINO, "MatMul", 1),
        ("NewExecutionProvider", "Relu", 1),
    ]);
    assert_eq!(
        placement.to_string(),
        "openvino 3 of 4 heavy operators, 3 of 9 in all; \
         cpu 1 of 4 heavy operators, 5 of 9 in all; \
         NewExecutionProvider 0 of 4 heavy operators, 1 of 9 in all"
    );
    assert_eq!(placement.share(Provider::OpenVino), 0.75);
    assert_eq!(placement.share(Provider::Cuda), 0.0);
    assert_eq!(placement.of(Provider::Cpu).unwrap().operators["Shape"], 4);
}

#[test]
fn heavy_operators_are_those_that_take_the_time() {
    for heavy in [
        "Conv",
        "ConvTranspose",
        "FusedConv",
        "QLinearConv",
        "ConvInteger",
        "MatMulInteger",
        "Gemm",
        "QLinearMatMul",
        "Attention",
        "MultiHeadAttention",
        "LSTM",
        "GRU",
        "EPContext",
    ] {
        assert!(is_heavy(heavy), "{heavy}");
    }
    for light in [
        "Relu", "Shape", "Reshape", "Cast", "Concat", "Mul", "Gather", "Resize",
    ] {
        assert!(!is_heavy(light), "{light}");
    }
}

#[test]
fn shape_arithmetic_on_the_cpu_is_fine() {
    let placement = placed(&[(OPENVINO, "Conv", 2), (CPU, "Shape", 90)]);
    for policy in ProviderPolicy::ALL {
        assert_eq!(judged(policy, &placement), Verdict::Fine);
    }
}

#[test]
fn a_few_heavy_operators_elsewhere_are_a_warning_that_names_them() {
    let placement = placed(&[(OPENVINO, "Conv", 9), (CPU, "MatMul", 1), (CPU, "Shape", 1)]);
    let placement = placement.with_notes(vec!["MatMul is too wide".into()]);
    for policy in [ProviderPolicy::Strict, ProviderPolicy::Warn] {
        let Verdict::Warn(text) = judged(policy, &placement) else {
            panic!("{policy:?}");
        };
        for words in [
            "openvino 9 of 10",
            "cpu has MatMul 1;",
            "MatMul is too wide",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}

#[test]
fn a_provider_that_took_less_than_most_fails_when_strict() {
    for heavy in [0, 1, 5] {
        let placement = placed(&[(OPENVINO, "Conv", heavy), (CPU, "Conv", 10 - heavy)]);
        let Verdict::Fail(text) = judged(ProviderPolicy::Strict, &placement) else {
            panic!("{heavy}");
        };
        assert!(text.contains("asked for openvino"), "{text}");
        assert!(matches!(
            judged(ProviderPolicy::Warn, &placement),
            Verdict::Warn(_)
        ));
        assert_eq!(judged(ProviderPolicy::Fallback, &placement), Verdict::Fine);
    }
}

#[test]
fn a_refusal_of_the_first_is_told_with_its_reason() {
    let placement = placed(&[(CPU, "Conv", 1)]);
    let refusals = [Refusal {
        provider: Provider::Cuda,
        reason: "no driver".into(),
    }];
    let judge =
        |policy, requested: &[Provider]| verdict(policy, requested, Ok(&placement), &refusals);
    let list = [Provider::Cuda, Provider::Cpu];
    let told = |text: &str| text.contains("cuda refused the model: no driver");
    assert!(matches!(judge(ProviderPolicy::Strict, &list), Verdict::Fail(text) if told(&text)));
    assert!(matches!(judge(ProviderPolicy::Warn, &list), Verdict::Warn(text) if told(&text)));
    assert_eq!(judge(ProviderPolicy::Fallback, &list), Verdict::Fine);
}

#[test]
fn what_stands_behind_the_first_need_take_nothing() {
    let placement = placed(&[(OPENVINO, "Conv", 1)]);
    let refusals = [Refusal {
        provider: Provider::Cuda,
        reason: "no driver".into(),
    }];
    let list = [Provider::OpenVino, Provider::Cuda, Provider::Cpu];
    let verdict = verdict(ProviderPolicy::Strict, &list, Ok(&placement), &refusals);
    assert_eq!(verdict, Verdict::Fine);
}

#[test]
fn a_model_without_heavy_operators_goes_by_all_of_them() {
    let most = placed(&[(OPENVINO, "Relu", 3), (CPU, "ReduceMean", 1)]);
    assert_eq!(judged(ProviderPolicy::Strict, &most), Verdict::Fine);
    let few = placed(&[(OPENVINO, "Relu", 1), (CPU, "ReduceMean", 3)]);
    assert!(matches!(
        judged(ProviderPolicy::Strict, &few),
        Verdict::Fail(_)
    ));
    assert_eq!(judged(ProviderPolicy::Strict, &placed(&[])), Verdict::Fine);
}

#[test]
fn an_unknown_placement_is_no_proof() {
    let list = [Provider::Cuda];
    let verdict = |policy| verdict(policy, &list, Err("not recorded"), &[]);
    let Verdict::Fail(text) = verdict(ProviderPolicy::Strict) else {
        panic!();
    };
    assert!(text.contains("not known: not recorded"), "{text}");
    assert!(matches!(verdict(ProviderPolicy::Warn), Verdict::Warn(_)));
}

#[test]
fn policies_are_read_by_name() {
    for policy in ProviderPolicy::ALL {
        assert_eq!(policy.name().parse::<ProviderPolicy>().unwrap(), policy);
    }
    let message = "stern".parse::<ProviderPolicy>().unwrap_err().to_string();
    assert!(message.contains("provider-policy=stern"), "{message}");
}
