// The models and batches that are measured: their sizes, their random weights by Hugging Face's tensor names,
// and their token ids. The same seed gives every contender the same numbers, so that their answers can be
// compared. Pure.

export interface Shape {
  name: string;
  layers: number;
  hidden: number;
  heads: number;
  intermediate: number;
  vocab: number;
  positions: number;
  classes: number;
  batch: number;
  seqLen: number;
}

const COMMON = { vocab: 30_522, positions: 512, classes: 2, batch: 8 };

export const SHAPES: readonly Shape[] = [
  { ...COMMON, name: "T", layers: 2, hidden: 128, heads: 2, intermediate: 512, seqLen: 32 },
  { ...COMMON, name: "M", layers: 6, hidden: 384, heads: 12, intermediate: 1536, seqLen: 64 },
];

/** BERT-base, too large for most tables. */
export const BASE: Shape = {
  ...COMMON,
  name: "base",
  layers: 12,
  hidden: 768,
  heads: 12,
  intermediate: 3072,
  seqLen: 128,
};

export function describeShape({ name, layers, hidden, heads, batch, seqLen }: Shape): string {
  return `${name}: ${layers} layers x ${hidden} hidden, ${heads} heads, batch ${batch} x ${seqLen} tokens`;
}

export interface Tensor {
  shape: number[];
  data: Float32Array;
}
export type Weights = Map<string, Tensor>;

/** As torch lays them out: a dense layer's weight is [out, in]. */
export function tensorShapes({
  layers,
  hidden,
  intermediate,
  vocab,
  positions,
  classes,
}: Shape): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const dense = (name: string, out: number, inputs: number) => {
    shapes.set(`${name}.weight`, [out, inputs]).set(`${name}.bias`, [out]);
  };
  const norm = (name: string) => shapes.set(`${name}.weight`, [hidden]).set(`${name}.bias`, [hidden]);
  shapes.set("bert.embeddings.word_embeddings.weight", [vocab, hidden]);
  shapes.set("bert.embeddings.position_embeddings.weight", [positions, hidden]);
  shapes.set("bert.embeddings.token_type_embeddings.weight", [2, hidden]);
  norm("bert.embeddings.LayerNorm");
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `bert.encoder.layer.${layer}`;
    for (const part of ["self.query", "self.key", "self.value", "output.dense"]) {
      dense(`${prefix}.attention.${part}`, hidden, hidden);
    }
    norm(`${prefix}.attention.output.LayerNorm`);
    dense(`${prefix}.intermediate.dense`, intermediate, hidden);
    dense(`${prefix}.output.dense`, hidden, intermediate);
    norm(`${prefix}.output.LayerNorm`);
  }
  dense("bert.pooler.dense", hidden, hidden);
  dense("classifier", classes, hidden);
  return shapes;
}

/** Uniform in ±0.07; biases 0 and LayerNorm's weights 1, as a new BERT has them. */
export function randomWeights(shape: Shape): Weights {
  const weights: Weights = new Map();
  let state = 12_345;
  for (const [name, dimensions] of tensorShapes(shape)) {
    const data = new Float32Array(dimensions.reduce((product, size) => product * size, 1));
    if (name.endsWith("LayerNorm.weight")) data.fill(1);
    else if (!name.endsWith("bias")) {
      for (let i = 0; i < data.length; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        data[i] = (state / 2 ** 32 - 0.5) * 0.14;
      }
    }
    weights.set(name, { shape: dimensions, data });
  }
  return weights;
}

/** Whether the tensor is an embedding table; the other matrices are dense layers' weights. */
export function isTable(name: string): boolean {
  return name.endsWith("_embeddings.weight");
}

/** The same weights with those of dense layers as [in, out], for libraries that lay them out so. */
export function turned(weights: Weights): Weights {
  return new Map(
    [...weights].map(([name, tensor]) => {
      const [out = 0, inputs] = tensor.shape;
      if (inputs === undefined || isTable(name)) return [name, tensor];
      const data = new Float32Array(tensor.data.length);
      for (let o = 0; o < out; o++) {
        for (let i = 0; i < inputs; i++) data[i * out + o] = tensor.data[o * inputs + i] as number;
      }
      return [name, { shape: [inputs, out], data }];
    }),
  );
}

export const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** Row `row` of an endless data set: [CLS], words that differ from row to row, [SEP]. */
export function tokenIds({ vocab, seqLen }: Shape, row: number): number[] {
  const words = Array.from({ length: seqLen - 2 }, (_, k) => {
    return SPECIAL.length + ((row * 7919 + k * 104_729) % (vocab - SPECIAL.length));
  });
  return [SPECIAL.indexOf("[CLS]"), ...words, SPECIAL.indexOf("[SEP]")];
}

/** The label of a row, as an index. */
export function target({ classes }: Shape, row: number): number {
  return row % classes;
}

export interface Batch {
  /** [batch, seqLen] */
  inputIds: Int32Array;
  /** [batch, seqLen], all 1: no row is padded. */
  attentionMask: Int32Array;
  /** [batch] */
  targets: Int32Array;
}

export function batchAt(shape: Shape, index: number): Batch {
  const rows = Array.from({ length: shape.batch }, (_, row) => index * shape.batch + row);
  return {
    inputIds: Int32Array.from(rows.flatMap((row) => tokenIds(shape, row))),
    attentionMask: new Int32Array(shape.batch * shape.seqLen).fill(1),
    targets: Int32Array.from(rows, (row) => target(shape, row)),
  };
}
