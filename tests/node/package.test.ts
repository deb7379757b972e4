// The npm package, packed and installed in an empty folder: its size, its entries by publint and attw, its types under each
// strict resolution, and its import in Node.js. Takes the built site.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { root } from "../support/serve.ts";

/** Six builds of the wasm, of which a visitor fetches one, and one of tokenizers. */
const LARGEST = Math.floor(7.45 * 2 ** 20);
const run = promisify(execFile);
const tool = (name: string) => join(root, "web/node_modules/.bin", name);
/** Runs a tool; what it prints is the error's message where it fails. */
async function holds(command: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await run(command, args, { cwd }).catch(({ stdout, stderr }) => {
    throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
  });
  return stdout;
}

const PAGE = `
import { type BertletError, Classifier, type ErrorCode, probe } from "bertlet";
import "bertlet/element";
import { register } from "bertlet/service-worker";
export const isolated = () => register({ script: "/service-worker.js" });
export async function label(text: string): Promise<string> {
  await using classifier = await Classifier.load("model/", { assets: new URL("https://cdn.example/"), fetch, headers: { Authorization: "x" } });
  const { wasm } = await probe();
  return \`\${(await classifier.classify(text)).label} \${wasm.maxThreads}\`;
}
export const codeOf = (error: BertletError): ErrorCode => error.code;
`;

describe("the package", () => {
  let folder: string;
  let tarball: string;
  let packed: { size: number; files: { path: string }[] };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-package-"));
    const made = join(folder, "package");
    await holds("node", [join(root, "web/scripts/package.mjs"), made], root);
    [packed] = JSON.parse(await holds("npm", ["pack", "--json", "--pack-destination", folder], made));
    tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith(".tgz")) as string);
    await mkdir(join(folder, "user/node_modules/bertlet"), { recursive: true });
    await run("tar", [
      "-xzf",
      tarball,
      "--strip-components=1",
      "-C",
      join(folder, "user/node_modules/bertlet"),
    ]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test(`is at most ${LARGEST} bytes, and has no dependencies`, async () => {
    assert.ok(packed.size <= LARGEST, `${packed.size} bytes`);
    const manifest = JSON.parse(await readFile(join(folder, "package/package.json"), "utf8"));
    assert.deepEqual([manifest.dependencies, manifest.private], [undefined, undefined]);
    const paths = packed.files.map(({ path }) => path);
    for (const name of [
      "README.md",
      "CHANGELOG.md",
      "LICENSE-MIT",
      "LICENSE-APACHE",
      "THIRD-PARTY-NOTICES.md",
    ]) {
      assert.ok(paths.includes(name), name);
    }
    const notices = await readFile(join(folder, "package/THIRD-PARTY-NOTICES.md"), "utf8");
    for (const name of ["@zip.js/zip.js", "papaparse", "burn-flex", "wgpu", "tokenizers"]) {
      assert.match(notices, new RegExp(`(^## |, )${name} \\d`, "m"));
    }
    assert.doesNotMatch(notices, / uplot \d/, "only the studio draws curves");
  });

  test("tells nothing of the machine that built it", async () => {
    const wasm = packed.files.map(({ path }) => path).filter((path) => path.endsWith(".wasm"));
    assert.ok(wasm.length >= 6, wasm.join());
    for (const path of wasm) {
      const bytes = await readFile(join(folder, "package", path), "latin1");
      for (const told of [homedir(), root, "/registry/src/", "/toolchains/", "/rustlib/"])
        assert.equal(bytes.indexOf(told), -1, `${path}: ${told}`);
    }
  });

  test("comes from a site whose page of licences names every package of npm in it, with its text", async () => {
    const page = await readFile(join(root, "web/dist/licences.html"), "utf8");
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(join(root, "web/package.json"), "utf8"),
    );
    const has = (name: string) =>
      page.includes(`<th scope="row"><a href="https://www.npmjs.com/package/${name}">`);
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !has(name)),
      [],
    );
    assert.deepEqual(Object.keys(devDependencies).filter(has), []);
    for (const [, id] of page.matchAll(/href="#(text-\d+)"/g))
      assert.ok(page.includes(`<details id="${id}">`));
    assert.match(await readFile(join(root, "web/dist/models/default/NOTICE.txt"), "utf8"), /Apache License/);
  });

  test("satisfies publint and attw", async () => {
    await holds(tool("publint"), [join(folder, "package"), "--strict"], folder);
    await holds(tool("attw"), [tarball, "--profile", "esm-only"], folder);
  });

  test("has types for a strict user, under each resolution and without the library of await using", async () => {
    const user = join(folder, "user");
    await writeFile(join(user, "page.mts"), PAGE);
    await writeFile(join(user, "older.mts"), 'export { Classifier } from "bertlet";');
    const check = async (
      moduleResolution: string,
      module: string,
      file = "page",
      more = ["ESNext.Disposable"],
    ) => {
      const compilerOptions = {
        target: "ES2022",
        lib: ["ES2022", "DOM", "DOM.Iterable", ...more],
        module,
        moduleResolution,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
      };
      const config = join(user, `${moduleResolution}-${file}.json`);
      await writeFile(config, JSON.stringify({ compilerOptions, files: [`${file}.mts`] }));
      await holds(tool("tsc"), ["-p", config], user);
    };
    await Promise.all([
      check("bundler", "ESNext"),
      check("node16", "Node16"),
      check("nodenext", "NodeNext"),
      check("bundler", "ESNext", "older", []),
    ]);
  });

  test("is imported by its name in Node.js, and classifies a file: URL", async () => {
    const model = pathToFileURL(
      join(root, "tests/reference/data/checkpoints/sequence_classification_f32"),
    ).href;
    const script = `
      import { Classifier, probe } from "bertlet";
      const classifier = await Classifier.load(${JSON.stringify(model)}, { device: "wasm" });
      const { label } = await classifier.classify("a text");
      const { wasm } = await probe();
      console.log(JSON.stringify({ known: classifier.info.labels.includes(label), threads: classifier.info.threads, wasm }));
      await classifier.dispose();`;
    await writeFile(join(folder, "user/classify.mjs"), script);
    const out = await holds(process.execPath, ["classify.mjs"], join(folder, "user"));
    const { known, threads, wasm } = JSON.parse(out);
    assert.ok(known);
    assert.deepEqual([threads, wasm.simd], [wasm.maxThreads, true]);
  });
});
