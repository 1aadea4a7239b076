// SPDX-License-Identifier: MIT OR Apache-2.0

/// Which kernels run: proof of what the processor can do. `detect` gives the best; a value other
/// than `Portable` comes from nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// No instructions beyond those that the compiler was allowed.
    Portable,
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
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2(Proof(()));
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            return Self::Neon(Proof(()));
        }
        Self::Portable
    }
}

/// Compiles one portable body twice, for the baseline and for AVX2, and picks at run time.
/// (On aarch64 NEON is the baseline.)
///
/// Both do the same IEEE operations in the same order: Rust never fuses a multiply with an add
/// by itself, so the results are equal to the bit on every processor. That is why the body says
/// `a * b + c` and not `mul_add`: fusing would change bits between machines for a gain that
/// does not show beside the memory traffic.
macro_rules! kernel {
    ($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        pub(crate) fn $name(cpu: $crate::kernels::Cpu, $($arg: $type),*) {
            #[inline(always)]
            fn portable($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) {
                    portable($($arg),*)
                }
                if matches!(cpu, $crate::kernels::Cpu::Avx2(_)) {
                    // SAFETY: a `Cpu` is `Avx2` only where `detect` found it.
                    return unsafe { avx2($($arg),*) };
                }
            }
            let _ = cpu;
            portable($($arg),*)
        }
    };
}
pub(crate) use kernel;
