// Holds wasm-boundary.ts against wasm-bindgen's declarations of three builds: a name, an argument or a result
// that differs does not compile. `npm run check:boundary` compiles it, once web/wasm/ is built. Never run.

import type * as Cpu from "../../../wasm/cpu.js";
import type * as Threads from "../../../wasm/cpu_threads.js";
import type * as Tokenizers from "../../../wasm/tokenizers.js";
import type * as Webgpu from "../../../wasm/webgpu.js";
import type { Pool, ThreadModule } from "./threads.ts";
import type {
  Encoding,
  OtherTokenizer,
  RunState,
  RunValues,
  Snapshot,
  TokenizersModule,
  WasmEngine,
  WasmModule,
  WeightsFile,
} from "./wasm-boundary.ts";

/** The instances of a build's classes. */
interface Classes {
  encoding: unknown;
  runValues: unknown;
  snapshot: unknown;
}

/** Our arguments with the build's classes in the places of our interfaces. */
type Given<Arguments, C extends Classes> = {
  [I in keyof Arguments]: Arguments[I] extends Encoding
    ? C["encoding"]
    : Arguments[I] extends Snapshot
      ? C["snapshot"]
      : Arguments[I] extends RunValues
        ? C["runValues"]
        : Arguments[I];
};

/** Whether wasm-bindgen declares a member that takes our arguments, all of them, and gives our result. */
type Fits<Ours, Declared, C extends Classes> = Ours extends (...given: infer A) => infer R
  ? Declared extends (...taken: infer B) => infer S
    ? [Given<A, C>, S] extends [B, R]
      ? true
      : false
    : false
  : Declared extends Ours
    ? true
    : false;

/** The names of ours that the build lacks or declares otherwise. */
type Broken<Ours, Declared, C extends Classes> = {
  [K in keyof Ours]-?: K extends keyof Declared
    ? Fits<NonNullable<Ours[K]>, Declared[K], C> extends true
      ? never
      : K
    : K;
}[keyof Ours];

/** What only tests and the benchmark call. */
type ForTests =
  | "gradients"
  | "maskedGradients"
  | "hiddenStates"
  | "trainStepOn"
  | "runOperation"
  | "timeOperation"
  | "version";
/** What wasm-bindgen adds by itself. */
type Generated =
  | "free"
  | typeof Symbol.dispose
  | "start"
  | "initSync"
  | "Encoding"
  | "Snapshot"
  | "RunState"
  | "WeightsFile";
/** The names of the build that ours lacks. */
type Unnamed<Ours, Declared> = Exclude<keyof Declared, keyof Ours | ForTests | Generated>;

/** Does not compile but for no names at all. */
const none = <_Names extends never>(): void => {};

type CpuClasses = { encoding: Cpu.Encoding; runValues: Cpu.RunValues; snapshot: Cpu.Snapshot };
type ThreadsClasses = {
  encoding: Threads.Encoding;
  runValues: Threads.RunValues;
  snapshot: Threads.Snapshot;
};
type WebgpuClasses = { encoding: Webgpu.Encoding; runValues: Webgpu.RunValues; snapshot: Webgpu.Snapshot };
/** Tiles are the GPU's alone. */
type CpuEngine = Omit<WasmEngine, "fitTiles">;
type CpuClass = { open(...given: Parameters<WasmModule["WasmEngine"]["open"]>): Promise<CpuEngine> };
type Functions = Omit<WasmModule, "WasmEngine" | keyof Pool>;

export function boundary(): void {
  none<Broken<Encoding, Cpu.Encoding, CpuClasses> | Unnamed<Encoding, Cpu.Encoding>>();
  none<Broken<Snapshot, Cpu.Snapshot, CpuClasses>>();
  none<Broken<RunValues, Cpu.RunValues, CpuClasses> | Unnamed<RunValues, Cpu.RunValues>>();
  none<Broken<RunState, Cpu.RunState, CpuClasses> | Unnamed<RunState, Cpu.RunState>>();
  none<Broken<WeightsFile, Cpu.WeightsFile, CpuClasses> | Unnamed<WeightsFile, Cpu.WeightsFile>>();

  none<Broken<CpuEngine, Cpu.WasmEngine, CpuClasses> | Unnamed<CpuEngine, Cpu.WasmEngine>>();
  none<Broken<CpuEngine, Threads.WasmEngine, ThreadsClasses> | Unnamed<CpuEngine, Threads.WasmEngine>>();
  none<Broken<WasmEngine, Webgpu.WasmEngine, WebgpuClasses> | Unnamed<WasmEngine, Webgpu.WasmEngine>>();

  none<
    | Broken<OtherTokenizer, Tokenizers.AnyTokenizer, CpuClasses>
    | Unnamed<OtherTokenizer, Tokenizers.AnyTokenizer>
  >();
  none<Broken<TokenizersModule["AnyTokenizer"], typeof Tokenizers.AnyTokenizer, CpuClasses>>();
  none<Broken<CpuClass, typeof Cpu.WasmEngine, CpuClasses>>();
  none<Broken<WasmModule["WasmEngine"], typeof Webgpu.WasmEngine, WebgpuClasses>>();
  none<Broken<Functions, typeof Cpu, CpuClasses> | Unnamed<WasmModule, typeof Cpu>>();
  none<Broken<Functions & Pool, typeof Threads, ThreadsClasses>>();
  none<Broken<ThreadModule, typeof Threads, ThreadsClasses>>();
  none<Broken<Functions, typeof Webgpu, WebgpuClasses> | Unnamed<WasmModule, typeof Webgpu>>();
}
