/**
 * What links show. One URL stands for both APIs, as behind one proxy that tells them apart by path; but where it
 * names the port of one API, the other API shows its own port.
 */
export function publicUrls(given: { publicUrl?: string | undefined; operatorPort: number; agentPort: number }): {
  operator: string | undefined;
  agent: string | undefined;
} {
  if (given.publicUrl === undefined) return { operator: undefined, agent: undefined };
  const ports = [String(given.operatorPort), String(given.agentPort)];
  const named = ports.includes(new URL(given.publicUrl).port);
  const at = (port: number) => {
    const url = new URL(given.publicUrl ?? '');
    if (named) url.port = String(port);
    return url.href.replace(/\/+$/, '');
  };
  return { operator: at(given.operatorPort), agent: at(given.agentPort) };
}
