// What thread.js is told when it starts: to join an instance, or to watch. No code.

/** What a thread needs to join an instance. */
export interface SharedInstance {
  /** The build's name. */
  build: string;
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** What thread.js is told. The page has the other end of the lifeline. */
export type ThreadTask = { lifeline: MessagePort } & (
  | { watches: true }
  /** `lock`: what the thread holds while it lives. `script`: where its watcher comes from, if it cannot hold it. */
  | (SharedInstance & { lock: string; script: string })
);
