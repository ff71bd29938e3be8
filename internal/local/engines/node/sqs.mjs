// SQS: fauxqs, in memory. Its startFauxqs() listens on every address, so the
// app is built and made to listen here.
import { announce, endWithParent, keepConnections, refuseWebPages } from "./child.mjs";

endWithParent();

const { buildApp } = await import("fauxqs");
// The store is no part of what the package exports; its version is pinned.
const storeFile = new URL("./sqs/sqsStore.js", import.meta.resolve("fauxqs"));
const { SqsQueue, SqsStore } = await import(storeFile);

// A FIFO queue that, as SQS does, gives several messages of one group to one
// receive. fauxqs gives one, so that a batch never held two of a group and a
// busy room was delivered one message at a time.
class Queue extends SqsQueue {
  dequeueFifo(maxCount, ...rest) {
    const batch = [];
    const taken = new Map(); // group -> messages that this receive took of it
    for (;;) {
      const locked = new Set(this.fifoLockedGroups.keys());
      const more = super.dequeueFifo(maxCount - batch.length, ...rest);
      batch.push(...more);
      // Only the groups that this very receive has taken from are opened again.
      for (const [group, count] of this.fifoLockedGroups) {
        if (locked.has(group)) continue;
        taken.set(group, (taken.get(group) ?? 0) + count);
        this.fifoLockedGroups.delete(group);
      }
      if (more.length === 0 || batch.length >= maxCount) break;
    }
    for (const [group, count] of taken) this.fifoLockedGroups.set(group, count);
    return batch;
  }

  // Messages whose visibility timeout has passed are put back one in front of
  // the other: with several of a group in flight that turns their order round.
  processTimers() {
    const inFlight = this.inflightMessages.size;
    super.processTimers();
    if (this.inflightMessages.size < inFlight) this.restoreOrder();
  }

  changeVisibility(...args) {
    super.changeVisibility(...args);
    this.restoreOrder();
  }

  restoreOrder() {
    for (const group of this.fifoMessages.values()) {
      group.sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
    }
  }
}

// A store whose queues are found by account and name, whatever the host of
// the URL, and named by the URL that they would have on AWS.
class Store extends SqsStore {
  buildQueueUrl(name, _port, _host, region) {
    return `https://sqs.${region}.amazonaws.com/000000000000/${name}`;
  }

  getQueue(url) {
    const match = /^(?:[a-z]+:\/\/[^/]+)?\/?000000000000\/([^/?]+)$/.exec(url);
    return match ? this.getQueueByName(match[1]) : undefined;
  }

  createQueue(name, url, arn, attributes, tags) {
    const queue = new Queue(name, url, arn, attributes, tags);
    this.queues.set(url, queue);
    this.queuesByName.set(name, queue);
    this.queuesByArn.set(arn, queue);
    return queue;
  }
}

const app = buildApp({
  logger: false,
  defaultRegion: "us-east-1",
  stores: { sqsStore: new Store() },
});
refuseWebPages(app.server);
await app.listen({ port: 0, host: "127.0.0.1" });
keepConnections(app.server);
announce(app.server.address().port);
