/** What every call that waits accepts. */
export interface CallOptions {
  /**
   * Gives up waiting: the promise is rejected with the signal's reason. What was
   * sent is not taken back, and a message that waits goes on being sent.
   */
  readonly signal?: AbortSignal;
}

/** Makes a call and returns its result, or rejects with the signal's reason, whichever is first. Makes no call if the signal is aborted already. */
export async function abortable<T>(options: CallOptions | null | undefined, call: () => Promise<T>): Promise<T> {
  const signal = options?.signal;
  if (signal === undefined || signal === null) return call();
  if (signal.aborted) throw reasonOf(signal);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(reasonOf(signal));
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([call(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort!);
  }
}

/** Why a signal was aborted. The signals of React Native do not say. */
function reasonOf({ reason }: AbortSignal): Error {
  return (reason as Error | undefined) ?? Object.assign(new Error("the call was aborted"), { name: "AbortError" });
}
