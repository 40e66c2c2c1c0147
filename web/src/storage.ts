import type { GraphiQLProps } from "graphiql";

type Storage = NonNullable<GraphiQLProps["storage"]>;

const PREFIX = "sekisho-workbench:";
/** What may hold a member's value or a token: never written down. */
const SECRET = new Set(["headers", "variables"]);

/** What GraphiQL keeps in the browser: tabs and history, without headers and variables. */
export const storage: Storage = {
  get length() {
    return ownKeys().length;
  },
  getItem: (key) => localStorage.getItem(PREFIX + key),
  setItem(key, value) {
    if (!SECRET.has(key.slice(key.indexOf(":") + 1))) {
      localStorage.setItem(PREFIX + key, withoutSecrets(value));
    }
  },
  removeItem: (key) => localStorage.removeItem(PREFIX + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
};

function ownKeys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}graphiql:`));
}

function withoutSecrets(value: string): string {
  if (!value.startsWith("{")) {
    return value;
  }
  try {
    return JSON.stringify(JSON.parse(value), (key, part: unknown) =>
      SECRET.has(key) ? null : part,
    );
  } catch {
    return value;
  }
}
