// CommonJS handlers, one for each thing that a function may do.
exports.echo = async (event) => event;
exports.sync = () => ({ never: "seen" }); // no promise, no callback: null
exports.nested = { deeper: { handler: async () => "found" } };
exports.callback = (event, context, callback) => setTimeout(() => callback(null, event), 5);
exports.callbackError = (event, context, callback) => callback(new RangeError("no luck"));
exports.callbackWaits = (event, context, callback) => {
  const began = Date.now();
  const result = {};
  setTimeout(() => (result.waited = Date.now() - began >= 49), 50);
  callback(null, result);
};
exports.callbackHurries = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {}, 60_000);
  callback(null, "at once");
};
exports.succeed = (event, context) => context.succeed("old style");
exports.twice = (event, context, callback) => {
  context.done(null, "first");
  callback(null, "second");
};
exports.context = async (event, context) => ({
  ...context,
  left: context.getRemainingTimeInMillis(),
  trace: process.env._X_AMZN_TRACE_ID,
  dir: process.cwd(),
});
exports.environment = async () => process.env;

class Custom extends Error {
  constructor(message) {
    super(message);
    this.name = "Custom";
  }
}
exports.fail = async () => {
  throw new Custom("no luck");
};
exports.failSync = () => {
  throw new Custom("no luck");
};
exports.failText = async () => {
  throw "just text";
};
exports.unhandled = async () => {
  Promise.reject(new Custom("left alone"));
  await new Promise((resolve) => setTimeout(resolve, 5000));
};
exports.uncaught = async () => {
  setTimeout(() => {
    throw new Custom("from a timer");
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 5000));
};
exports.exit = async () => process.exit(3);
exports.unsettled = async () => new Promise(() => {});
exports.circular = async () => {
  const it = {};
  it.it = it;
  return it;
};
exports.large = async () => "x".repeat(7 << 20);
exports.sleep = async (ms) => new Promise((resolve) => setTimeout(resolve, ms, process.pid));
exports.pid = async () => process.pid;
exports.log = async () => {
  console.log("an object %j\nand a line", { a: 1 });
  console.debug("quiet");
  console.error(new Custom("seen"));
  process.stdout.write("plain\n");
};
exports.text = "no function";
