// A turn of the event loop, for long work of a page or a worker: messages come in, and a page can draw. No state.

/** Waits for one turn, without the 4 ms that a timer may cost. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
