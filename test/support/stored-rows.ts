// All rows and documents of a cluster's stores, as text, to look for what must be in none of them (G21).
import { beside as besideMongo } from "./use-mongo.ts";
import { beside as besidePostgres } from "./use-postgres.ts";

/** Every row of a PostgreSQL database. */
export function textOfTables(url: string): Promise<string> {
  return besidePostgres(url, async (client) => {
    const { rows } = await client.query(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'",
    );
    const texts: string[] = [];
    for (const { name } of rows)
      texts.push(JSON.stringify((await client.query(`select * from ${name}`)).rows));
    return texts.join("\n");
  });
}

/** Every document of a MongoDB database. */
export function textOfCollections(url: string): Promise<string> {
  return besideMongo(url, async (client) => {
    const collections = await client.db().collections();
    const texts = await Promise.all(collections.map((collection) => collection.find({}).toArray()));
    return JSON.stringify(texts);
  });
}
