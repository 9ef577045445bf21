// Reads an AsyncAPI document with the official parser; any error or warning fails.
import { readFile } from 'node:fs/promises';
import parserPackage from '@asyncapi/parser';

const { Parser } = parserPackage;
const path = process.argv[2];
const { document, diagnostics } = await new Parser().parse(await readFile(path, 'utf8'));
// Hints (severity 3) say how a document could be richer; anything graver is a fault.
const faults = diagnostics.filter((diagnostic) => diagnostic.severity < 2);
for (const fault of faults) {
  console.error(`${path}: ${fault.path.join('.')}: ${fault.message}`);
}
if (faults.length > 0 || document === undefined) {
  process.exit(1);
}
console.log(`${path}: AsyncAPI ${document.version()}, ${document.allMessages().all().length} messages`);
