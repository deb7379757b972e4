//! Distillation: the engine's model becomes the teacher of a smaller one, which takes its place.

use super::{prune::check_layers, state::Engine, training::RunInfo};
use crate::{
    Error, Result, peft,
    text::Row,
    train::{self, DistillOptions, Method, RowTargets, TrainOptions, TrainingSession},
};

impl Engine {
    /// Begins a run that teaches a student. It has the teacher's tokenizer, embeddings, head, and those of its layers that
    /// `distill` names; the masked-LM head and the adapters go. From here on the engine's model is the student.
    ///
    /// # Errors
    /// `bad-option`, `bad-row`; `bad-state` where the model has no trained head, or an adapter of virtual tokens is on.
    pub fn begin_distillation(
        &mut self,
        rows: Vec<Row>,
        targets: RowTargets,
        options: TrainOptions,
        distill: DistillOptions,
    ) -> Result<RunInfo> {
        self.end_training();
        options.check()?;
        distill.check()?;
        check_layers(&distill.layers, self.current_model().layers())?;
        let labels = self.info.labels.len();
        if labels == 0 || self.info.new_head {
            return Err(Error::bad_state(
                "distill: the teacher has no trained classification head",
                "fine-tune the teacher first",
            ));
        }
        if options.method != Method::Full || !options.augment.is_off() {
            let expected = "\"full\" without augmentation: the teacher's answers are of the rows as they stand";
            return Err(Error::bad_option("method", expected, "another"));
        }
        if rows.len() != targets.rows() {
            return Err(Error::bad_row("expected a label for each row"));
        }
        targets.check(labels)?;
        let Some(teacher) = peft::merge(self.current_model()) else {
            return Err(Error::bad_state(
                "distill: the teacher has an adapter of virtual tokens on, which no layer holds",
                "useAdapter(null) leaves it out",
            ));
        };
        let mut student = teacher.clone().with_layers(&distill.layers);
        student.predictions = None;
        let objective = train::objective(targets, labels, &options)?;
        let (dropout, rows) = (self.dropout(&options), self.training_rows(rows, &options)?);
        let session = TrainingSession::begin(&student, rows, objective, options, dropout, self.device.clone())?;
        let session = session.taught_by(teacher, distill);
        let run_info = RunInfo {
            steps: session.steps(),
            steps_per_epoch: session.steps_per_epoch(),
            trained_parameters: session.trained_parameters(),
        };
        self.adapters.clear();
        self.active = None;
        (self.info.masked_lm, self.masked_lm_trained) = (false, false);
        self.put_layers(student);
        self.session = Some(session);
        self.model = None;
        Ok(run_info)
    }
}
