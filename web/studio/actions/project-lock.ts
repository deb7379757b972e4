/**
 * The tab that has a project: a Web Lock for as long as the project is in hand, so that no other tab writes it. In a browser without
 * locks every tab may have every project.
 */

const FAMILY = "bertlet-studio ";
const NOTHING = (): void => undefined;

/** What lets go of each project that this tab has. */
const held = new Map<string, () => void>();

function locks(): LockManager | undefined {
  return (globalThis.navigator as Navigator | undefined)?.locks;
}

/** Takes the project for this tab; false where another tab has it. */
export async function takeProject(id: string): Promise<boolean> {
  const manager = locks();
  if (manager === undefined || held.has(id)) return true;
  held.set(id, NOTHING);
  const taken = await new Promise<boolean>((resolve) => {
    const whileHeld = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null);
      if (lock === null) return undefined;
      return new Promise((release) => held.set(id, release));
    };
    // A page whose storage is denied has no locks either, and keeps nothing.
    manager.request(FAMILY + id, { ifAvailable: true }, whileHeld).catch(() => resolve(true));
  });
  if (!taken) held.delete(id);
  return taken;
}

export function letGoOfProject(id: string | undefined): void {
  if (id === undefined) return;
  held.get(id)?.();
  held.delete(id);
}

/** Whether another tab has the project. */
export async function isTakenElsewhere(id: string): Promise<boolean> {
  return (await takenElsewhere()).includes(FAMILY + id);
}

/** Whether another tab has any project. */
export async function isAnyTakenElsewhere(): Promise<boolean> {
  return (await takenElsewhere()).length > 0;
}

async function takenElsewhere(): Promise<string[]> {
  const found = await locks()
    ?.query()
    .catch(() => undefined);
  const own = new Set([...held.keys()].map((id) => FAMILY + id));
  const names = (found?.held ?? []).map(({ name = "" }) => name);
  return names.filter((name) => name.startsWith(FAMILY) && !own.has(name));
}
