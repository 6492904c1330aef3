// Heapmark: Clear Results. Takes every finding out of the editor; the snapshots stay.

import { ServerCommand } from "../protocol";
import { showFailure, type Tools } from "./run";

export async function clear({ server, log }: Tools): Promise<void> {
    const client = await server.ready();
    if (client === undefined) {
        return;
    }
    try {
        await server.execute(client, ServerCommand.clear);
    } catch (error) {
        showFailure(log, error);
    }
}
