// The documents port on MongoDB: the contracts, what others wrote, indexes, and what is refused.
import { adapterContract } from "../support/contracts/adapter-contract.ts";
import { documentsContract } from "../support/contracts/documents-contract.ts";
import { useMongo } from "../support/use-mongo.ts";

const { openPorts } = useMongo();

documentsContract("MongoDB", openPorts);
adapterContract("MongoDB", openPorts);
