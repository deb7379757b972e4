//! Measures the tiles of matrix products on a GPU: two products a tile, once for each GPU; they serve every model.

use burn::{backend::DispatchDevice, tensor::Device as BurnDevice};

use super::{
    Activation, Clock, dense,
    webgpu::tiling::{DEFAULT, TILES, TileTime, TileTimes, only_tile, set_tile_times},
};
use crate::{
    Result,
    device::{floats, gpu_traits},
};

/// Times every tile on the GPU, and lets its products go by that: a fraction of a second. A GPU so slow that it would take
/// longer, and software, keep the usual times.
///
/// # Errors
/// `device-lost`.
pub async fn measure_tiles(device: &BurnDevice, clock: Clock) -> Result<TileTimes> {
    /// Milliseconds for the first product, at most: 67 GFLOP/s.
    const SLOWEST_MS: f64 = 2.0;
    const FIRST: (usize, usize) = (512, 256);
    /// So deep that a lone workgroup takes longer than its launch, and that many take as long on a fast GPU.
    const DEEP: usize = 2048;
    /// Rows and columns of many workgroups: 256 of the largest, and about a model's depth.
    const WIDE: usize = 2048;
    const SHALLOW: usize = 512;
    let goes_by_tiles = matches!(device.as_dispatch(), DispatchDevice::Cube(device) if !gpu_traits(device).software);
    if !goes_by_tiles || product_ms(device, FIRST.0, FIRST.1, clock).await? > SLOWEST_MS {
        return Ok(DEFAULT);
    }
    let mut times = [TileTime::NEVER; TILES.len()];
    for (number, &(_, size)) in TILES.iter().enumerate() {
        set_tile_times(device, only_tile(number).expect("a tile"));
        let alone = product_ms(device, size, DEEP, clock).await? / DEEP as f64;
        let busy = product_ms(device, WIDE, SHALLOW, clock).await? / (SHALLOW * (WIDE / size).pow(2)) as f64;
        // Nanoseconds. A time may come out as 0 or less where the clock is coarse.
        let [alone, busy] = [alone, busy].map(|ms| (1e6 * ms).max(1e-6) as f32);
        times[number] = TileTime::new(alone, busy);
    }
    set_tile_times(device, times);
    Ok(times)
}

/// Milliseconds of a dense layer with a square output.
async fn product_ms(device: &BurnDevice, size: usize, depth: usize, clock: Clock) -> Result<f64> {
    // Not zeros, which are faster to multiply.
    let mixed = |count: usize| -> Vec<f32> {
        (0..count as u32)
            .map(|at| at.wrapping_mul(0x9e37_79b9) as i32 as f32 / i32::MAX as f32)
            .collect()
    };
    let x = floats(mixed(size * depth), [size, depth], device);
    let weight = floats(mixed(depth * size), [depth, size], device);
    let bias = floats(vec![0.0; size], [size], device);
    let product = || dense(x.clone(), weight.clone(), bias.clone(), Activation::Identity);
    clock.mean(product).await
}
