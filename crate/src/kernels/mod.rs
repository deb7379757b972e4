//! The operations whose speed or exactness bertlet owns, on the CPU and on WebGPU.
//!
//! A call goes from an operation's public function through burn's backend extension (its route) to the device's kernel,
//! and for training through `Autodiff` (its backward), all in `ops/`, one file an operation. Its kernels have the same file
//! name in `cpu/` and `webgpu/`.
//!
//! What a new operation needs, in this order; layer_norm shows all of it:
//!
//! 1. This file: its module in `ops`, in `cpu`, in `webgpu`; its function among the `pub use`; its entry in [`TEST_ENTRIES`].
//! 2. `ops/<name>.rs`: the public function with `# Shapes`; the kernel trait, which says what a device must do; the route,
//!    without and with `Autodiff`; the backward; `test_entry`, which draws random inputs for it.
//! 3. `cpu/<name>.rs`: the kernel trait for `Flex`, and its loops.
//! 4. `webgpu/<name>.rs` and `webgpu/shaders/<room>/<name>.wgsl`: the kernel trait for `Cube`, and its shader.
//! 5. The reference in float64 and its sizes, in the browser test of the operations.
//!
//! An operation that is made of others (given_gradient, low_rank, prepend, scale_rows) has neither kernel nor shader. A file here imports
//! no operation but in `ops`, `cpu` and `webgpu`; only `clock`, `measure_tiles` and `self_check` compute
//! with them.

mod autodiff;
mod clock;
mod dropout;
#[cfg(feature = "webgpu")]
mod measure_tiles;
mod random_inputs;
mod self_check;
mod storage;
mod targets;

mod ops {
    pub mod activation;
    pub mod adamw;
    pub mod add;
    pub mod attention;
    pub mod binary_cross_entropy;
    pub mod column_sums;
    pub mod cosine_loss;
    pub mod cross_entropy;
    pub mod decoder_logits;
    pub mod dense;
    pub mod dropout;
    pub mod embed;
    pub mod gather_rows;
    pub mod given_gradient;
    pub mod layer_norm;
    pub mod low_rank;
    pub mod matmul;
    pub mod multiply;
    pub mod pool;
    pub mod prepend;
    pub mod scale_rows;
    pub mod scatter_rows;
    pub mod square_sum;
    pub mod store;
    pub mod to_f32;
}

/// The kernels of the CPU: each is one pass over memory, by several threads where that pays.
#[cfg(feature = "cpu")]
mod cpu {
    mod activation;
    mod adamw;
    mod attention;
    mod binary_cross_entropy;
    mod column_sums;
    mod cosine_loss;
    mod cross_entropy;
    mod decoder_logits;
    mod dense;
    mod dropout;
    mod embed;
    mod gather_rows;
    mod int8;
    mod int8_rows;
    mod layer_norm;
    mod matmul;
    mod matrix;
    mod multiply;
    mod panels;
    mod parts;
    mod pool;
    mod scatter_rows;
    mod simd;
    mod square_sum;
    mod store;
    mod tensor;
    #[cfg_attr(target_family = "wasm", path = "tile_wasm.rs")]
    #[cfg_attr(not(target_family = "wasm"), path = "tile_native.rs")]
    mod tile;
}

/// The kernels of the GPU: WGSL shaders, launched through burn's own queue and memory. `webgpu/README.md` says how.
#[cfg(feature = "webgpu")]
mod webgpu {
    mod activation;
    mod adamw;
    mod attention;
    mod binary_cross_entropy;
    mod column_sums;
    mod compose;
    mod cosine_loss;
    mod cross_entropy;
    mod decoder_logits;
    mod dense;
    mod dropout;
    mod embed;
    mod forms;
    mod gather_rows;
    mod interface;
    mod layer_norm;
    mod matmul;
    mod multiply;
    mod pool;
    mod scatter_rows;
    mod shader;
    mod square_sum;
    mod store;
    pub mod tiling;
}

pub use clock::Clock;
pub use dropout::{Dropout, Mask};
#[cfg(feature = "webgpu")]
pub use measure_tiles::measure_tiles;
pub use ops::{
    activation::{Activation, activation},
    adamw::{AdamW, Moments},
    add::add,
    attention::attention,
    binary_cross_entropy::binary_cross_entropy,
    cosine_loss::cosine_loss,
    cross_entropy::cross_entropy,
    decoder_logits::decoder_logits,
    dense::dense,
    dropout::apply_dropout,
    embed::embed,
    gather_rows::gather_rows,
    given_gradient::given_gradient,
    layer_norm::layer_norm,
    low_rank::low_rank,
    pool::{Pool, pool},
    prepend::prepend,
    scale_rows::scale_rows,
    scatter_rows::scatter_rows,
    square_sum::square_sum,
    store::{pack, store, store_int8_table},
    to_f32::to_f32,
};
pub use random_inputs::Named;
pub(crate) use random_inputs::{RandomInputs, TestEntry, Work};
pub use self_check::open_device;
pub use storage::{Role, Storage, element_bytes, int8_role, int8_row_scales, to_int8_rows};
pub use targets::Targets;
#[cfg(feature = "webgpu")]
pub use webgpu::tiling::{TileTime, TileTimes, only_tile, set_tile_times};

/// The operations that can be run alone, by name: what `testing::run_operation` finds.
pub(crate) const TEST_ENTRIES: [(&str, TestEntry); 15] = [
    ("activation", ops::activation::test_entry),
    ("adamw", ops::adamw::test_entry),
    ("binary_cross_entropy", ops::binary_cross_entropy::test_entry),
    ("cosine_loss", ops::cosine_loss::test_entry),
    ("cross_entropy", ops::cross_entropy::test_entry),
    ("decoder_logits", ops::decoder_logits::test_entry),
    ("dense", ops::dense::test_entry),
    ("embed", ops::embed::test_entry),
    ("gather_rows", ops::gather_rows::test_entry),
    ("layer_norm", ops::layer_norm::test_entry),
    ("low_rank", ops::low_rank::test_entry),
    ("pool", ops::pool::test_entry),
    ("scatter_rows", ops::gather_rows::round_trip_test_entry),
    ("self_attention", ops::attention::test_entry),
    ("square_sum", ops::square_sum::test_entry),
];
