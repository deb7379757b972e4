//! A model to the files of a Hugging Face folder.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};
use half::f16;
use safetensors::tensor::TensorView;
use serde_json::{Map, Value, json};

use super::{
    names::{Layout, hugging_face_name},
    read::transpose,
};
use crate::{
    Error, Result, device,
    model::{BertConfig, BertForSequenceClassification, Pooling, ProblemType},
};

/// The Python class for mean and max pooling and for bottlenecks, which transformers' own class does not have.
pub const MODELING_CODE: &str = include_str!("modeling_bertlet.py");

/// Number format of the saved weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit floats: what was trained, bit for bit.
    F32,
    /// 16-bit floats: half the size, rounded.
    F16,
}

/// As which of transformers' classes a model is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `BertForSequenceClassification`.
    Classifier,
    /// `BertForMaskedLM`, which has no pooler.
    MaskedLm,
    /// `BertForSequenceClassification` with the masked-language-model head beside, which that class passes over.
    Both,
}

impl Class {
    fn holds(self, name: &str) -> bool {
        match self {
            Self::Classifier => !name.starts_with("cls."),
            Self::MaskedLm => !name.starts_with("classifier.") && !name.starts_with("bert.pooler."),
            Self::Both => true,
        }
    }
}

/// `model.safetensors`: every parameter of the class under Hugging Face's name, in torch's layout.
///
/// # Errors
/// `device-lost` where the device cannot give the weights.
pub async fn save_weights(model: &BertForSequenceClassification, class: Class, dtype: Dtype) -> Result<Vec<u8>> {
    let mut collector = Collector {
        path: Vec::new(),
        found: Vec::new(),
    };
    model.visit(&mut collector);
    let mut saved = Vec::with_capacity(collector.found.len());
    let held = collector.found.into_iter().filter(|(name, ..)| class.holds(name));
    for (name, layout, shape, tensor) in held {
        let values = device::read(tensor).await?;
        let (values, shape) = match layout {
            Layout::Same => (values, shape),
            Layout::Transposed => (transpose(&values, shape[0], shape[1]), vec![shape[1], shape[0]]),
        };
        let bytes: Vec<u8> = match dtype {
            Dtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Dtype::F16 => values
                .iter()
                .flat_map(|value| f16::from_f32(*value).to_le_bytes())
                .collect(),
        };
        saved.push((name, shape, bytes));
    }
    let kind = match dtype {
        Dtype::F32 => safetensors::Dtype::F32,
        Dtype::F16 => safetensors::Dtype::F16,
    };
    write_safetensors("model.safetensors", kind, &saved, Vec::new())
}

/// The bytes of a safetensors file, with `metadata` beside the format's own.
///
/// # Errors
/// `bad-weights` where the crate refuses to write it.
pub(crate) fn write_safetensors(
    file: &'static str,
    kind: safetensors::Dtype,
    tensors: &[(String, Vec<usize>, Vec<u8>)],
    metadata: Vec<(String, String)>,
) -> Result<Vec<u8>> {
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| TensorView::new(kind, shape.clone(), bytes).map(|view| (name.as_str(), view)))
        .collect::<std::result::Result<Vec<_>, _>>();
    let metadata = metadata
        .into_iter()
        .chain([("format".to_owned(), "pt".to_owned())])
        .collect();
    views
        .and_then(|views| safetensors::serialize(views, Some(metadata)))
        .map_err(|error| Error::bad_weights(file, format!("could not be written: {error}")))
}

struct Collector {
    path: Vec<String>,
    found: Vec<(String, Layout, Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, layout) = hugging_face_name(&self.path.join("."));
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        self.found.push((
            name,
            layout,
            shape.clone(),
            tensor.reshape([shape.iter().product::<usize>()]),
        ));
    }
}

/// What `config.json` says of the saved model, beside what the source's said.
pub struct SavedAs<'a> {
    /// Labels in the order of the logits.
    pub labels: &'a [String],
    /// How states become one.
    pub pooling: Pooling,
    /// Whether rows have one label.
    pub problem_type: ProblemType,
    /// From which score on a label is predicted, where rows may have several.
    pub threshold: Option<f64>,
    /// Width of the bottlenecks, where there are any.
    pub adapter_size: Option<usize>,
    /// Number format of the weights.
    pub dtype: Dtype,
}

/// Whether transformers' own class does not compute the model, so that [`MODELING_CODE`] must lie beside it.
pub fn needs_own_class(pooling: Pooling, adapter_size: Option<usize>) -> bool {
    pooling != Pooling::Cls || adapter_size.is_some()
}

/// `config.json`: the source's, with this head, its labels and the pooling.
pub fn save_config(config: &BertConfig, saved_as: &SavedAs) -> String {
    let mut saved = common(config, saved_as.dtype);
    let own_class = needs_own_class(saved_as.pooling, saved_as.adapter_size);
    let class = match own_class {
        false => "BertForSequenceClassification",
        true => "BertletForSequenceClassification",
    };
    let labels = || saved_as.labels.iter().enumerate();
    let id2label: Map<String, Value> = labels().map(|(id, label)| (id.to_string(), json!(label))).collect();
    let label2id: Map<String, Value> = labels().map(|(id, label)| (label.clone(), json!(id))).collect();
    saved.insert("architectures".into(), json!([class]));
    saved.insert("id2label".into(), Value::Object(id2label));
    saved.insert("label2id".into(), Value::Object(label2id));
    saved.remove("num_labels");
    saved.insert("problem_type".into(), json!(saved_as.problem_type.name()));
    let mut own = json!({ "pooling": saved_as.pooling.name() });
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
            json!({ "AutoModelForSequenceClassification": "modeling_bertlet.BertletForSequenceClassification" }),
        ),
    };
    written(saved)
}

/// `config.json` of the same checkpoint as `BertForMaskedLM`, which has no labels and no pooling.
pub fn save_masked_lm_config(config: &BertConfig, dtype: Dtype) -> String {
    let mut saved = common(config, dtype);
    saved.insert("architectures".into(), json!(["BertForMaskedLM"]));
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
    written(saved)
}

/// What does not depend on the class.
fn common(config: &BertConfig, dtype: Dtype) -> Map<String, Value> {
    let mut saved = config.raw.clone();
    saved.insert("model_type".into(), json!("bert"));
    saved.remove("dtype");
    let name = match dtype {
        Dtype::F32 => "float32",
        Dtype::F16 => "float16",
    };
    saved.insert("torch_dtype".into(), json!(name));
    saved
}

fn written(config: Map<String, Value>) -> String {
    let mut text = format!("{:#}", Value::Object(config));
    text.push('\n');
    text
}
