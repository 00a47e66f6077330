// A list that comes a page at a time: the first, and more behind it when a person wants more.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { sayError } from "../store/say-error.ts";
import { SHELL } from "../texts/shell.ts";
import { type Loaded, useLoaded } from "./use-loaded.ts";

export type ListPage<T> = { items: T[]; next: string | null };
export type Paged<T, P extends ListPage<T> = ListPage<T>> = Loaded<P> & {
  /** Of all pages so far. */
  items: T[];
  /** The page that came last. */
  last: P | undefined;
  /** Why the next page did not come; "" where it did. */
  moreFailure: string;
  isComing: boolean;
  more: () => Promise<void>;
};

/**
 * @param load the page behind a cursor, the first without one
 * @param about reads anew from the first page whenever one of these is another
 */
export function usePages<T, P extends ListPage<T> = ListPage<T>>(
  load: (cursor: string | undefined) => Promise<P>,
  about: unknown[] = [],
): Paged<T, P> {
  const first = useLoaded(() => load(undefined), about);
  // What came behind another first page is not shown behind this one.
  const behind = useSignal<{ first: P | undefined; pages: P[]; failure: string; isComing: boolean }>({
    ...{ first: undefined, pages: [], failure: "", isComing: false },
  });
  const isOurs = behind.value.first === first.value;
  const pages = isOurs ? behind.value.pages : [];
  const last = pages.at(-1) ?? first.value;
  const more = async () => {
    if (!last?.next || (isOurs && behind.value.isComing)) return;
    const mine = first.value;
    const keep = (change: Partial<typeof behind.value>) => {
      behind.value = { first: mine, pages, failure: "", isComing: false, ...change };
    };
    const isLate = () => behind.peek().first !== mine;
    keep({ isComing: true });
    try {
      const page = await load(last.next);
      if (!isLate()) keep({ pages: [...pages, page] });
    } catch (thrown) {
      if (!isLate()) keep({ failure: sayError(thrown) });
    }
  };
  return {
    ...first,
    items: [first.value, ...pages].flatMap((page) => page?.items ?? []),
    last,
    moreFailure: isOurs ? behind.value.failure : "",
    isComing: isOurs && behind.value.isComing,
    more,
  };
}

/** The button behind a list that has more. */
export function MoreButton({ of }: { of: Paged<unknown> }) {
  if (!of.last?.next) return null;
  return html`<div class="more">
    ${of.moreFailure && html`<p class="error" role="alert">${of.moreFailure}</p>`}
    <button type="button" class="button small" disabled=${of.isComing} onClick=${() => void of.more()}>
      ${of.isComing ? SHELL.loading() : SHELL.more()}
    </button>
  </div>`;
}
