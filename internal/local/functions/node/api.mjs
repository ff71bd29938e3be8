// The calls of the Lambda Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import http from "node:http";

import { describe } from "./errors.mjs";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
// Connections are kept. While the handler runs they are idle, and do not keep
// the event loop from being empty.
const agent = new http.Agent({ keepAlive: true });

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, hostname, port, method, path: "/2018-06-01/runtime/" + path, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

export async function nextEvent() {
  const { headers, body } = await call("GET", "invocation/next");
  return {
    body,
    id: headers["lambda-runtime-aws-request-id"],
    arn: headers["lambda-runtime-invoked-function-arn"],
    trace: headers["lambda-runtime-trace-id"],
    deadline: Number(headers["lambda-runtime-deadline-ms"]),
  };
}

export async function postResponse(id, result) {
  let body;
  try {
    body = JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    return postError(id, new Error("Unable to stringify response body"));
  }
  await call("POST", `invocation/${id}/response`, body);
}

export function postError(id, error) {
  return post(`invocation/${id}/error`, error);
}

export function postInitError(error) {
  return post("init/error", error);
}

function post(path, error) {
  const description = describe(error);
  return call("POST", path, JSON.stringify(description), {
    "Content-Type": "application/json",
    "Lambda-Runtime-Function-Error-Type": encodeURI(description.errorType),
  });
}
