// Holds a lock of the Web Locks API for as long as this worker or thread lives, where there are such locks.

/** Longest time until the browser answers. */
const LIMIT_MS = 2000;

/** Whether the lock is held from now on. Without site data, in a sandbox or on plain http there is none. */
export function holdLock(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const none = () => resolve(false);
    setTimeout(none, LIMIT_MS);
    try {
      const { locks } = navigator;
      if (locks === undefined) return none();
      locks
        .request(name, () => {
          resolve(true);
          return new Promise(() => {});
        })
        .catch(none);
    } catch {
      none();
    }
  });
}
