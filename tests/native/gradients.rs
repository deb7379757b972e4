//! Every parameter's gradient by name against torch.

use bertlet::{
    checkpoint::{self, BertConfig, Layout, Pooling, Tensors, hugging_face_name},
    device,
    kernels::Dropout,
    model::Input,
    text::{BertTokenizer, collate},
    train::cross_entropy,
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};
use pollster::block_on;

use crate::fixtures::{Files, Reference, devices, json, strings};

struct ByName<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    found: Vec<(String, Vec<f32>)>,
}

impl ModuleVisitor for ByName<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, layout) = hugging_face_name(&self.path.join("."));
        let gradient = param
            .val()
            .grad(self.gradients)
            .unwrap_or_else(|| panic!("{name} has no gradient"));
        let gradient = match layout {
            Layout::Same => gradient,
            Layout::Transposed => gradient.transpose(),
        };
        self.found
            .push((name, block_on(device::read(gradient)).expect("values")));
    }
}

#[test]
fn gradients_equal_torch() {
    let about = json("gradients/rows.json");
    let files = Files::tiny(about["checkpoint"].as_str().expect("a name"));
    let config = BertConfig::parse(&files.config).expect("the configuration");
    let length = about["max_length"].as_u64().expect("a length") as usize;
    let tokenizer = BertTokenizer::read(&files.tokenizer, None, config.vocab_size, length).expect("the tokenizer");
    let rows: Vec<_> = strings(&about["texts"])
        .iter()
        .map(|text| tokenizer.encode(text).expect("tokens"))
        .collect();
    let targets: Vec<i32> = about["labels"]
        .as_array()
        .expect("labels")
        .iter()
        .map(|l| l.as_i64().expect("a label") as i32)
        .collect();
    let batch = collate(&rows, tokenizer.pad_id());

    for (device, tolerance) in devices() {
        for pooling in [Pooling::Cls, Pooling::Mean, Pooling::Max] {
            let reference = Reference::open(&format!("gradients/{}.safetensors", pooling.name()));
            let file = Tensors::open(&files.weights).expect("the weights");
            let model = checkpoint::load(&file, &config, pooling, 3, true, 42, &device.handle)
                .expect("the model")
                .model
                .train();
            let input = Input::new(&batch, &device.handle.clone().autodiff());
            let loss = cross_entropy(model.forward(&input, &Dropout::off()).expect("a head"), targets.clone());
            let mut visitor = ByName {
                gradients: &loss.backward(),
                path: Vec::new(),
                found: Vec::new(),
            };
            model.visit(&mut visitor);

            let expected_names = reference
                .names()
                .iter()
                .filter(|name| name.starts_with("grad."))
                .count();
            assert_eq!(
                visitor.found.len(),
                expected_names,
                "{pooling:?}: parameters with a gradient"
            );
            for (name, found) in visitor.found {
                let (_, expected) = reference.floats(&format!("grad.{name}"));
                let norm =
                    |values: &mut dyn Iterator<Item = f32>| values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt();
                let difference = norm(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
                let size = norm(&mut expected.iter().copied());
                // softmax ignores a shift of the scores, so a key's bias has no gradient but rounding.
                if name.ends_with("key.bias") {
                    assert!(difference < 1e-5, "{name}: {difference}");
                    continue;
                }
                println!("{:?} {pooling:?} {name}: {:.1e}", device.kind, difference / size);
                assert!(
                    size > 0.0 && difference <= tolerance.gradient * size,
                    "{name}: {difference} of {size}"
                );
            }
        }
    }
}
