// What a preview tells of a folder and of the Hub's description, whatever JSON is in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { preview } from "../../web/src/worker/files/preview.ts";
import { hasCode } from "../support/fake-classifier.ts";

const HOSTILE = { toString: null };
/** The least that config.json of BERT's first release has. */
const FIRST_RELEASE = {
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  intermediate_size: 8,
  vocab_size: 9,
  type_vocab_size: 2,
  max_position_embeddings: 8,
};

/** The answers of a server, by the end of their addresses; anything else is missing. */
function server(files: Record<string, unknown>): (url: string) => Promise<Response> {
  return async (url) => {
    const name = Object.keys(files).find((each) => url.includes(each));
    return name === undefined ? new Response("", { status: 404 }) : Response.json(files[name]);
  };
}

test("an architecture that is no text is told by its kind", async () => {
  const checkpoint = { folder: "https://models.example/m/" };
  for (const [config, told] of [
    [{ architectures: ["BertModel"] }, "BertModel"],
    [{ architectures: [HOSTILE] }, "an object"],
    [{ architectures: [], model_type: HOSTILE }, "an object"],
    [FIRST_RELEASE, "bert"],
  ] as const) {
    const { architecture } = await preview({ checkpoint, access: {} }, server({ "config.json": config }));
    assert.equal(architecture, told);
  }
});

test("what is no config is refused as by load", async () => {
  const checkpoint = { folder: "https://models.example/m/" };
  for (const [config, message] of [
    [
      { version: "1.0", model: { vocab: {} } },
      /^config\.json: expected a model_type such as "bert", found none/,
    ],
    [[], /^config\.json: expected a JSON object/],
    [null, /^config\.json: expected a JSON object/],
  ] as const) {
    const found = preview({ checkpoint, access: {} }, server({ "config.json": config }));
    await assert.rejects(found, hasCode("bad-config", message));
  }
});

test("what a description does not name by texts is left out", async () => {
  const folder = "https://hub.example/o/n/resolve/main/";
  const model = { host: "https://hub.example/", id: "o/n", revision: "main", inside: "" };
  const siblings = [
    null,
    { rfilename: HOSTILE },
    { rfilename: "config.json", size: 2 },
    { rfilename: "model.safetensors", size: 5 },
    { rfilename: "tokenizer.json", size: 7 },
  ];
  const files = {
    "config.json": { model_type: "bert" },
    "/api/": { siblings, sha: HOSTILE, cardData: { license: HOSTILE } },
  };
  const found = await preview({ checkpoint: { folder }, model, access: {} }, server(files));
  assert.deepEqual(found, { architecture: "bert", folder, bytes: 33 });
});
