//! A directory of its own for each test, and everything that can be wrong with it.

use super::*;

/// A directory that is gone afterwards.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("peerage-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn open(&self) -> DataDir {
        DataDir::open(&self.0).expect("nobody else has it")
    }

    /// What is said of a file with this content, which must be out of the way afterwards.
    fn refused(&self, content: &[u8]) -> String {
        let dir = self.open();
        fs::write(self.0.join(FILE), content).unwrap();
        let told = dir.read().unwrap_err();
        assert!(told.contains("it was set aside as"), "{told}");
        let aside = self.0.join("identity.json.set-aside");
        assert_eq!(fs::read(aside).unwrap(), content);
        assert_eq!(dir.read(), Ok(None));
        dir.write(&identity()).unwrap();
        assert_eq!(dir.read(), Ok(Some(identity())));
        told
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn identity() -> Identity {
    Identity {
        node: NodeId(0xf000_0000_0000_0007),
        epoch: Epoch(1_700_000_000_123),
        cluster: "peerage".to_owned(),
        known: vec![Known {
            node: NodeId(9),
            address: SocketAddr::from(([10, 0, 0, 1], 8764)),
        }],
    }
}

#[test]
fn what_was_written_is_read_by_the_next_start() {
    let place = Place::new("identity");
    let first = place.open();
    assert_eq!(first.read(), Ok(None));
    first.write(&identity()).unwrap();
    drop(first);
    assert_eq!(place.open().read(), Ok(Some(identity())));
}

#[test]
fn the_file_is_this() {
    let text = serde_json::to_string_pretty(&Written::of(&identity())).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "format": 1,
      "node": "f000000000000007",
      "epoch": 1700000000123,
      "cluster": "peerage",
      "known": [
        {
          "node": "0000000000000009",
          "address": "10.0.0.1:8764"
        }
      ]
    }
    "#);
}

#[test]
fn a_start_is_later_than_the_last_though_the_clock_went_back() {
    let last = identity();
    let next = |now| last.next_epoch(Epoch(now)).0;
    assert_eq!(next(last.epoch.0 + 5000), last.epoch.0 + 5000);
    assert_eq!(next(last.epoch.0), last.epoch.0 + 1);
    assert_eq!(next(5), last.epoch.0 + 1);
}

#[test]
fn a_directory_belongs_to_one_process() {
    let place = Place::new("lock");
    let first = place.open();
    assert!(first.unlocked().is_none());
    let refused = DataDir::open(&place.0).unwrap_err();
    assert!(matches!(refused, Unusable::Taken), "{refused:?}");
    drop(first);
    assert!(DataDir::open(&place.0).is_ok());
}

#[test]
fn files_that_make_no_sense_are_set_aside() {
    let place = Place::new("nonsense");
    for content in [
        &b""[..],
        b"{\"node\":",
        b"\xff\xfe\0\0",
        b"[]",
        b"{\"format\": 1}",
        br#"{"format": 1, "node": "x", "epoch": 1, "cluster": "", "known": []}"#,
        br#"{"format": 1, "node": "7", "epoch": 18446744073709551615, "cluster": "", "known": []}"#,
        br#"{"format": 1, "node": "7", "epoch": 1, "cluster": "", "known": [{"node": "8", "address": "x"}]}"#,
    ] {
        let told = place.refused(content);
        assert!(told.contains("is no identity of a server"), "{told}");
    }
    let told = place.refused(&vec![b' '; usize::try_from(FILE_BYTES_MAX).unwrap() + 1]);
    assert!(told.contains("too long"), "{told}");
}

#[test]
fn a_file_of_a_later_release_is_set_aside_whole() {
    let place = Place::new("later");
    let told = place.refused(br#"{"format": 2, "node": {"id": 7}}"#);
    assert!(told.contains("format 2 where this one knows 1"), "{told}");
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let place = Place::new("full");
    let dir = place.open();
    dir.write(&identity()).unwrap();
    fs::create_dir(place.0.join("identity.json.next")).unwrap();
    let epoch = Epoch(9);
    assert!(
        dir.write(&Identity {
            epoch,
            ..identity()
        })
        .is_err()
    );
    assert_eq!(dir.read(), Ok(Some(identity())));
}

#[test]
fn only_its_owner_may_look_at_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("private");
    place.open().write(&identity()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.0), DIRECTORY_MODE);
    for file in [FILE, LOCK] {
        assert_eq!(mode(&place.0.join(file)), FILE_MODE, "{file}");
    }
}

#[test]
fn a_path_at_which_no_directory_can_be_is_refused() {
    let place = Place::new("file");
    place.open().write(&identity()).unwrap();
    for path in [
        Path::new("/proc/nowhere"),
        &place.0.join(FILE),
        &place.0.join(FILE).join("below"),
    ] {
        let refused = DataDir::open(path).unwrap_err();
        assert!(
            matches!(refused, Unusable::Impossible(_)),
            "{path:?}: {refused:?}"
        );
    }
}

#[test]
fn a_directory_that_was_removed_is_made_again() {
    let place = Place::new("removed");
    let dir = place.open();
    fs::remove_dir_all(&place.0).unwrap();
    dir.write(&identity()).unwrap();
    assert_eq!(dir.read(), Ok(Some(identity())));
}
