// Gives a promise a limit of time. Stops nothing: what it waits for goes on.

/** What `promise` gives; `late` is thrown where that takes longer. */
export async function withTimeout<T>(milliseconds: number, promise: T, late: Error): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), milliseconds);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
