/**
 * Takes what kind of classifier was saved; gives the lines of Python that ask it the same.
 */

interface Saved {
  folder: string;
  /** transformers' own class lacks something of it. */
  remoteCode: boolean;
  /** It reads two texts together. */
  pairs: boolean;
  /** From which score on a label is given, where a text may have several. */
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
