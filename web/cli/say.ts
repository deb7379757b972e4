// What the command reports while it works, on standard error: lines that stay, and one line of progress that is written over.

let quiet = false;
let open = false;

export function beQuiet(): void {
  quiet = true;
}

export function say(line: string): void {
  if (quiet) return;
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
