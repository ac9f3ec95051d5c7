/** What of symbol-sdk we use. The bundle has it in a file of its own, so that nobody who signs no transactions keeps it in memory. */
export { Hash256, PublicKey } from 'symbol-sdk';
export { models, Network, SymbolFacade } from 'symbol-sdk/symbol';
