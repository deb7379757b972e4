// Takes a folder; gives the texts of the JSON files by which sentence-transformers reads it, by their paths in it. The
// engine reads what they say: crate/src/checkpoint/sentence_transformers.rs.

import { MODULES, PROMPTS, SETTINGS } from "../../shared/folder-files.ts";
import { MissingFile } from "../downloads/fetch-file.ts";
import { type FileKind, moduleKind } from "../downloads/file-kinds.ts";

/** The files' texts by their paths. Empty for a folder without modules.json. `read` throws `MissingFile`. */
export async function readModules(
  read: (kind: FileKind) => Promise<Uint8Array>,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const add = async (path: string) => {
    try {
      texts[path] = new TextDecoder().decode(await read(moduleKind(path)));
    } catch (error) {
      if (!(error instanceof MissingFile)) throw error;
    }
  };
  await add(MODULES);
  if (texts[MODULES] === undefined) return texts;
  for (const path of SETTINGS) {
    await add(path);
    if (texts[path] !== undefined) break;
  }
  for (const path of [PROMPTS, ...poolingConfigs(texts[MODULES])]) await add(path);
  return texts;
}

/** The other modules have no file that matters. What is not sound here, the engine refuses. */
function poolingConfigs(modules: string): string[] {
  try {
    const list: unknown = JSON.parse(modules);
    if (!Array.isArray(list)) return [];
    const pooling = list.filter(({ type }) => typeof type === "string" && type.endsWith(".Pooling"));
    const paths = pooling.map(({ path }) => String(path).replace(/\/$/, ""));
    return paths
      .filter((path) => /^[\w.-]+$/.test(path) && !path.startsWith("."))
      .map((path) => `${path}/config.json`);
  } catch {
    return [];
  }
}
