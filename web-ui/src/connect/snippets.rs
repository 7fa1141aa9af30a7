//! What to write where, for each kind of client.
//!
//! What must always hold: a snippet can be used as it stands, once its names are one's own. Addresses are put in by
//! [`filled`] alone; whoever makes them sees to it that they hold nothing but addresses.

/// A kind of client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Client {
    /// Spring Cloud Netflix.
    #[default]
    Spring,
    /// Steeltoe, for .NET.
    Steeltoe,
    /// eureka-js-client, for Node.
    Node,
    /// py-eureka-client.
    Python,
    /// Go, with nothing but its standard library.
    Go,
    /// Prometheus finds targets here.
    Prometheus,
    /// Any shell.
    Curl,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Spring,
        Self::Steeltoe,
        Self::Node,
        Self::Python,
        Self::Go,
        Self::Prometheus,
        Self::Curl,
    ];

    /// What it is called in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::Steeltoe => "steeltoe",
            Self::Node => "node",
            Self::Python => "python",
            Self::Go => "go",
            Self::Prometheus => "prometheus",
            Self::Curl => "curl",
        }
    }

    /// What it is called by people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Spring => "Spring",
            Self::Steeltoe => "Steeltoe (.NET)",
            Self::Node => "Node",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Prometheus => "Prometheus",
            Self::Curl => "curl",
        }
    }

    /// The client of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }
}

/// Something to copy, and what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// What to do with it.
    pub about: &'static str,
    /// It.
    pub code: String,
}

/// What to write for a client. `bases` are addresses of servers, `http://host:port`, the first one to be tried first.
pub(super) fn of(client: Client, bases: &[String]) -> Vec<Block> {
    let blocks: &[(&'static str, &str)] = match client {
        Client::Spring => SPRING,
        Client::Steeltoe => STEELTOE,
        Client::Node => NODE,
        Client::Python => PYTHON,
        Client::Go => GO,
        Client::Prometheus => PROMETHEUS,
        Client::Curl => CURL,
    };
    let filled = blocks.iter().map(|(about, code)| Block {
        about,
        code: filled(code.trim_matches('\n'), bases),
    });
    filled.collect()
}

fn filled(code: &str, bases: &[String]) -> String {
    let each = |shape: &dyn Fn(&String) -> String| bases.iter().map(shape).collect::<Vec<_>>();
    let urls = each(&|base| format!("{base}/eureka/")).join(",");
    let quoted = each(&|base| format!("'{base}/eureka/apps/'")).join(", ");
    let jobs = each(&|base| format!("    - server: {base}/eureka")).join("\n");
    let base = bases.first().map(String::as_str).unwrap_or_default();
    code.replace("{urls}", &urls)
        .replace("{quoted}", &quoted)
        .replace("{jobs}", &jobs)
        .replace(
            "{host}",
            base.split_once("://").map_or(base, |(_, host)| host),
        )
        .replace("{base}", base)
}

const SPRING: &[(&str, &str)] = &[
    (
        "In application.yml, beside the starter spring-cloud-starter-netflix-eureka-client. The zone is what the pages here group by, and what clients prefer when they choose.",
        "
spring:
  application:
    name: orders
eureka:
  client:
    service-url:
      defaultZone: {urls}
  instance:
    prefer-ip-address: true
    metadata-map:
      zone: zone-a
",
    ),
    (
        "Or as the environment of a container.",
        "
EUREKA_CLIENT_SERVICEURL_DEFAULTZONE={urls}
EUREKA_INSTANCE_METADATAMAP_ZONE=zone-a
",
    ),
];

const STEELTOE: &[(&str, &str)] = &[(
    "In appsettings.json, beside the package Steeltoe.Discovery.Eureka; services.AddEurekaDiscoveryClient() does the rest.",
    r#"
{
  "Spring": { "Application": { "Name": "orders" } },
  "Eureka": {
    "Client": {
      "ServiceUrl": "{urls}",
      "ShouldRegisterWithEureka": true
    },
    "Instance": {
      "Port": 8080,
      "MetadataMap": { "zone": "zone-a" }
    }
  }
}
"#,
)];

const NODE: &[(&str, &str)] = &[(
    "With the package eureka-js-client.",
    "
const { Eureka } = require('eureka-js-client');
const client = new Eureka({
  instance: {
    app: 'orders',
    instanceId: 'orders-1',
    hostName: '10.0.0.5',
    ipAddr: '10.0.0.5',
    vipAddress: 'orders',
    port: { $: 8080, '@enabled': true },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    metadata: { zone: 'zone-a' },
  },
  eureka: {
    serviceUrls: { default: [{quoted}] },
  },
});
client.start();
",
)];

const PYTHON: &[(&str, &str)] = &[(
    "With the package py-eureka-client.",
    r#"
import py_eureka_client.eureka_client as eureka_client

eureka_client.init(
    eureka_server="{urls}",
    app_name="orders",
    instance_port=8080,
    metadata={"zone": "zone-a"},
)
"#,
)];

const GO: &[(&str, &str)] = &[(
    "With the standard library alone: register, then renew for ever; a 404 means register again.",
    r#"
const lease = "{base}/api/v1/instances/ORDERS/orders-1"

func put(url, body string) (int, error) {
	req, err := http.NewRequest("PUT", url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func stayRegistered() {
	for known := false; ; time.Sleep(30 * time.Second) {
		if known {
			status, err := put(lease+"/lease", "{}")
			known = err != nil || status != http.StatusNotFound
		}
		if !known {
			status, err := put(lease, `{"host":"10.0.0.5","port":8080,"zone":"zone-a"}`)
			known = err == nil && status < 300
		}
	}
}
"#,
)];

const PROMETHEUS: &[(&str, &str)] = &[
    (
        "In prometheus.yml: every instance that is registered becomes a target.",
        "
scrape_configs:
- job_name: services
  eureka_sd_configs:
{jobs}
  relabel_configs:
  - source_labels: [__meta_eureka_app_name]
    target_label: service
  - source_labels: [__meta_eureka_app_instance_metadata_zone]
    target_label: zone
",
    ),
    (
        "And this registry itself.",
        "
- job_name: peerage
  static_configs:
  - targets: [{host}]
",
    ),
];

const CURL: &[(&str, &str)] = &[
    (
        "Register an instance; it shows up on this page at once.",
        r#"
curl -X PUT {base}/api/v1/instances/ORDERS/orders-1 \
  -H 'Content-Type: application/json' \
  -d '{"host": "10.0.0.5", "port": 8080, "zone": "zone-a"}'
"#,
    ),
    (
        "Keep it: within every 90 seconds, better every 30. A 404 means register again.",
        "
curl -X PUT {base}/api/v1/instances/ORDERS/orders-1/lease
",
    ),
    (
        "Take it out, and look what is there.",
        "
curl -X DELETE {base}/api/v1/instances/ORDERS/orders-1
curl -H 'Accept: application/json' {base}/eureka/apps
",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_names_every_server_or_the_first() {
        let bases = ["http://a:1".to_owned(), "http://b:2".to_owned()];
        for client in Client::ALL {
            let blocks = of(client, &bases);
            let all: String = blocks.iter().map(|block| block.code.as_str()).collect();
            assert!(all.contains("a:1"), "{}", client.name());
            for placeholder in ["{urls}", "{quoted}", "{jobs}", "{host}", "{base}"] {
                assert!(!all.contains(placeholder), "{}", client.name());
            }
            assert_eq!(Client::named(client.name()), Some(client));
        }
    }
}
