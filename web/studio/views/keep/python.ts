/**
 * Takes the kind of classifier that was saved; gives the Python code that loads and asks it.
 */

interface Saved {
  folder: string;
  /** Whether transformers' own class lacks a part of the model. */
  remoteCode: boolean;
  /** Whether the model reads pairs of texts. */
  pairs: boolean;
  /** The decision threshold; multi-label models only. */
  threshold: number | undefined;
}

export function pythonOf({ folder, remoteCode, pairs, threshold }: Saved): string {
  const multiLabel = threshold !== undefined;
  return `import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder = "${folder}"  # the unpacked zip
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForSequenceClassification.from_pretrained(
    folder${remoteCode ? ", trust_remote_code=True" : ""}
).eval()

texts = ["a text to classify"]
${pairs ? 'seconds = ["the text that is read with it"]\n' : ""}inputs = tokenizer(texts, ${pairs ? "seconds, " : ""}padding=True, truncation=True, return_tensors="pt")
with torch.no_grad():
    scores = model(**inputs).logits.${multiLabel ? "sigmoid()" : "softmax(dim=-1)"}[0]
for index, score in enumerate(scores.tolist()):
    print(model.config.id2label[index], round(score, 3)${multiLabel ? `, score >= ${Number(threshold.toPrecision(4))}` : ""})
`;
}
