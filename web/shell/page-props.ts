// What a page gets.

/** `params`: what its path names with `:name`. */
export type PageProps = { params: Record<string, string> };
