// What the command tells on its way, on standard error: lines that stay, and one line of progress that is written over.

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

/** Only on a terminal: a log has no use of it. */
export function progress(line: string): void {
  if (quiet || !process.stderr.isTTY) return;
  process.stderr.write(`\r${line.padEnd(60)}`);
  open = true;
}

export function clear(): void {
  if (open) process.stderr.write(`\r${" ".repeat(60)}\r`);
  open = false;
}
