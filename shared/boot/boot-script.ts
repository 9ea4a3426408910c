/** What a machine that has no image yet is booted with: an ironic-python-agent ramdisk on a mirror at the site. */
export interface BootImages {
  /** URLs as iPXE fetches them. */
  kernel: string;
  ramdisk: string;
  kernelParameters: string;
}

/**
 * The scripts hold what the configuration and our own address say, and nothing that a caller sent: `${…}` are iPXE's own
 * variables, which the machine fills in.
 */
export function ramdiskScript(images: BootImages, apiUrl: string): string {
  return script([
    `kernel ${images.kernel} ${parameters(images, apiUrl)} || goto failed`,
    `initrd --name ramdisk ${images.ramdisk} || goto failed`,
    'boot || goto failed',
    ':failed',
    'echo The ramdisk could not be loaded: look at the mirror. Next try in 30 s',
    'sleep 30',
    `chain --replace ${askUrl(apiUrl)} || goto failed`,
  ]);
}

/** Without the ramdisk's logs, which alone can be larger than a post may be (BOOTING.md). */
const COLLECTORS = 'ipa-inspection-collectors=default';

/** The last one of a name counts: what the configuration may say otherwise stands before it, the rest after it. */
function parameters({ kernelParameters }: BootImages, apiUrl: string): string {
  return [
    'initrd=ramdisk',
    COLLECTORS,
    kernelParameters,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of iPXE
    'BOOTIF=01-${mac:hexhyp}',
    `ipa-api-url=${apiUrl}`,
    `ipa-inspection-callback-url=${apiUrl}/v1/continue_inspection`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** A machine with an instance: back to the firmware, which goes on with the next device; BIOSes without one get the disk. */
export function localScript(): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of iPXE
  return script(['iseq ${platform} efi && exit || sanboot --no-describe --drive 0x80 || exit']);
}

/** For whoever asks without saying who it is: asks again with all that iPXE knows. */
export function askingScript(apiUrl: string): string {
  return script([`chain --replace ${askUrl(apiUrl)}`]);
}

const askUrl = (apiUrl: string): string =>
  `${apiUrl}/boot.ipxe?${['mac', 'uuid'].map((name) => `${name}=\${${name}}`).join('&')}` +
  `&${['serial', 'asset', 'manufacturer', 'product'].map((name) => `${name}=\${${name}:uristring}`).join('&')}`;

const script = (lines: readonly string[]): string => ['#!ipxe', ...lines, ''].join('\n');

/** Whether an address can stand in a script as it is: no white space, no quotes, nothing of iPXE's own language. */
export const isPrintable = (url: string): boolean => /^https?:\/\/[\w.:[\]/~%-]+$/.test(url);
