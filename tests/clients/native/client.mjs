// An instance that registers, renews, watches its service, and drains itself when its input ends. Node 20, nothing else.
// Usage: node client.mjs http://localhost:8761 APP ID PORT
const [server, app, me, port] = process.argv.slice(2);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const call = (method, path, body, accept = 'application/json') => fetch(`${server}/api/v1${path}`,
  { method, headers: { 'Content-Type': 'application/json', Accept: accept }, body: body && JSON.stringify(body) });
const register = () => call('PUT', `/instances/${app}/${me}`, { host: 'localhost', port: +port, duration_ms: 15000 });
const renew = async () => (await call('PUT', `/instances/${app}/${me}/lease`, {})).status === 404 && register();
async function watch(since = '') {
  for (let rest = ''; ; rest = '', await pause(1000)) try {
    const stream = await call('GET', `/stream?query=app:${app}&rows=yes&since=${since}`, undefined, 'application/x-ndjson');
    for await (const text of stream.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const { event, id, data } of lines.map((line) => JSON.parse(line))) {
        since = event === 'resync' ? '' : id ?? since;
        if (event === 'resync') throw new Error(data.text); // without a position it begins anew, with the whole list
        for (const row of data.rows ?? []) console.log('listed', row.id, row.status);
        for (const change of data.changes ?? []) console.log(change.kind, change.id);
      }
    }
  } catch (error) { console.error(error.message); }
}
const { renew_every_ms: every } = await (await register()).json();
setInterval(() => renew().catch((error) => console.error(error.message)), every);
watch();
await new Promise((stop) => process.stdin.resume().on('end', stop));
const drain = await (await call('POST', '/drain',
  { app, id: me, by: 'client.mjs', reason: 'it stops', confirm_empties_zone: true })).json();
while (!(await (await call('GET', `/drains/${drain.id}`)).json()).safe_to_stop) await pause(500);
await call('DELETE', `/instances/${app}/${me}`);
process.exit();
