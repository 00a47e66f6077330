// The one place where text becomes HTML. What a model writes is hostile: only these tags and attributes pass, no picture is loaded from
// anywhere, and each link says where it leads.
import DOMPurify, { type Config } from "dompurify";

const TAGS =
  "p br hr h1 h2 h3 h4 h5 h6 strong em b i u s del ins mark sub sup kbd code pre span blockquote ul ol li table thead tbody tr th td a img";

const CONFIG: Config & { RETURN_TRUSTED_TYPE: true } = {
  ALLOWED_TAGS: TAGS.split(" "),
  ALLOWED_ATTR: ["href", "title", "class", "align", "start", "src", "alt"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_TRUSTED_TYPE: true,
};

/** Classes of ours and of the highlighter; no other could dress up as a part of the page. */
const CLASS =
  /^(?:language-[\w+#.-]{1,40}|hljs(?:-[\w-]+)?|math|function_|class_|inherited__|constant_|built_in_|escape_|invoke__)$/;
/** Pictures that are in the text itself, of kinds that hold no program. */
export const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]*$/i;

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  const classes = [...node.classList].filter((name) => CLASS.test(name));
  if (node.hasAttribute("class")) node.setAttribute("class", classes.join(" "));
  if (node.nodeName === "A") keepLink(node as HTMLAnchorElement);
  if (node.nodeName === "IMG") keepPicture(node as HTMLImageElement);
});

function keepLink(link: HTMLAnchorElement): void {
  const target = addressOf(link.getAttribute("href") ?? "");
  link.removeAttribute("title");
  if (!target) {
    link.removeAttribute("href");
    return;
  }
  link.setAttribute("href", target.href);
  link.setAttribute("rel", "noopener noreferrer");
  link.setAttribute("target", "_blank");
  const shown = link.textContent?.trim() ?? "";
  const place = target.protocol === "mailto:" ? target.pathname : target.host;
  if (shown === target.href || shown === link.getAttribute("href") || shown === place) return;
  const host = link.ownerDocument.createElement("span");
  host.setAttribute("class", "link-host");
  host.textContent = ` (${place})`;
  link.append(host);
}

/** @returns undefined for whatever is no full address of the web or of e-mail */
function addressOf(text: string): URL | undefined {
  if (!/^(?:https?:\/\/|mailto:)/i.test(text.trim()) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A name before the host only deceives.
  return url.username || url.password ? undefined : url;
}

/** Nothing is loaded from anywhere: parse.ts has made links of all others. */
function keepPicture(image: HTMLImageElement): void {
  if (!PICTURE.test(image.getAttribute("src") ?? "")) image.remove();
}

/** HTML that may stand in the page: where the browser has Trusted Types, it takes nothing else. */
export type CleanHtml = ReturnType<typeof sanitise>;

export const sanitise = (dirty: string) => DOMPurify.sanitize(dirty, CONFIG);
