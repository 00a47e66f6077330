// The icons: strokes on a square of 24, in the colour of the text beside them. Screen readers pass over them.
import { html } from "htm/preact";

const PATHS = {
  menu: "M4 6h16M4 12h16M4 18h16",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M20 20l-4.2-4.2",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M7 7h10v10H7z",
  pin: "M9 4h6l-1 6 3 3H7l3-3-1-6ZM12 13v7",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  check: "M5 12.5 10 17l9-10",
  cross: "M6 6l12 12M18 6 6 18",
  shield: "M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.500-7-10V6l7-3Z",
  tool: "M14.5 6.500a4 4 0 0 0-5 5L4 17l3 3 5.500-5.500a4 4 0 0 0 5-5L15 12l-3-3 2.500-2.500Z",
  chevron: "M9 6l6 6-6 6",
  machine: "M4 5h16v11H4zM9 20h6M12 16v4",
  gear: "M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.200 2.200M16.200 16.200l2.200 2.200M18.400 5.600l-2.200 2.200M7.800 16.200l-2.200 2.200",
  users:
    "M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7M3 20c0-3.500 2.700-5.500 6-5.500s6 2 6 5.500M16 5.500a3 3 0 0 1 0 6M17.500 14.500c2.200.600 3.500 2.500 3.500 5.500",
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  clip: "M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700l-8.500 8.500a1.600 1.600 0 0 1-2.300-2.300L14.500 7.500",
  pencil: "M4 20l1-4L16 5l3 3L8 19ZM14 7l3 3",
  out: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
