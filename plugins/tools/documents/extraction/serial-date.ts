// Dates of workbooks: days since the beginning of 1900 or 1904 (ECMA-376 part 1, 18.17.4.1).

const DAY_MS = 86_400_000;
/** Day 0, such that what is behind the 29 February 1900, which never was, is right. */
const FROM_1900 = Date.UTC(1899, 11, 30);
const FROM_1904 = Date.UTC(1904, 0, 1);
/** The end of the year 9999. */
const LAST = 2_958_466;

/** `2024-03-01`, `2024-03-01 09:30:00`, or `09:30:00` for less than a day; undefined for what is no date. */
export function serialDate(serial: number, from1904: boolean): string | undefined {
  if (!Number.isFinite(serial) || serial < 0 || serial >= LAST) return undefined;
  // The days before that 29 February are one off.
  const shift = !from1904 && serial >= 1 && serial < 60 ? 1 : 0;
  const milliseconds = Math.round(((serial + shift) * DAY_MS) / 1_000) * 1_000;
  const [day = "", time = ""] = new Date((from1904 ? FROM_1904 : FROM_1900) + milliseconds)
    .toISOString()
    .slice(0, 19)
    .split("T");
  if (serial < 1 && !from1904) return time;
  return time === "00:00:00" ? day : `${day} ${time}`;
}
