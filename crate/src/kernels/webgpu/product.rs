//! Matrix products: which form of the shader, in which tiles, and what it ends with.

use burn::{backend::TensorMetadata, cubecl::client::Client};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    elements::widened,
    launch::{Bound, File, Shader, empty, groups, is_software, read, read_stored, stored, wgsl, words, write},
};
use crate::kernels::fused::{Activation, AttentionShape, Transposed};

/// Work that keeps a GPU busy: below so many large tiles, small ones.
const MANY_TILES: usize = 96;

/// Where a matrix stands in memory, in elements: how far apart its rows, its heads and its texts are.
#[derive(Clone, Copy)]
pub(super) struct Stride {
    pub row: usize,
    pub head: usize,
    pub text: usize,
}

impl Stride {
    /// A matrix alone.
    fn alone(row: usize) -> Self {
        Self { row, head: 0, text: 0 }
    }

    /// A head of `[batch * seq_len, heads * head_dim]`.
    pub fn head(shape: &AttentionShape) -> Self {
        let row = shape.heads * shape.head_dim;
        Self {
            row,
            head: shape.head_dim,
            text: shape.seq_len * row,
        }
    }

    /// A head of `[batch, heads, seq_len, seq_len rounded up to a multiple of 4]`.
    pub fn scores(shape: &AttentionShape) -> Self {
        let row = shape.seq_len.next_multiple_of(4);
        let head = shape.seq_len * row;
        Self {
            row,
            head,
            text: shape.heads * head,
        }
    }

    fn in_fours(&self) -> bool {
        [self.row, self.head, self.text].iter().all(|by| by.is_multiple_of(4))
    }
}

/// One product, or one for each head of each text.
pub(super) struct Product<'a> {
    pub rows: usize,
    pub columns: usize,
    pub depth: usize,
    pub heads: usize,
    pub texts: usize,
    pub transposed: Option<Transposed>,
    pub left: (&'a CubeTensor, Stride),
    pub right: (&'a CubeTensor, Stride),
    pub output: (&'a CubeTensor, Stride),
}

impl Product<'_> {
    /// Launches it; `epilogue` ends it, with what that binds.
    pub fn launch(&self, epilogue: &[File], bound: Vec<Bound>) {
        let client = &self.output.0.client;
        let pairs = self.heads * self.texts;
        let transposed = |side| usize::from(self.transposed == Some(side));
        let in_fours = [self.left.1, self.right.1, self.output.1].iter().all(Stride::in_fours);
        let (main, tile, workgroups) = self.main(client, pairs);
        // By ones, no halves are read.
        let (how, right) = match in_fours {
            true => (wgsl!("matmul/vec4"), self.right.0.clone()),
            false => (wgsl!("matmul/scalar"), widened(self.right.0.clone())),
        };
        let mut files = vec![wgsl!("matmul/matmul"), how, stored(&right), main];
        files.extend(epilogue);
        let mut buffers = vec![read(self.left.0), read_stored(&right), write(self.output.0)];
        buffers.extend(bound);
        let shader = Shader::new(files)
            .with("left_transposed", transposed(Transposed::Left))
            .with("right_transposed", transposed(Transposed::Right))
            .with("sizes", buffers.len());
        let shader = tile
            .iter()
            .fold(shader, |shader, &(name, value)| shader.with(name, value));
        let [left, right, output] = [self.left.1, self.right.1, self.output.1];
        let words = words![
            self.rows,
            self.columns,
            self.depth,
            self.heads,
            pairs,
            left.row,
            left.head,
            left.text,
            right.row,
            right.head,
            right.text,
            output.row,
            output.head,
            output.text,
        ];
        shader.launch(client, workgroups, &buffers, &words);
    }

    /// The file of the main, the numbers of its tile, and its workgroups.
    fn main(&self, client: &Client, pairs: usize) -> (File, Vec<(&'static str, usize)>, [usize; 3]) {
        let (rows, columns) = (self.rows, self.columns);
        if is_software(client) {
            // Measured on SwiftShader. Larger tiles run no quicker and compile for seconds.
            let (tall, broad, threads) = if pairs > 1 { (4, 2, 8) } else { (4, 8, 8) };
            let tiles = rows.div_ceil(4 * tall) * columns.div_ceil(4 * broad) * pairs;
            let tile = vec![("rows", tall), ("columns", broad), ("threads", threads)];
            return (wgsl!("matmul/registers"), tile, groups(tiles.div_ceil(threads)));
        }
        let tiles = |blocks: usize| [columns.div_ceil(32 * blocks), rows.div_ceil(32 * blocks), pairs];
        let blocks = match tiles(2).iter().product::<usize>() >= MANY_TILES {
            true => 2,
            false => 1,
        };
        let tile = vec![("rows", blocks), ("columns", blocks)];
        (wgsl!("matmul/tiles"), tile, tiles(blocks))
    }
}

/// [`Fused::dense`](crate::kernels::fused::Fused::dense)
pub(super) fn dense(
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    activation: Activation,
    with_slope: bool,
) -> (CubeTensor, Option<CubeTensor>) {
    let [x, weight, bias] = [x, weight, bias].map(into_contiguous);
    let ([rows, depth], [_, columns]) = (x.shape().dims(), weight.shape().dims());
    let output = empty(&x, [rows, columns]);
    let product = Product {
        rows,
        columns,
        depth,
        heads: 1,
        texts: 1,
        transposed: None,
        left: (&x, Stride::alone(depth)),
        right: (&weight, Stride::alone(columns)),
        output: (&output, Stride::alone(columns)),
    };
    let Some(formula) = formula(activation) else {
        product.launch(&[wgsl!("matmul/epilogue_bias")], vec![read(&bias)]);
        return (output, None);
    };
    if !with_slope {
        product.launch(&[wgsl!("matmul/epilogue_activation"), formula], vec![read(&bias)]);
        return (output, None);
    }
    let slope = empty(&x, [rows, columns]);
    product.launch(
        &[wgsl!("matmul/epilogue_activation_grad"), formula],
        vec![read(&bias), write(&slope)],
    );
    (output, Some(slope))
}

/// The file of an activation; none of the identity.
pub(super) fn formula(activation: Activation) -> Option<File> {
    Some(match activation {
        Activation::Identity => return None,
        Activation::Gelu => wgsl!("activation/gelu"),
        Activation::GeluNew => wgsl!("activation/gelu_new"),
        Activation::Relu => wgsl!("activation/relu"),
        Activation::Tanh => wgsl!("activation/tanh"),
    })
}

/// [`Fused::tied`](crate::kernels::fused::Fused::tied)
pub(super) fn tied(x: CubeTensor, table: CubeTensor, bias: CubeTensor) -> CubeTensor {
    let [x, table, bias] = [x, table, bias].map(into_contiguous);
    let ([rows, depth], [columns, _]) = (x.shape().dims(), table.shape().dims());
    let output = empty(&x, [rows, columns]);
    let product = Product {
        rows,
        columns,
        depth,
        heads: 1,
        texts: 1,
        transposed: Some(Transposed::Right),
        left: (&x, Stride::alone(depth)),
        right: (&table, Stride::alone(depth)),
        output: (&output, Stride::alone(columns)),
    };
    product.launch(&[wgsl!("matmul/epilogue_bias")], vec![read(&bias)]);
    output
}

/// [`Fused::product`](crate::kernels::fused::Fused::product)
pub(super) fn product(
    left: CubeTensor,
    right: CubeTensor,
    transposed: Option<Transposed>,
    onto: Option<CubeTensor>,
) -> CubeTensor {
    let [left, right] = [left, right].map(into_contiguous);
    let ([left_rows, left_columns], [right_rows, right_columns]) = (left.shape().dims(), right.shape().dims());
    let (rows, columns, depth) = match transposed {
        None => (left_rows, right_columns, left_columns),
        Some(Transposed::Left) => (left_columns, right_columns, left_rows),
        Some(Transposed::Right) => (left_rows, right_rows, left_columns),
    };
    let output = empty(&left, [rows, columns]);
    let product = Product {
        rows,
        columns,
        depth,
        heads: 1,
        texts: 1,
        transposed,
        left: (&left, Stride::alone(left_columns)),
        right: (&right, Stride::alone(right_columns)),
        output: (&output, Stride::alone(columns)),
    };
    match onto.map(|total| into_contiguous(widened(total))) {
        None => product.launch(&[wgsl!("matmul/epilogue_none")], Vec::new()),
        Some(total) => product.launch(&[wgsl!("matmul/epilogue_accumulate")], vec![read(&total)]),
    }
    output
}
