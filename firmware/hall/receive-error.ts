/** Something that whoever runs the receiver has to do otherwise. The message says what. */
export class ReceiveError extends Error {}
