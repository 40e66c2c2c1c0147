import { codeOf } from "./ask";
import { callerOf, firstPurpose, namesItsPurpose, type Caller } from "./caller";
import { createStore } from "./store";

/** The token lives here and nowhere else: a reload forgets it. */
interface Session {
  readonly token: string;
  readonly caller: Caller | null;
  readonly purpose: string;
  /** The code with which the server refused a token; empty where it did not answer. */
  readonly refused: string | null;
}

const NOBODY: Session = { token: "", caller: null, purpose: "", refused: null };

export const session = createStore<Session>(NOBODY);

/** Take a token, and learn from the server whom it speaks for. */
export async function enter(token: string): Promise<void> {
  session.set({ token, caller: null, refused: null });
  try {
    const caller = await callerOf(token);
    if (session.get().token === token) {
      session.set({ caller, purpose: firstPurpose(caller, session.get().purpose) });
    }
  } catch (fault) {
    if (session.get().token === token) {
      session.set({ refused: codeOf(fault) });
    }
  }
}

export function forget(): void {
  session.set(NOBODY);
}

export function choosePurpose(purpose: string): void {
  session.set({ purpose });
}

/** The purpose as a header says it; members and officers leave it out. */
export function statedPurpose(): string | undefined {
  const { caller, purpose } = session.get();
  return caller && namesItsPurpose(caller) && purpose ? purpose : undefined;
}
