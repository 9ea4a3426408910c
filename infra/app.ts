import { App } from 'aws-cdk-lib';
import { nodelessApp } from './nodeless-app.ts';

nodelessApp(new App());
