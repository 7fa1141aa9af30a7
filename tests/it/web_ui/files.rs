//! The files that pages load: tags, compression, sizes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use web_ui::assets;

use super::{BROWSER, PAGES, inhabited};
use crate::service::Service;

/// What a first load of any page may cost, compressed, in bytes and in requests, the stream among these.
const FIRST_LOAD_MAX: usize = 45_000;
const REQUESTS_MAX: usize = 10;
/// What all files together may have, compressed.
const FILES_MAX: usize = 90_000;

fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it").len()
}

#[test]
fn all_files_together_are_small() {
    let all: usize = assets::ALL
        .iter()
        .map(|asset| compressed(&asset.bytes()))
        .sum();
    assert!(all <= FILES_MAX, "{all} bytes");
}

#[actix_web::test]
async fn the_first_load_of_every_page_is_small() {
    let service = inhabited(&[]).await;
    for path in PAGES {
        let headers = BROWSER.into_iter().chain([("Accept-Encoding", "gzip")]);
        let page = service.send("GET", path, headers, None).await;
        let (mut bytes, mut requests) = (page.body.len(), 2);
        let text = page.text().expect("pages are text");
        let loaded = text
            .split("ui/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let loaded: std::collections::BTreeSet<_> = loaded.collect();
        for name in loaded {
            let answer = file(&service, name, &[("Accept-Encoding", "gzip")]).await;
            assert_eq!(answer.status, 200, "{path} loads {name}");
            bytes += answer.body.len();
            requests += 1;
        }
        assert!(
            bytes <= FIRST_LOAD_MAX && requests <= REQUESTS_MAX,
            "{path}: {bytes} bytes, {requests} requests"
        );
    }
}

async fn file(service: &Service, name: &str, headers: &[(&str, &str)]) -> crate::service::Answer {
    service
        .send("GET", &format!("/ui/{name}"), headers.iter().copied(), None)
        .await
}

#[actix_web::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let service = Service::start(&[]).await;
    for asset in assets::ALL {
        let plain = file(&service, asset.name, &[]).await;
        assert_eq!(
            (plain.status, plain.body.as_slice()),
            (200, asset.bytes().as_slice()),
            "{}",
            asset.name
        );
        let packed = file(&service, asset.name, &[("Accept-Encoding", "gzip")]).await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert_eq!(
            packed.text().expect("files are text").as_bytes(),
            plain.body
        );
        let tag = plain.header("etag").expect("a tag");
        assert_eq!(packed.header("etag"), Some(tag));
        let again = file(&service, asset.name, &[("If-None-Match", tag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{}", asset.name);
        let other = file(&service, asset.name, &[("If-None-Match", "W/\"0\"")]).await;
        assert_eq!(other.status, 200, "{}", asset.name);
    }
}
