// The works of others in what is built: each crate compiled into the wasm builds and each npm package of which esbuild took a
// part, with its licence's text. Gives them as Markdown for the npm package. Asks cargo, which fetches only what it lacks.

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** What the last build of the site put into each file, for the npm package made of some of them. */
export const BUNDLED = join(import.meta.dirname, "..", "node_modules", ".cache", "bertlet-bundled.json");
const TARGET = "wasm32-unknown-unknown";
/** All features of the builds together. */
const TREE = ["tree", "--package=bertlet", `--target=${TARGET}`, "--edges=normal,no-proc-macro"].concat(
  "--no-default-features",
  "--features=relaxed-simd,threads,webgpu,any-tokenizer",
  "--prefix=none",
);
const LICENCE = /^(licen[cs]e|copying|notice|unlicense)/i;
/** The compiler puts it into every wasm file, and cargo names no crate of it. */
const STANDARD_LIBRARY = {
  name: "Rust's standard library",
  version: "",
  licence: "MIT OR Apache-2.0",
  authors: ["The Rust Project Developers"],
  source: "https://github.com/rust-lang/rust",
};

/**
 * Works by name: `{ name, version, licence, source, text }`. `inputs` are the paths that esbuild's metafiles name, relative to
 * `web`.
 */
export async function works(web, inputs) {
  const parts = [...(await npmPackages(web, inputs)), ...(await crates(join(web, ".."))), STANDARD_LIBRARY];
  parts.sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
  return Promise.all(
    parts.map(async ({ folder, authors, ...work }) => ({
      ...work,
      text: (folder && (await licenceText(folder, work.licence))) || unsaid(authors),
    })),
  );
}

/** Works by their licence's text, since many share one. */
export function byText(works) {
  const texts = new Map();
  for (const work of works) texts.set(work.text, [...(texts.get(work.text) ?? []), work]);
  return texts;
}

/** The text of THIRD-PARTY-NOTICES.md. */
export function asMarkdown(works) {
  const named = ({ name, version, licence, source }) =>
    `${[name, version].filter(Boolean).join(" ")} (${licence})${source ? ` <${source}>` : ""}`;
  const sections = [...byText(works)].map(
    ([text, all]) => `## ${all.map(named).join(", ")}\n\n\`\`\`text\n${text}\n\`\`\``,
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
    const { stdout } = await run("cargo", [...args, "--locked"], { cwd: root, maxBuffer: 2 ** 28 });
    return stdout;
  };
  const [tree, metadata] = await Promise.all([
    cargo(...TREE),
    cargo("metadata", "--format-version=1", `--filter-platform=${TARGET}`),
  ]);
  const linked = new Set(tree.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  return JSON.parse(metadata)
    .packages.filter(({ name, version, source }) => source !== null && linked.has(`${name} v${version}`))
    .map(({ name, version, license, license_file, authors, manifest_path, repository }) => ({
      name,
      version,
      licence: license ?? license_file ?? "see its text",
      source: repository ?? `https://crates.io/crates/${name}`,
      authors,
      folder: dirname(manifest_path),
    }));
}

/** npm packages that the paths lie in. */
async function npmPackages(web, inputs) {
  const folders = new Set(
    [...inputs].flatMap((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  return Promise.all(
    [...folders].map(async (path) => {
      const folder = join(web, path);
      const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      return { name, version, licence: license, source: `https://www.npmjs.com/package/${name}`, folder };
    }),
  );
}
