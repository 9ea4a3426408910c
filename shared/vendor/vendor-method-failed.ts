import { NodelessError } from '../errors.ts';

/** A method threw what no caller should see: that is in `cause`, the message names the method only. */
export class VendorMethodFailed extends NodelessError {
  readonly code = 'vendor-method-failed';
  readonly status = 500;
  constructor(method: string, options?: ErrorOptions) {
    super(`Vendor method ${method} failed.`, options);
  }
}
