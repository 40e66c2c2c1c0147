import type { ReactElement } from "react";

const STROKE = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinejoin: "round" } as const;

/** A checkpoint's gate: two posts, two beams, and what passes under them. */
export function GateIcon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="1.5em" height="1.5em" aria-hidden="true" {...STROKE}>
      <path d="M2.5 5.5c6 1.6 13 1.6 19 0M4.5 10h15M7 6.6V21M17 6.6V21" strokeLinecap="round" />
    </svg>
  );
}

export function LensIcon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" height="1em" {...STROKE}>
      <path d="M12 3l8 3v5c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10V6z" />
      <circle cx="12" cy="11.5" r="3" />
    </svg>
  );
}

export function AccessIcon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" height="1em" strokeLinecap="round" {...STROKE}>
      <path d="M4 6l1.5 1.5L8 5M4 12l1.5 1.5L8 11M4 18l1.5 1.5L8 17M12 6.5h8M12 12.5h8M12 18.5h8" />
    </svg>
  );
}

export function ExamplesIcon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" height="1em" strokeLinecap="round" {...STROKE}>
      <path d="M9 4h10.5v16H4.5V8.5zM9 4v4.5H4.5M8.5 13h7M8.5 16.5h5" />
    </svg>
  );
}

export function ThemeIcon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="1.2em" height="1.2em" aria-hidden="true" {...STROKE}>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor" />
    </svg>
  );
}
