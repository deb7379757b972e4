//! Numbers as 16-bit floats where that loses nothing, as the GPU keeps the matrices of such checkpoints: half the memory,
//! half of what a product reads of them. What is kept is 1024 times a number, since a shader may read a subnormal float
//! as 0: so not even the smallest number of a 16-bit checkpoint is one.

use half::f16;

/// As `storage_f16.wgsl` has it.
const SCALE: f32 = 1024.0;

/// What is kept of `values`; none where one of them would come back as another.
pub fn halved(values: &[f32]) -> Option<Vec<f16>> {
    let half = |&value: &f32| {
        let kept = f16::from_f32(value * SCALE);
        let same = kept.to_f32() == value * SCALE && (kept.is_normal() || value == 0.0);
        same.then_some(kept)
    };
    values.iter().map(half).collect()
}

/// The values of which `halves` is kept.
pub fn whole(halves: &[f16]) -> Vec<f32> {
    halves.iter().map(|half| half.to_f32() / SCALE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        // Every number of 16 bits below 64, the subnormals and both zeros among them.
        let all = (0..=u16::MAX).map(f16::from_bits).map(f16::to_f32);
        let values: Vec<f32> = all.filter(|value| value.abs() < 63.97).collect();
        assert!(values.len() > 43_000);
        let kept = halved(&values).expect("all can be kept");
        assert!(kept.iter().all(|half| half.is_normal() || *half == f16::ZERO));
        let back = whole(&kept);
        assert!(back.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn what_would_change_is_not_kept() {
        for value in [0.1, 1.0 + f32::EPSILON, 1e-9, 64.0, f32::MAX] {
            assert!(halved(&[1.0, value]).is_none(), "{value}");
        }
    }
}
