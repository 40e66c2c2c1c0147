import { useEffect, useState } from "react";

const SECOND = 1_000;

/** The time in milliseconds, read once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** How long it is, as a clock shows it: 59:12, 1:03:20. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / SECOND));
  const [hours, rest] = [Math.floor(seconds / 3600), seconds % 3600];
  const parts = [...(hours ? [hours] : []), Math.floor(rest / 60), rest % 60];
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
