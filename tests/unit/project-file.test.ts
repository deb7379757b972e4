// A .bertlet file: what is saved comes back; what is cut, changed, foreign, huge or a bomb is refused as `bad-project`, in a
// second and without its bytes being made.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { packProject, unpackProject } from "../../web/studio/data/project/project-file.ts";
import type { ProjectRecord } from "../../web/studio/data/project/project-record.ts";
import { dictionary } from "../../web/studio/i18n/language.ts";
import { PageError } from "../../web/studio/i18n/messages.ts";
import { defaultRecipe } from "../../web/studio/state/recipe.ts";

const PATH = "runs/1/model/model.safetensors";
const record: ProjectRecord = {
  name: "tickets 票",
  when: 1_700_000_000_000,
  device: "auto",
  recipe: { ...defaultRecipe },
  labels: 2,
  rows: 3,
  runs: [],
};
const content = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251);
const files = new Map([
  [PATH, new Blob([content])],
  ["examples/1/票.csv", new Blob(["text,label\na,x\n"])],
]);

const fileOf = (bytes: BlobPart, name = "a.bertlet"): File => new File([bytes], name);

/** The words of a refusal, in both languages. */
async function refused(bytes: BlobPart): Promise<string> {
  const begun = process.cpuUsage();
  const error = await unpackProject(fileOf(bytes)).then(
    () => assert.fail("the file was taken"),
    (thrown: unknown) => thrown,
  );
  // In microseconds that this process computed.
  assert.ok(process.cpuUsage(begun).user < 3_000_000);
  assert.ok(error instanceof PageError && error.code === "bad-project", String(error));
  const words = (["en", "zh"] as const).map((language) => error.text(dictionary(language)));
  for (const text of words) assert.ok(text.includes("a.bertlet") && text.length < 500, text);
  return words[0] as string;
}

function crc32(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A zip of deflated files, with sizes as they are declared. */
function zipOf(
  entries: [name: string, content: string | Uint8Array, declared?: number | undefined][],
): Buffer<ArrayBuffer> {
  const locals: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const [name, content, declared] of entries) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    // A bomb is refused before its sum is looked at.
    if (data.length < 1e6) fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(declared ?? data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, Buffer.from(name), packed]);
    locals.push(local);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    list.push(
      Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), fields, rest, Buffer.from(name)]),
    );
    at += local.length;
  }
  const bytes = list.reduce((sum, each) => sum + each.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...list, end]);
}

function manifest(fields: object): string {
  return JSON.stringify({ format: "bertlet-project", version: 1, project: record, files: [], ...fields });
}

describe("a .bertlet file", () => {
  test("gives back what was saved, to the byte", async () => {
    const packed = await packProject(record, files);
    const { record: read, files: out } = await unpackProject(fileOf(packed));
    assert.deepEqual(read, record);
    assert.deepEqual([...out.keys()], [...files.keys()]);
    assert.deepEqual(new Uint8Array(await (out.get(PATH) as Blob).arrayBuffer()), content);
  });

  test("cut at any place it is refused; one changed bit is refused or changes nothing", async () => {
    const whole = Buffer.from(await (await packProject(record, files)).arrayBuffer());
    for (let cut = 0; cut < whole.length; cut += 499) await refused(whole.subarray(0, cut));
    let held = 0;
    for (let at = 3; at < whole.length; at += 97) {
      const changed = Buffer.from(whole);
      changed.writeUInt8((changed[at] as number) ^ (1 << (at % 8)), at);
      try {
        const { record: read, files: out } = await unpackProject(fileOf(changed));
        assert.deepEqual(read, record);
        assert.deepEqual(new Uint8Array(await (out.get(PATH) as Blob).arrayBuffer()), content);
      } catch (error) {
        assert.ok(error instanceof PageError, String(error));
        held += 1;
      }
    }
    assert.ok(held > 25, `${held} changes were noticed`);
  });

  test("foreign, newer, incomplete and malformed files are refused with the reason", async () => {
    assert.match(await refused(""), /cannot be read/);
    assert.match(await refused("text,label\na,b\n"), /cannot be read/);
    assert.match(await refused(zipOf([["config.json", "{}"]])), /no bertlet\.json/);
    assert.match(await refused(zipOf([["bertlet.json", "[]"]])), /expected an object/);
    assert.match(await refused(zipOf([["bertlet.json", "{"]])), /cannot be read/);
    assert.match(await refused(zipOf([["bertlet.json", manifest({ version: 2 })]])), /version 2/);
    assert.match(await refused(zipOf([["bertlet.json", manifest({ format: "x" })]])), /format/);
    const listed = { files: [{ path: "a", bytes: 1, sha256: "00" }] };
    assert.match(await refused(zipOf([["bertlet.json", manifest(listed)]])), /lacks a/);
    const project = { ...record, recipe: { ...record.recipe, method: "magic" } };
    assert.match(await refused(zipOf([["bertlet.json", manifest({ project })]])), /recipe\.method/);
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    await refused(zipOf([["bertlet.json", deep]]));
  });

  /** A run of two rows and two labels, in plain JSON. */
  const runOf = (predictions: object[], confusion: number[][]) => {
    const scores = { accuracy: 1, microF1: 1, macroF1: 1 };
    const intervals = { accuracy: [0, 1], microF1: [0, 1], macroF1: [0, 1], loss: [0, 1] };
    const counts = { step: 1, steps: 1, epoch: 1, epochs: 1, trainedParameters: 1, truncatedRows: 0 };
    const curves = { stepNumbers: [1], losses: [1], epochResults: [], milliseconds: 1 };
    return {
      ...{ number: 1, when: 1, base: { name: "m" }, recipe: record.recipe, labels: ["a", "b"] },
      training: { phase: "done", ...counts, ...curves },
      rows: { train: 1, truth: ["a", "b"], part: "dev", trainKey: "1", heldKey: "2", pairs: false },
      report: { loss: 0, ...scores, perLabel: [], confusion, intervals },
      predictions,
    };
  };
  const withRun = (run: object) =>
    zipOf([["bertlet.json", manifest({ project: { ...record, runs: [run] } })]]);
  const both = [{ label: "a" }, { label: "b" }];

  test("a run that was measured on other rows is to be measured again", async () => {
    const square = [
      [1, 0],
      [0, 1],
    ];
    for (const [predictions, measured] of [
      [both, true],
      [both.slice(1), false],
      [[], false],
    ] as const) {
      const { record: read } = await unpackProject(fileOf(withRun(runOf([...predictions], square))));
      const [run] = read.runs;
      assert.deepEqual([run?.report !== undefined, run?.predictions.length], [measured, measured ? 2 : 0]);
    }
    for (const confusion of [[[1]], [[1, 0], [1]], [[1, 0]]])
      assert.match(await refused(withRun(runOf(both, confusion))), /confusion: expected 2 lists of 2/);
  });

  test("numbers out of range and contradictions are refused by name", async () => {
    const run = runOf([], []);
    const refusedFor = (changes: object) =>
      refused(zipOf([["bertlet.json", manifest({ project: { ...record, runs: [run], ...changes } })]]));
    for (const leaveOpen of [99, -0.1]) assert.match(await refusedFor({ leaveOpen }), /leaveOpen: expected/);
    for (const when of [1e300, -1]) {
      assert.match(await refusedFor({ when }), /project\.when: expected/);
      assert.match(await refusedFor({ runs: [{ ...run, when }] }), /runs\[0\]\.when: expected/);
    }
    assert.match(await refusedFor({ runs: [run, run] }), /runs\[1\]\.number: expected a number of its own/);
    assert.match(await refusedFor({ run: 77 }), /project\.run: expected the number of one of its runs/);
    for (const address of ["javascript:alert(1)", "data:,x", "file:///etc/x", "http://"])
      assert.match(await refusedFor({ base: { name: "m", address } }), /base\.address: expected a relative/);
    for (const address of ["./models/default/", "https://hf.co/a/b", "a/b"]) {
      const project = { ...record, runs: [run], run: 1, leaveOpen: 1, base: { name: "m", address } };
      const { record: read } = await unpackProject(fileOf(zipOf([["bertlet.json", manifest({ project })]])));
      assert.deepEqual([read.base?.address, read.run, read.leaveOpen], [address, 1, 1]);
    }
  });

  test("a project that lacks the file of its examples or of a model it began from is refused by both names", async () => {
    const choices = { sample: false, joins: [], splitSeed: 1 };
    const file = { path: "examples/1/a.csv", name: "a.csv", role: "train", hasHeader: true, reading: {} };
    const base = { name: "m", form: "zip", files: [["model.zip", "bases/1/model.zip"]] };
    for (const [part, path] of [
      [{ examples: { ...choices, files: [file] } }, file.path],
      [{ base }, "bases/1/model.zip"],
      [{ runs: [{ ...runOf([], []), base }] }, "bases/1/model.zip"],
    ] as const) {
      const text = await refused(zipOf([["bertlet.json", manifest({ project: { ...record, ...part } })]]));
      assert.equal(text, `a.bertlet lacks ${path}. It may be cut short.`);
    }
  });

  test("a bomb gets no more bytes than it declares, and none over the limit", async () => {
    const zeros = new Uint8Array(70 * 1024 * 1024);
    const small = { files: [{ path: "a", bytes: 10, sha256: "00" }] };
    for (const declared of [undefined, 10])
      assert.match(
        await refused(
          zipOf([
            ["bertlet.json", manifest(small)],
            ["a", zeros.subarray(0, 4e6), declared],
          ]),
        ),
        /a/,
      );
    assert.match(await refused(zipOf([["bertlet.json", zeros, 100]])), /larger|cannot be read/);
    const huge = { files: [{ path: "a", bytes: 5 * 1024 ** 3, sha256: "00" }] };
    assert.match(await refused(zipOf([["bertlet.json", manifest(huge)]])), /At most/);
    const many: [string, string][] = Array.from({ length: 2001 }, (_, at) => [`f${at}`, ""]);
    assert.match(await refused(zipOf(many)), /more than 2000 files/);
  });
});
