/**
 * The part of WASI preview 1 that a command needs which reads its arguments and writes one file: everything stays
 * in memory. No file, clock or environment of this machine is reachable from inside, and nothing is left behind;
 * Node's own `node:wasi` would want a real folder, and says of itself that it is no sandbox.
 *
 * Numbers and layouts: WASI snapshot preview 1, `wasi_snapshot_preview1`.
 */

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const INVALID = 28;
const NO_ENTRY = 44;
const NO_SPACE = 51;

const ROOT_DESCRIPTOR = 3;
const FIRST_FILE_DESCRIPTOR = 4;
const ROOT_NAME = "/";

const FILETYPE_CHARACTER_DEVICE = 2;
const FILETYPE_DIRECTORY = 3;
const FILETYPE_REGULAR_FILE = 4;
const O_CREAT = 1;
const O_TRUNC = 8;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;

/** What became of a command. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** By path, without the leading slash. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Runs a compiled command to its end. Throws the trap's `WebAssembly.RuntimeError` when it crashes.
 * `maxFileBytes` bounds each file it writes; beyond it the command sees a full disk.
 */
export function runCommand(
  module: WebAssembly.Module,
  commandArguments: readonly string[],
  maxFileBytes: number,
): CommandResult {
  return new MemoryHost(commandArguments, maxFileBytes).run(module);
}

class Exited {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

class MemoryFile {
  #bytes = new Uint8Array(65_536);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  contents(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  truncate(): void {
    this.#length = 0;
  }

  write(at: number, data: Uint8Array): void {
    const end = at + data.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.contents());
      this.#bytes = grown;
    }
    this.#bytes.set(data, at);
    this.#length = Math.max(this.#length, end);
  }
}

interface OpenFile {
  readonly file: MemoryFile;
  position: number;
}

class MemoryHost {
  readonly #arguments: readonly Uint8Array[];
  readonly #maxFileBytes: number;
  readonly #files = new Map<string, MemoryFile>();
  readonly #open = new Map<number, OpenFile>();
  readonly #stdout = new MemoryFile();
  readonly #stderr = new MemoryFile();
  #nextDescriptor = FIRST_FILE_DESCRIPTOR;
  #memory: WebAssembly.Memory | undefined;

  constructor(commandArguments: readonly string[], maxFileBytes: number) {
    const encoder = new TextEncoder();
    // A NUL would end the argument early in C.
    this.#arguments = commandArguments.map((one) => encoder.encode(`${one.replaceAll("\0", " ")}\0`));
    this.#maxFileBytes = maxFileBytes;
    this.#open.set(1, { file: this.#stdout, position: 0 });
    this.#open.set(2, { file: this.#stderr, position: 0 });
  }

  run(module: WebAssembly.Module): CommandResult {
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#functions() });
    this.#memory = instance.exports.memory as WebAssembly.Memory;
    let exitCode = 0;
    try {
      (instance.exports._start as () => void)();
    } catch (error) {
      if (!(error instanceof Exited)) throw error;
      exitCode = error.code;
    }
    const decoder = new TextDecoder();
    return {
      exitCode,
      stdout: decoder.decode(this.#stdout.contents()),
      stderr: decoder.decode(this.#stderr.contents()),
      files: new Map([...this.#files].map(([path, file]) => [path, file.contents()])),
    };
  }

  // Memory may grow and move between calls: views are made anew each time.
  #view(): DataView {
    return new DataView((this.#memory as WebAssembly.Memory).buffer);
  }

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array((this.#memory as WebAssembly.Memory).buffer, at, length);
  }

  #functions(): Record<string, (...values: never[]) => number> {
    return {
      args_sizes_get: (countAt: number, sizeAt: number) => {
        const view = this.#view();
        view.setUint32(countAt, this.#arguments.length, true);
        view.setUint32(sizeAt, total(this.#arguments), true);
        return SUCCESS;
      },
      args_get: (pointersAt: number, textAt: number) => {
        let at = textAt;
        this.#arguments.forEach((argument, index) => {
          this.#view().setUint32(pointersAt + 4 * index, at, true);
          this.#bytes(at, argument.length).set(argument);
          at += argument.length;
        });
        return SUCCESS;
      },
      // Time stands still: a synthesizer has no use for it, and its output is the same every time.
      clock_time_get: (_id: number, _precision: bigint, timeAt: number) => {
        this.#view().setBigUint64(timeAt, 0n, true);
        return SUCCESS;
      },
      fd_close: (descriptor: number) => (this.#open.delete(descriptor) ? SUCCESS : BAD_DESCRIPTOR),
      fd_fdstat_get: (descriptor: number, at: number) => this.#describe(descriptor, at),
      fd_fdstat_set_flags: () => SUCCESS,
      fd_prestat_get: (descriptor: number, at: number) => {
        if (descriptor !== ROOT_DESCRIPTOR) return BAD_DESCRIPTOR;
        this.#view().setUint8(at, 0);
        this.#view().setUint32(at + 4, ROOT_NAME.length, true);
        return SUCCESS;
      },
      fd_prestat_dir_name: (descriptor: number, at: number, length: number) => {
        if (descriptor !== ROOT_DESCRIPTOR) return BAD_DESCRIPTOR;
        if (length < ROOT_NAME.length) return INVALID;
        this.#bytes(at, ROOT_NAME.length).set(new TextEncoder().encode(ROOT_NAME));
        return SUCCESS;
      },
      fd_read: (descriptor: number, vectorsAt: number, count: number, readAt: number) =>
        this.#read(descriptor, vectorsAt, count, readAt),
      fd_seek: (descriptor: number, offset: bigint, whence: number, positionAt: number) =>
        this.#seek(descriptor, Number(offset), whence, positionAt),
      fd_write: (descriptor: number, vectorsAt: number, count: number, writtenAt: number) =>
        this.#write(descriptor, vectorsAt, count, writtenAt),
      path_open: (
        directory: number,
        _lookup: number,
        pathAt: number,
        pathLength: number,
        openFlags: number,
        _rights: bigint,
        _inherited: bigint,
        _flags: number,
        descriptorAt: number,
      ) => this.#openPath(directory, pathAt, pathLength, openFlags, descriptorAt),
      proc_exit: (code: number): number => {
        throw new Exited(code);
      },
    };
  }

  #describe(descriptor: number, at: number): number {
    const isRoot = descriptor === ROOT_DESCRIPTOR;
    if (!isRoot && descriptor !== 0 && !this.#open.has(descriptor)) return BAD_DESCRIPTOR;
    const view = this.#view();
    const standard = descriptor < ROOT_DESCRIPTOR;
    const type = isRoot ? FILETYPE_DIRECTORY : standard ? FILETYPE_CHARACTER_DEVICE : FILETYPE_REGULAR_FILE;
    view.setUint8(at, type);
    view.setUint16(at + 2, 0, true);
    view.setBigUint64(at + 8, ALL_RIGHTS, true);
    view.setBigUint64(at + 16, ALL_RIGHTS, true);
    return SUCCESS;
  }

  #openPath(directory: number, pathAt: number, length: number, openFlags: number, resultAt: number): number {
    if (directory !== ROOT_DESCRIPTOR) return BAD_DESCRIPTOR;
    const path = new TextDecoder().decode(this.#bytes(pathAt, length).slice());
    let file = this.#files.get(path);
    if (!file) {
      if ((openFlags & O_CREAT) === 0) return NO_ENTRY;
      file = new MemoryFile();
      this.#files.set(path, file);
    } else if ((openFlags & O_TRUNC) !== 0) {
      file.truncate();
    }
    const descriptor = this.#nextDescriptor++;
    this.#open.set(descriptor, { file, position: 0 });
    this.#view().setUint32(resultAt, descriptor, true);
    return SUCCESS;
  }

  #read(descriptor: number, vectorsAt: number, count: number, readAt: number): number {
    const open = this.#open.get(descriptor);
    // Standard input is empty.
    if (!open && descriptor !== 0) return BAD_DESCRIPTOR;
    let done = 0;
    for (const target of open ? this.#vectors(vectorsAt, count) : []) {
      const position = (open as OpenFile).position;
      const source = (open as OpenFile).file.contents().subarray(position, position + target.length);
      target.set(source);
      (open as OpenFile).position += source.length;
      done += source.length;
    }
    this.#view().setUint32(readAt, done, true);
    return SUCCESS;
  }

  #write(descriptor: number, vectorsAt: number, count: number, writtenAt: number): number {
    const open = this.#open.get(descriptor);
    if (!open) return BAD_DESCRIPTOR;
    let done = 0;
    for (const source of this.#vectors(vectorsAt, count)) {
      if (open.position + source.length > this.#maxFileBytes) return NO_SPACE;
      open.file.write(open.position, source);
      open.position += source.length;
      done += source.length;
    }
    this.#view().setUint32(writtenAt, done, true);
    return SUCCESS;
  }

  #seek(descriptor: number, offset: number, whence: number, positionAt: number): number {
    const open = this.#open.get(descriptor);
    if (!open) return BAD_DESCRIPTOR;
    const from = whence === 0 ? 0 : whence === 1 ? open.position : open.file.length;
    const position = from + offset;
    if (position < 0 || position > this.#maxFileBytes) return INVALID;
    open.position = position;
    this.#view().setBigUint64(positionAt, BigInt(position), true);
    return SUCCESS;
  }

  *#vectors(at: number, count: number): Generator<Uint8Array> {
    for (let index = 0; index < count; index++) {
      const view = this.#view();
      yield this.#bytes(view.getUint32(at + 8 * index, true), view.getUint32(at + 8 * index + 4, true));
    }
  }
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
