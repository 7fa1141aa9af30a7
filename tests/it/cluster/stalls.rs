//! A server that stands still while clients call it, give up, and go elsewhere.

use std::io::Write as _;
use std::net::TcpStream;

use rustix::process::Signal;

use super::eureka::Instance;
use super::patience::until;
use super::stage::Cluster;

/// Says something to a server that does not answer, and goes.
fn say_and_go(cluster: &Cluster, server: usize, method: &str, path: &str, body: &str) {
    let mut stream = TcpStream::connect(cluster.http(server)).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).unwrap();
}

#[test]
fn what_was_said_to_a_server_that_stood_still_is_not_the_last_word() {
    let Some(cluster) = Cluster::formed(2) else {
        return;
    };
    let [drained, cancelled, changed] =
        ["drained", "cancelled", "changed"].map(|id| Instance::new("A", id));
    for instance in [&drained, &cancelled, &changed] {
        assert!(instance.register(cluster.http(0)).unwrap().ok());
    }
    cluster.await_shown(&[&drained, &cancelled, &changed], &[0, 1]);

    cluster.server(0).signal(Signal::STOP);
    let status = format!("{}/status?value=OUT_OF_SERVICE", drained.path());
    say_and_go(&cluster, 0, "PUT", &status, "");
    say_and_go(&cluster, 0, "PUT", &cancelled.path(), "");
    say_and_go(
        &cluster,
        0,
        "PUT",
        &format!("{}/metadata?colour=old", changed.path()),
        "",
    );
    let unborn = Instance::new("A", "unborn");
    say_and_go(&cluster, 0, "POST", "/eureka/apps/A", &unborn.body());
    let native = "/api/v1/instances/A";
    let body = r#"{"host": "h", "port": 1}"#;
    say_and_go(&cluster, 0, "PUT", &format!("{native}/unborn-too"), body);
    say_and_go(&cluster, 0, "DELETE", &format!("{native}/drained"), "");
    let body = r#"{"status": "DOWN", "by": "ann"}"#;
    say_and_go(
        &cluster,
        0,
        "PUT",
        &format!("{native}/changed/override"),
        body,
    );
    // It takes the other some seconds to notice, which is as long as clients wait.
    until("the other notices", || {
        cluster.server(1).says(&["peer_down"]) > 0
    });
    assert!(drained.override_by(cluster.http(1), "UP").unwrap().ok());
    assert!(cancelled.cancel(cluster.http(1)).unwrap().ok());
    assert!(changed.tell(cluster.http(1), "colour", "new").unwrap().ok());
    cluster.server(0).signal(Signal::CONT);

    until("it takes calls again", || {
        drained
            .beat(cluster.http(0))
            .is_ok_and(|answer| answer.ok())
    });
    let shown = cluster.await_equal(&[0, 1]);
    assert_eq!(shown[&drained.id].0, "UP", "the later word holds");
    assert_eq!(shown[&changed.id].2["colour"], "new");
    assert_eq!(
        shown[&changed.id].0, "UP",
        "nor is an operator's who gave up"
    );
    assert!(
        !shown.contains_key(&cancelled.id),
        "an old beat gainsays no cancel"
    );
    assert!(
        !shown.contains_key(&unborn.id) && !shown.contains_key("unborn-too"),
        "whoever registered it has gone"
    );
    assert_eq!(cluster.server(0).says(&["calls_refused"]), 1);
    let new = Instance::new("A", "new");
    assert!(
        new.register(cluster.http(0)).unwrap().ok(),
        "that was for a moment"
    );
    cluster.await_shown(&[&new], &[0, 1]);
}
