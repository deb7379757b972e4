//! Which tile a matrix product takes on a GPU: the one that is estimated to be the fastest, from how long a workgroup of
//! each tile takes, by itself and among many. `measure_tiles.rs` measures that.

use std::sync::RwLock;

use burn::{backend::DispatchDevice, cubecl::Device as CubeDevice, tensor::Device as BurnDevice};

use super::forms::MatmulTile;

/// The tiles that a GPU chooses from, and their rows and columns.
pub const TILES: [(MatmulTile, usize); 4] = [
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
    /// Of a tile that is never the fastest. Finite, as what is kept must be.
    pub const NEVER: Self = Self::new(f32::MAX, f32::MAX);

    /// As its fields.
    pub const fn new(alone: f32, busy: f32) -> Self {
        Self { alone, busy }
    }
}

/// The times of all tiles.
pub type TileTimes = [TileTime; TILES.len()];

/// As long as nothing was measured: an H100's with a third of its cores, without the tile that needs the most registers.
pub const DEFAULT: TileTimes = [
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
