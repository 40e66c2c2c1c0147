import { useState, type ReactElement } from "react";

import { useWords } from "./preference";
import { duration, useNow } from "./now";
import { enter, forget, session } from "./session";
import { useStore } from "./store";

/** The token: pasted, shown, forgotten. It is never written down. */
export function TokenField(): ReactElement {
  const words = useWords();
  const { token } = useStore(session);
  const [shown, setShown] = useState(false);
  return (
    <form className="token" aria-label={words.token} onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>{words.token}</span>
        <input
          type={shown ? "text" : "password"}
          value={token}
          placeholder={words.paste}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            const pasted = event.target.value.trim();
            if (pasted) {
              void enter(pasted);
            } else {
              forget();
            }
          }}
        />
      </label>
      <button type="button" disabled={!token} onClick={() => setShown(!shown)}>
        {shown ? words.hide : words.show}
      </button>
      <button type="button" disabled={!token} onClick={forget}>
        {words.forget}
      </button>
    </form>
  );
}

/** Whom the token speaks for, and for how long. */
export function TokenState(): ReactElement {
  const words = useWords();
  const { token, caller, refused } = useStore(session);
  if (refused !== null) {
    return <Status kind="bad">{words.refused(refused)}</Status>;
  }
  if (!token) {
    return <Status kind="none">{words.noToken}</Status>;
  }
  return caller ? (
    <Countdown subject={caller.subject} until={caller.expiresAt} />
  ) : (
    <Status kind="none">{words.checking}</Status>
  );
}

function Countdown({ subject, until }: { readonly subject: string; readonly until: number }): ReactElement {
  const words = useWords();
  const left = until - useNow();
  return left > 0 ? (
    <span className="state good">{words.expiresIn(subject, duration(left))}</span>
  ) : (
    <Status kind="bad">{words.expired(subject)}</Status>
  );
}

interface StatusProps {
  readonly kind: "none" | "bad";
  readonly children: string;
}

function Status({ kind, children }: StatusProps): ReactElement {
  return (
    <span className={`state ${kind}`} role="status">
      {children}
    </span>
  );
}
