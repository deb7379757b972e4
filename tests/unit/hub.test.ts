// Hub ids and pages of the Hub as sources: which folder each stands for, and that nothing else reaches the Hub.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LoadOptions } from "../../web/bertlet.d.ts";
import { checkLoad } from "../../web/src/page/options.ts";
import { adapterOf, checkpointOf, hubModelOf } from "../../web/src/page/source.ts";
import { descriptionOfModel } from "../../web/src/shared/hub.ts";
import { hubError } from "../../web/src/worker/downloads/hub-errors.ts";
import { hasCode } from "../support/fake-classifier.ts";

Object.assign(globalThis, { location: new URL("http://localhost/some/page.html") });

const HUB = "https://huggingface.co/";
const MIRROR = { hubHost: "https://mirror.example/hf" };

describe("a page of the Hub", () => {
  const FOLDERS: [page: string, folder: string][] = [
    ["owner/name", "owner/name/resolve/main/"],
    ["owner/name/", "owner/name/resolve/main/"],
    ["bert-base-uncased", "bert-base-uncased/resolve/main/"],
    ["bert-base-uncased/tree/main", "bert-base-uncased/resolve/main/"],
    ["owner/name?library=transformers#usage", "owner/name/resolve/main/"],
    ["owner/name/tree/v1.0", "owner/name/resolve/v1.0/"],
    ["owner/name/tree/refs%2Fpr%2F1", "owner/name/resolve/refs%2Fpr%2F1/"],
    ["owner/name/tree/refs/pr/1/sub", "owner/name/resolve/refs%2Fpr%2F1/sub/"],
    ["owner/name/tree/main/sub/deeper", "owner/name/resolve/main/sub/deeper/"],
    ["owner/name/blob/main/config.json", "owner/name/resolve/main/"],
    ["owner/name/blob/0f1e2d3c/sub/LICENSE", "owner/name/resolve/0f1e2d3c/sub/"],
    ["owner/name/raw/main/vocab.txt", "owner/name/resolve/main/"],
    ["owner/name/commit/0f1e2d3c", "owner/name/resolve/0f1e2d3c/"],
    ["owner/name/commits/dev", "owner/name/resolve/dev/"],
    ["owner/name/resolve/main/", "owner/name/resolve/main/"],
    ["owner/name/resolve/main/model.safetensors?download=true", "owner/name/resolve/main/"],
    ["owner/name/resolve/main/v1.2", "owner/name/resolve/main/v1.2/"],
    ["owner/name/tree/main/ein%20Ordner", "owner/name/resolve/main/ein%20Ordner/"],
    ["owner/name/tree/..", "owner/name/resolve/main/"],
  ];
  for (const [page, folder] of FOLDERS) {
    test(`${page} is ${folder}`, () => {
      for (const source of [
        HUB + page,
        new URL(HUB + page),
        `https://hf.co/${page}`,
        `http://huggingface.co/${page}`,
      ]) {
        assert.deepEqual(checkpointOf(source, {}), { folder: HUB + folder });
        assert.deepEqual(adapterOf(source), { folder: HUB + folder });
      }
      const source = `https://mirror.example/hf/${page}`;
      assert.deepEqual(checkpointOf(source, MIRROR), { folder: `https://mirror.example/hf/${folder}` });
    });
  }

  const OTHERS = [
    "",
    "datasets/owner/name",
    "spaces/owner/name",
    "docs",
    "api/models/owner/name",
    "models?search=bert",
    "owner/name/discussions/1",
    "owner/na me",
    "owner/n%C3%A4me",
    "owner/name/tree/a..b",
    "owner/name/tree/a%0Ab",
    `owner/${"n".repeat(10_000)}`,
  ];
  for (const page of OTHERS) {
    test(`${page.slice(0, 40)} is refused, with what to take`, () => {
      assert.throws(
        () => checkpointOf(HUB + page, {}),
        hasCode("bad-option", /must be a model on huggingface\.co/),
      );
    });
  }

  test("is one at the Hub's own host alone", () => {
    const HOSTS = [
      "https://huggingface.co.example.org/owner/name",
      "https://huggingface.co:8443/owner/name",
      "https://www.huggingface.co/owner/name",
      "https://xn--hugingface-8k7c.co/owner/name",
      "https://huggіngface.co/owner/name", // the first i is Cyrillic
      "https://example.org/huggingface.co/owner/name",
    ];
    for (const source of HOSTS) {
      const { folder } = checkpointOf(source, {}) as { folder: string };
      assert.equal(folder, `${new URL(source).href}/`);
      assert.ok(!folder.startsWith(HUB), folder);
    }
    // The Hub's address here is a name, and the host another.
    const named = "https://huggingface.co@example.org/owner/name";
    assert.throws(() => checkpointOf(named, {}), hasCode("bad-option", /without a name and password/));
    assert.deepEqual(checkpointOf("https://huggingface.co/owner/name", {}), {
      folder: "https://huggingface.co/owner/name/resolve/main/",
    });
    const foreign = { ...MIRROR, hub: false };
    assert.throws(() => checkpointOf(`${HUB}owner/name`, foreign), hasCode("bad-option", /option hubHost/));
  });
});

describe("a Hub id", () => {
  test("takes the Hub's address and a revision, and says where it is described", () => {
    const FOLDERS: [options: LoadOptions, model: string][] = [
      [{}, `${HUB}owner/name/resolve/main/`],
      [{ revision: "v1" }, `${HUB}owner/name/resolve/v1/`],
      [{ revision: "refs/pr/1" }, `${HUB}owner/name/resolve/refs%2Fpr%2F1/`],
      [{ ...MIRROR }, "https://mirror.example/hf/owner/name/resolve/main/"],
      [{ hubHost: "http://127.0.0.1:8000/" }, "http://127.0.0.1:8000/owner/name/resolve/main/"],
    ];
    for (const [options, folder] of FOLDERS)
      assert.deepEqual(checkpointOf("owner/name", { hub: true, ...options }), { folder });
    const model = hubModelOf("owner/name", { hub: true, revision: "a/b", ...MIRROR });
    assert.ok(model);
    assert.equal(
      descriptionOfModel(model),
      "https://mirror.example/hf/api/models/owner/name/revision/a%2Fb?blobs=true",
    );
  });

  /** None of these reaches the Hub: they are relative to the page, or no URL at all. */
  const NO_IDS = [
    "owner/name/more",
    "./owner/name",
    "../name",
    "/owner/name",
    "owner/name/",
    "owner/..",
    "../..",
    ".git/config",
    "owner\\name",
    "ow ner/name",
    " owner/name",
    "owner/name\n",
    "оwner/name", // the first letter is Cyrillic
    "owner/name?x=1",
    "owner/name#x",
    "owner/na%2fme",
    "owner:secret@host/name",
    "javascript:alert(1)",
    "//evil.example/name",
    "",
    `owner/${"n".repeat(100)}`,
  ];
  for (const source of NO_IDS) {
    test(`is not ${JSON.stringify(source.slice(0, 30))}`, () => {
      assert.equal(hubModelOf(source, { hub: true }), undefined);
      assert.throws(
        () => checkpointOf(source, { hub: true, revision: "main" }),
        hasCode("bad-option", /revision/),
      );
    });
  }
});

describe("the options of the Hub", () => {
  test("name one revision", () => {
    const page = `${HUB}owner/name/tree/v1`;
    assert.deepEqual(checkpointOf(page, { revision: "v1" }), { folder: `${HUB}owner/name/resolve/v1/` });
    assert.throws(() => checkpointOf(page, { revision: "v2" }), hasCode("bad-option", /"v2".*"v1"/));
    assert.deepEqual(checkpointOf(`${HUB}owner/name`, { revision: "v2" }), {
      folder: `${HUB}owner/name/resolve/v2/`,
    });
    for (const source of ["./models/x", [], new Blob()])
      assert.throws(
        () => checkpointOf(source, { revision: "v2" }),
        hasCode("bad-option", /model on the Hub/),
      );
  });

  test("are checked", () => {
    for (const revision of ["", "..", "a/../b", ".", "a b", "a\nb", "a~1", "a^", "a:b", "x".repeat(300)])
      assert.throws(() => checkLoad({ revision }), hasCode("bad-option", /revision/));
    const hosts = [
      "",
      "mirror.example",
      "ftp://x/",
      "javascript:x",
      "https://a/?q=1",
      "https://u:p@a/",
      "https://",
    ];
    for (const hubHost of hosts)
      assert.throws(() => checkLoad({ hubHost }), hasCode("bad-option", /hubHost/));
    checkLoad({ revision: "refs/pr/1", hubHost: "https://hf-mirror.example/" });
  });
});

describe("a refusal of the Hub", () => {
  const url = `${HUB}owner/name/resolve/v1%2F2/config.json`;
  const answer = (status: number, code?: string, at = url) =>
    hubError(
      "config.json",
      at,
      new Response(null, { status, headers: code === undefined ? {} : { "X-Error-Code": code } }),
    );

  test("is told by its header, and names the model or the revision", () => {
    const TABLE: [status: number, code: string | undefined, expected: string | undefined, message: RegExp][] =
      [
        [401, "RepoNotFound", "unknown-model", /huggingface\.co has no model owner\/name, or it is private/],
        [404, "RepoNotFound", "unknown-model", /owner\/name/],
        [401, "GatedRepo", "gated-model", /accepted its terms/],
        [403, "GatedRepo", "gated-model", /owner\/name/],
        [404, "RevisionNotFound", "unknown-revision", /no revision "v1\/2"/],
        [401, undefined, "unknown-model", /owner\/name/],
        [404, "EntryNotFound", undefined, /./],
        [403, undefined, undefined, /./],
        [500, undefined, undefined, /./],
      ];
    for (const [status, code, expected, message] of TABLE) {
      const error = answer(status, code);
      assert.equal(error?.code, expected, `${status} ${code}`);
      if (error) assert.match(error.message, message);
    }
    assert.match(
      answer(401, "GatedRepo")?.hint ?? "",
      /accept the terms at https:\/\/huggingface\.co\/owner\/name;/,
    );
  });

  test("is none where the address is no model's", () => {
    assert.equal(answer(401, "RepoNotFound", "https://example.org/x/config.json"), undefined);
  });
});
