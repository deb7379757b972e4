//! The speed of a device on a checkpoint's shapes, before its weights are loaded: so devices can be compared by it.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device as BurnDevice, Tensor},
};

use crate::{
    Result,
    device::{Device, floats},
    kernels::{Clock, Dropout},
    model::{BertConfig, BertLayer},
};

/// Milliseconds of the encoder's forward pass on a batch, until its result can be read back. One layer is timed; its
/// time counts once for each layer of the checkpoint.
///
/// # Errors
/// `device-lost`.
pub async fn encoder_ms(
    device: &Device,
    config: &BertConfig,
    batch: usize,
    seq_len: usize,
    clock: Clock,
) -> Result<f64> {
    let handle = &device.handle;
    let layer = BertLayer::init(config, handle).map(&mut Fill(handle));
    let states = floats(
        vec![0.5; batch * seq_len * config.hidden_size],
        [batch * seq_len, config.hidden_size],
        handle,
    );
    let no_padding = floats(vec![0.0; batch * seq_len], [batch, seq_len], handle);
    let work = || layer.forward(states.clone(), &no_padding, None, &Dropout::off());
    let (layer_ms, answer_ms) = clock.mean_and_answer(work).await?;
    Ok(config.num_hidden_layers as f64 * layer_ms.max(0.0) + answer_ms)
}

/// Fills every parameter. Not with 0: memory that was never written is faster to read than a checkpoint's.
struct Fill<'a>(&'a BurnDevice);

impl ModuleMapper for Fill<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape();
        let dimensions: [usize; D] = std::array::from_fn(|axis| shape[axis]);
        Param::from_tensor(floats(vec![0.01; shape.num_elements()], dimensions, self.0))
    }
}
