// A runtime client for JavaScript functions: takes events from the Lambda
// Runtime API, runs the handler with each, and reports as Lambda's own nodejs
// runtime does. It depends on Node alone.
import { nextEvent, postError, postInitError, postResponse } from "./api.mjs";
import { logError, patchConsole, setRequestId } from "./console.mjs";
import { invocation } from "./invocation.mjs";
import { NodeJsExit, UnhandledPromiseRejection } from "./errors.mjs";
import { loadHandler } from "./load.mjs";

patchConsole();

// Where an error goes that nobody caught: until the first event to the
// initialisation, from then on to the invocation that runs.
let report = postInitError;
// What happens when the event loop is empty though the handler has not ended.
let whenIdle = () => {};

process.on("beforeExit", () => whenIdle());
process.on("uncaughtException", (error) => {
  logError("Uncaught Exception", error);
  end(error, 129);
});
process.on("unhandledRejection", (reason, promise) => {
  const error = new UnhandledPromiseRejection(reason, promise);
  logError("Unhandled Promise Rejection", error);
  end(error, 128);
});

let ending = false;
async function end(error, status) {
  if (ending) return;
  ending = true;
  try {
    await report(error);
  } finally {
    process.exit(status);
  }
}

async function main() {
  const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  // A rejection that loading has left alone is reported before any event.
  await new Promise((resolve) => setImmediate(resolve));
  while (!ending) {
    const event = await nextEvent();
    setRequestId(event.id);
    report = (error) => postError(event.id, error);
    process.env._X_AMZN_TRACE_ID = event.trace;
    await handle(handler, event);
  }
}

// handle runs the handler with an event and posts what it comes to.
async function handle(handler, event) {
  const outcome = await new Promise((resolve) => {
    const isAsync = handler.constructor.name === "AsyncFunction";
    whenIdle = () => resolve(isAsync ? { error: new NodeJsExit() } : { result: null });
    const { context, callback } = invocation(event, resolve, (idle) => (whenIdle = idle));
    try {
      const result = handler(JSON.parse(event.body), context, callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail);
    } catch (error) {
      callback(error);
    }
  });
  whenIdle = () => {};
  if ("error" in outcome) {
    logError("Invoke Error", outcome.error);
    await postError(event.id, outcome.error);
  } else {
    await postResponse(event.id, outcome.result);
  }
}

main().catch((error) => {
  logError("Uncaught Exception", error);
  end(error, 1);
});
