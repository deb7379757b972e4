// Calls about adapters and labels: does them on the engine, and refreshes the session's info.

import type { Calls } from "../shared/messages.ts";
import { type Reading, readAdapter } from "./files/files.ts";
import type { Session } from "./session.ts";

export async function addAdapter(
  session: Session,
  { name, files }: Calls["addAdapter"]["request"],
  reading: Reading,
): Promise<Calls["addAdapter"]["response"]> {
  const { config, weights } = await readAdapter(files, reading);
  return session.turn(() => {
    const labels = session.engine.addAdapter(name, config, weights);
    session.refresh(session.scope);
    return { labels };
  });
}

/** To be called within a turn. */
export function useAdapter(session: Session, { name }: Calls["useAdapter"]["request"]): null {
  session.engine.useAdapter(name ?? undefined);
  session.refresh();
  return null;
}

/** To be called within a turn. */
export function mergeAdapter(session: Session): null {
  session.engine.mergeAdapter();
  session.forgetNewHead();
  session.forgetSizes();
  session.refresh();
  return null;
}

/** To be called within a turn. */
export function setLabels(session: Session, { labels, seed }: Calls["setLabels"]["request"]): null {
  session.engine.setLabels(labels, seed);
  session.forgetSizes();
  session.refresh();
  return null;
}

/** To be called within a turn. */
export function saveAdapter(
  session: Session,
  { base }: Calls["saveAdapter"]["request"],
): Promise<Calls["saveAdapter"]["response"]> {
  return session.engine.saveAdapter(base);
}
