// SQS: fauxqs, in memory. Its startFauxqs() listens on every address, so the
// app is built and made to listen here.
import { announce, endWithParent, keepConnections, refuseWebPages } from "./child.mjs";

endWithParent();

const { buildApp } = await import("fauxqs");
// The class is not exported by the package, so its version is pinned. Only what
// its type declarations call public is used.
const { SqsQueue } = await import(new URL("./sqs/sqsStore.js", import.meta.resolve("fauxqs")));

const { dequeue, processTimers, changeVisibility } = SqsQueue.prototype;

// One receive of SQS gives several messages of a FIFO group. fauxqs gives one,
// so that a busy room would be delivered one message at a time.
SqsQueue.prototype.dequeue = function (maxCount, visibilityTimeout, ...rest) {
  const take = (count) => dequeue.call(this, count, visibilityTimeout, ...rest);
  // What is not hidden could be taken again and again.
  if (!this.isFifo() || visibilityTimeout === 0) return take(maxCount);
  this.processTimers(); // opens the groups whose messages came back
  const locked = new Set(this.fifoLockedGroups.keys());
  const taken = new Map(); // group -> how many messages were taken of it
  const batch = [];
  for (;;) {
    const more = take(maxCount - batch.length);
    batch.push(...more);
    // Only groups of which this very receive has taken are opened again.
    for (const [group, count] of this.fifoLockedGroups) {
      if (locked.has(group)) continue;
      taken.set(group, (taken.get(group) ?? 0) + count);
      this.fifoLockedGroups.delete(group);
    }
    if (more.length === 0 || batch.length >= maxCount) break;
  }
  for (const [group, count] of taken) this.fifoLockedGroups.set(group, count);
  return batch;
};

// Messages that become visible again are put in front one by one, which turns
// round the order of several of a group.
SqsQueue.prototype.processTimers = function () {
  const inFlight = this.inflightMessages.size;
  processTimers.call(this);
  if (this.inflightMessages.size < inFlight) restoreOrder(this);
};

SqsQueue.prototype.changeVisibility = function (receiptHandle, timeout) {
  changeVisibility.call(this, receiptHandle, timeout);
  if (timeout === 0) restoreOrder(this);
};

function restoreOrder(queue) {
  for (const group of queue.fifoMessages.values()) {
    group.sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
  }
}

const app = buildApp({ logger: false, defaultRegion: "us-east-1" });
refuseWebPages(app.server);
await app.listen({ port: 0, host: "127.0.0.1" });
keepConnections(app.server);
announce(app.server.address().port);
