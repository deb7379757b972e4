//! The hand-written backward of each fused operation: what it keeps of its forward, and the gradients that it gives.

use burn::backend::{
    Backend, TensorMetadata,
    autodiff::{
        NodeId,
        checkpoint::base::Checkpointer,
        grads::Gradients,
        ops::{Backward, Ops, unary},
    },
    tensor::{FloatTensor, IntTensor},
};
use burn::tensor::{FloatDType, Shape, TensorData};

use super::{
    dropout::Mask,
    fused::{Attended, AttentionShape, Fused, Normalized, Pool, Transposed},
    routes::{Joined, scaled_rows},
};

#[derive(Debug)]
pub(super) struct Dense;

impl<B: Fused> Backward<B, 3> for Dense {
    /// x, the weight, and the slope of the activation where there is one.
    type State = (FloatTensor<B>, FloatTensor<B>, Option<FloatTensor<B>>);

    /// With g the gradient of x W + b: dx = g Wᵀ, dW = xᵀ g, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight, slope) = ops.state;
        let gradient = match slope {
            Some(slope) => B::multiplied(gradient, slope),
            None => gradient,
        };
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::product(x, gradient.clone(), Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, weight, Some(Transposed::Right), None));
        }
    }
}

#[derive(Debug)]
pub(super) struct LowRank;

impl<B: Fused> Backward<B, 4> for LowRank {
    /// x, x a, a, scale · b, scale.
    type State = ([FloatTensor<B>; 4], f64);

    /// With g the gradient of base + scale · x a b: da = xᵀ (g (scale b)ᵀ), db = scale · (x a)ᵀ g, dx = (g (scale b)ᵀ) aᵀ.
    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let ([x, low, a, b], scale) = ops.state;
        let [base_node, x_node, a_node, b_node] = ops.parents;
        if let Some(node) = b_node {
            let found = B::product(low, gradient.clone(), Some(Transposed::Left), None);
            gradients.register::<B>(node.id, B::float_mul_scalar(found, scale.into()));
        }
        if a_node.is_some() || x_node.is_some() {
            let d_low = B::product(gradient.clone(), b, Some(Transposed::Right), None);
            if let Some(node) = a_node {
                let found = B::product(x, d_low.clone(), Some(Transposed::Left), None);
                gradients.register::<B>(node.id, found);
            }
            if let Some(node) = x_node {
                gradients.register::<B>(node.id, B::product(d_low, a, Some(Transposed::Right), None));
            }
        }
        if let Some(node) = base_node {
            gradients.register::<B>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
pub(super) struct Activated;

impl<B: Fused> Backward<B, 1> for Activated {
    /// The slopes.
    type State = Option<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let slopes = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| match slopes {
            Some(slopes) => B::multiplied(gradient, slopes),
            None => gradient,
        });
    }
}

#[derive(Debug)]
pub(super) struct Tied;

impl<B: Fused> Backward<B, 3> for Tied {
    /// x and the table.
    type State = [FloatTensor<B>; 2];

    /// With g the gradient of x Tᵀ + b: dx = g T, dT = gᵀ x, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [x, table] = ops.state;
        let [x_node, table_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = table_node {
            gradients.register::<B>(node.id, B::product(gradient.clone(), x, Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, table, None, None));
        }
    }
}

#[derive(Debug)]
pub(super) struct TakeRows;

impl<B: Fused> Backward<B, 1> for TakeRows {
    /// The ids, no two the same, and the table's shape.
    type State = (Vec<u32>, [usize; 2]);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (ids, shape) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            let nothing = B::float_zeros(Shape::new(shape), &gradient.device(), FloatDType::F32);
            B::with_rows(nothing, &ids, gradient, 1.0)
        });
    }
}

#[derive(Debug)]
pub(super) struct Added;

impl<B: Fused> Backward<B, 2> for Added {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let each = [gradient.clone(), gradient];
        register::<B, 2>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
pub(super) struct Diagonal;

impl<B: Fused> Backward<B, 2> for Diagonal {
    /// The diagonal and the rows.
    type State = [FloatTensor<B>; 2];

    /// The diagonal's gradient is the sum of each row of g · rows.
    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [diagonal, rows] = ops.state;
        let [count, columns] = rows.shape().dims();
        let [diagonal_node, rows_node] = ops.parents;
        if let Some(node) = diagonal_node {
            let ones = TensorData::new(vec![1.0f32; columns], [columns, 1]);
            let ones = B::float_from_data(ones, &gradient.device());
            let sums = B::product(B::multiplied(gradient.clone(), rows), ones, None, None);
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([1, count])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, scaled_rows::<B>(diagonal, gradient));
        }
    }
}

#[derive(Debug)]
pub(super) struct Join;

impl<B: Fused> Backward<B, 2> for Join {
    /// Rows in front of a text, rows of a text, texts.
    type State = [usize; 3];

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [count, seq_len, batch] = ops.state;
        let [_, hidden] = gradient.shape().dims();
        let places = Joined::new(count, seq_len, batch);
        let [first_node, rows_node] = ops.parents;
        if let Some(node) = first_node {
            let each = B::take_rows(gradient.clone(), &places.first);
            let sums = B::column_sums(B::float_reshape(each, Shape::new([batch, count * hidden])));
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([count, hidden])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, B::take_rows(gradient, &places.rows));
        }
    }
}

#[derive(Debug)]
pub(super) struct Embed;

impl<B: Fused> Backward<B, 3> for Embed {
    /// The ids, the type ids, the length of a text, and the rows of the tables.
    type State = (IntTensor<B>, IntTensor<B>, usize, [usize; 3]);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (ids, type_ids, seq_len, rows) = ops.state;
        let each = B::embed_backward(gradient, ids, type_ids, seq_len, rows);
        register::<B, 3>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
pub(super) struct Pooled;

impl<B: Fused> Backward<B, 1> for Pooled {
    /// The states, what they were pooled to, the mask.
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, Pool);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (states, pooled, mask, pool) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::pool_backward(states, pooled, mask, gradient, pool)
        });
    }
}

#[derive(Debug)]
pub(super) struct Masked;

impl<B: Fused> Backward<B, 1> for Masked {
    type State = Mask;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::masked(gradient, ops.state)
        });
    }
}

#[derive(Debug)]
pub(super) struct LayerNorm;

impl<B: Fused> Backward<B, 4> for LayerNorm {
    type State = (Normalized<B>, FloatTensor<B>, Mask);

    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, gamma, mask) = ops.state;
        let found = B::layer_norm_backward(state, gamma, gradient, mask);
        let each = [found.input, found.residual, found.gamma, found.beta];
        register::<B, 4>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
pub(super) struct Attention;

impl<B: Fused> Backward<B, 3> for Attention {
    type State = (Attended<B>, AttentionShape);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, shape) = ops.state;
        let each = B::attention_backward(state, gradient, shape);
        register::<B, 3>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
pub(super) struct Loss;

impl<B: Fused> Backward<B, 1> for Loss {
    /// The input's gradient, which the forward found.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let found = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::float_mul(found, B::float_reshape(gradient, Shape::new([1, 1])))
        });
    }
}

/// Gives each parent that takes part its gradient.
fn register<B: Backend, const N: usize>(
    parents: [Option<NodeId>; N],
    gradients: &mut Gradients,
    each: [FloatTensor<B>; N],
) {
    for (parent, gradient) in parents.into_iter().zip(each) {
        if let Some(node) = parent {
            gradients.register::<B>(node, gradient);
        }
    }
}
