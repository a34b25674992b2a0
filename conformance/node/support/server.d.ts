// For the suites that are written in TypeScript.

export interface Server {
  baseUrl: string;
  kill(): void;
  stopAndAudit(): Promise<void>;
}

export function startServer(...options: string[]): Promise<Server>;
