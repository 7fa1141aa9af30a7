//! The server that is measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A release process of its own.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_peerage"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--peer-listen",
                "127.0.0.1:0",
            ])
            .args(["--log-format", "json"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server's binary starts");
        let mut log = BufReader::new(process.stderr.take().expect("it is piped"));
        let address = loop {
            let mut line = String::new();
            assert!(
                log.read_line(&mut line).expect("its log is read") > 0,
                "it starts"
            );
            let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            if line["event"] == "ready" {
                let address = line["address"].as_str().expect("an address");
                break address.parse().expect("an address");
            }
        };
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { process, address }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Registers so many instances.
    pub(crate) fn fill(&self, count: usize) {
        let mut connection = Connection::open(self.address);
        for number in 0..count {
            connection.register(number, "start");
        }
    }

    /// How many subscribers it says it has.
    pub(crate) fn subscribers(&self) -> usize {
        let mut connection = Connection::open(self.address);
        let page = connection.ask("GET", "/metrics", "");
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("peerage_subscribers{kind=\"stream\"} "));
        line.and_then(|count| count.split('.').next()?.trim().parse().ok())
            .unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A connection that asks one thing after the other.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self(BufReader::new(stream))
    }

    /// Registers one of ten thousand instances with something new about it.
    pub(crate) fn register(&mut self, number: usize, version: &str) {
        let (app, zone) = (number % 100, number % 3);
        let body = format!(
            r#"{{"instance": {{"instanceId": "host-{number}.example.internal:8080", "app": "SERVICE-{app}",
                "hostName": "host-{number}.example.internal", "ipAddr": "10.0.{}.{}", "status": "UP",
                "port": {{"$": 8080, "@enabled": "true"}}, "vipAddress": "service-{app}",
                "dataCenterInfo": {{"name": "MyOwn"}},
                "metadata": {{"zone": "zone-{zone}", "version": "{version}"}}}}}}"#,
            number / 250 % 250,
            number % 250,
        );
        self.ask("POST", &format!("/eureka/apps/SERVICE-{app}"), &body);
    }

    pub(crate) fn beat(&mut self, number: usize) {
        let app = number % 100;
        self.ask(
            "PUT",
            &format!("/eureka/apps/SERVICE-{app}/host-{number}.example.internal:8080"),
            "",
        );
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &str) -> String {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0
            .get_mut()
            .write_all(request.as_bytes())
            .expect("the server reads");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("the server answers");
            let line = line.trim_end().to_ascii_lowercase();
            assert!(!line.starts_with("http/1.1 5"), "{line}");
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0
            .read_exact(&mut body)
            .expect("the server answers whole");
        String::from_utf8(body).expect("text")
    }
}
