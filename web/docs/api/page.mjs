// Takes bertlet.d.ts and page.html; gives the API page as one string: a section for every declaration, a row for every
// member, with its type, default, range and errors. Throws where a link would lead nowhere. Writes nothing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { declarations } from "./declarations.mjs";

const folder = import.meta.dirname;

/** The page's parts, in order, and what belongs to each. */
const GROUPS = [
  ["Classes and functions", ({ kind }) => kind === "class" || kind === "function" || kind === "const"],
  ["Options", ({ name }) => name.endsWith("Options") || name === "SearchSpace" || name === "Method"],
  ["Errors", ({ name }) => name === "ErrorCode"],
  ["Data, events and results", () => true],
];

export async function apiPage() {
  const source = await readFile(join(folder, "..", "..", "bertlet.d.ts"), "utf8");
  const page = await readFile(join(folder, "page.html"), "utf8");
  const all = declarations(source);
  const names = new Set(all.map(({ name }) => name));
  const codes = all.find(({ name }) => name === "ErrorCode").parts.map(({ text }) => JSON.parse(text));
  const link = linker(names, new Set(codes));
  const left = new Set(all);
  const groups = GROUPS.map(([title, belongs]) => {
    const own = [...left].filter(belongs);
    for (const declaration of own) left.delete(declaration);
    // The class that everything is about comes first.
    own.sort((a, b) => Number(b.name === "Classifier") - Number(a.name === "Classifier"));
    return { title, id: slug(title), own };
  });
  const main = groups.map(({ title, id, own }) => {
    const sections = own.map((declaration) => section(declaration, link)).join("\n");
    return `<section class="group" id="${id}"><h2>${title}</h2>\n${sections}\n</section>`;
  });
  const contents = groups.map(({ title, id, own }) => {
    const links = own.map(({ name }) => `<li class="h3"><a href="#${name}">${name}</a></li>`);
    return `<li class="h2"><a href="#${id}">${title}</a></li>\n${links.join("\n")}`;
  });
  const whole = page
    .replace("<!-- contents -->", () => `<ol>${contents.join("\n")}</ol>`)
    .replace("<!-- declarations -->", () => main.join("\n"));
  checkLinks(whole);
  return whole;
}

function section(declaration, link) {
  const { kind, name, prose, text, parts } = declaration;
  const head = parts.length > 0 ? text.slice(0, text.indexOf(kind === "type" ? "=" : "{")).trim() : text;
  const rows = merged(parts).map((part) => member(name, part, link));
  return `<section class="declaration" id="${name}">
<h3><a href="#${name}">${name}</a></h3>
<pre tabindex="0" role="group" aria-label="${name}"><code>${link.code(head)}</code></pre>
${paragraphs(prose, link)}
${rows.length > 0 ? `<dl>${rows.join("\n")}</dl>` : ""}
</section>`;
}

/** Overloads, which follow each other under one name, as one member. */
function merged(parts) {
  const found = [];
  for (const part of parts) {
    const name = nameOf(part.text);
    const last = found.at(-1);
    if (last !== undefined && part.prose === "" && name === last.name && name !== "") {
      last.text += `\n${part.text}`;
    } else found.push({ ...part, name });
  }
  return found;
}

/** A member's name; of an alternative of a type, its code, where it has one. */
function nameOf(text) {
  const code = /^"([\w./-]+)"(?=$|;|\??:)/.exec(text) ?? /^\{ code: "([\w-]+)"/.exec(text);
  if (code !== null) return code[1];
  return /^(?:static |readonly |get )*([\w]+|\[[\w.]+\])/.exec(text)?.[1] ?? "";
}

function member(owner, { name, prose, text }, link) {
  const id = `${owner}.${name}`;
  const facts = [
    ["Default", defaultIn(prose)],
    ["Range", rangeIn(prose)],
  ].filter(([, value]) => value !== undefined);
  const shown = facts.map(
    ([label, value]) => `<span class="fact">${label}: <code>${escaped(value)}</code></span>`,
  );
  return `<div class="member" id="${id}">
<dt><a class="anchor" href="#${id}" aria-label="Link to ${escaped(name)}">#</a><code>${link.code(text.replaceAll(/;$/gm, ""))}</code></dt>
<dd>${paragraphs(prose, link)}${shown.length > 0 ? `<p class="facts-of">${shown.join(" ")}</p>` : ""}</dd>
</div>`;
}

/** The value that the prose gives as the default. */
function defaultIn(prose) {
  const found = /\b[Dd]efault:? (`[^`]+`|\[[^\]]*\]|"[^"]*"|true|false|[\d,.e-]*\d|never|all\b)/.exec(prose);
  return found?.[1].replaceAll("`", "");
}

/** The range that the prose gives, in its words. */
function rangeIn(prose) {
  const number = String.raw`\d[\d,.e-]*\d|\d`;
  const end = String.raw`(?:under |\x60?\w+\x60?'s |)(?:${number}|\x60[\w.]+\x60)`;
  const forms = [
    `(?:from )?(?:${number}) to ${end}`,
    `[Oo]ver (?:${number})(?:, at most (?:${number})| and under (?:${number}))?`,
    `[Aa] whole number from (?:${number})`,
    `from (?:${number})`,
  ];
  const found = new RegExp(`\\b(${forms.join("|")})`).exec(prose);
  return found?.[1].replace(/^from (.* to )/, "$1").replaceAll("`", "");
}

function paragraphs(prose, link) {
  if (prose === "") return "";
  return prose
    .split("\n\n")
    .map((paragraph) => `<p>${link.prose(paragraph)}</p>`)
    .join("\n");
}

/** Links for the declarations' names within code, and for error codes within prose. */
function linker(names, codes) {
  const code = (text) =>
    escaped(text.replaceAll(/\/\*\*.*?\*\/\s*/gs, "")).replaceAll(/\b[A-Z]\w+\b/g, (word) =>
      names.has(word) ? `<a href="#${word}">${word}</a>` : word,
    );
  const prose = (text) =>
    escaped(text).replaceAll(/`([^`]+)`/g, (_, quoted) => {
      if (codes.has(quoted)) return `<a href="#ErrorCode.${quoted}"><code>${quoted}</code></a>`;
      return `<code>${quoted}</code>`;
    });
  return { code, prose };
}

function checkLinks(html) {
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new Error(`api page: the id ${twice} is there twice`);
  for (const [, to] of html.matchAll(/href="#([^"]+)"/g)) {
    if (!ids.includes(to)) throw new Error(`api page: a link leads to #${to}, which is not there`);
  }
}

function slug(title) {
  return title.toLowerCase().replaceAll(/\W+/g, "-");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
