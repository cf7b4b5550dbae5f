/**
 * Sandboxes ready for use. A fresh one costs 3 ms; one that a session gave back is wiped to the state right after
 * the prelude by copying the image's 200 KB back, which costs well under a millisecond. Only sandboxes that ended
 * normally and never grew are used again.
 */
import { SANDBOX_INITIAL_PAGES, SANDBOX_POOL_SIZE } from "../limits.ts";
import { Sandbox } from "./sandbox.ts";

const IMAGE_PAGE_BYTES = 4096;
const INITIAL_BYTES = SANDBOX_INITIAL_PAGES * 65_536;

/** The pages that are not all zero, after the prelude. The same for every sandbox of one layout. */
interface MemoryImage {
  readonly layout: string;
  readonly pages: ReadonlyMap<number, Buffer>;
}

export class SandboxPool {
  readonly #module: WebAssembly.Module;
  readonly #image: MemoryImage;
  #free: Sandbox[];

  private constructor(module: WebAssembly.Module, first: Sandbox) {
    this.#module = module;
    this.#image = imageOf(first);
    this.#free = [first];
  }

  static async create(module: WebAssembly.Module): Promise<SandboxPool> {
    return new SandboxPool(module, await Sandbox.create(module));
  }

  /** A ready one, at once, if there is any. */
  takeReady(): Sandbox | undefined {
    return this.#free.pop();
  }

  /** A ready or a fresh one. */
  async take(): Promise<Sandbox> {
    return this.takeReady() ?? Sandbox.create(this.#module);
  }

  /** Makes new ones until this many are ready. */
  async warm(count: number): Promise<void> {
    while (this.#free.length < Math.min(count, SANDBOX_POOL_SIZE))
      this.#free.push(await Sandbox.create(this.#module));
  }

  /** Gives one back after its session; it is wiped at once, or dropped when that is not safe. */
  giveBack(sandbox: Sandbox): void {
    if (
      sandbox.isPoisoned ||
      this.#free.length >= SANDBOX_POOL_SIZE ||
      sandbox.memory.buffer.byteLength !== INITIAL_BYTES ||
      sandbox.layout !== this.#image.layout
    )
      return;
    restore(sandbox, this.#image);
    this.#free.push(sandbox);
  }

  /** How many are ready. */
  get readyCount(): number {
    return this.#free.length;
  }
}

const ZERO_PAGE = Buffer.alloc(IMAGE_PAGE_BYTES);

function imageOf(sandbox: Sandbox): MemoryImage {
  const pages = new Map<number, Buffer>();
  const memory = Buffer.from(sandbox.memory.buffer);
  for (let at = 0; at < memory.length; at += IMAGE_PAGE_BYTES) {
    const page = memory.subarray(at, at + IMAGE_PAGE_BYTES);
    if (!page.equals(ZERO_PAGE)) pages.set(at, Buffer.from(page));
  }
  return { layout: sandbox.layout, pages };
}

function restore(sandbox: Sandbox, image: MemoryImage): void {
  const memory = Buffer.from(sandbox.memory.buffer);
  for (let at = 0; at < memory.length; at += IMAGE_PAGE_BYTES) {
    const page = image.pages.get(at);
    if (page) page.copy(memory, at);
    else {
      // Reading an untouched page keeps it unbacked; only pages a script dirtied are written.
      const current = memory.subarray(at, at + IMAGE_PAGE_BYTES);
      if (!current.equals(ZERO_PAGE)) current.fill(0);
    }
  }
}
