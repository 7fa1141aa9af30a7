'use strict';
// eureka-js-client and its fork: settings in as JSON, the view of the registry out twice a second, `stop` from stdin.
const readline = require('readline');

const settings = JSON.parse(process.argv[2]);
const { Eureka } = require(settings.transport.package);

// The library logs to stdout by way of console; stdout is for the driver.
const levels = ['debug', 'info', 'warn', 'error'];
const logger = Object.fromEntries(levels.map((level) => [level, console.error.bind(console, level)]));

const client = new Eureka({
  logger,
  shouldUseDelta: settings.transport.delta,
  instance: {
    app: settings.app,
    instanceId: settings.id,
    hostName: settings.host,
    ipAddr: settings.ip,
    port: { $: settings.port, '@enabled': true },
    securePort: { $: settings.securePort, '@enabled': settings.securePortEnabled },
    vipAddress: settings.vip,
    secureVipAddress: settings.secureVip,
    homePageUrl: settings.homePageUrl,
    statusPageUrl: settings.statusPageUrl,
    healthCheckUrl: settings.healthCheckUrl,
    metadata: settings.metadata,
    leaseInfo: { renewalIntervalInSecs: 1, durationInSecs: settings.leaseSeconds },
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  },
  eureka: {
    serviceUrls: { default: settings.urls.map((url) => url + settings.transport.path) },
    heartbeatInterval: 1000,
    registryFetchInterval: 1000,
    requestRetryDelay: 200,
    filterUpInstances: false,
  },
});

function printView() {
  const sees = Object.values(client.cache.app).flat().map((instance) => ({
    app: instance.app, id: instance.instanceId, status: instance.status, metadata: instance.metadata,
  }));
  console.log(JSON.stringify({ sees }));
}

client.start((error) => {
  if (error) throw error;
  setInterval(printView, 500);
});

readline.createInterface({ input: process.stdin })
  .on('line', () => client.stop((error) => process.exit(error ? 1 : 0)))
  .on('close', () => process.exit(1));
