// The context and the callback that a handler gets. Whichever of the ways to
// end an invocation is used first counts; the others do nothing any more.

export function invocation(event, resolve, setWhenIdle) {
  let ended = false;
  const once = (f) => (...args) => {
    if (ended) return;
    ended = true;
    f(...args);
  };
  const end = (error, result) => resolve(isSet(error) ? { error } : { result });

  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: event.arn,
    awsRequestId: event.id,
    getRemainingTimeInMillis: () => event.deadline - Date.now(),
    done: once(end),
    succeed: once((result) => end(null, result)),
    fail: once((error) => end(isSet(error) ? error : "handled")),
  };

  // A result by callback waits until nothing is left to do, unless the
  // handler has said that it need not. An error never waits.
  const callback = once((error, result) => {
    if (isSet(error) || !context.callbackWaitsForEmptyEventLoop) end(error, result);
    else setWhenIdle(() => end(null, result));
  });
  return { context, callback };
}

function isSet(error) {
  return error !== undefined && error !== null;
}
