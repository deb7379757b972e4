// Takes the text of bertlet.d.ts; gives its exported declarations with their doc comments, members and alternatives.
// Knows the few forms that the file uses, and throws at any other. Writes nothing.

/**
 * @typedef {{ prose: string, text: string }} Documented A piece of source and the doc comment before it.
 * @typedef {{ kind: string, name: string, prose: string, text: string, parts: Documented[] }} Declaration
 */

/** @returns {Declaration[]} */
export function declarations(source) {
  return pieces(source).flatMap(({ prose, text }) => {
    if (!text.startsWith("export "))
      throw new Error(`expected an export in bertlet.d.ts, found ${text.slice(0, 80)}`);
    const [, kind, name] = /^export (const|function|interface|class|type) (\w+)/.exec(text) ?? [];
    if (kind === undefined)
      throw new Error(`expected a declaration in bertlet.d.ts, found ${text.slice(0, 80)}`);
    return [{ kind, name, prose, text: text.replace(/^export /, ""), parts: partsOf(kind, text) }];
  });
}

/** Members of an interface or class; alternatives of a type, where one of them has a doc comment. */
function partsOf(kind, text) {
  if (kind === "interface" || kind === "class") {
    const body = text.slice(text.indexOf("{\n", text.indexOf("extends Pick") + 1) + 1, text.lastIndexOf("}"));
    return pieces(body).filter((piece) => !piece.text.startsWith("private "));
  }
  if (kind !== "type" || !/^\s*\/\*\*/m.test(text)) return [];
  const alternatives = [];
  for (const [, prose = "", alternative] of text.matchAll(
    /(?:\/\*\*(.*?)\*\/)?\s*\n\s*\| (.+?);?(?=\n|$)/gs,
  )) {
    alternatives.push({ prose: plain(prose), text: alternative.trim() });
  }
  return alternatives;
}

/** Splits source into statements or members, each with its doc comment. They end with ";" or "}" outside of brackets. */
function pieces(source) {
  const found = [];
  let prose = "";
  let start = 0;
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    if (source.startsWith("/**", at)) {
      const end = source.indexOf("*/", at);
      // Within a statement it is the statement's own.
      if (source.slice(start, at).trim() === "") {
        prose = plain(source.slice(at + 3, end));
        start = end + 2;
      }
      at = end + 1;
      continue;
    }
    if (source[at] === '"') {
      at = source.indexOf('"', at + 1);
      continue;
    }
    const letter = source[at];
    // The arrow of a function's type is no bracket.
    if ("({[<".includes(letter)) depth += 1;
    if (")}]".includes(letter) || (letter === ">" && source[at - 1] !== "=")) depth -= 1;
    const block =
      letter === "}" && /^export (interface|class|function)/.test(source.slice(start).trimStart());
    if (depth === 0 && (letter === ";" || (block && !source.slice(start, at).includes("): {")))) {
      const text = source.slice(start, at + 1).trim();
      if (text !== ";") found.push({ prose, text: outdented(text) });
      prose = "";
      start = at + 1;
    }
  }
  return found;
}

/** A doc comment without its stars; a blank line parts paragraphs. */
function plain(comment) {
  return comment
    .replaceAll(/^[ \t]*\*[ \t]?/gm, "")
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, " ").trim())
    .join("\n\n");
}

function outdented(text) {
  const indents = [...text.matchAll(/\n( *)\S/g)].map(([, indent]) => indent.length);
  const least = indents.length === 0 ? 0 : Math.min(...indents);
  return text.replaceAll(new RegExp(`\\n {${least}}`, "g"), "\n");
}
