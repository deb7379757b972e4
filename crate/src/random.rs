//! Random numbers from a seeded generator, the same on every machine.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A uniform number from [0, 1).
pub fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// `count` numbers from N(0, deviation²), by the Box-Muller transform.
#[cfg(computes)]
pub fn normal(random: &mut ChaCha8Rng, deviation: f64, count: usize) -> Vec<f32> {
    let one = |_| {
        let (u, v) = (unit(random), unit(random));
        let radius = (-2.0 * (1.0 - u).ln()).sqrt();
        (deviation * radius * (std::f64::consts::TAU * v).cos()) as f32
    };
    (0..count).map(one).collect()
}

/// `count` uniform numbers from [-limit, limit).
#[cfg(computes)]
pub fn uniform(random: &mut ChaCha8Rng, limit: f64, count: usize) -> Vec<f32> {
    (0..count)
        .map(|_| (limit * (2.0 * unit(random) - 1.0)) as f32)
        .collect()
}
