/** Where the programs lie that ours is measured beside. */
export const PEERS = import.meta.dirname;
