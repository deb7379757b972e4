// The CPU seconds of all programs that the driver started and that still run: a browser's processes, WebGPU's
// included. A proxy of the energy that a task takes. Linux's /proc tells them in hundredths of a second.

import { readdirSync, readFileSync } from "node:fs";

/** Linux's clock of /proc, whatever the machine. */
const TICKS_A_SECOND = 100;

/** Not a number where there is no /proc. */
export function cpuSeconds(): number {
  const parents = new Map<number, { parent: number; ticks: number }>();
  for (const name of listed("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The program's name, in parentheses, may hold anything.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields === undefined) continue;
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
    parents.set(Number(name), { parent: parent as number, ticks: (user as number) + (system as number) });
  }
  if (parents.size === 0) return Number.NaN;
  const ours = (pid: number): boolean => {
    const parent = parents.get(pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && ours(parent));
  };
  const ticks = [...parents].filter(([pid]) => ours(pid)).map(([, { ticks }]) => ticks);
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A program may end between the list and this. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
