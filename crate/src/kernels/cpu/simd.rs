//! Loops over f32 slices that the compiler turns into SIMD: they have no branch inside, and sum in eight lanes.

const LANES: usize = 8;

/// Elements that one task takes of a pass over memory: blocks are fixed, so that no number depends on how many threads
/// there are.
pub const BLOCK: usize = 1 << 14;

/// eˣ within 2 units in the last place for x in [-87, 88], clamped outside.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // 1.5 · 2²³: adding it rounds to a whole number and leaves that number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first exact when multiplied by a small whole number.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 88.0 { x } else { 88.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    // Taylor to r⁷: |r| <= ln 2 / 2, so what is left out is below 6e-9 of the value.
    let tail = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * tail))));
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// Sum of `term` over two slices of one length.
#[inline(always)]
pub fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (a_full, a_rest) = a.as_chunks::<LANES>();
    let (b_full, b_rest) = b.as_chunks::<LANES>();
    for (x, y) in a_full.iter().zip(b_full) {
        for lane in 0..LANES {
            lanes[lane] += term(x[lane], y[lane]);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(&x, &y)| term(x, y)).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The largest value.
#[inline(always)]
pub fn max(values: &[f32]) -> f32 {
    largest(values, f32::MIN, |x| x)
}

/// The largest magnitude; 0 of no values.
#[inline(always)]
pub fn max_abs(values: &[f32]) -> f32 {
    largest(values, 0.0, f32::abs)
}

#[inline(always)]
fn largest(values: &[f32], least: f32, of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [least; LANES];
    let (full, rest) = values.as_chunks::<LANES>();
    for x in full {
        for lane in 0..LANES {
            let x = of(x[lane]);
            lanes[lane] = if x > lanes[lane] { x } else { lanes[lane] };
        }
    }
    let rest = rest.iter().map(|&x| of(x));
    lanes
        .into_iter()
        .chain(rest)
        .fold(least, |most, x| if x > most { x } else { most })
}

/// Four numbers at once, named where the compiler would not find the SIMD by itself. Those of f32 are wasm's alone.
pub mod lanes {
    #[cfg(target_arch = "wasm32")]
    use std::arch::wasm32 as wasm;

    #[cfg(target_arch = "wasm32")]
    pub type F32x4 = wasm::v128;

    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    pub fn splat(x: f32) -> F32x4 {
        wasm::f32x4_splat(x)
    }

    /// Four numbers of `from`, from `first` on.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    pub fn load<const N: usize>(from: &[f32; N], first: usize) -> F32x4 {
        let [a, b, c, d] = [from[first], from[first + 1], from[first + 2], from[first + 3]];
        wasm::f32x4(a, b, c, d)
    }

    /// a · b + c, rounded once where the build has relaxed SIMD and the processor can.
    #[cfg(target_arch = "wasm32")]
    #[cfg_attr(feature = "relaxed-simd", target_feature(enable = "relaxed-simd"))]
    #[inline]
    pub fn multiply_add(a: F32x4, b: F32x4, c: F32x4) -> F32x4 {
        #[cfg(feature = "relaxed-simd")]
        return wasm::f32x4_relaxed_madd(a, b, c);
        #[cfg(not(feature = "relaxed-simd"))]
        wasm::f32x4_add(wasm::f32x4_mul(a, b), c)
    }

    /// Small whole numbers along depth that one word holds: four of 8 bits, where the build has their product with sums,
    /// else two of 16.
    pub const GROUP: usize = if cfg!(all(target_arch = "wasm32", feature = "relaxed-simd")) {
        4
    } else {
        2
    };
    /// Words of the right side in a vector: four columns of `GROUP` numbers, of 8 bits in either build.
    pub const RIGHT_WORDS: usize = GROUP;

    #[cfg(target_arch = "wasm32")]
    pub type I32x4 = wasm::v128;
    #[cfg(not(target_arch = "wasm32"))]
    pub type I32x4 = [i32; 4];

    #[inline(always)]
    pub fn zeros() -> I32x4 {
        #[cfg(target_arch = "wasm32")]
        return wasm::i32x4_splat(0);
        #[cfg(not(target_arch = "wasm32"))]
        [0; 4]
    }

    /// A word of the left side: `GROUP` whole numbers from -127 to 127.
    #[inline(always)]
    pub fn word(numbers: [i32; GROUP]) -> i32 {
        let bits = 32 / GROUP;
        let mask = if GROUP == 4 { 0xff } else { 0xffff };
        (0..GROUP).fold(0, |word, index| word | (numbers[index] & mask) << (bits * index))
    }

    /// sum + the products of a word of the left with four columns of the right, from the word `first` on. The right's numbers
    /// are from 0 to 127, since engines differ in what relaxed products make of others.
    #[cfg_attr(
        all(target_arch = "wasm32", feature = "relaxed-simd"),
        target_feature(enable = "relaxed-simd")
    )]
    #[inline]
    pub fn dot_add<const N: usize>(left: i32, right: &[u32; N], first: usize, sum: I32x4) -> I32x4 {
        #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
        {
            let [a, b, c, d] = [right[first], right[first + 1], right[first + 2], right[first + 3]];
            let right = wasm::u32x4(a, b, c, d);
            return wasm::i32x4_relaxed_dot_i8x16_i7x16_add(wasm::i32x4_splat(left), right, sum);
        }
        #[cfg(all(target_arch = "wasm32", not(feature = "relaxed-simd")))]
        {
            let eight = i64::from(right[first]) | i64::from(right[first + 1]) << 32;
            let right = wasm::i16x8_extend_low_i8x16(wasm::i64x2(eight, 0));
            return wasm::i32x4_add(sum, wasm::i32x4_dot_i16x8(wasm::i32x4_splat(left), right));
        }
        #[cfg(not(target_arch = "wasm32"))]
        {
            let left = [i32::from(left as i16), left >> 16];
            let mut sum = sum;
            for (lane, sum) in sum.iter_mut().enumerate() {
                let pair = right[first + lane / 2] >> (16 * (lane % 2));
                *sum += left[0] * (pair & 0xff) as i32 + left[1] * (pair >> 8 & 0xff) as i32;
            }
            sum
        }
    }

    #[inline(always)]
    pub fn whole_numbers(x: I32x4) -> [i32; 4] {
        #[cfg(target_arch = "wasm32")]
        return [
            wasm::i32x4_extract_lane::<0>(x),
            wasm::i32x4_extract_lane::<1>(x),
            wasm::i32x4_extract_lane::<2>(x),
            wasm::i32x4_extract_lane::<3>(x),
        ];
        #[cfg(not(target_arch = "wasm32"))]
        x
    }

    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    pub fn values(x: F32x4) -> [f32; 4] {
        [
            wasm::f32x4_extract_lane::<0>(x),
            wasm::f32x4_extract_lane::<1>(x),
            wasm::f32x4_extract_lane::<2>(x),
            wasm::f32x4_extract_lane::<3>(x),
        ]
    }
}

/// A function as compiled for the processor's widest vectors, which natively are known only as the program runs. A closure in its
/// place would be inlined only while it is small; what the function calls must be inlined.
macro_rules! widest {
    ($(#[$about:meta])* $seen:vis fn $name:ident<$life:lifetime $(, $of:ident: $bound:path)?>(
        $($argument:ident: $type:ty),* $(,)?
    ) $(-> $output:ty)? $body:block) => {
        #[cfg(target_family = "wasm")]
        $(#[$about])*
        $seen fn $name<$life $(, $of: $bound)?>($($argument: $type),*) $(-> $output)? $body

        #[cfg(not(target_family = "wasm"))]
        $(#[$about])*
        $seen fn $name<$life $(, $of: $bound)?>($($argument: $type),*) $(-> $output)? {
            struct Call<$life $(, $of: $bound)?> {
                $($argument: $type),*
            }
            impl<$life $(, $of: $bound)?> pulp::NullaryFnOnce for Call<$life $(, $of)?> {
                type Output = crate::kernels::cpu::simd::output!($($output)?);

                #[inline(always)]
                fn call(self) -> Self::Output {
                    let Self { $($argument),* } = self;
                    $body
                }
            }
            pulp::Arch::new().dispatch(Call { $($argument),* })
        }
    };
}
#[cfg(not(target_family = "wasm"))]
macro_rules! output {
    () => {
        ()
    };
    ($output:ty) => {
        $output
    };
}
#[cfg(not(target_family = "wasm"))]
pub(super) use output;
pub(super) use widest;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exact_to_two_units() {
        for step in -8700..=8800 {
            let x = step as f32 / 100.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 2.5e-7, "exp({x}): {error}");
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite());
    }

    #[test]
    fn reductions_take_every_element() {
        for length in [0, 1, 7, 8, 9, 31] {
            let values: Vec<f32> = (0..length).map(|i| i as f32).collect();
            assert_eq!(sum(&values, &values, |x, _| x), (0..length).sum::<i32>() as f32);
        }
        assert_eq!(max(&[-3.0, -1.0, -2.0]), -1.0);
    }
}
