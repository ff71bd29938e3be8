import type { Browser, BrowserContextOptions, Locator, Page, WebSocketRoute } from "playwright-core";

import { site } from "./browser";

/** The cable between a page and the server. */
export class Plug {
  /** Every frame that the page sent. */
  readonly sent: { action: string; roomId?: string }[] = [];
  readonly #open = new Set<WebSocketRoute>();
  #held: { type: string; roomId: string; deliver: (() => void)[] } | undefined;
  #pulled = false;
  #silent = false;

  /** Puts a plug between the page and every WebSocket that it will open. */
  static async on(page: Page): Promise<Plug> {
    const plug = new Plug();
    await page.routeWebSocket(/.*/, (route) => {
      if (plug.#pulled) return void route.close();
      // The handshake gets no answer: the page's socket stays as it is, until it is given up.
      if (plug.#silent) return new Promise<void>(() => {});
      plug.#open.add(route);
      const server = route.connectToServer();
      route.onMessage((text) => {
        if (plug.#silent) return;
        plug.sent.push(JSON.parse(String(text)));
        server.send(text);
      });
      server.onMessage((text) => {
        if (plug.#silent) return;
        const deliver = () => route.send(text);
        if (plug.#holds(String(text))) plug.#held?.deliver.push(deliver);
        else deliver();
      });
    });
    return plug;
  }

  /** Cuts the connection; the page gets no other. */
  async pull(): Promise<void> {
    this.#pulled = true;
    await Promise.all([...this.#open].map((route) => route.close({ code: 1001 })));
    this.#open.clear();
  }

  /** Lets nothing through any more, in either direction and without a word, until the returned function is called. */
  silence(): () => void {
    this.#silent = true;
    return () => {
      this.#silent = false;
    };
  }

  /** Shows the page a frame that the server did not send. */
  deliver(frame: object): void {
    for (const route of this.#open) route.send(JSON.stringify(frame));
  }

  /** Keeps a room's frames of a type from the page, until the returned function lets those go that came. */
  hold(type: string, roomId: string): () => void {
    const held = { type, roomId, deliver: [] as (() => void)[] };
    this.#held = held;
    return () => {
      this.#held = undefined;
      for (const deliver of held.deliver) deliver();
    };
  }

  /** Lets the page connect again. */
  plugIn(): void {
    this.#pulled = false;
  }

  #holds(text: string): boolean {
    // API Gateway may send empty frames.
    if (this.#held === undefined || text === "") return false;
    const frame = JSON.parse(text) as { type?: string; roomId?: string };
    return frame.type === this.#held.type && frame.roomId === this.#held.roomId;
  }
}

/** One user in one window: what a person does and sees on the demo page. */
export class Visitor {
  /** What the page logged as errors. */
  readonly problems: string[] = [];

  private constructor(
    readonly name: string,
    readonly page: Page,
    readonly plug: Plug,
  ) {
    page.on("pageerror", (error) => this.problems.push(String(error)));
  }

  /** Opens the page under the name, in the room, and waits for the connection. */
  static async enter(browser: Browser, name: string, room: string, options?: BrowserContextOptions): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 760, height: 900 }, ...options });
    const page = await context.newPage();
    const visitor = new Visitor(name, page, await Plug.on(page));
    const url = new URL(site());
    url.searchParams.set("user", name);
    url.searchParams.set("room", room);
    await page.goto(url.href);
    await visitor.connection("open").waitFor();
    // Only now is the room joined.
    await visitor.person(name).waitFor();
    return visitor;
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** The state of the connection, when it is that. */
  connection(state: string): Locator {
    return this.page.locator(`[data-testid="connection"][data-state="${state}"]`);
  }

  person(name: string): Locator {
    return this.page.locator(`[data-testid="person"][data-user="${name}"]`);
  }

  /** A message that the server has, from the user. */
  message(from: string, text: string): Locator {
    return this.page.locator(`[data-testid="message"][data-kind="message"][data-user="${from}"]`).filter({ hasText: text });
  }

  cursor(of: string): Locator {
    return this.page.locator(`[data-testid="cursor"][data-user="${of}"]`);
  }

  async say(text: string): Promise<void> {
    await this.at("composer").fill(text);
    await this.at("composer").press("Enter");
  }

  async notify(to: string, text: string): Promise<void> {
    await this.at("notify-to").fill(to);
    await this.at("notify-text").fill(text);
    await this.at("notify-send").click();
  }

  /** Moves the mouse to a place on the canvas; x and y go from 0 to 1. */
  async point(x: number, y: number): Promise<void> {
    const box = (await this.at("canvas").boundingBox())!;
    await this.page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 8 });
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
