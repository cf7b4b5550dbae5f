/** What the main thread and a dialog worker say to each other. Everything is cloneable; audio lies in shared memory. */
import type {
  Pcm,
  SessionCommand,
  SessionNotice,
  SpeechRequest,
  VoiceSessionRequest,
} from "../../engine/index.ts";
import type { AddressSettings } from "../fetching/address-guard.ts";

/** What a dialog worker starts with. */
export interface DialogWorkerSettings {
  readonly userAgent?: string;
  /** Bytes of fetched resources kept. Default 64 MB. */
  readonly cacheBytes?: number;
  /** Where documents and audio may come from. Default: anywhere. */
  readonly addresses?: AddressSettings;
  /** VoiceXML properties below those of every document. */
  readonly properties?: Readonly<Record<string, string>>;
}

export type ToDialogWorker =
  | { readonly type: "start"; readonly session: number; readonly request: VoiceSessionRequest }
  | { readonly type: "notify"; readonly session: number; readonly notice: SessionNotice }
  | { readonly type: "terminate"; readonly session: number }
  | { readonly type: "spoken"; readonly speech: number; readonly result: Spoken }
  | { readonly type: "ping" };

export type FromDialogWorker =
  | { readonly type: "command"; readonly session: number; readonly command: SessionCommand }
  | { readonly type: "speak"; readonly speech: number; readonly request: SpeechRequest }
  | { readonly type: "pong" };

/** A rendered text, or why not. */
export type Spoken =
  | { readonly ok: true; readonly audio: Pcm }
  | { readonly ok: false; readonly message: string };
