// What the nodejs runtime makes of console: a line to a call, with time,
// request id and level, as text or as JSON (AWS_LAMBDA_LOG_FORMAT).
import { format } from "node:util";

import { describe } from "./errors.mjs";

const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const json = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";

let requestId;

export function setRequestId(id) {
  requestId = id;
}

export function patchConsole() {
  const least = Math.max(0, levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()));
  levels.forEach((level, i) => {
    console[level.toLowerCase()] = i < least ? () => {} : (...args) => write(level, args);
  });
  console.log = console.info;
}

// logError writes what went wrong outside of the handler's own catch.
export function logError(what, error) {
  const thrown = error instanceof Error ? error : new Error(error);
  if (json) console.error(thrown);
  else console.error(what, "\t" + JSON.stringify(thrown, textual));
}

function write(level, args) {
  const time = new Date().toISOString();
  const line = json ? jsonLine(time, level, args) : `${time}\t${requestId}\t${level}\t${format(...args)}`;
  // A line feed would begin another log event.
  process.stdout.write(line.replaceAll("\n", "\r") + "\n");
}

function jsonLine(timestamp, level, args) {
  const line = { timestamp, level, requestId };
  if (args.length === 1) {
    try {
      return JSON.stringify({ ...line, message: args[0] }, structured);
    } catch {
      return JSON.stringify({ ...line, message: format(args[0]) });
    }
  }
  const error = args.find((arg) => arg instanceof Error);
  return JSON.stringify({ ...line, message: format(...args), ...(error && structured("", error)) });
}

function structured(_key, value) {
  if (!(value instanceof Error)) return value;
  return { errorType: value.constructor.name, errorMessage: value.message, stackTrace: value.stack?.split("\n"), ...value };
}

function textual(_key, value) {
  if (!(value instanceof Error)) return value;
  const { errorType, errorMessage, trace } = describe(value);
  return { errorType, errorMessage, code: value.code, ...value, stack: trace };
}
