// Gives a promise a time limit. Does not stop the work behind the promise.

/** The result of `promise`. Throws `late` after the given time. */
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
