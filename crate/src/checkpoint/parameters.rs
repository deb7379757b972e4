//! The one walk over a model's parameters by name: every parameter with its Hugging Face name, in the module's order.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::Tensor,
};

use super::{layout::Layout, names::hugging_face_name};

/// What is done at each parameter of a walk that changes nothing.
pub trait ParameterVisitor {
    /// One parameter. Its value may not exist yet: only `Param::val` makes it.
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>);
}

/// What is done at each parameter of a walk that gives new ones.
pub trait ParameterMapper {
    /// One parameter to another of the same shape.
    fn map<const D: usize>(&mut self, name: String, layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>>;
}

/// Visits each parameter of `module`, which stands at `path` of the model: "" for the whole model.
pub fn visit_parameters<M: Module>(module: &M, path: &str, visitor: &mut impl ParameterVisitor) {
    module.visit(&mut Walk::new(path, visitor));
}

/// Maps each parameter of `module`, which stands at `path` of the model: "" for the whole model.
pub fn map_parameters<M: Module>(module: M, path: &str, mapper: &mut impl ParameterMapper) -> M {
    module.map(&mut Walk::new(path, mapper))
}

/// The names of all parameters.
pub fn parameter_names<M: Module>(model: &M) -> Vec<String> {
    struct Names(Vec<String>);
    impl ParameterVisitor for Names {
        fn visit<const D: usize>(&mut self, name: String, _layout: Layout, _param: &Param<Tensor<D>>) {
            self.0.push(name);
        }
    }
    let mut names = Names(Vec::new());
    visit_parameters(model, "", &mut names);
    names.0
}

/// burn's walk, which tells of a module's fields one by one, as one that knows the whole path.
struct Walk<'a, T> {
    path: Vec<String>,
    inner: &'a mut T,
}

impl<'a, T> Walk<'a, T> {
    fn new(path: &str, inner: &'a mut T) -> Self {
        let path = (!path.is_empty()).then(|| path.to_owned()).into_iter().collect();
        Self { path, inner }
    }

    fn name(&self) -> (String, Layout) {
        hugging_face_name(&self.path.join("."))
    }
}

impl<T: ParameterVisitor> ModuleVisitor for Walk<'_, T> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, layout) = self.name();
        self.inner.visit(name, layout, param);
    }
}

impl<T: ParameterMapper> ModuleMapper for Walk<'_, T> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (name, layout) = self.name();
        self.inner.map(name, layout, param)
    }
}
