// What a file is to a page.
import { locale } from "../store/settings.ts";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** One that every browser shows. */
export const isPicture = (mediaType: string): boolean => PICTURES.has(mediaType);

export function size(bytes: number): string {
  const [value, unit] =
    bytes < 1024
      ? [bytes, "byte"]
      : bytes < 1024 ** 2
        ? [bytes / 1024, "kilobyte"]
        : [bytes / 1024 ** 2, "megabyte"];
  return new Intl.NumberFormat(locale.value, {
    ...{ style: "unit", unit: unit as string, maximumFractionDigits: 1 },
  }).format(value as number);
}
