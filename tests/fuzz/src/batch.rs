//! Batches: what is read as calls is answered call by call.

use peerage::eureka::Limits;
use peerage::eureka::batch::requests;
use serde_json::Value;

use crate::calls::check_lists;
use crate::server::{Call, START, Server, block_on};

/// How many bytes are answered to any batch, and how many more to each byte of it. An item has some hundred bytes, an
/// instance that was registered with as little may be shown in some thousand.
const LENGTH_MAX: usize = 64 * 1024;
const GROWTH_MAX: usize = 64;

/// A body is refused, or there is an answer to each of its items, in their order.
pub fn batch(body: &[u8]) {
    let items = requests(body, &Limits::default(), START);
    block_on(async {
        let server = Server::start().await;
        let call = Call {
            body,
            replicated: true,
            ..Call::new("POST", "/eureka/peerreplication/batch/")
        };
        let answer = server.send(&call).await.expect("this is a request");
        let (length, length_max) = (answer.body.len(), LENGTH_MAX + GROWTH_MAX * body.len());
        assert!(
            length <= length_max,
            "{} bytes are answered with {length}",
            body.len()
        );
        match items {
            Ok(items) => {
                assert_eq!(answer.status, 200);
                let answers = serde_json::from_slice(&answer.body).expect("answers are JSON");
                check_answers(
                    &answers,
                    &items.iter().map(Result::is_err).collect::<Vec<_>>(),
                );
            }
            // A request without a body says nothing of its type either.
            Err(_) => assert_eq!(answer.status, if body.is_empty() { 415 } else { 400 }),
        }
        check_lists(&server).await;
    });
}

/// There are as many answers as items, and those that could not be read are refused.
fn check_answers(answers: &Value, refused: &[bool]) {
    let answers = answers["responseList"]
        .as_array()
        .expect("answers are a list");
    assert_eq!(answers.len(), refused.len());
    for (answer, refused) in answers.iter().zip(refused) {
        let code = answer["statusCode"]
            .as_u64()
            .expect("an answer has a status");
        assert!([200, 400, 404, 409].contains(&code), "{answer}");
        assert_eq!(code == 400, *refused, "{answer}");
        assert!(
            code == 409 || answer.get("responseEntity").is_none(),
            "{answer}"
        );
    }
}
