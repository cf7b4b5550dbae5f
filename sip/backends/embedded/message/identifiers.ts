/** Identifiers that nobody can guess or repeat (RFC 3261 §8.1.1.4, §8.1.1.7, §19.3). */
import { randomBytes } from "node:crypto";
import { BRANCH_COOKIE } from "./via.ts";

/** 128 random bits: a branch names its transaction for the whole world. */
export function newBranch(): string {
  return BRANCH_COOKIE + randomBytes(16).toString("hex");
}

/** 64 random bits; §19.3 asks for 32 at least. */
export function newTag(): string {
  return randomBytes(8).toString("hex");
}

export function newCallId(): string {
  return randomBytes(16).toString("hex");
}
