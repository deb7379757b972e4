/**
 * Takes dropped or picked files; gives those of an adapter in the form of Python's peft, and what its config says.
 */
import type { AdapterFiles } from "../../src/index.ts";
import { fileNamed, missingFiles } from "./checkpoint-files.ts";
import { zipAmong } from "./zip-names.ts";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";

interface AdapterFolder {
  /** The name of the folder, where it was dropped or picked as one. */
  folder: string;
  /** As peft names it, such as "LORA"; "" where the config does not say. */
  kind: string;
  /** The model that it was trained on; "" where the config does not say. */
  base: string;
  files: AdapterFiles | File;
}

/** Whether the names are those of an adapter's files, not of a model's. */
export function areOfAdapter(names: readonly string[]): boolean {
  return names.includes(CONFIG) && !names.includes("config.json");
}

/** The two files among those dropped or picked, and what the config says; or a zip, whose config is not read here. */
export async function adapterOf(files: readonly File[]): Promise<AdapterFolder> {
  const zip = zipAmong(files);
  if (zip) return { folder: zip.name.replace(/\.zip$/i, "") || "adapter", kind: "", base: "", files: zip };
  const config = fileNamed(files, CONFIG);
  const weights = fileNamed(files, WEIGHTS);
  if (!config || !weights)
    throw missingFiles("missing-adapter-file", files, { [CONFIG]: config, [WEIGHTS]: weights });
  return {
    folder: config.webkitRelativePath.split("/").at(-2) || "adapter",
    ...(await settingsOf(config)),
    files: { config, weights },
  };
}

/** What an adapter_config.json says of the adapter. */
export async function settingsOf(config: Blob): Promise<Pick<AdapterFolder, "kind" | "base">> {
  const values = objectOf(await config.text());
  const text = (key: string): string => {
    const value = values[key];
    return typeof value === "string" ? value : "";
  };
  return { kind: text("peft_type"), base: text("base_model_name_or_path") };
}

/** An empty object where the text is not one: the library says what is wrong with it. */
function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
