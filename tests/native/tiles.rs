//! Every tile of the GPU's matrix products, at sizes that fill it and that do not: what the CPU computes, which the
//! browser's tests hold against float64.

use bertlet::{
    device::{DeviceKind, GpuTraits, open_gpu},
    kernels::{only_tile, open_device, set_tile_times},
    testing::run_operation,
};
use pollster::block_on;

/// Operations made of products, and their sizes: blocks and tiles that are cut in every direction, and vectors that are.
const CASES: [(&str, &[usize]); 4] = [
    ("dense", &[140, 136, 264, 0]),
    ("dense", &[33, 70, 37, 0]),
    ("dense f16", &[65, 44, 136, 0]),
    ("self_attention", &[2, 37, 2, 12, 10, 1]),
];

#[test]
fn every_tile_computes_what_the_cpu_does() {
    let cpu = block_on(open_device(DeviceKind::Cpu)).expect("the CPU");
    // A device of its own, since all products on it go by one tile.
    let gpu = block_on(open_gpu(|traits| GpuTraits {
        software: false,
        subgroups: traits.subgroups,
    }))
    .expect("the GPU");
    for (operation, sizes) in CASES {
        let expected = block_on(run_operation(&cpu, operation, sizes, 7)).expect("the CPU's");
        for (tile, times) in (0..).map_while(|tile| Some((tile, only_tile(tile)?))) {
            set_tile_times(&gpu.handle, times);
            let found = block_on(run_operation(&gpu, operation, sizes, 7)).expect("the GPU's");
            for ((what, expected), (_, found)) in expected.iter().zip(&found) {
                if what.starts_with("bits of") {
                    continue;
                }
                // A gradient may be 0 but for rounding.
                let largest = expected.iter().fold(0.2, |most: f32, value| most.max(value.abs()));
                assert_eq!(expected.len(), found.len());
                for (at, (a, b)) in expected.iter().zip(found).enumerate() {
                    assert!(
                        (a - b).abs() <= 2e-5 * largest,
                        "tile {tile}, {operation} {sizes:?}: {what}[{at}] is {b}, {a} on the CPU"
                    );
                }
            }
        }
    }
}
