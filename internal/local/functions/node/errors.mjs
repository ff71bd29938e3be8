// The errors that the runtime itself raises, by the names that Lambda gives
// them, and the form in which any error is reported.
import { types } from "node:util";

class RuntimeError extends Error {
  get name() {
    return "Runtime." + this.constructor.name;
  }
}

export class ImportModuleError extends RuntimeError {}
export class HandlerNotFound extends RuntimeError {}
export class MalformedHandlerName extends RuntimeError {}
export class UserCodeSyntaxError extends RuntimeError {}

export class NodeJsExit extends RuntimeError {
  constructor() {
    super(
      "The Lambda runtime client detected an unexpected Node.js exit code. " +
        "This is most commonly caused by a Promise that was never settled. " +
        "For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    );
  }
}

export class UnhandledPromiseRejection extends RuntimeError {
  constructor(reason, promise) {
    super(String(reason));
    this.reason = reason;
    this.promise = promise;
  }
}

// describe is what the caller of the function gets to see of an error.
export function describe(error) {
  try {
    if (types.isNativeError(error) || (error?.name && error.message && error.stack)) {
      return { errorType: error.name, errorMessage: error.message, trace: error.stack.split("\n") };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return {
      errorType: "handled",
      errorMessage:
        "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
    };
  }
}
