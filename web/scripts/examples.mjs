// Builds ../examples as their users do, from the packed library, and drives each in Chromium, plain and isolated:
// `node scripts/examples.mjs [NAME...]`. Prints a table; fails where an app does not train and classify. Bundlers come from npm.

import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);
const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const examples = join(web, "..", "examples");
const CHECKPOINT = join(web, "..", "tests/reference/data/checkpoints/sequence_classification_f32");
/** The library's files that Rollup and esbuild leave to their user, as the README says. */
const BESIDE =
  "cp -r node_modules/bertlet/{worker,thread,unzip,onnx,pack}.js node_modules/bertlet/wasm dist/";
const STATIC = "cp index.html dist/";
const LIMIT_MS = 600_000;

/** A user's commands. `out` is what is served; `dev` is a server instead, and its port. */
const APPS = {
  plain: { from: "plain", build: "cp -r node_modules/bertlet bertlet", out: "." },
  esbuild: {
    from: "plain",
    packages: ["esbuild@0.28.2"],
    build: `npx esbuild app.js --bundle --format=esm --outdir=dist && ${BESIDE} && ${STATIC}`,
    out: "dist",
  },
  rollup: {
    from: "plain",
    packages: ["rollup@4.68.8", "@rollup/plugin-node-resolve@16.0.3"],
    build: `npx rollup app.js --dir dist --plugin node-resolve --format es && ${BESIDE} && ${STATIC}`,
    out: "dist",
  },
  webpack: {
    from: "plain",
    packages: ["webpack@5.113.0", "webpack-cli@7.3.1"],
    build: `npx webpack --mode production --entry ./app.js --output-filename app.js && ${STATIC}`,
    out: "dist",
  },
  parcel: {
    from: "plain",
    packages: ["parcel@2.16.4"],
    build: "npx parcel build index.html --public-url ./",
    // It finds no file that a worker's worker imports.
    alone: true,
    out: "dist",
  },
  "vite-react": { from: "vite-react", build: "npm run build", out: "dist", base: "/" },
  "vite dev": { from: "vite-react", dev: "npx vite --port PORT --host 127.0.0.1" },
  vue: { from: "vue", build: "npm run build", out: "dist", base: "/" },
  svelte: { from: "svelte", build: "npm run build", out: "dist", base: "/" },
  "next turbopack": { from: "next", build: "npx next build --turbopack", out: "out", base: "/" },
  "next webpack": { from: "next", build: "npx next build --webpack", out: "out", base: "/" },
};
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

const names = process.argv.slice(2);
const unknown = names.find((name) => APPS[name] === undefined);
if (unknown !== undefined) {
  console.error(`expected ${Object.keys(APPS).join(", ")}; found ${unknown}`);
  process.exit(2);
}
const work = await mkdtemp(join(tmpdir(), "bertlet-examples-"));
const browser = await chromium.launch({
  executablePath: process.env.BERTLET_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let failed = 0;
try {
  await run("node", [join(web, "scripts", "package.mjs"), join(work, "package")]);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", work], {
    cwd: join(work, "package"),
  });
  const tarball = join(work, JSON.parse(stdout)[0].filename);
  console.log("app               page      threads  seconds  result");
  for (const name of names.length > 0 ? names : Object.keys(APPS)) await tryApp(name, APPS[name], tarball);
} finally {
  await browser.close();
  await rm(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 1000 });
}
process.exit(failed === 0 ? 0 : 1);

async function tryApp(name, app, tarball) {
  const folder = join(work, name.replaceAll(" ", "-"));
  const line = (page, threads, seconds, result) =>
    console.log(
      `${name.padEnd(18)}${page.padEnd(10)}${String(threads).padEnd(9)}${String(seconds).padEnd(9)}${result}`,
    );
  try {
    await install(folder, app, tarball);
    const begun = performance.now();
    if (app.build !== undefined) await shell(app.build, folder);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    for (const isolated of [false, true]) {
      const site = await (app.dev
        ? develop(app, folder, isolated)
        : serve(join(folder, app.out), isolated, app.base));
      try {
        const { threads, result, good } = await drive(site.url);
        const enough = isolated && !app.alone ? threads > 1 : threads === 1;
        if (!good || !enough) failed += 1;
        line(
          isolated ? "isolated" : "plain",
          threads,
          seconds,
          good && enough ? result : `FAILED: ${result}`,
        );
      } finally {
        site.close();
      }
    }
  } catch (error) {
    failed += 1;
    line(
      "-",
      "-",
      "-",
      `FAILED: ${String(error.stderr || error.stdout || error.stack || error).slice(-1500)}`,
    );
  }
}

/** The app's folder, with the packed library and a checkpoint. */
async function install(folder, { from, packages = [] }, tarball) {
  await cp(join(examples, from), folder, { recursive: true });
  const file = join(folder, "package.json");
  const manifest = JSON.parse(
    await readFile(file, "utf8").catch(() => '{ "private": true, "type": "module" }'),
  );
  const added = packages.map((each) => [
    each.slice(0, each.lastIndexOf("@")),
    each.slice(each.lastIndexOf("@") + 1),
  ]);
  manifest.dependencies = {
    ...manifest.dependencies,
    bertlet: `file:${tarball}`,
    ...Object.fromEntries(added),
  };
  await writeFile(file, JSON.stringify(manifest));
  await shell("npm install --no-audit --no-fund --prefer-offline", folder);
  const models = from === "plain" ? ["model", "dist/model"] : ["public/model"];
  for (const model of models) await cp(CHECKPOINT, join(folder, model), { recursive: true });
}

function shell(command, cwd) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
  return run("bash", ["-c", command], { cwd, env, timeout: LIMIT_MS, maxBuffer: 2 ** 26 });
}

/** A static server; `base` is where the app lies: in a sub-folder, as on GitHub Pages, unless it was built for "/". */
async function serve(folder, isolated, base = "/some/folder/") {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://x");
    const path = normalize(decodeURIComponent(pathname.slice(base.length)) || "index.html");
    const bytes = await readFile(join(folder, path)).catch(() => undefined);
    const headers = {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      ...(isolated && ISOLATED),
    };
    if (bytes === undefined || path.startsWith("..")) response.writeHead(404, isolated ? ISOLATED : {}).end();
    else response.writeHead(200, headers).end(bytes);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}${base}`, close: () => server.close() };
}

/** A bundler's own server. Its user sets the headers in its configuration. */
async function develop({ dev }, folder, isolated) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  if (isolated) {
    const config = join(folder, "vite.config.js");
    const text = await readFile(config, "utf8");
    const headers = `server: { headers: ${JSON.stringify(ISOLATED)} }`;
    await writeFile(config, text.replace("plugins:", `${headers}, plugins:`));
  }
  const server = spawn("bash", ["-c", `exec ${dev.replace("PORT", port)}`], { cwd: folder, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 100; tries++) {
    if ((await fetch(url).catch(() => undefined))?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, close: () => server.kill() };
}

/** Does what a person does: teach, type, read. */
async function drive(url) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  page.on(
    "response",
    (response) => response.status() >= 400 && errors.push(`${response.status()} ${response.url()}`),
  );
  try {
    await page.goto(url);
    await page.getByRole("button", { name: "Teach" }).click();
    const input = page.getByLabel("A message");
    await page.waitForFunction(() => !document.querySelector("input").disabled, undefined, {
      timeout: 30_000,
    });
    await input.fill("I love it");
    await page.waitForFunction(() => document.querySelector("output").textContent !== "");
    const state = await page.getByRole("status").first().innerText();
    const label = await page.locator("output").innerText();
    const threads = Number(state.match(/threads: (\d+)/)?.[1]);
    return {
      threads,
      result: `${state}; ${label}`,
      good: /^Epoch 2/.test(state) && /praise|complaint/.test(label),
    };
  } catch {
    const state = await page
      .getByRole("status")
      .first()
      .innerText({ timeout: 1000 })
      .catch(() => "no page");
    return { threads: 0, result: `${state} ${errors.slice(0, 4).join("; ")}`, good: false };
  } finally {
    await page.close();
  }
}
