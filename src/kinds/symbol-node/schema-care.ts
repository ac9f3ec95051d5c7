/** What a SymbolNode may say of its certificates, its accounts, and how it is watched and cared for. */
import { z } from 'zod';

const days = (max: number) => z.int().min(1).max(max);
const commonName = () => z.string().min(1).max(64);
const secretKey = (what: string) =>
  z.strictObject({
    name: z.string().min(1).max(253).describe('Name of the Secret, in the namespace of the node.'),
    key: z.string().min(1).max(253).describe(`Member of the Secret with ${what}.`),
  });

export const certificates = z.strictObject({
  caCommonName: commonName()
    .optional()
    .describe('Common name of the CA certificate. Default: the name of the node, and CA.'),
  nodeCommonName: commonName()
    .optional()
    .describe('Common name of the node certificate. Default: the name of the node.'),
  caDays: days(36500).optional().describe('Life of the CA certificate. Default 7300.'),
  nodeDays: days(36500).optional().describe('Life of the node certificate. Default 375.'),
  renewBeforeDays: days(3650)
    .optional()
    .describe('When it is renewed before its end, with the key it has. Default 30.'),
  autoRenew: z.boolean().optional().describe('Renew it, which restarts the node; false only tells. Default true.'),
});

export const voting = z.strictObject({
  renewBeforeDays: days(3650).optional().describe('When the next voting keys are made. Default 30.'),
  autoRenew: z.boolean().optional().describe('Make them, which restarts the node; false only tells. Default true.'),
});

export const accounts = z.strictObject({
  links: z
    .enum(['Prepare', 'Sign', 'Announce'])
    .optional()
    .describe(
      'Prepare leaves an unsigned transaction for a person, Sign signs it with the key of the main account, Announce sends it and follows it until it is confirmed. Default Prepare.',
    ),
  rest: z
    .string()
    .max(2048)
    .regex(/^https?:\/\//)
    .optional()
    .describe("REST of a node that is asked and told. Default: this node's, and otherwise one that nodewatch knows."),
  cosigner: secretKey("the cosigner's private key, in PEM or as 64 hex digits")
    .optional()
    .describe('Who begins the bonded transaction and pays its deposit, where the main account is a multisig account.'),
});

export const recovery = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe('Run catapult.recovery before the node where it did not stop cleanly. Default true.'),
  maxAttempts: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe('Recoveries in a row before a person is waited for. Default 3.'),
});

export const monitor = z.strictObject({
  maxBlocksBehind: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Blocks behind the network that are too many. Default 5.'),
  nodewatch: z
    .string()
    .max(2048)
    .regex(/^(https?:\/\/.*)?$/)
    .optional()
    .describe("Service that knows the network's nodes and height. Default: the package's. Empty: none is asked."),
});

export const alerts = z.strictObject({
  webhook: z
    .strictObject({
      url: z
        .string()
        .max(2048)
        .regex(/^https?:\/\//)
        .optional()
        .describe('Where alerts are posted.'),
      urlSecret: secretKey('the URL').optional().describe('Where alerts are posted, when that is a secret.'),
      format: z.enum(['Json', 'Slack']).optional().describe('Form of what is posted. Default Json.'),
    })
    .meta({
      'x-kubernetes-validations': [
        { rule: 'has(self.url) != has(self.urlSecret)', message: 'set either url or urlSecret' },
      ],
    })
    .optional()
    .describe('A web hook.'),
});

const request = {
  id: z.string().min(1).max(63).describe('Any text; another one asks again. An empty node begins with it as done.'),
};

export const requests = z.strictObject({
  resync: z
    .strictObject({
      ...request,
      purgeHarvesters: z
        .boolean()
        .optional()
        .describe('Also forget who delegated harvesting to this node. Default false.'),
    })
    .optional()
    .describe('Throw the chain away and fetch it again. What votes were cast and who delegated harvesting is kept.'),
  renewCertificates: z
    .strictObject({
      ...request,
      newNodeKey: z
        .boolean()
        .optional()
        .describe('With a new node key; those who delegated harvesting have to do so again. Default false.'),
      renewCa: z.boolean().optional().describe('Also the CA certificate, with the key it has. Default false.'),
    })
    .optional()
    .describe('Renew the certificates now.'),
  renewVotingKeys: z.strictObject(request).optional().describe('Make the next voting keys now.'),
  updatePackage: z.strictObject(request).optional().describe("Fetch the network's package again."),
});
