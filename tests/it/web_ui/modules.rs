//! The modules' own tests, by Node's test runner, where there is one.

use std::path::Path;
use std::process::Command;

#[test]
fn the_modules_pass_their_own_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web-ui/tests");
    let tests = ["query.test.mjs", "times.test.mjs"].map(|name| folder.join(name));
    let ran = Command::new("node").arg("--test").args(tests).output();
    let Ok(ran) = ran else {
        eprintln!("skipped: there is no node on this machine");
        return;
    };
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
}
