//! AdamW as torch defines it (Loshchilov and Hutter 2019, algorithm 2), for one parameter at a time.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{Device, Tensor},
};

use crate::{
    device::floats,
    kernels::random_inputs::{RandomInputs, Work},
};

/// The numbers of one step that are the same for every parameter.
#[derive(Debug, Clone, Copy)]
pub struct AdamW {
    /// Step size, after the schedule.
    pub learning_rate: f64,
    /// Decay of the gradient's mean.
    pub beta1: f64,
    /// Decay of the gradient's mean square.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decoupled decay, 0 for biases and LayerNorm.
    pub weight_decay: f64,
    /// What gradients are multiplied with: the clipping factor.
    pub gradient_scale: f64,
    /// Steps done, this one included: 1 at the first.
    pub step: i32,
}

/// The running means of one parameter, flat.
#[derive(Debug, Clone)]
pub struct Moments {
    first: Tensor<1>,
    second: Tensor<1>,
}

impl Moments {
    /// Zeros, of a parameter's size, beside it.
    pub fn zeros<const D: usize>(parameter: &Tensor<D>) -> Self {
        let (count, device) = (parameter.shape().num_elements(), parameter.device().without_autodiff());
        Self {
            first: Tensor::zeros([count], &device),
            second: Tensor::zeros([count], &device),
        }
    }

    /// The means by their values.
    pub fn of(first: Vec<f32>, second: Vec<f32>, device: &Device) -> Self {
        let [first, second] = [first, second].map(|values| {
            let count = values.len();
            floats(values, [count], device)
        });
        Self { first, second }
    }

    /// The mean of the gradient, and of its square.
    pub fn both(&self) -> [Tensor<1>; 2] {
        [self.first.clone(), self.second.clone()]
    }
}

/// The step as f32 factors: parameter = parameter · keep - size · first / (√second · root_scale + epsilon).
#[derive(Debug, Clone, Copy)]
pub struct Factors {
    pub keep: f32,
    pub size: f32,
    pub root_scale: f32,
    pub epsilon: f32,
    pub beta1: f32,
    pub beta2: f32,
    /// What the gradient is multiplied with first.
    pub gradient_scale: f32,
}

impl AdamW {
    /// The same for a parameter with a share of the learning rate, and without weight decay unless `decays`.
    pub fn with_share(self, share: f64, decays: bool) -> Self {
        Self {
            learning_rate: self.learning_rate * share,
            weight_decay: if decays { self.weight_decay } else { 0.0 },
            ..self
        }
    }

    /// What decay leaves of a decayed parameter: 1 - learning rate · weight decay.
    pub fn keep(&self) -> f64 {
        1.0 - self.learning_rate * self.weight_decay
    }

    fn factors(&self) -> Factors {
        Factors {
            keep: self.keep() as f32,
            size: (self.learning_rate / (1.0 - self.beta1.powi(self.step))) as f32,
            root_scale: (1.0 / (1.0 - self.beta2.powi(self.step)).sqrt()) as f32,
            epsilon: self.epsilon as f32,
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            gradient_scale: self.gradient_scale as f32,
        }
    }

    /// The parameter after one step, and its new moments.
    ///
    /// # Shapes
    /// - parameter, gradient, output: the same
    pub fn update<const D: usize>(
        &self,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        moments: Moments,
    ) -> (Tensor<D>, Moments) {
        let (shape, count) = (parameter.dims(), parameter.shape().num_elements());
        let (parameter, first, second) = Dispatch::adamw_route(
            parameter.reshape([count]).into_dispatch(),
            gradient.reshape([count]).into_dispatch(),
            moments.first.into_dispatch(),
            moments.second.into_dispatch(),
            self.factors(),
        );
        let (first, second) = (Tensor::from_dispatch(first), Tensor::from_dispatch(second));
        let parameter = Tensor::<1>::from_dispatch(parameter);
        (parameter.reshape(shape), Moments { first, second })
    }

    /// The parameter before the step that [`AdamW::update`] did with these factors, up to rounding: the moments tell what
    /// was subtracted.
    pub fn roll_back<const D: usize>(&self, parameter: Tensor<D>, moments: &Moments) -> Tensor<D> {
        let (shape, count) = (parameter.dims(), parameter.shape().num_elements());
        let Moments { first, second } = moments.clone();
        let parameter = Dispatch::adamw_roll_back_route(
            parameter.reshape([count]).into_dispatch(),
            first.into_dispatch(),
            second.into_dispatch(),
            self.factors(),
        );
        Tensor::<1>::from_dispatch(parameter).reshape(shape)
    }
}

/// What a device must do. All tensors are flat.
pub trait AdamWKernel: Backend {
    /// As [`AdamW::update`]: the parameter and the two moments.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// As [`AdamW::roll_back`].
    fn adamw_roll_back(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait AdamWRoute: Backend {
    fn adamw_route(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn adamw_roll_back_route(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self>;
}

impl<B: AdamWKernel> AdamWRoute for B {
    fn adamw_route(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        Self::adamw(parameter, gradient, first, second, factors)
    }

    fn adamw_roll_back_route(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self> {
        Self::adamw_roll_back(parameter, first, second, factors)
    }
}

/// Sizes: elements of the parameter. Two steps are reported, and the second rolled back.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[count] = sizes else {
        return None;
    };
    let [before, gradient] = ["parameter", "gradient"].map(|name| inputs.input(name, [count], 1.0).inner());
    let adamw = AdamW {
        learning_rate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.1,
        gradient_scale: 0.5,
        step: 1,
    };
    let moments = Moments::zeros(&before);
    let (once, moments) = adamw.update(before, gradient.clone(), moments);
    inputs.report("once", once.clone());
    let second = AdamW { step: 2, ..adamw };
    let (twice, moments) = second.update(once, gradient.clone(), moments);
    inputs.report("twice", twice.clone());
    inputs.report("undone", second.roll_back(twice.clone(), &moments));
    let mut state = Some((twice, moments));
    Some(Work::Update(Box::new(move || {
        let (parameter, moments) = state.take().expect("put back each time");
        let (parameter, moments) = adamw.update(parameter, gradient.clone(), moments);
        state = Some((parameter.clone(), moments));
        parameter
    })))
}
