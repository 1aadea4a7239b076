// SPDX-License-Identifier: MIT OR Apache-2.0

/// Proof of what the processor can do. Made only by `Cpu::detect`, so whoever holds one with
/// `avx2` set may run AVX2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpu {
    #[cfg(target_arch = "x86_64")]
    avx2: bool,
}

impl Cpu {
    pub(crate) fn detect() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            avx2: std::arch::is_x86_feature_detected!("avx2"),
        }
    }

    /// No extension, whatever the processor has.
    #[cfg(test)]
    pub(crate) fn baseline() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            avx2: false,
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn has_avx2(self) -> bool {
        self.avx2
    }
}

/// Compiles one portable body twice, for the baseline and for AVX2, and picks at run time.
///
/// Both do the same IEEE operations in the same order: Rust never fuses a multiply with an add
/// by itself, so the results are equal to the bit on every processor. That is why the body says
/// `a * b + c` and not `mul_add`: fusing would change bits between machines for a gain that
/// does not show beside the memory traffic.
macro_rules! kernel {
    ($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        pub(crate) fn $name(cpu: $crate::cpu::Cpu, $($arg: $type),*) {
            #[inline(always)]
            fn portable($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) {
                    portable($($arg),*)
                }
                if cpu.has_avx2() {
                    // SAFETY: a `Cpu` has AVX2 only where `detect` found it.
                    return unsafe { avx2($($arg),*) };
                }
            }
            let _ = cpu;
            portable($($arg),*)
        }
    };
}
pub(crate) use kernel;
