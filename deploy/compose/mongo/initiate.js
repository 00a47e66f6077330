// Run once by mongosh: makes the replica set and the user of MacJarvis. May be run again. MEMBERS: how many members it has.
/* global db, process, sleep, rs, print */
const members = Array.from({ length: Number(process.env.MEMBERS) }, (_, index) => ({
  _id: index,
  host: `mongo-${index + 1}:27017`,
}));
try {
  rs.initiate({ _id: "rs0", members });
} catch (thrown) {
  if (thrown.codeName !== "AlreadyInitialized") throw thrown;
}
while (!db.hello().isWritablePrimary) {
  // This member is one that another one may be elected before; the user is made wherever the primary is.
  if (db.hello().primary) break;
  print("waiting for a primary");
  sleep(1000);
}
const primary = db.hello().isWritablePrimary ? db : connect(primaryUrl(db.hello().primary));
const own = primary.getSiblingDB("macjarvis");
const user = { pwd: process.env.MONGO_PASSWORD, roles: [{ role: "readWrite", db: "macjarvis" }] };
if (own.getUser("macjarvis")) own.updateUser("macjarvis", user);
else own.createUser({ user: "macjarvis", ...user });

/* global connect */
function primaryUrl(host) {
  const root = encodeURIComponent(process.env.MONGO_ROOT_PASSWORD);
  return `mongodb://root:${root}@${host}/admin?tls=true&tlsCAFile=/tls/ca.pem&directConnection=true`;
}
