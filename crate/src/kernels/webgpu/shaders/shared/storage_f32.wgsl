// A matrix of the model as it is computed with.

alias Stored = Value;

fn value_of(stored: Stored) -> Value {
  return stored;
}
