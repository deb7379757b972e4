// What the command reports while it works: on standard error lines that stay, and one line of progress that is written over; its
// result on standard output.

// The reader of what is said may have gone, as of `2>&1 | head`, or its disk be full: the work is worth more.
process.stderr.on("error", () => {});

let quiet = false;
let open = false;

export function beQuiet(): void {
  quiet = true;
}

export function say(line: string): void {
  if (!quiet) warn(line);
}

/** What makes the result another one than it seems: it is said with --quiet, too. */
export function warn(line: string): void {
  clear();
  process.stderr.write(`${line}\n`);
}

/** Only on a terminal: a log has no use for it. */
export function progress(line: string): void {
  if (quiet || !process.stderr.isTTY) return;
  process.stderr.write(`\r${line.padEnd(60)}`);
  open = true;
}

export function clear(): void {
  if (open) process.stderr.write(`\r${" ".repeat(60)}\r`);
  open = false;
}

/** Writes to standard output. A reader that has seen enough, such as `head`, is no failure; a full disk is one. */
export async function print(text: string): Promise<void> {
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    // What the callback is told comes as an event, too, which nobody else listens for.
    process.stdout.once("error", resolve);
    process.stdout.write(text, resolve);
  });
  if (error && error.code !== "EPIPE") throw new Error(`standard output: ${error.message}`);
}
