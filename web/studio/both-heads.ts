/**
 * Takes a classifier that has the masked-LM head; gives it as the files of one checkpoint with both heads. The library
 * saves one of transformers' classes at a time, and neither has all that the page goes on with: the pooler, labels and
 * pooling are the classifier's, the head over words is the other's.
 */
import type { Classifier, SavedCheckpoint } from "../src/index.ts";

interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
interface Weights {
  tensors: Record<string, Tensor>;
  data: Blob;
}

/** Of a safetensors file: eight bytes tell how long its JSON is, which ends at a multiple of eight. */
const LENGTH_BYTES = 8;

export async function saveBothHeads(classifier: Classifier): Promise<SavedCheckpoint> {
  const files = await classifier.save();
  // Bottlenecks have no place beside a masked-LM head.
  if (classifier.info.adapterSize !== undefined) return files;
  const words = await classifier.save({ as: "masked-lm" });
  const weights = joined(
    await readWeights(files["model.safetensors"]),
    await readWeights(words["model.safetensors"]),
  );
  return { ...files, "model.safetensors": weights };
}

/** The first file's tensors, and of the second those of the head over words. No tensor is copied: a Blob is made of Blobs. */
function joined(first: Weights, second: Weights): Blob {
  const tensors = { ...first.tensors };
  const pieces = [first.data];
  let end = first.data.size;
  for (const [name, tensor] of Object.entries(second.tensors)) {
    if (!name.startsWith("cls.")) continue;
    const [from, to] = tensor.data_offsets;
    tensors[name] = { ...tensor, data_offsets: [end, end + to - from] };
    pieces.push(second.data.slice(from, to));
    end += to - from;
  }
  const text = JSON.stringify({ ...tensors, __metadata__: { format: "pt" } });
  const header = new TextEncoder().encode(text);
  const padding = " ".repeat(-header.length & (LENGTH_BYTES - 1));
  const length = new DataView(new ArrayBuffer(LENGTH_BYTES));
  length.setBigUint64(0, BigInt(header.length + padding.length), true);
  return new Blob([length, header, padding, ...pieces]);
}

async function readWeights(file: Blob): Promise<Weights> {
  const length = new DataView(await file.slice(0, LENGTH_BYTES).arrayBuffer()).getBigUint64(0, true);
  const start = LENGTH_BYTES + Number(length);
  const { __metadata__: _, ...tensors } = JSON.parse(await file.slice(LENGTH_BYTES, start).text());
  return { tensors, data: file.slice(start) };
}
