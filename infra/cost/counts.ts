/** What the product uses. Counted ones are held against the product by test/infra/cost.test.ts, within 15 %. */
export const COUNTED = {
  heartbeat: { writeUnits: 1, readUnits: 0 },
  /** A deploy of a machine that boots its ramdisk, with agent steps; beats that come while it works included. */
  deploy: { beats: 6, transitions: 15, exchanges: 13, advances: 7, writeUnits: 140, readUnits: 75, events: 28 },
};

/** What was not counted here but assumed, and why. */
export const ASSUMED = {
  /** Of warm functions; the handler of a heartbeat itself takes half a millisecond. */
  heartbeatMs: 10,
  advanceMs: 300,
  exchangeMs: 150,
  /** Of a BMC, which is slower than an agent; a sweep asks eight at once. */
  bmcMs: 500,
  bmcsAtOnce: 8,
  publishMs: 30,
  /** Of the operator API, warm: most of it waits for DynamoDB. */
  operatorMs: 50,
  /** What an async vendor method does at a BMC, with one exchange after the other. */
  vendorWorkMs: 5000,
  vendorExchanges: 5,
  /** Of one request's line. */
  logBytes: 300,
  /** A row with its ports, claims and session. */
  nodeKb: 4.3,
  /** What a sweep reads of each node. */
  rowKb: 1.5,
  sweepMs: 200,
  sweepMsPerThousandNodes: 300,
  /** An agent beats after 0.3 to 0.6 of the interval that it was told. */
  beatsPerInterval: 1 / 0.45,
  deploysPerMachineMonth: 1,
  /** Machines with an instance run no agent. */
  inRamdisk: 0.02,
};
