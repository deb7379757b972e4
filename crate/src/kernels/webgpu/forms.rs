//! The parts of shaders, and the forms of each part. A shader is composed in one form of every part that its `#parts` line
//! names, and a native test composes it in all of them.

use super::compose::{File, Part};

/// Defines the parts: an enum each, with its forms, their files in `shaders/`, and their values.
macro_rules! parts {
    ($(
        $(#[$doc:meta])*
        $part:ident {
            $($(#[$form_doc:meta])* $form:ident: [$($file:literal),*] $({ $($name:ident = $value:literal),* })?,)*
        }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub enum $part {
                $($(#[$form_doc])* $form,)*
            }

            impl $part {
                #[allow(dead_code, reason = "the native test of all shaders reads it")]
                pub const ALL: &[Self] = &[$(Self::$form),*];

                pub fn part(self) -> Part {
                    match self {
                        $(Self::$form => Part {
                            files: &[$(File {
                                name: $file,
                                text: include_str!(concat!(env!("OUT_DIR"), "/shaders/", $file, ".wgsl")),
                            }),*],
                            values: &[$($((stringify!($name), $value)),*)?],
                        },)*
                    }
                }
            }
        )*

        /// Every form of the part with this name.
        #[cfg(test)]
        #[allow(dead_code, reason = "for the native test of all shaders, which includes this file")]
        pub fn forms(part: &str) -> Option<Vec<Part>> {
            match part {
                $(stringify!($part) => Some($part::ALL.iter().map(|form| form.part()).collect()),)*
                _ => None,
            }
        }
    };
}

parts! {
    /// How many neighbouring elements a value holds.
    Width {
        Vec4: ["shared/vec4"],
        Scalar: ["shared/scalar"],
    }

    /// Values of four elements only.
    Vec4 {
        Vec4: ["shared/vec4"],
    }

    /// [`Width`], and how a table of weights is stored. Rows stored as 16-bit floats have a multiple of 4 elements.
    StoredWidth {
        Vec4F32: ["shared/vec4", "shared/storage_f32"],
        Vec4F16: ["shared/vec4", "shared/storage_f16"],
        ScalarF32: ["shared/scalar", "shared/storage_f32"],
    }

    /// Words of four whole numbers.
    Int8Words {
        Signed: ["shared/int8"],
    }

    /// Where the scales of whole numbers run.
    Int8Scale {
        Column: ["shared/int8", "elementwise/int8_column"],
        Row: ["shared/int8", "elementwise/int8_row"],
    }

    /// Dropout's mask, which may drop nothing.
    Dropout {
        Mask: ["shared/dropout"],
    }

    /// Threads that work on a row. The part has the main, which calls the shader's `row_main`.
    RowThreads {
        One: ["shared/row_per_thread"],
        Sixteen: ["shared/row_per_16_threads"],
        Subgroup: ["shared/enable_subgroups", "shared/row_per_subgroup"],
        /// For naga, which does not know the directive.
        ImpliedSubgroup: ["shared/row_per_subgroup"],
    }

    /// Threads that share a column of a sum over the rows.
    Slices {
        Four: [] { slices = 4 },
        ThirtyTwo: [] { slices = 32 },
    }

    /// Tensors that one launch takes; `ALL[n - 1]` is n of them.
    Tensors {
        One: [] { rows = 1 },
        Two: [] { rows = 2 },
        Three: [] { rows = 3 },
        Four: [] { rows = 4 },
        Five: [] { rows = 5 },
        Six: [] { rows = 6 },
        Seven: [] { rows = 7 },
    }

    /// An activation and its derivative.
    Activation {
        Gelu: ["activation/gelu"],
        GeluNew: ["activation/gelu_new"],
        Relu: ["activation/relu"],
        Tanh: ["activation/tanh"],
        Silu: ["activation/silu"],
    }

    /// Whether softmax also writes the weights that dropout leaves.
    SoftmaxOutput {
        NoDropout: ["attention/softmax_no_dropout"],
        Dropout: ["attention/softmax_dropout"],
    }

    /// How a matrix product reads its operands, and how its right one is stored.
    MatmulOperands {
        Vec4F32: ["matmul/vec4", "shared/storage_f32"],
        Vec4F16: ["matmul/vec4", "shared/storage_f16"],
        ScalarF32: ["matmul/scalar", "shared/storage_f32"],
    }

    /// Which operand of a matrix product is read transposed.
    MatmulTransposed {
        None: [] { left_transposed = 0, right_transposed = 0 },
        Left: [] { left_transposed = 1, right_transposed = 0 },
        Right: [] { left_transposed = 0, right_transposed = 1 },
    }

    /// The main of a matrix product, and its tile: the blocks of 4 x 4 that a thread sums, the threads that share a tile
    /// and the slices of them, the blocks that the tile is deep, those that a thread loads, and the tiles in memory.
    MatmulTile {
        Shared32: ["matmul/tiles"] {
            rows = 1, columns = 1, threads_x = 8, threads_y = 8, slices = 4, depth = 16, loads = 1, buffers = 1
        },
        Shared64Sliced: ["matmul/tiles"] {
            rows = 2, columns = 2, threads_x = 8, threads_y = 8, slices = 2, depth = 4, loads = 1, buffers = 2
        },
        Shared64: ["matmul/tiles"] {
            rows = 2, columns = 2, threads_x = 8, threads_y = 8, slices = 1, depth = 4, loads = 2, buffers = 1
        },
        Shared128: ["matmul/tiles"] {
            rows = 2, columns = 2, threads_x = 16, threads_y = 16, slices = 1, depth = 4, loads = 1, buffers = 1
        },
        Registers4x2: ["matmul/registers"] { rows = 4, columns = 2, threads = 8 },
        Registers4x8: ["matmul/registers"] { rows = 4, columns = 8, threads = 8 },
    }

    /// What a matrix product does with its sums.
    MatmulEpilogue {
        None: ["matmul/epilogue_none"],
        Accumulate: ["matmul/epilogue_accumulate"],
        Bias: ["matmul/epilogue_bias"],
        Gelu: ["activation/gelu", "matmul/epilogue_activation"],
        GeluNew: ["activation/gelu_new", "matmul/epilogue_activation"],
        Relu: ["activation/relu", "matmul/epilogue_activation"],
        Tanh: ["activation/tanh", "matmul/epilogue_activation"],
        Silu: ["activation/silu", "matmul/epilogue_activation"],
        GeluGrad: ["activation/gelu", "matmul/epilogue_activation_grad"],
        GeluNewGrad: ["activation/gelu_new", "matmul/epilogue_activation_grad"],
        ReluGrad: ["activation/relu", "matmul/epilogue_activation_grad"],
        TanhGrad: ["activation/tanh", "matmul/epilogue_activation_grad"],
        SiluGrad: ["activation/silu", "matmul/epilogue_activation_grad"],
    }
}
