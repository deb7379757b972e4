// Takes page.html, the topics and the examples and snippets they name; gives the docs page as one string. The code shown is the
// file that the button of the example runs, or a file of ../../examples. Reads these folders, writes nothing.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const folder = import.meta.dirname;
/** Apps of users, shown file by file. */
const examples = join(folder, "..", "..", "examples");

export async function docsPage() {
  const read = (name) => readFile(join(folder, name), "utf8");
  const names = (await readdir(join(folder, "topics"))).filter((name) => name.endsWith(".html")).sort();
  const topics = await Promise.all(names.map((name) => read(`topics/${name}`)));
  // A topic's own code scrolls on a phone, so that the keyboard must reach it.
  const text = topics.join("\n").replaceAll("<pre><code>", '<pre tabindex="0"><code>');
  const withSnippets = await replaceAll(text, /<!-- snippet: ([\w.-]+) -->/g, async (_, name) =>
    snippet(name, await read(`snippets/${name}`)),
  );
  const whole = await replaceAll(withSnippets, /<!-- example: ([\w-]+) -->/g, async (_, name) =>
    example(name, await read(`examples/${name}.js`)),
  );
  const files = await replaceAll(whole, /<!-- file: ([\w./-]+) -->/g, async (_, path) =>
    file(path, await readFile(join(examples, path), "utf8")),
  );
  const page = await read("page.html");
  return page.replace("<!-- contents -->", () => contents(files)).replace("<!-- topics -->", () => files);
}

function example(name, code) {
  return `<div class="example" data-example="${name}">
<pre tabindex="0" role="group" aria-label="${name}.js"><code>${escaped(code.trimEnd())}</code></pre>
<div class="actions">
<button type="button" id="run-${name}" aria-label="Run 运行 ${name}.js"><span lang="en">Run</span><span lang="zh-Hans">运行</span></button>
<span class="help"><code>${name}.js</code></span>
</div>
<pre class="output" role="log" tabindex="0" aria-label="Output 输出 ${name}.js" hidden></pre>
</div>`;
}

/** A file of a user's app, whole; a test runs the app. */
function file(path, code) {
  const name = path.split("/").at(-1);
  return `<p class="file-name"><code>${name}</code></p>
<pre tabindex="0" role="group" aria-label="${name}"><code>${escaped(code.trimEnd())}</code></pre>`;
}

/** Code for a page of one's own, which cannot run in this one. Tests run it. */
function snippet(name, code) {
  return `<pre tabindex="0" role="group" aria-label="${name}"><code>${escaped(code.trimEnd())}</code></pre>`;
}

/** A link for each section with an id: its heading in both languages. */
function contents(html) {
  const headings = html.matchAll(/<section id="([\w-]+)"[^>]*>\s*<(h2|h3)>(.*?)<\/\2>/gs);
  const links = [...headings].map(
    ([, id, level, heading]) => `<li class="${level}"><a href="#${id}">${heading.trim()}</a></li>`,
  );
  if (links.length === 0) throw new Error(`expected sections with an id and a heading in ${folder}/topics`);
  return `<ol>${links.join("\n")}</ol>`;
}

async function replaceAll(text, pattern, make) {
  const made = await Promise.all([...text.matchAll(pattern)].map((match) => make(...match)));
  return text.replace(pattern, () => made.shift());
}

function escaped(code) {
  return code.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
