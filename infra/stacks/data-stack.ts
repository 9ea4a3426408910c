import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { TABLES, type TableName } from '../../shared/adapters/dynamodb/tables.ts';
import { documentKey } from '../../shared/documents.ts';
import { nodelessTable } from '../constructs/nodeless-table.ts';
import type { Options } from '../options.ts';

const VENDOR_CALL_DAYS = 30;

/** What must outlive every redeploy, also one that replaces the rest: rows, documents, secrets. */
export class DataStack extends Stack {
  readonly tables: Record<TableName, Table>;
  readonly documents: Bucket;
  readonly tokenKey: Secret;
  readonly operatorPassword: Secret;

  /** `keepDays`: how long what strangers posted is kept. */
  constructor(
    scope: Construct,
    id: string,
    { options, keepDays, ...props }: StackProps & { options: Options; keepDays: number },
  ) {
    super(scope, id, { ...props, terminationProtection: !options.disposable });
    const removalPolicy = options.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    const made = TABLES.map((table) => [table.name, nodelessTable(this, table, options)] as const);
    this.tables = Object.fromEntries(made) as Record<TableName, Table>;

    this.documents = new Bucket(this, 'Documents', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy,
      lifecycleRules: [
        // What strangers posted. Their rows go by themselves, too.
        { id: 'submissions', prefix: documentKey('submissions', ''), expiration: Duration.days(keepDays) },
        // How async vendor calls ended: machines may call, and nobody deletes.
        { id: 'vendor-calls', prefix: documentKey('vendor-calls', ''), expiration: Duration.days(VENDOR_CALL_DAYS) },
      ],
    });

    this.tokenKey = new Secret(this, 'TokenKey', {
      description: 'Nodeless: the key from which agent tokens are derived. With another one every token is wrong.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
    this.operatorPassword = new Secret(this, 'OperatorPassword', {
      description: 'Nodeless: name and password of the operator API (HTTP basic)',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'admin' }),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
      removalPolicy,
    });

    for (const [name, table] of made) new CfnOutput(this, `${name}TableName`, { value: table.tableName });
    new CfnOutput(this, 'DocumentsBucketName', { value: this.documents.bucketName });
    new CfnOutput(this, 'OperatorPasswordSecret', {
      value: this.operatorPassword.secretName,
      description: 'aws secretsmanager get-secret-value --secret-id … --query SecretString',
    });
  }
}
