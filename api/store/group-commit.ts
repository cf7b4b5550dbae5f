/**
 * Group commit: requests that arrive together share one transaction and one fsync, and nobody is answered before it.
 * Each request runs in a savepoint of its own, so that one that fails takes nothing of the others with it.
 */
import type { Database } from "better-sqlite3";

export interface GroupRequest {
  /** Runs the operation; throwing fails this request alone. */
  run(): unknown;
  /** Told once, after the commit. */
  done(value: unknown): void;
  failed(error: unknown): void;
}

// LIMIT: requests per transaction, which bounds how long the first of them waits for the last.
const MAX_GROUP = 256;

export class GroupCommit {
  readonly #database: Database;
  readonly #waiting: GroupRequest[] = [];
  #isScheduled = false;
  readonly #savepoint;
  readonly #release;
  readonly #rollbackTo;

  constructor(database: Database) {
    this.#database = database;
    this.#savepoint = database.prepare("SAVEPOINT request");
    this.#release = database.prepare("RELEASE request");
    this.#rollbackTo = database.prepare("ROLLBACK TO request");
  }

  submit(request: GroupRequest): void {
    this.#waiting.push(request);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Messages already received are all submitted before the check phase runs this.
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Commits everything submitted so far. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, MAX_GROUP));
  }

  #commit(group: readonly GroupRequest[]): void {
    const answers = new Map<GroupRequest, { readonly value: unknown } | { readonly error: unknown }>();
    try {
      this.#database.exec("BEGIN");
      for (const request of group) answers.set(request, this.#runOne(request));
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      for (const request of group) request.failed(error);
      return;
    }
    for (const [request, answer] of answers) {
      if ("error" in answer) request.failed(answer.error);
      else request.done(answer.value);
    }
  }

  #runOne(request: GroupRequest): { readonly value: unknown } | { readonly error: unknown } {
    this.#savepoint.run();
    try {
      const value = request.run();
      this.#release.run();
      return { value };
    } catch (error) {
      // A full disk or an I/O error has ended the whole transaction already.
      if (!this.#database.inTransaction) throw error;
      this.#rollbackTo.run();
      this.#release.run();
      return { error };
    }
  }
}
