/** Reads the script engine's WebAssembly file: the interpreter itself opens no files. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The bytes `prepareScripts` wants. Rejects with the file system's error when the package is not installed. */
export async function readScriptEngineBytes(): Promise<Uint8Array> {
  return readFile(fileURLToPath(import.meta.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm")));
}
