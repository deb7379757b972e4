/**
 * Takes messages; gives them as TensorFlow's record file: each with its length, and masked CRC-32C sums of both
 * (tensorflow/core/lib/io/record_writer).
 */

/** Castagnoli's polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** A sum of bytes that hold sums is weak, so it is turned and shifted. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function tfRecords(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + length + 16, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const message of messages) {
    // The length has 8 bytes; no message here needs more than the first 4.
    view.setUint32(at, message.length, true);
    view.setUint32(at + 8, masked(crc32c(bytes.subarray(at, at + 8))), true);
    bytes.set(message, at + 12);
    view.setUint32(at + 12 + message.length, masked(crc32c(message)), true);
    at += 16 + message.length;
  }
  return bytes;
}
