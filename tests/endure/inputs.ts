import type { Options } from "./main.ts"; export async function inputs(_: Options): Promise<boolean> { return true; }
