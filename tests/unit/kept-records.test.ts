// What a journal or a kept model comes to whose records are whole and not what this version writes, damaged, or written by
// another tab at that moment: in memory, without a browser.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, mock, test } from "node:test";
import { deleteJournal, Journal, listJournals } from "../../web/src/worker/journal/journal.ts";
import { type SlotHead, slotName, writeSlot } from "../../web/src/worker/journal/slots.ts";
import { type Manifest, partName } from "../../web/src/worker/keeping/model.ts";
import { forget, listKept, readKept } from "../../web/src/worker/keeping/named.ts";
import { MemoryStore } from "../../web/src/worker/storage/memory.ts";
import { openStore } from "../../web/src/worker/storage/open-store.ts";
import { readRecord, writeRecord } from "../../web/src/worker/storage/records.ts";
import { hasCode } from "../support/fake-classifier.ts";

const [models, runs] = [await openStore("models"), await openStore("journals")];
const bytes = new TextEncoder().encode("some bytes");
const piece = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
const manifest: Manifest = {
  format: 1,
  keptAt: 7,
  config: "{}",
  tokenizerConfig: "{}",
  options: { maskedLm: false, pooling: "cls", problemType: "single_label_classification", maxLength: 8 },
  info: {
    architecture: "BertModel",
    parameters: 1,
    normalizes: false,
    newHead: false,
    newTensors: [],
    unusedTensors: [],
    checkpointBytes: 1,
  },
  labels: ["a", "b"],
  adapters: [],
  parts: { tokenizer: [piece], weights: piece },
};
const rows = { texts: ["x", ["y", "z"]], labels: ["a", ["b"]] };
const start = {
  call: "finetune",
  run: "1",
  request: { train: rows, options: {} },
  device: "wasm",
  startedAt: 5,
};
const head = (version: number): SlotHead => ({
  version,
  savedAt: 10 + version,
  step: 3 * version,
  steps: 9,
  elapsedMs: 1,
  progress: {
    numbers: { step: 3 * version, gradientScale: 1, decay: 1, moments: [true], triples: 0, lengths: [2] },
    epoch: { rows: 1, loss: 1, tokens: 1, paddedTokens: 0, milliseconds: 1 },
    parts: 1,
  },
});

/** A record without some fields, and with others. */
type Change = Record<string, unknown> | null;
const changed = (record: object, change: Change) =>
  (change === null ? null : { ...record, ...change }) as object;

async function keepModel(
  name: string,
  change: Change = {},
  prefix = `${name}/1`,
  store = models,
): Promise<void> {
  for (const part of ["tokenizer", "weights"]) await store.write(partName(prefix, part), [bytes]);
  await writeRecord(store, partName(prefix), changed(manifest, change));
}

async function keepSlot(
  name: string,
  version: number,
  change: Record<string, unknown> = {},
  values = [1, 2],
) {
  const slot = { ...head(version), ...change } as SlotHead;
  await writeSlot(
    runs,
    slotName(`${name}/1`, version),
    slot,
    (async function* () {
      yield Float32Array.from(values);
    })(),
  );
}

/** A journal with two states. */
async function keepRun(name: string, change: Change = {}, ofModel: Change = {}): Promise<void> {
  await keepModel(name, ofModel, `${name}/1/model`, runs);
  for (const version of [1, 2]) await keepSlot(name, version);
  await writeRecord(runs, `${name}/1/start`, changed(start, change));
}

const flip = async (file: string, at: number) => {
  const before = new Uint8Array(await ((await runs.read(file)) as Blob).arrayBuffer());
  before[at] = (before[at] as number) ^ 1;
  await runs.write(file, [before]);
};

const damagedJournal = hasCode("bad-journal", /damaged/);
const otherJournal = hasCode("bad-journal", /^the journal "j" was kept by another version of the library$/);

afterEach(async () => {
  for (const store of [models, runs]) for (const { name } of await store.list()) await store.remove(name);
});

test("a journal goes on from its later state, or from the one that is whole", async () => {
  await keepRun("j");
  assert.equal((await Journal.reopen("j")).journal.slot?.head.step, 6);
  await flip(slotName("j/1", 2), 1);
  assert.equal((await Journal.reopen("j")).journal.slot?.head.step, 3);
  const [info] = await listJournals();
  assert.ok(info !== undefined && !info.damaged);
  assert.deepEqual([info.name, info.call, info.steps, info.finished], ["j", "finetune", 9, false]);
});

const SLOTS: Record<string, (version: number) => Promise<unknown>> = {
  "of a flipped bit": (version) => flip(slotName("j/1", version), 1),
  empty: (version) => runs.write(slotName("j/1", version), []),
  "without progress": (version) => keepSlot("j", version, { progress: undefined }),
  "of other progress": (version) => keepSlot("j", version, { progress: [] }),
  "of wrong numbers": (version) =>
    keepSlot("j", version, { progress: { ...(head(1).progress as object), numbers: {} } }),
  "of fewer values": (version) => keepSlot("j", version, {}, [1]),
  "of a step that is none": (version) => keepSlot("j", version, { step: "x" }),
};
for (const [title, damage] of Object.entries(SLOTS)) {
  test(`two states ${title} are told, and not begun anew`, async () => {
    await keepRun("j");
    for (const version of [1, 2]) await damage(version);
    await assert.rejects(Journal.reopen("j"), damagedJournal);
  });
}

test("a first state that was not written to its end is none", async () => {
  await keepRun("j");
  await runs.remove(slotName("j/1", 2));
  await runs.write(slotName("j/1", 1), [bytes]);
  assert.equal((await Journal.reopen("j")).journal.slot, undefined);
});

const STARTS: Record<string, Change> = {
  null: null,
  "without a call": { call: undefined },
  "of an unknown call": { call: "unlearn" },
  "without rows": { request: {} },
  "of fewer labels than rows": { request: { train: { ...rows, labels: ["a"] }, options: {} } },
  "with an end without steps": { ended: { type: "end" } },
};
for (const [title, change] of Object.entries(STARTS)) {
  test(`a start ${title} is damaged; the list says so, and has the others`, async () => {
    await keepRun("j", change);
    await keepRun("other");
    await assert.rejects(Journal.reopen("j"), damagedJournal);
    const [other, damaged] = await listJournals();
    assert.equal(other?.name, "other");
    assert.deepEqual(damaged, { name: "j", bytes: damaged?.bytes, damaged: true });
    assert.ok((damaged?.bytes as number) > 0);
    await deleteJournal("j");
    assert.equal((await listJournals()).length, 1);
  });
}

test("a start with a flipped bit is listed as damaged; one that was never whole is not", async () => {
  await keepRun("j");
  await flip("j/1/start", 80);
  await keepModel("half", {}, "half/1/model", runs);
  assert.deepEqual(
    (await listJournals()).map(({ name, damaged }) => [name, damaged]),
    [["j", true]],
  );
});

test("a journal of another version is told as that, wherever it says so, and is not listed as damaged", async () => {
  await keepRun("j", { format: 2, call: "unlearn" });
  await assert.rejects(Journal.reopen("j"), otherJournal);
  assert.deepEqual(await listJournals(), []);
  await keepRun("j", {}, { format: 2, labels: 3 });
  await assert.rejects(Journal.reopen("j"), otherJournal);
  await keepRun("j", { format: 1 });
  for (const version of [1, 2]) await keepSlot("j", version, { format: 2 });
  await assert.rejects(Journal.reopen("j"), otherJournal);
  assert.deepEqual(await listJournals(), []);
  await assert.rejects(Journal.reopen("j"), ({ hint }) => hint === "reload the page");
});

const MANIFESTS: Record<string, Change> = {
  null: null,
  "of wrong fields": { keptAt: "x" },
  "without parts": { parts: {} },
  "of odd parts": { parts: { tokenizer: [piece], weights: [{ bytes: -1, sha256: "" }] } },
};
for (const [title, change] of Object.entries(MANIFESTS)) {
  test(`a kept model's description ${title} is damaged; the list says so, and has the others`, async () => {
    await keepModel("m", change);
    await keepModel("other");
    await assert.rejects(readKept("m"), hasCode("bad-weights", /damaged: its description is not one/));
    const [other, damaged] = await listKept();
    assert.equal(other?.name, "other");
    assert.deepEqual(damaged, { name: "m", bytes: damaged?.bytes, damaged: true });
    await forget("m");
    assert.equal((await listKept()).length, 1);
    await keepRun("j", {}, change);
    await assert.rejects(Journal.reopen("j"), damagedJournal);
  });
}

test("a kept model of another version is told as that", async () => {
  await keepModel("m", { format: 2, labels: undefined });
  await assert.rejects(
    readKept("m"),
    hasCode("bad-weights", /^the model "m" was kept by another version of the library$/),
  );
  await assert.rejects(readKept("m"), ({ hint }) => hint === "reload the page");
  assert.deepEqual(await listKept(), []);
});

/** A file that has changed since it was taken. */
const stale = (file: Blob): Blob => {
  const fails = async () => {
    throw new DOMException("the file has changed", "NotReadableError");
  };
  return Object.assign(file.slice(), { arrayBuffer: fails, slice: () => stale(file) });
};

test("a file that another tab writes is taken anew, and a state that it is writing all the time is none", async () => {
  await keepRun("j");
  let fails = 2;
  const read = MemoryStore.prototype.read;
  const taken = mock.method(MemoryStore.prototype, "read", async function (this: MemoryStore, name: string) {
    const file = await read.call(this, name);
    const isWritten = name === slotName("j/1", 2) || fails-- > 0;
    return isWritten && file !== undefined ? stale(file) : file;
  });
  const [info] = await listJournals();
  assert.ok(info !== undefined && !info.damaged);
  assert.equal(info.step, 3);
  fails = 2;
  assert.deepEqual(await readRecord(runs, "j/1/start"), JSON.parse(JSON.stringify(start)));
  taken.mock.restore();
});
