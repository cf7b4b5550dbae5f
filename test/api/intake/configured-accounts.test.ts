/** Accounts follow the configuration from start to start. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig } from "../../../api/config/load-config.ts";
import { saveConfiguredAccounts } from "../../../api/intake/configured-accounts.ts";
import { Authenticator } from "../../../api/intake/credentials.ts";
import { openStore } from "../../../api/store/open-store.ts";
import type { Store } from "../../../api/store/store.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const T0 = 1_800_000_000_000;
const newFolder = temporaryFolders();
let store: Store;
let authenticator: Authenticator;

beforeAll(async () => {
  store = await openStore({ dataFolder: newFolder(), nowMs: T0 });
  authenticator = new Authenticator((login) => store.findAccount(login));
});
afterAll(() => store.close());

const start = (accounts: { login: string; pin: string }[], flags: Record<string, unknown> = {}) =>
  saveConfiguredAccounts(store, loadConfig({ flags: { accounts, ...flags } }), T0);

it("a changed pin replaces the old one, which was remembered; a dropped account is locked and may come back", async () => {
  const [ann] = await start([
    { login: "ann", pin: "1" },
    { login: "bob", pin: "2" },
  ]);
  expect(await authenticator.authenticate("ann", "1")).toEqual(ann);
  expect(await authenticator.authenticate("bob", "2")).toMatchObject({ login: "bob" });

  await start([{ login: "ann", pin: "one" }]);
  expect(await authenticator.authenticate("ann", "1")).toBeUndefined();
  expect(await authenticator.authenticate("ann", "one")).toMatchObject({ accountId: ann?.accountId });
  expect(await authenticator.authenticate("bob", "2")).toBeUndefined();
  expect(await authenticator.authenticate("bob", "")).toBeUndefined();

  await start([{ login: "bob", pin: "2" }]);
  expect(await authenticator.authenticate("bob", "2")).toMatchObject({ login: "bob" });
});

it("the deployment follows the configuration, and pins are nowhere in clear", async () => {
  const [ann] = await start([{ login: "ann", pin: "very-secret" }], { "deployment.ringTimeoutSeconds": 7 });
  expect(await store.deployment(ann?.deploymentId ?? 0)).toMatchObject({ ringTimeoutMs: 7_000 });
  expect(JSON.stringify(await store.findAccount("ann"))).not.toContain("very-secret");
});
