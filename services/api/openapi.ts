// GET /openapi.json. The page is loaded when it is asked for: no other request needs the schemas of all answers.
import { type Exchange, sendJson } from "./handle-request.ts";

export async function openApi({ response }: Exchange): Promise<void> {
  const { openApiPage } = await import("./openapi/page.ts");
  sendJson(response, 200, openApiPage());
}
