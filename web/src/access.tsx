import { useEffect, useState, type ReactElement } from "react";

import { ask, codeOf } from "./ask";
import { Categories } from "./categories";
import { useWords } from "./preference";
import { session, statedPurpose } from "./session";
import { useStore } from "./store";
import { meaningOf, type Availability, type Words } from "./words";

const QUERY = `query MyAccess {
  myAccess {
    field availability
    categories { key }
    opensWith { provision { key } item { key } condition }
  }
}`;

interface OpensWith {
  readonly provision: { readonly key: string } | null;
  readonly item: { readonly key: string } | null;
  readonly condition: string | null;
}

interface FieldAvailability {
  readonly field: string;
  readonly availability: Availability;
  readonly categories: readonly { readonly key: string }[];
  readonly opensWith: readonly OpensWith[];
}

type Told = readonly FieldAvailability[] | { readonly refused: string } | null;

/** Before any query: what the purpose reaches, and what would open the rest. */
export function Access(): ReactElement {
  const words = useWords();
  const told = useMyAccess();
  return (
    <section className="panel" aria-label={words.access}>
      <h2>{words.access}</h2>
      {told === null && <p className="hint">{words.accessEmpty}</p>}
      {told && "refused" in told && <p role="alert">{words.refused(told.refused)}</p>}
      {told && !("refused" in told) && <Reach fields={told} />}
    </section>
  );
}

function useMyAccess(): Told {
  const { token, caller, purpose } = useStore(session);
  const [told, setTold] = useState<Told>(null);
  useEffect(() => {
    let current = true;
    const tell = (answer: Told): void => {
      if (current) {
        setTold(answer);
      }
    };
    if (caller) {
      ask<{ myAccess: readonly FieldAvailability[] }>(QUERY, token, statedPurpose()).then(
        ({ myAccess }) => tell(myAccess),
        (fault: unknown) => tell({ refused: codeOf(fault) }),
      );
    } else {
      tell(null);
    }
    return () => {
      current = false;
    };
  }, [token, caller, purpose]);
  return told;
}

const ORDER: readonly Availability[] = ["ALWAYS", "PER_MEMBER", "NEVER"];

function Reach({ fields }: { readonly fields: readonly FieldAvailability[] }): ReactElement {
  const words = useWords();
  const [wanted, setWanted] = useState("");
  const found = fields.filter(({ field }) => field.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <>
      <p className="hint">{words.accessIntro}</p>
      <input
        type="search"
        aria-label={words.search}
        placeholder={words.search}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {ORDER.map((availability) => {
        const those = found.filter((each) => each.availability === availability);
        return (
          those.length > 0 && (
            <details key={availability} open={availability !== "NEVER" || wanted !== ""}>
              <summary className={availability === "NEVER" ? "closed" : "open"}>
                {words.availability[availability]} · {those.length}
              </summary>
              <ul className="reach">
                {those.map((each) => (
                  <Field key={each.field} told={each} />
                ))}
              </ul>
            </details>
          )
        );
      })}
    </>
  );
}

function Field({ told }: { readonly told: FieldAvailability }): ReactElement {
  const words = useWords();
  return (
    <li>
      <code>{told.field}</code> <Categories keys={told.categories.map(({ key }) => key)} />
      {told.opensWith.length > 0 && (
        <details>
          <summary>{words.opensWith}</summary>
          <ul>
            {byProvision(told.opensWith).map(([provision, needed]) => (
              <li key={provision}>
                <code>{provision}</code>{" "}
                {needed.map((each) => conditionOf(words, each)).filter(Boolean).join(" · ")}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** All that one provision takes belongs together; another opens the field by itself. */
function byProvision(opensWith: readonly OpensWith[]): [provision: string, needed: OpensWith[]][] {
  return [...Map.groupBy(opensWith, ({ provision }) => provision?.key ?? "")];
}

function conditionOf(words: Words, { item, condition }: OpensWith): string {
  if (item) {
    return words.consentTo(item.key);
  }
  return condition ? meaningOf(words, condition) : "";
}
