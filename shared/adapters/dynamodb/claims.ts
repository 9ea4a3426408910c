import { ClaimTaken, Conflict } from '../../errors.ts';
import type { AnyClaim, Claim } from '../../node/claims.ts';
import { claimKey } from './keys.ts';
import { shapeOf, writtenByNewer } from './shapes.ts';
import type { Write } from './transact.ts';

const OWNER = { '#owner': 'owner' };
const OWNER_AND_SHARED = { '#owner': 'owner', '#shared': 'shared' };
const RETURN_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** A hard claim of another fails the write; a soft one becomes shared, for good: its value identifies nobody. */
export function takeClaim(table: string, claim: AnyClaim, owner: string, more: { port?: string } = {}): Write {
  return {
    item: {
      Put: {
        TableName: table,
        Item: { ...claimKey(claim), owner, ...more, schema: shapeOf('claim') },
        ConditionExpression: 'attribute_not_exists(sk)',
        ...RETURN_OLD,
      },
    },
    refused(old) {
      const newer = writtenByNewer('claim', old);
      if (newer) return newer;
      const holder = old?.owner?.S;
      if (!claim.soft) return new ClaimTaken(claim.kind, claim.value, holder);
      if (old?.shared?.BOOL || holder === owner || holder === undefined) return 'leave-out';
      return markShared(table, claim, holder, owner);
    },
  };
}

function markShared(table: string, claim: AnyClaim, holder: string, owner: string): Write {
  return {
    item: {
      Update: {
        TableName: table,
        Key: claimKey(claim),
        UpdateExpression: 'SET #shared = :true',
        ConditionExpression: '#owner = :holder AND attribute_not_exists(#shared)',
        ExpressionAttributeNames: OWNER_AND_SHARED,
        ExpressionAttributeValues: { ':true': true, ':holder': holder },
        ...RETURN_OLD,
      },
    },
    // Released or shared since we looked: start over with what is true now.
    refused: (old) => (old?.shared?.BOOL ? 'leave-out' : takeClaim(table, claim, owner)),
  };
}

/** Frees a claim that is ours. A shared one stays, and so does one that is not ours. */
export function releaseClaim(table: string, claim: AnyClaim, owner: string): Write {
  return {
    item: {
      Delete: {
        TableName: table,
        Key: claimKey(claim),
        ConditionExpression: 'attribute_not_exists(sk) OR (#owner = :owner AND attribute_not_exists(#shared))',
        ExpressionAttributeNames: OWNER_AND_SHARED,
        ExpressionAttributeValues: { ':owner': owner },
        ...RETURN_OLD,
      },
    },
    refused: () => 'leave-out',
  };
}

/** The claim of a MAC follows its port to another node. */
export function passClaim(table: string, claim: AnyClaim, from: string, to: string): Write {
  return {
    item: {
      Update: {
        TableName: table,
        Key: claimKey(claim),
        UpdateExpression: 'SET #owner = :to',
        ConditionExpression: '#owner = :from',
        ExpressionAttributeNames: OWNER,
        ExpressionAttributeValues: { ':from': from, ':to': to },
        ...RETURN_OLD,
      },
    },
    refused: () => new Conflict(`${claim.kind} ${claim.value} is no longer of node ${from}`),
  };
}

/** A soft claim follows its value to another node; one that is shared, or not of `from`, stays as it is. */
export function passSoftClaim(table: string, claim: AnyClaim, from: string, to: string): Write {
  return {
    item: {
      Update: {
        TableName: table,
        Key: claimKey(claim),
        UpdateExpression: 'SET #owner = :to',
        ConditionExpression: '#owner = :from AND attribute_not_exists(#shared)',
        ExpressionAttributeNames: OWNER_AND_SHARED,
        ExpressionAttributeValues: { ':from': from, ':to': to },
        ...RETURN_OLD,
      },
    },
    refused: (old) => (old === undefined || old.shared?.BOOL ? 'leave-out' : takeClaim(table, claim, to)),
  };
}

/** Of a port's name; its owner is the port, which keeps it on its way to another node. */
export const portNameClaim = (name: string): AnyClaim => ({ kind: 'port_name', value: name, soft: false });
export const macClaim = (address: string): Claim => ({ kind: 'mac', value: address, soft: false });
