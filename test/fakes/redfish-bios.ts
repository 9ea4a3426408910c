const FACTORY: Readonly<Record<string, unknown>> = { BootMode: 'Uefi', LogicalProc: true, AssetTag: null };

/** BIOS settings as BMCs have them: what is asked for waits beside them, and counts from the next boot on. */
export class RedfishBios {
  attributes: Record<string, unknown> = { ...FACTORY };
  /** What waits for the next boot. */
  waiting: Record<string, unknown> = {};

  /** The resource at `path`, and the one of what waits. */
  read(path: string): Record<string, unknown> {
    return {
      [path]: {
        '@odata.id': path,
        Attributes: this.attributes,
        '@Redfish.Settings': { SettingsObject: { '@odata.id': `${path}/Settings` }, SupportedApplyTimes: ['OnReset'] },
        Actions: { '#Bios.ResetBios': { target: `${path}/Actions/Bios.ResetBios` } },
      },
      [`${path}/Settings`]: { '@odata.id': `${path}/Settings`, Attributes: this.waiting },
    };
  }

  reset(): void {
    this.waiting = { ...FACTORY };
  }

  boots(): void {
    this.attributes = { ...this.attributes, ...this.waiting };
    this.waiting = {};
  }
}
