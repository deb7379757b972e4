//! Which tile a matrix product takes on a GPU: the one that is estimated to be the fastest, from how long a workgroup of
//! each tile takes, by itself and among many. Two products a tile are timed, once for each GPU; they serve every model.

use std::sync::RwLock;

use burn::{backend::DispatchDevice, cubecl::Device as CubeDevice, tensor::Device as BurnDevice};

use super::forms::MatmulTile;
use crate::{
    Result,
    device::{floats, gpu_traits},
    kernels::{
        Clock,
        ops::{activation::Activation, dense::dense},
    },
};

/// The tiles that a GPU chooses from, and their rows and columns.
const TILES: [(MatmulTile, usize); 4] = [
    (MatmulTile::Shared32, 32),
    (MatmulTile::Shared64Sliced, 64),
    (MatmulTile::Shared64, 64),
    (MatmulTile::Shared128, 128),
];

/// How long a workgroup takes for a step of depth, in any unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TileTime {
    /// By itself.
    pub alone: f32,
    /// Among so many that the GPU is busy: their whole time over their number.
    pub busy: f32,
}

impl TileTime {
    /// Finite, as what is kept must be.
    const NEVER: Self = Self::new(f32::MAX, f32::MAX);

    const fn new(alone: f32, busy: f32) -> Self {
        Self { alone, busy }
    }
}

/// The times of all tiles.
pub type TileTimes = [TileTime; TILES.len()];

/// As long as nothing was measured: an H100's with a third of its cores, without the tile that needs the most registers.
const DEFAULT: TileTimes = [
    TileTime::new(18.0, 0.3),
    TileTime::new(41.0, 0.9),
    TileTime::new(70.0, 0.85),
    TileTime::NEVER,
];

static MEASURED: RwLock<Vec<(CubeDevice, TileTimes)>> = RwLock::new(Vec::new());

/// From now on, products on this GPU go by these times.
pub fn set_tile_times(device: &BurnDevice, times: TileTimes) {
    if let DispatchDevice::Cube(device) = device.as_dispatch() {
        let mut measured = MEASURED.write().expect("no thread panics with the lock");
        measured.retain(|(known, _)| known != device);
        measured.push((device.clone(), times));
    }
}

/// The tile for a product, and the workgroups that it takes.
pub fn choose(device: &CubeDevice, rows: usize, columns: usize, matrices: usize) -> (MatmulTile, [usize; 3]) {
    let measured = MEASURED.read().expect("no thread panics with the lock");
    let found = measured.iter().find(|(known, _)| known == device);
    let times = found.map_or(&DEFAULT, |(_, times)| times);
    let estimated = TILES.iter().zip(times).map(|(&(tile, size), time)| {
        let workgroups = [columns.div_ceil(size), rows.div_ceil(size), matrices];
        let count = workgroups.iter().product::<usize>() as f32;
        (time.alone.max(time.busy * count), tile, workgroups)
    });
    let fastest = estimated.min_by(|(a, ..), (b, ..)| a.total_cmp(b));
    let (_, tile, workgroups) = fastest.expect("there are tiles");
    (tile, workgroups)
}

/// The times with which every product takes tile number `tile`; none beyond the last.
pub fn only_tile(tile: usize) -> Option<TileTimes> {
    let mut times = [TileTime::NEVER; TILES.len()];
    *times.get_mut(tile)? = TileTime::new(1.0, 1.0);
    Some(times)
}

/// Times every tile on the GPU, and lets its products go by that: a fraction of a second. A GPU so slow that it would take
/// longer, and software, keep the usual times.
///
/// # Errors
/// `device-lost`.
pub async fn measure_tiles(device: &BurnDevice, clock: Clock) -> Result<TileTimes> {
    /// Milliseconds for the first product, at most: 13 GFLOP/s.
    const SLOWEST_MS: f64 = 10.0;
    const FIRST: (usize, usize) = (512, 256);
    /// So deep that a lone workgroup takes longer than its launch, and that many take as long on a fast GPU.
    const DEEP: usize = 2048;
    /// Rows and columns of many workgroups: 256 of the largest, and a depth that takes a slow GPU a few milliseconds.
    const WIDE: usize = 2048;
    const SHALLOW: usize = 256;
    let is_software = |device: &CubeDevice| gpu_traits(device).software;
    let goes_by_tiles = matches!(device.as_dispatch(), DispatchDevice::Cube(device) if !is_software(device));
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
