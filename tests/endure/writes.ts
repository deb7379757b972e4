import type { Options } from "./main.ts"; export async function writes(_: Options): Promise<boolean> { return true; }
