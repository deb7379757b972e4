//! A model to the files of a Hugging Face folder.

use burn::{module::Param, tensor::Tensor};
use half::f16;
use safetensors::tensor::TensorView;
use serde_json::{Map, Value, json};

use super::{
    layout::Layout,
    names::SCALE,
    parameters::{ParameterVisitor, visit_parameters},
    storage::role,
};
use crate::{
    Error, Result, device, kernels,
    model::{BertConfig, BertForSequenceClassification, Pooling, ProblemType},
};

/// `modeling_bertlet.py`: the Python class for poolings other than the pooler and for bottlenecks, which transformers lacks.
pub const MODELING_CODE: &str = include_str!("modeling_bertlet.py");

/// The table of words, which is saved as whole numbers like the dense layers.
const WORDS: &str = "bert.embeddings.word_embeddings";
/// The head's bias by its Hugging Face name.
pub const HEAD_BIAS: &str = "classifier.bias";
/// The same in a file, which has the encoder's own name where it is an adapter's.
pub const HEAD_BIASES: [&str; 2] = [HEAD_BIAS, "classifier.out_proj.bias"];

/// Number format of the saved weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit floats: what was trained, bit for bit.
    F32,
    /// 16-bit floats: half the size, rounded.
    F16,
    /// The encoder's matrices as 8-bit whole numbers with scales, as compressed-tensors has them, and all else as 32-bit floats: a
    /// quarter of the size, rounded.
    Int8,
}

/// The class of transformers that a model is saved as, in BERT's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `BertForSequenceClassification`.
    Classifier,
    /// `BertForMaskedLM`, which has no pooler.
    MaskedLm,
    /// `BertForSequenceClassification` with the masked-LM head's tensors, which that class ignores.
    Both,
}

impl Class {
    /// Whether the class has the tensor or module.
    pub fn holds(self, name: &str) -> bool {
        match self {
            Self::Classifier => !name.starts_with("cls."),
            Self::MaskedLm => !name.starts_with("classifier.") && !name.starts_with("bert.pooler."),
            Self::Both => true,
        }
    }
}

/// `model.safetensors`: every parameter of the class by its Hugging Face name in the encoder, in torch's layout, as `dtype`.
///
/// As whole numbers are saved what [`role`] names, but for `f32_matrices`.
///
/// With `own_class`, which only [`MODELING_CODE`] computes, the head's bias is `[1, labels]`: transformers' own class, which
/// would silently pool otherwise, refuses it.
///
/// # Errors
/// `device-lost` where the weights cannot be read back; `bad-option` where 16-bit floats cannot hold one.
pub async fn save_weights(
    model: &BertForSequenceClassification,
    class: Class,
    dtype: Dtype,
    f32_matrices: &[String],
    own_class: bool,
) -> Result<Vec<u8>> {
    let mut collector = Collector(Vec::new());
    visit_parameters(model, "", &mut collector);
    let mut saved = Vec::with_capacity(collector.0.len());
    let of_class = collector.0.into_iter().filter(|(name, ..)| class.holds(name));
    for (name, layout, shape, tensor) in of_class {
        let values = layout.to_file(device::read(tensor).await?, &shape);
        let mut shape = layout.file_shape(&shape);
        if own_class && name == HEAD_BIAS {
            shape.insert(0, 1);
        }
        let is_int8 = dtype == Dtype::Int8 && role(&name, layout).is_some() && !f32_matrices.contains(&name);
        let name = model.architecture().own_name(&name);
        match (dtype, is_int8) {
            (Dtype::F16, _) => {
                check_halves(&name, &values)?;
                let halves = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes());
                saved.push((name, safetensors::Dtype::F16, shape, halves.collect()));
            }
            (_, true) => {
                let (numbers, scales) = kernels::to_int8_rows(&values, shape[1]);
                let scale_shape = vec![shape[0], 1];
                saved.push((name.clone(), safetensors::Dtype::I8, shape, numbers));
                saved.push((
                    format!("{name}{SCALE}"),
                    safetensors::Dtype::F32,
                    scale_shape,
                    bytes(&scales),
                ));
            }
            (_, false) => saved.push((name, safetensors::Dtype::F32, shape, bytes(&values))),
        }
    }
    write_safetensors("model.safetensors", &saved, Vec::new())
}

/// Refuses numbers that would be infinite as 16-bit floats: such a file does not load.
fn check_halves(name: &str, values: &[f32]) -> Result<()> {
    let largest = values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    if largest <= f16::MAX.to_f32() {
        return Ok(());
    }
    let expected = format!("\"f32\": {name} has {largest:e}, and 16-bit floats end at {}", f16::MAX);
    Err(Error::bad_option("dtype", expected, "\"f16\""))
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A tensor of a file: its name, number type, shape and bytes.
pub(crate) type Saved = (String, safetensors::Dtype, Vec<usize>, Vec<u8>);

/// The bytes of a safetensors file, with `metadata` beside the format's own.
///
/// # Errors
/// `bad-weights` where the crate refuses to write it.
pub(crate) fn write_safetensors(
    file: &'static str,
    tensors: &[Saved],
    metadata: Vec<(String, String)>,
) -> Result<Vec<u8>> {
    let views = tensors
        .iter()
        .map(|(name, kind, shape, bytes)| {
            TensorView::new(*kind, shape.clone(), bytes).map(|view| (name.as_str(), view))
        })
        .collect::<std::result::Result<Vec<_>, _>>();
    let metadata = metadata
        .into_iter()
        .chain([("format".to_owned(), "pt".to_owned())])
        .collect();
    views
        .and_then(|views| safetensors::serialize(views, Some(metadata)))
        .map_err(|error| Error::bad_weights(file, format!("could not be written: {error}")))
}

/// A parameter with its Hugging Face name, its layout and the module's shape; the tensor is flat.
type Collected = (String, Layout, Vec<usize>, Tensor<1>);

struct Collector(Vec<Collected>);

impl ParameterVisitor for Collector {
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
        let tensor = kernels::to_f32(param.val());
        let shape = tensor.dims().to_vec();
        let count = shape.iter().product::<usize>();
        self.0.push((name, layout, shape, tensor.reshape([count])));
    }
}

/// What `config.json` says of the saved model, beside the source's own entries.
pub struct SavedAs<'a> {
    /// Labels in the order of the logits.
    pub labels: &'a [String],
    /// The pooling.
    pub pooling: Pooling,
    /// Whether `embed` scales to length 1.
    pub normalizes: bool,
    /// Single-label or multi-label.
    pub problem_type: ProblemType,
    /// Decision threshold; multi-label models only.
    pub threshold: Option<f64>,
    /// Width of the bottlenecks; models with bottlenecks only.
    pub adapter_size: Option<usize>,
    /// Number format of the weights.
    pub dtype: Dtype,
    /// Modules beside the head whose weights are saved as 32-bit floats among whole numbers, by BERT's names.
    pub f32_modules: &'a [String],
}

/// Whether the model needs [`MODELING_CODE`] beside it, since no class of transformers computes it.
pub fn needs_own_class(pooling: Pooling, adapter_size: Option<usize>) -> bool {
    pooling != Pooling::Pooler || adapter_size.is_some()
}

/// `config.json`: the source's, with this head, its labels and the pooling.
pub fn save_config(config: &BertConfig, saved_as: &SavedAs) -> String {
    let mut saved = shared_entries(config, saved_as.dtype, saved_as.f32_modules);
    let own_class = needs_own_class(saved_as.pooling, saved_as.adapter_size);
    let class = config.encoder.saved_class(own_class);
    let labels = || saved_as.labels.iter().enumerate();
    let id2label: Map<String, Value> = labels().map(|(id, label)| (id.to_string(), json!(label))).collect();
    let label2id: Map<String, Value> = labels().map(|(id, label)| (label.clone(), json!(id))).collect();
    saved.insert("architectures".into(), json!([&class]));
    saved.insert("id2label".into(), Value::Object(id2label));
    saved.insert("label2id".into(), Value::Object(label2id));
    saved.remove("num_labels");
    match (saved_as.problem_type, saved_as.labels.len()) {
        // A softmax over one label: no kind of transformers, which refuses the name beside it.
        (ProblemType::SingleLabel, 1) => saved.remove("problem_type"),
        (problem_type, _) => saved.insert("problem_type".into(), json!(problem_type.name())),
    };
    let mut own = json!({ "pooling": saved_as.pooling.name() });
    // Else it does, as where no file says anything.
    if !saved_as.normalizes {
        own["normalizes"] = json!(false);
    }
    if let Some(size) = saved_as.adapter_size {
        own["adapter_size"] = json!(size);
    }
    if let Some(threshold) = saved_as.threshold {
        own["threshold"] = json!(threshold);
    }
    saved.insert("bertlet".into(), own);
    match own_class {
        false => saved.remove("auto_map"),
        true => saved.insert(
            "auto_map".into(),
            json!({ "AutoModelForSequenceClassification": format!("modeling_bertlet.{class}") }),
        ),
    };
    to_text(saved)
}

/// `config.json` of the checkpoint saved as `BertForMaskedLM`: without labels and pooling.
pub fn save_masked_lm_config(config: &BertConfig, dtype: Dtype, f32_modules: &[String]) -> String {
    let mut saved = shared_entries(config, dtype, f32_modules);
    let class = format!("{}ForMaskedLM", config.encoder.class);
    saved.insert("architectures".into(), json!([class]));
    for name in [
        "id2label",
        "label2id",
        "num_labels",
        "problem_type",
        "bertlet",
        "auto_map",
    ] {
        saved.remove(name);
    }
    to_text(saved)
}

/// The entries that every class has.
fn shared_entries(config: &BertConfig, dtype: Dtype, f32_modules: &[String]) -> Map<String, Value> {
    let mut saved = config.raw.clone();
    saved.insert("model_type".into(), json!(config.encoder.model_type));
    saved.remove("dtype");
    saved.remove("quantization_config");
    let name = match dtype {
        Dtype::F32 | Dtype::Int8 => "float32",
        Dtype::F16 => "float16",
    };
    saved.insert("torch_dtype".into(), json!(name));
    if dtype == Dtype::Int8 {
        saved.insert("quantization_config".into(), quantization(config, f32_modules));
    }
    saved
}

/// What makes transformers read whole numbers with scales: the package compressed-tensors, by its name for them.
fn quantization(config: &BertConfig, f32_modules: &[String]) -> Value {
    let own_name = |name: &str| config.encoder.own_name(name);
    let mut targets = vec!["Linear".to_owned()];
    if !f32_modules.iter().any(|name| name == WORDS) {
        targets.push(own_name(WORDS));
    }
    let ignored: Vec<String> = f32_modules.iter().map(|name| own_name(name)).collect();
    json!({
        "quant_method": "compressed-tensors",
        "format": "int-quantized",
        "quantization_status": "compressed",
        "config_groups": {
            "group_0": {
                "targets": targets,
                "format": "int-quantized",
                "weights": { "num_bits": 8, "type": "int", "symmetric": true, "strategy": "channel" },
            },
        },
        "ignore": ignored,
    })
}

fn to_text(config: Map<String, Value>) -> String {
    let mut text = format!("{:#}", Value::Object(config));
    text.push('\n');
    text
}
