//! Storage of f32 numbers as 16-bit floats where that loses nothing, which halves the memory of a checkpoint's matrices
//! on a GPU, and what a matrix product reads of them.
//!
//! A stored number is 1024 times the value: a shader may read a subnormal float as 0, and so scaled, not even the
//! smallest number of a 16-bit checkpoint is subnormal.

use half::f16;

/// As the shaders that read such storage have it.
const SCALE: f32 = 1024.0;

/// `values` as they are stored; none where one of them would come back as another.
pub fn to_f16_exact(values: &[f32]) -> Option<Vec<f16>> {
    let exact = |&value: &f32| {
        let stored = f16::from_f32(value * SCALE);
        let same = stored.to_f32() == value * SCALE && (stored.is_normal() || value == 0.0);
        same.then_some(stored)
    };
    values.iter().map(exact).collect()
}

/// `values` as they are stored, rounded; none where one of them is too large.
pub fn to_f16_rounded(values: &[f32]) -> Option<Vec<f16>> {
    let rounded = |&value: &f32| Some(f16::from_f32(value * SCALE)).filter(|stored| stored.is_finite());
    values.iter().map(rounded).collect()
}

/// The values that are stored as `stored`.
pub fn to_f32(stored: &[f16]) -> Vec<f32> {
    stored.iter().map(|stored| stored.to_f32() / SCALE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        // Every number of 16 bits below 64, the subnormals and both zeros among them.
        let all = (0..=u16::MAX).map(f16::from_bits).map(f16::to_f32);
        let values: Vec<f32> = all.filter(|value| value.abs() < 63.97).collect();
        assert!(values.len() > 43_000);
        let stored = to_f16_exact(&values).expect("all can be stored");
        assert!(stored.iter().all(|half| half.is_normal() || *half == f16::ZERO));
        let back = to_f32(&stored);
        assert!(back.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn what_would_change_is_not_stored() {
        for value in [0.1, 1.0 + f32::EPSILON, 1e-9, 64.0, f32::MAX] {
            assert!(to_f16_exact(&[1.0, value]).is_none(), "{value}");
        }
    }
}
