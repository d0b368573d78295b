// Runs a CloudFront Function in Node: one JSON object a line in, one out.
//   {"code": ..., "event": ..., "store": {...} or null}  ->  {"result": ..., "origins": [...], "reads": [...]} or {"error": ...}
// The module `cloudfront` is imitated as far as Palier's functions use it: kvs().get, updateRequestOrigin.
'use strict';
const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
const compiled = new Map();

function load(code) {
    if (!compiled.has(code)) {
        const body = code.replace("import cf from 'cloudfront';", '');
        compiled.set(code, new AsyncFunction('cf', 'event', `${body}\nreturn await handler(event);`));
    }
    return compiled.get(code);
}

async function run(asked) {
    const origins = [];
    const reads = [];
    const cf = {
        kvs: () => ({
            get: async (key) => {
                reads.push(key);
                if (asked.store === null || !(key in asked.store)) {
                    throw new Error('KeyNotFound');
                }
                return asked.store[key];
            },
        }),
        updateRequestOrigin: (origin) => origins.push(origin),
    };
    try {
        const result = await load(asked.code)(cf, asked.event);
        return { result: result, origins: origins, reads: reads };
    } catch (error) {
        return { error: String(error) };
    }
}

require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
});
