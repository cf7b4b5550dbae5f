/** Entry point of the speech worker: one provider, utterances in order, audio out in shared memory. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { EspeakNgProvider } from "../speech/espeak-ng-provider.ts";
import { FliteProvider } from "../speech/flite-provider.ts";
import type { SpeechProvider, SpeechSettings } from "../speech/provider.ts";
import { inSharedMemory } from "../speech/rendered-prompt-cache.ts";
import type { SpeechAnswer, SpeechJob } from "../speech/speech-messages.ts";

function serve(port: MessagePort, settings: SpeechSettings): void {
  const provider: Promise<SpeechProvider> =
    settings.provider === "espeak-ng"
      ? Promise.resolve(new EspeakNgProvider(settings))
      : FliteProvider.load(settings.voice);
  // Each job awaits it and answers with its failure; here it only must not count as unhandled.
  provider.catch(() => {});

  const speak = async ({ id, utterance }: SpeechJob): Promise<SpeechAnswer> => {
    try {
      const audio = await (await provider).synthesize(utterance);
      return { id, ok: true, audio: inSharedMemory(audio) };
    } catch (error) {
      return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on("message", (job: SpeechJob) => {
    void speak(job).then((answer) => port.postMessage(answer));
  });
}

if (parentPort) serve(parentPort, workerData as SpeechSettings);
