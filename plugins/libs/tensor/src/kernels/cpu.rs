// SPDX-License-Identifier: MIT OR Apache-2.0

/// Which kernels run: proof of what the processor can do. `detect` gives the best; a value other
/// than `Portable` comes from nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// No instructions beyond those that the compiler was allowed.
    Portable,
    /// With FMA and F16C.
    #[cfg(target_arch = "x86_64")]
    Avx2(Proof),
    #[cfg(target_arch = "aarch64")]
    Neon(Proof),
}

/// Made only here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proof(());

impl Cpu {
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("fma")
            && std::arch::is_x86_feature_detected!("f16c")
        {
            return Self::Avx2(Proof(()));
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            return Self::Neon(Proof(()));
        }
        Self::Portable
    }
}

/// `a * b + c`, in one rounding where the processor has an instruction for it.
#[inline(always)]
pub(crate) fn madd<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Whether the baseline has that instruction: every aarch64 does.
pub(crate) const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

/// Compiles one body twice, for the baseline and for AVX2 with FMA, and picks at run time. (On
/// aarch64 NEON is the baseline.) The body may say `madd::<FUSED>`.
macro_rules! kernel {
    ($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        pub(crate) fn $name(cpu: $crate::kernels::Cpu, $($arg: $type),*) {
            #[inline(always)]
            fn body<const FUSED: bool>($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) {
                    body::<true>($($arg),*)
                }
                if matches!(cpu, $crate::kernels::Cpu::Avx2(_)) {
                    // SAFETY: a `Cpu` is `Avx2` only where `detect` found it.
                    return unsafe { avx2($($arg),*) };
                }
            }
            let _ = cpu;
            body::<{ $crate::kernels::FUSED }>($($arg),*)
        }
    };
}
pub(crate) use kernel;
