/**
 * The command line. Each command lives in a file of its own and is loaded only when it is called, so that `--help`
 * and errors come at once. Exit status: 0 done, 1 failed, 2 wrong use.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CliError } from "./cli-error.ts";
import { version } from "./version.ts";

/** Runs one command line (without `node` and the script name) and sets the process's exit status. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(["node", "voxdial", ...args]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = printFailure(error);
  }
}

/** The commands and their options; nothing runs before it parses. */
export function buildProgram(): Command {
  const program = new Command("voxdial")
    .description(
      "Self-hosted telephony engine: queues calls, dials them over SIP, finds out who answered, runs VoiceXML.",
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError("(add --help for the options of a command)");

  program
    .command("demo")
    .description("run a whole campaign on this machine, over real SIP and RTP, against a simulated carrier")
    .option("--seed <number>", "varies voices, levels, delays and noise of the callees", wholeNumber, 1)
    .option(
      "--folder <path>",
      "where recordings, traces and the database go (default: a new folder in the system's temporary one)",
    )
    .option("--json", "print the result table as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  voxdial demo --seed 7\n\nExit status: 0 when every call ended as expected, else 1.",
    )
    .action(async (options) => {
      const { demoCommand } = await import("./demo/demo.ts");
      process.exitCode = await demoCommand(options);
    });

  program
    .command("serve")
    .description("the engine: HTTP interfaces, queue, dialer")
    .option("--config <file>", "configuration file (YAML or JSON)")
    .option(
      "--trunk <name>",
      "dial through this trunk of the configuration; without it calls go to the built-in simulated carrier",
    )
    .option("--data <folder>", "data folder (default: ./voxdial-data)")
    .option("--http-port <port>", "port of the HTTP interfaces", wholeNumber)
    .addHelpText(
      "after",
      "\nExample:\n  voxdial serve --config voxdial.yaml --trunk carrier\n\nPasswords and PINs belong in the configuration file or the environment, never on the command line.",
    )
    .action(async (options) => {
      const { serveCommand } = await import("./serve.ts");
      process.exitCode = await serveCommand(options);
    });

  program
    .command("simulate")
    .description(
      "the simulated carrier: answers calls over SIP and RTP as people, machines, faxes, busy lines …",
    )
    .argument("[file]", "which callee answers which number (YAML); default: by the last two digits")
    .option("--bind <address>", "IP address to listen on", "127.0.0.1")
    .option("--port <port>", "UDP port; 0 picks a free one", wholeNumber, 5070)
    .option("--seed <number>", "varies voices, levels, delays and noise", wholeNumber, 1)
    .option("--log <file>", "append every event as a JSON line")
    .addOption(new Option("--exit-with-stdin", "end when standard input closes").hideHelp())
    .addHelpText("after", "\nExample:\n  voxdial simulate --port 5070 --log carrier.jsonl")
    .action(async (file, options) => {
      const { simulateCommand } = await import("./simulate.ts");
      process.exitCode = await simulateCommand(file, options);
    });

  program
    .command("run")
    .description("run a VoiceXML document in text mode: prompts are printed, keys and words are typed")
    .argument("<file-or-url>", "the start document")
    .option("--input <file>", "take the caller's input from this file, one line each")
    .addOption(
      new Option("--profile <name>", "dialect of the document").choices(["w3c", "plum"]).default("w3c"),
    )
    .option("--trace", "print the interpreter's steps")
    .addHelpText("after", "\nExample:\n  voxdial run menu.vxml --input keys.txt")
    .action(async (target, options) => {
      const { runCommand } = await import("./run.ts");
      process.exitCode = await runCommand(target, options);
    });

  program
    .command("check")
    .description("read VoiceXML documents and report every problem at once, with its place")
    .argument("<file...>", "documents, or folders of .vxml files")
    .addOption(
      new Option("--profile <name>", "dialect of the documents").choices(["w3c", "plum"]).default("w3c"),
    )
    .option("--json", "print one JSON object per problem")
    .addOption(new Option("--sarif", "print SARIF 2.1.0, for code scanning").conflicts("json"))
    .addHelpText(
      "after",
      "\nExample:\n  voxdial check menu.vxml callbacks/\n\nExit status: 0 no errors (warnings may be there), 1 errors, 2 wrong use.\nCodes are explained in docs/check-codes.md.",
    )
    .action(async (files, options) => {
      const { checkCommand } = await import("./check.ts");
      process.exitCode = await checkCommand(files, options);
    });

  program
    .command("test")
    .description("play transcripts against their documents and show what differs")
    .argument("<dir-or-file...>", ".transcript files, or folders of them")
    .addOption(
      new Option("--profile <name>", "dialect where a transcript names none")
        .choices(["w3c", "plum"])
        .default("w3c"),
    )
    .option("--json", "print one JSON object per transcript")
    .option("--junit <file>", "write a JUnit report")
    .option("--watch", "play again after every change; end with Ctrl-C")
    .addHelpText(
      "after",
      "\nExample:\n  voxdial test menus/ --junit report.xml\n\nExit status: 0 all as written, 1 some differ, 2 wrong use.\nThe form of a transcript is described in docs/transcripts.md.",
    )
    .action(async (paths, options) => {
      const { testCommand } = await import("./test-command.ts");
      process.exitCode = await testCommand(paths, options);
    });

  return program;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** Prints what is wrong, where and how to mend it; returns the exit status. */
function printFailure(error: unknown): number {
  if (error instanceof CliError || isCoded(error)) {
    process.stderr.write(`voxdial: ${error.message}\n`);
    return 1;
  }
  process.stderr.write(
    `voxdial: unexpected failure\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
}

/** Coded errors of any room carry a readable message; checked by shape so that no room is loaded for it. */
function isCoded(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && "retryable" in error;
}
