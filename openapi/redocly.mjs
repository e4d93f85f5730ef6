// Redocly, whose start takes longer than most of what it does: several commands of one kind share a process. Not of different kinds, for a
// command leaves settings behind.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const file = fileURLToPath(import.meta.url);
const root = join(dirname(file), "..");

/** Runs commands, each a list of words with the same first, at the root; what each of them said. The first that fails is an error. */
export function redocly(...commands) {
  const input = JSON.stringify(commands);
  return JSON.parse(execFileSync(process.execPath, [file], { cwd: root, input, encoding: "utf8", maxBuffer: 1 << 30, stdio: "pipe" }));
}

// In a process of its own. A command has ended when nothing is left to wait for, and would end the process then.
if (process.argv[1] === file) {
  const commands = JSON.parse(readFileSync(0, "utf8"));
  const program = pathToFileURL(join(root, "target/tools/redocly/node_modules/@redocly/cli/lib/index.js"));
  const [exit, write] = [process.exit, process.stdout.write.bind(process.stdout)];
  const said = [];
  process.stdout.write = (text) => {
    said[said.length - 1] += text;
    return true;
  };
  process.exit = (code) => {
    if (code) exit(code);
  };
  const next = () => {
    if (said.length === commands.length) {
      process.off("beforeExit", next);
      write(JSON.stringify(said));
      return;
    }
    process.argv.splice(1, Infinity, fileURLToPath(program), ...commands[said.length]);
    program.search = said.push("");
    void import(program);
  };
  process.on("beforeExit", next);
  next();
}
