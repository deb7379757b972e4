// Writes the whole state of a loaded model into a store, and reads it back with every byte checked: the checkpoint in
// f32, each adapter, which one is on, and what the files do not say. May not open a device.

import { SAVE_ADAPTER } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import type { EngineLoadOptions } from "../engine/wasm-boundary.ts";
import { inPieces, PIECE_BYTES } from "../pieces.ts";
import { withScope } from "../saved-scope.ts";
import { leavesEngineUsable, type RememberedInfo, type Session, thenFree } from "../session.ts";
import { digested, hexOf, type Piece, sha256 } from "../storage/digest.ts";
import { bytesOf } from "../storage/open-store.ts";
import { readRecord, writeRecord } from "../storage/records.ts";
import {
  type Flaw,
  has,
  isCount,
  isFlag,
  isListOf,
  isNumber,
  isOneOf,
  isRecord,
  isText,
  maybe,
  shaped,
} from "../storage/shape.ts";
import type { Chunks, Store } from "../storage/store.ts";

/** What is written last: with it, the model is whole. */
export interface Manifest {
  format: 1;
  /** When it was written, as of Date.now(). */
  keptAt: number;
  config: string;
  tokenizerConfig: string;
  options: Pick<EngineLoadOptions, "maskedLm" | "pooling" | "problemType" | "maxLength" | "dtype">;
  info: RememberedInfo;
  labels: readonly string[];
  adapters: { name: string; config: string; part: string }[];
  activeAdapter?: string;
  /** The pieces of each file. In models kept by earlier versions, the single piece, without an array. */
  parts: Record<string, Piece[] | Piece>;
}

export interface KeptModel {
  manifest: Manifest;
  tokenizer: Uint8Array;
  weights: Uint8Array;
  adapters: { name: string; config: Uint8Array; weights: Uint8Array }[];
}

const MANIFEST = "model";

const isPiece = has<Piece>({ bytes: isCount, sha256: isText });
const isManifest = has<Manifest>({
  format: isOneOf(1),
  keptAt: isNumber,
  config: isText,
  tokenizerConfig: isText,
  options: isRecord,
  info: has<RememberedInfo>({
    architecture: isText,
    // Models of earlier versions do not say these.
    parameters: maybe(isNumber),
    normalizes: maybe(isFlag),
    newHead: maybe(isFlag),
    newTensors: isListOf(isText),
    unusedTensors: isListOf(isText),
    checkpointBytes: isNumber,
    weightBytes: maybe(isNumber),
  }),
  labels: isListOf(isText),
  adapters: isListOf(has<Manifest["adapters"][number]>({ name: isText, config: isText, part: isText })),
  activeAdapter: maybe(isText),
  parts: (value) =>
    isRecord(value) && Object.values(value).every((pieces) => isListOf(isPiece)([pieces].flat())),
});

/** The store's name of a part. Parts have no "/" in theirs. */
export function partName(prefix: string, part: string = MANIFEST): string {
  return `${prefix}/${part}`;
}

/** To be called within a turn. What an earlier attempt left under the prefix is written over. */
export async function writeModel(session: Session, store: Store, prefix: string): Promise<void> {
  const { engine, info, scope } = session;
  const parts: Manifest["parts"] = {};
  const write = async (part: string, pieces: Chunks, size: number) => {
    const known: Piece[] = [];
    await store.write(partName(prefix, part), digested(pieces, known), size);
    parts[part] = known;
  };
  const { names, active } = engine.adapters();
  const adapters: Manifest["adapters"] = [];
  let usable = true;
  try {
    for (const [at, name] of names.entries()) {
      engine.useAdapter(name);
      const { config, weights } = await engine.saveAdapter(SAVE_ADAPTER.base);
      const part = `adapter-${at}`;
      await write(part, [weights], weights.byteLength);
      adapters.push({ name, config, part });
    }
    engine.useAdapter(undefined);
    const own = engine.info();
    const as = own.maskedLm ? "both" : "classifier";
    const tokenizer = new TextEncoder().encode(engine.savedTokenizer());
    await write("tokenizer", [tokenizer], tokenizer.byteLength);
    // Of whole numbers the file holds each as it is, and f32 where a matrix is f32.
    const saved = own.dtype === "int8" ? "int8" : "f32";
    await thenFree(engine.save(as, saved), (file) =>
      write("weights", inPieces(file, new Uint8Array(PIECE_BYTES)), file.size),
    );
    const { architecture, parameters, normalizes, newTensors, unusedTensors, checkpointBytes } = info;
    const { pooling, problemType, maxLength, maskedLm, labels } = own;
    const manifest: Manifest = {
      format: 1,
      keptAt: Date.now(),
      config: withScope(engine.savedConfig(as, saved), scope),
      tokenizerConfig: engine.savedTokenizerConfig(),
      options: { maskedLm, pooling, problemType, maxLength, ...(own.dtype === "f16" && { dtype: "f16" }) },
      info: {
        architecture,
        parameters,
        normalizes,
        newHead: own.newHead || session.keptNewHead,
        newTensors,
        unusedTensors,
        checkpointBytes,
        // A GPU may take fewer.
        ...(info.device === "wasm" && { weightBytes: info.weightBytes }),
      },
      labels,
      adapters,
      ...(active !== undefined && { activeAdapter: active }),
      parts,
    };
    await writeRecord(store, partName(prefix), manifest);
  } catch (error) {
    usable = leavesEngineUsable(error);
    throw error;
  } finally {
    if (usable) engine.useAdapter(active);
  }
}

/** A whole model that another version of the library has kept. */
export class OfOtherVersion extends BertletError {
  constructor(title: string) {
    super("bad-weights", `the model ${title} was kept by another version of the library`, "reload the page");
  }
}

/**
 * The manifest, where the model was written to its end, or what is wrong with it; undefined where it was not, or is not as
 * it was written.
 */
export async function readManifest(store: Store, prefix: string): Promise<Manifest | Flaw | undefined> {
  const record = await readRecord<unknown>(store, partName(prefix));
  if (record === undefined) return undefined;
  const manifest = shaped<Manifest>(record, isManifest);
  if (typeof manifest === "string") return manifest;
  const named = ["tokenizer", "weights", ...manifest.adapters.map(({ part }) => part)];
  return named.every((part) => Object.hasOwn(manifest.parts, part)) ? manifest : "damaged";
}

/** Throws `bad-weights` where a byte is not as it was written. `title` names the model in errors. */
export async function readModel(store: Store, prefix: string, title = prefix): Promise<KeptModel> {
  const damaged = (what: string) =>
    new BertletError(
      "bad-weights",
      `the model ${title} as it is kept in this browser is damaged: ${what}`,
      "forget it, and load the model again from its files",
    );
  const manifest = await readManifest(store, prefix);
  if (manifest === undefined)
    throw damaged("its description does not have the SHA-256 that it was written with");
  if (manifest === "other-version") throw new OfOtherVersion(title);
  if (typeof manifest === "string") throw damaged("its description is not one of a model");
  const read = async (part: string) => {
    const pieces = [manifest.parts[part] as Piece[] | Piece].flat();
    const size = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    const file = await store.read(partName(prefix, part));
    if (file?.size !== size) throw damaged(`its ${part} has ${file?.size ?? 0} bytes, of ${size}`);
    const whole = new Uint8Array(size);
    let at = 0;
    for (const { bytes, sha256: expected } of pieces) {
      const piece = await bytesOf(file.slice(at, at + bytes));
      const found = hexOf(await sha256(piece));
      if (found !== expected) {
        throw damaged(`its ${part} has the SHA-256 ${found} from byte ${at}, expected ${expected}`);
      }
      whole.set(piece, at);
      at += bytes;
    }
    return whole;
  };
  const adapters: KeptModel["adapters"] = [];
  for (const { name, config, part } of manifest.adapters) {
    adapters.push({ name, config: new TextEncoder().encode(config), weights: await read(part) });
  }
  return { manifest, tokenizer: await read("tokenizer"), weights: await read("weights"), adapters };
}
