// Tables of embeddings and rows by their numbers, in float64.

import { add, type Numbers, type Operation, of, zeros } from "./float64.ts";

/** The last rows of a table, from its end. */
function gatherRows(given: Numbers, sizes: number[]): Numbers {
  const [count, columns, taken] = sizes as [number, number, number];
  const [table, upstream] = [of(given, "table"), of(given, "upstream")];
  const place = (at: number) => (count - 1 - Math.floor(at / columns)) * columns + (at % columns);
  const output = Float64Array.from({ length: taken * columns }, (_, at) => table[place(at)] as number);
  const gradient = zeros(table.length);
  for (let at = 0; at < output.length; at++) gradient[place(at)] = upstream[at] as number;
  return { output, "d table": gradient };
}

function embed(given: Numbers, sizes: number[]): Numbers {
  const [batch, seqLen, hidden] = sizes as [number, number, number];
  const upstream = of(given, "upstream");
  const output = zeros(batch * seqLen * hidden);
  const found: Numbers = { output };
  for (const [name, row] of [
    ["words", (token: number) => of(given, "ids")[token] as number],
    ["positions", (token: number) => token % seqLen],
    ["types", (token: number) => of(given, "type_ids")[token] as number],
  ] as [string, (token: number) => number][]) {
    const table = of(given, name);
    const gradient = zeros(table.length);
    output.forEach((_, at) => {
      const place = row(Math.floor(at / hidden)) * hidden + (at % hidden);
      add(output, at, table[place] as number);
      add(gradient, place, upstream[at] as number);
    });
    found[`d ${name}`] = gradient;
  }
  return found;
}

/** The last rows of a table, from its end; and half the table with others in their place. */
function scatterRows(given: Numbers, sizes: number[]): Numbers {
  const [count, columns, taken] = sizes as [number, number, number];
  const [table, others] = [of(given, "table"), of(given, "rows")];
  const place = (at: number) => (count - 1 - Math.floor(at / columns)) * columns + (at % columns);
  const found = Float64Array.from({ length: taken * columns }, (_, at) => table[place(at)] as number);
  const put = Float64Array.from(table, (value) => 0.5 * value);
  found.forEach((_, at) => {
    put[place(at)] = others[at] as number;
  });
  return { taken: found, put };
}

export const tablesOperations: Operation[] = [
  {
    name: "gather_rows",
    // rows, columns, rows taken
    cases: [
      [1, 1, 1],
      [5, 7, 2],
      [300, 36, 100],
    ],
    f16: [[300, 36, 100]],
    reference: gatherRows,
  },
  {
    name: "embed",
    // batch, tokens, hidden, vocabulary
    cases: [
      [1, 1, 4, 5],
      [3, 31, 36, 20],
      [2, 7, 5, 9],
      [1, 512, 32, 50],
    ],
    f16: [
      [3, 31, 36, 20],
      [2, 7, 5, 9],
    ],
    reference: embed,
  },
  {
    name: "scatter_rows",
    // rows, columns, rows taken
    cases: [
      [5, 7, 2],
      [300, 36, 100],
    ],
    f16: [[300, 36, 100]],
    reference: scatterRows,
  },
];
