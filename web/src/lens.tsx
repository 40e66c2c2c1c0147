import type { ReactElement } from "react";

import { Categories } from "./categories";
import { usePreference, useWords } from "./preference";
import { byField, byReason, total, type FieldReport, type Report, type Withheld } from "./report";
import { show, useResult, type Result } from "./result";
import { session } from "./session";
import { useStore } from "./store";
import { meaningOf } from "./words";

/** What the result in front discloses and withholds, and why. */
export function Lens(): ReactElement {
  const words = useWords();
  const result = useResult();
  return (
    <section className="panel" aria-label={words.lens}>
      <h2>{words.lens}</h2>
      {result ? <Told result={result} /> : <p className="hint">{words.lensEmpty}</p>}
    </section>
  );
}

function Told({ result }: { readonly result: Result }): ReactElement {
  const words = useWords();
  const { report } = result.answer;
  if (report.disclosed.length + report.withheld.length === 0) {
    return <p className="hint">{words.lensNothing}</p>;
  }
  return (
    <>
      <Route report={report} />
      <Totals report={report} />
      <Reasons report={report} />
      <Fields result={result} />
      <p className="decision">
        {words.decision} <code>{report.decisionId}</code>
      </p>
    </>
  );
}

/** Who was told, and for what. */
function Route({ report }: { readonly report: Report }): ReactElement {
  const { language } = usePreference();
  const words = useWords();
  const { caller, purpose: chosen } = useStore(session);
  const purpose = caller?.purposes.find(({ key }) => key === report.purpose);
  const company = caller?.company?.key === report.company ? caller?.company : null;
  return (
    <>
      <p className="route">
        {company?.name[language] ?? report.company ?? caller?.subject} →{" "}
        <strong>{purpose?.name[language] ?? report.purpose}</strong>
      </p>
      {caller && chosen !== report.purpose && <p role="status">{words.lensBefore}</p>}
    </>
  );
}

function Totals({ report }: { readonly report: Report }): ReactElement {
  const words = useWords();
  const [open, closed] = [total(report.disclosed), total(report.withheld)];
  return (
    <>
      <p className="totals">
        <span className="open">
          <strong>{open}</strong> {words.disclosed}
        </span>
        <span className="closed">
          <strong>{closed}</strong> {words.withheld}
        </span>
      </p>
      <meter min={0} max={open + closed} value={open} aria-label={words.share(open, open + closed)} />
    </>
  );
}

function Reasons({ report }: { readonly report: Report }): ReactElement | null {
  const words = useWords();
  if (report.withheld.length === 0) {
    return null;
  }
  return (
    <>
      <h3>{words.whyWithheld}</h3>
      <ul className="reasons">
        {byReason(report).map(([reason, count]) => (
          <li key={reason}>
            <strong>{count}</strong> <span title={reason}>{meaningOf(words, reason)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Fields({ result }: { readonly result: Result }): ReactElement {
  const words = useWords();
  return (
    <table className="fields">
      <thead>
        <tr>
          <th scope="col">{words.field}</th>
          <th scope="col">{words.disclosedOfTotal}</th>
        </tr>
      </thead>
      <tbody>
        {byField(result.answer.report).map((each) => (
          <Field key={each.field} told={each} result={result} />
        ))}
      </tbody>
    </table>
  );
}

interface FieldProps {
  readonly told: FieldReport;
  readonly result: Result;
}

function Field({ told, result }: FieldProps): ReactElement {
  const words = useWords();
  const count = total(told.withheld);
  return (
    <tr>
      <th scope="row">
        <code>{told.field}</code>
        <br />
        <Categories keys={told.categories} />
        {count > 0 && (
          <details>
            <summary>{words.withheldTimes(count)}</summary>
            {told.withheld.map((each) => (
              <Places key={each.reason} withheld={each} result={result} />
            ))}
          </details>
        )}
      </th>
      <td className={told.disclosed < told.total ? "closed" : "open"}>
        {told.disclosed}/{told.total}
      </td>
    </tr>
  );
}

/** Where in the result one reason withholds a field. */
function Places({ withheld, result }: { readonly withheld: Withheld; readonly result: Result }): ReactElement {
  const words = useWords();
  const paths = withheld.paths ?? [];
  return (
    <>
      <p>{meaningOf(words, withheld.reason)}</p>
      {withheld.paths === undefined && <p className="hint">{words.noPaths}</p>}
      <ul className="places">
        {paths.map((path) => {
          const name = path.join(".");
          return (
            <li key={name}>
              <button type="button" title={words.jump(name)} onClick={() => show(result, path)}>
                {name}
              </button>
            </li>
          );
        })}
        {paths.length > 0 && paths.length < withheld.count && (
          <li>{words.morePaths(withheld.count - paths.length)}</li>
        )}
      </ul>
    </>
  );
}
