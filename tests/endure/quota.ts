import type { Options } from "./main.ts"; export async function quota(_: Options): Promise<boolean> { return true; }
