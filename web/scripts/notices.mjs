// The third-party notices of the npm package: each crate compiled into the wasm builds and each npm package bundled into the
// library, with its licence's text. Reads cargo's metadata and the sources that are here already; asks no network.

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);
/** All features of the builds together. */
const TREE = [
  "tree",
  "--package=bertlet",
  "--target=wasm32-unknown-unknown",
  "--edges=normal,no-proc-macro",
].concat("--no-default-features", "--features=relaxed-simd,threads,webgpu", "--prefix=none");
const LICENCE = /^(licen[cs]e|copying|notice|unlicense)/i;

/** The text of THIRD-PARTY-NOTICES.md. */
export async function notices(web) {
  const parts = [...(await npmPackages(web)), ...(await crates(join(web, "..")))];
  parts.sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
  /** Parts by their licence's text, since many share one. */
  const byText = new Map();
  for (const { name, version, licence, authors, folder } of parts) {
    const text = (await licenceText(folder, licence)) || unsaid(authors);
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const sections = [...byText].map(
    ([text, names]) => `## ${names.join(", ")}\n\n\`\`\`text\n${text}\n\`\`\``,
  );
  return `# Third-party notices\n\nThe files of this package hold compiled parts of these works.\n\n${sections.join("\n\n")}\n`;
}

/** Some packages name their licence and bring no text. */
function unsaid(authors = []) {
  const by = authors.length === 0 ? "" : ` Its authors: ${authors.join(", ")}.`;
  return `Its package names the licence above, and has no text of it.${by}`;
}

/** Of licences to choose from, MIT is the shortest. */
async function licenceText(folder, licence) {
  const found = (await readdir(folder)).filter((name) => LICENCE.test(name)).sort();
  const offersMit = /\bMIT\b/.test(licence);
  const mit = found.filter((name) => /mit/i.test(name));
  const chosen = offersMit && mit.length > 0 && !/\bMIT AND\b|AND MIT\b/.test(licence) ? mit : found;
  const texts = await Promise.all(chosen.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return texts
    .map((text) => text.replaceAll("\r\n", "\n").trim())
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Crates that the wasm builds are linked from. */
async function crates(root) {
  const cargo = async (...args) => {
    const { stdout } = await run("cargo", [...args, "--offline", "--locked"], {
      cwd: root,
      maxBuffer: 2 ** 28,
    });
    return stdout;
  };
  const [tree, metadata] = await Promise.all([cargo(...TREE), cargo("metadata", "--format-version=1")]);
  const linked = new Set(tree.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  return JSON.parse(metadata)
    .packages.filter(({ name, version, source }) => source !== null && linked.has(`${name} v${version}`))
    .map(({ name, version, license, license_file, authors, manifest_path }) => ({
      name,
      version,
      licence: license ?? license_file ?? "see its text",
      authors,
      folder: dirname(manifest_path),
    }));
}

/** npm packages of which esbuild puts a part into the library's files. */
async function npmPackages(web) {
  const entryPoints = ["src/index.ts", "src/worker/worker.ts", "src/worker/unzip.ts"];
  const options = {
    absWorkingDir: web,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    outdir: "out",
  };
  const external = ["./wasm/*"];
  const { metafile } = await build({ ...options, entryPoints, external, logLevel: "silent" });
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  return Promise.all(
    [...folders].map(async (path) => {
      const folder = join(web, path);
      const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      return { name, version, licence: license, folder };
    }),
  );
}
