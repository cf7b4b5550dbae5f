/**
 * The file behind a two-channel recording. Blocks are queued and written one after another off the tick; the first
 * makes the file, so that a call without media leaves none, and the header gets its sizes at the end. Recording gives way before the disk does: it stops when less than a floor is free, or
 * when the disk cannot keep up.
 */
import { type FileHandle, mkdir, open, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { RECORDING_BYTES_PER_SECOND, WAV_HEADER_BYTES, wavHeader } from "../../engine/index.ts";

// LIMIT: half a minute of audio in memory per leg, then the disk is too slow for this recording.
const MAX_PENDING_BYTES = 30 * RECORDING_BYTES_PER_SECOND;
// LIMIT: a WAV's sizes have 32 bits: 37 hours of two channels.
const MAX_DATA_BYTES = 0xffff_ffff - WAV_HEADER_BYTES - 2 * RECORDING_BYTES_PER_SECOND;
// Free space is asked for once per this many blocks of a second.
const BLOCKS_PER_DISK_CHECK = 10;

export interface RecordingFileOptions {
  readonly path: string;
  /** Recording stops when less than this is free for us on the disk. */
  readonly minFreeBytes: number;
  /** Told once when recording stops before it is closed; the reason is a sentence. */
  readonly onStopped: (reason: string) => void;
}

export class RecordingFile {
  readonly #options: RecordingFileOptions;
  #work: Promise<void> = Promise.resolve();
  #file: FileHandle | undefined;
  #pendingBytes = 0;
  #dataBytes = 0;
  #blocks = 0;
  #isStopped = false;
  #closed: Promise<string | undefined> | undefined;

  constructor(options: RecordingFileOptions) {
    this.#options = options;
  }

  /** Queues a block; never blocks and never throws. */
  write(block: Uint8Array): void {
    if (this.#isStopped || this.#closed) return;
    if (this.#pendingBytes + block.length > MAX_PENDING_BYTES) {
      this.#stop("the disk is too slow: 30 s of audio wait to be written");
      return;
    }
    this.#pendingBytes += block.length;
    this.#work = this.#work.then(() =>
      this.#guarded(async () => {
        await this.#append(block);
        this.#pendingBytes -= block.length;
      }),
    );
  }

  /** Writes what is queued and the header. Resolves with the path, or undefined when there is no file. */
  close(): Promise<string | undefined> {
    this.#closed ??= this.#work.then(() => this.#finish());
    return this.#closed;
  }

  async #open(): Promise<FileHandle | undefined> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    if (!(await this.#hasRoom())) return undefined;
    const file = await open(path, "w");
    // Until the end is known the header claims the most, which readers take for "as far as the file goes": what a
    // worker that dies leaves behind can still be heard.
    await file.write(wavHeader(Number.MAX_SAFE_INTEGER, 2), 0, WAV_HEADER_BYTES, 0);
    return file;
  }

  async #append(block: Uint8Array): Promise<void> {
    if (this.#isStopped) return;
    this.#file ??= await this.#open();
    if (!this.#file) return;
    if (++this.#blocks % BLOCKS_PER_DISK_CHECK === 0 && !(await this.#hasRoom())) return;
    if (this.#dataBytes + block.length > MAX_DATA_BYTES) {
      this.#stop("the file has reached the size limit of WAV");
      return;
    }
    const at = WAV_HEADER_BYTES + this.#dataBytes;
    await this.#file.write(block, 0, block.length, at);
    this.#dataBytes += block.length;
  }

  async #finish(): Promise<string | undefined> {
    const file = this.#file;
    if (!file) return undefined;
    try {
      await file.write(wavHeader(this.#dataBytes, 2), 0, WAV_HEADER_BYTES, 0);
    } catch (error) {
      this.#stop(`the header could not be written: ${messageOf(error)}`);
    }
    // Whatever closing says, nothing more can be done about the file.
    await file.close().catch(() => {});
    return this.#options.path;
  }

  async #hasRoom(): Promise<boolean> {
    const { bavail, bsize } = await statfs(dirname(this.#options.path));
    const freeBytes = bavail * bsize;
    if (freeBytes >= this.#options.minFreeBytes) return true;
    this.#stop(`${freeBytes} bytes are free on the disk, ${this.#options.minFreeBytes} must stay free`);
    return false;
  }

  #stop(reason: string): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#options.onStopped(reason);
  }

  async #guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#stop(messageOf(error));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
