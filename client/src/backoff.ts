/** The longest timer, in milliseconds. */
export const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * How long to wait before the given retry (1 is the first), in milliseconds:
 * anything between 0 and a limit that doubles from `base` to `max`. The whole
 * range is used ("full jitter"), so that the clients of a restarted server do
 * not come back in step; see
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(retry: number, base: number, max: number, random: () => number = Math.random): number {
  return random() * Math.min(max, base * 2 ** (retry - 1));
}
