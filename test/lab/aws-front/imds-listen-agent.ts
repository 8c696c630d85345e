// Opens a listening socket in the network namespace that this process was started in, and hands it to its parent:
// a socket stays in the namespace where it was made, whoever uses it.
import { createServer } from "node:net";

const [address = "", port = ""] = process.argv.slice(2);
const server = createServer();
server.listen(Number(port), address, () => process.send?.("listening", server, () => process.disconnect()));
