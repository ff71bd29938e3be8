import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Throttle } from "../src/throttle.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A throttle of 50 ms, and what it has passed on; `takes` says whether that is taken. */
function make(takes: () => boolean = () => true) {
  const passed: number[] = [];
  const throttle = new Throttle<number>(50, (value) => {
    passed.push(value);
    return takes();
  });
  return { passed, throttle };
}

describe("throttle", () => {
  it("passes the first value at once and then the newest of each interval", () => {
    const { passed, throttle } = make();
    for (const value of [1, 2, 3]) throttle.push(value);
    expect(passed).toEqual([1]);
    vi.advanceTimersByTime(50);
    expect(passed).toEqual([1, 3]);
    vi.advanceTimersByTime(500);
    expect(passed).toEqual([1, 3]);
    throttle.push(4);
    expect(passed).toEqual([1, 3, 4]);
  });

  it("forgets a value that waits when it is stopped", () => {
    const { passed, throttle } = make();
    throttle.push(1);
    throttle.push(2);
    throttle.stop();
    vi.advanceTimersByTime(500);
    expect(passed).toEqual([1]);
  });

  it("offers a value that is not taken again, if there is no newer one", () => {
    let takes = false;
    const { passed, throttle } = make(() => takes);
    throttle.push(1);
    vi.advanceTimersByTime(50);
    expect(passed).toEqual([1, 1]);
    throttle.push(2);
    takes = true;
    vi.advanceTimersByTime(500);
    expect(passed).toEqual([1, 1, 2]);
  });

  it.each([
    { change: "longer", to: 200 },
    { change: "shorter", to: 30 },
  ])("waits $change when the interval that has begun is changed", ({ to }) => {
    const { passed, throttle } = make();
    throttle.push(1);
    throttle.push(2);
    vi.advanceTimersByTime(20);
    throttle.change(to);
    vi.advanceTimersByTime(to - 20 - 1);
    expect(passed).toEqual([1]);
    vi.advanceTimersByTime(1);
    expect(passed).toEqual([1, 2]);
    // It is the interval from then on.
    throttle.push(3);
    vi.advanceTimersByTime(to - 1);
    expect(passed).toEqual([1, 2]);
    vi.advanceTimersByTime(1);
    expect(passed).toEqual([1, 2, 3]);
  });

  it("waits no more when the interval is over by the change", () => {
    const { passed, throttle } = make();
    throttle.push(1);
    throttle.push(2);
    vi.advanceTimersByTime(20);
    throttle.change(5);
    vi.advanceTimersByTime(0);
    expect(passed).toEqual([1, 2]);
  });

  it("waits no longer than the interval when the clock is put back", () => {
    const { passed, throttle } = make();
    throttle.push(1);
    throttle.push(2);
    vi.setSystemTime(Date.now() - 3_600_000);
    throttle.change(40);
    vi.advanceTimersByTime(40);
    expect(passed).toEqual([1, 2]);
  });

  it("has no timer after a change when nothing is under way", () => {
    const { throttle } = make();
    throttle.change(40);
    expect(vi.getTimerCount()).toBe(0);
  });
});
