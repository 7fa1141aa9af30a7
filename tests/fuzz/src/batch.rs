//! Batches: what is read as calls is answered call by call.

use peerage::eureka::batch::requests;
use peerage::eureka::Limits;
use serde_json::Value;

use crate::calls::check_lists;
use crate::server::{Call, START, Server, block_on};

/// A body is refused, or there is an answer to each of its items, in their order.
pub fn batch(body: &[u8]) {
    let items = requests(body, &Limits::default(), START);
    block_on(async {
        let server = Server::start().await;
        let call = Call { body, replicated: true, ..Call::new("POST", "/eureka/peerreplication/batch/") };
        let answer = server.send(&call).await.expect("this is a request");
        match items {
            Ok(items) => {
                assert_eq!(answer.status, 200);
                let refused: Vec<bool> = items.iter().map(Result::is_err).collect();
                check_answers(&serde_json::from_slice(&answer.body).expect("answers are JSON"), &refused);
            }
            // A request without a body says nothing of its type either.
            Err(_) => assert_eq!(answer.status, if body.is_empty() { 415 } else { 400 }),
        }
        check_lists(&server).await;
    });
}

/// There are as many answers as items, and those that could not be read are refused.
fn check_answers(answers: &Value, refused: &[bool]) {
    let answers = answers["responseList"].as_array().expect("answers are a list");
    assert_eq!(answers.len(), refused.len());
    for (answer, refused) in answers.iter().zip(refused) {
        let code = answer["statusCode"].as_u64().expect("an answer has a status");
        assert!([200, 400, 404, 409].contains(&code), "{answer}");
        assert_eq!(code == 400, *refused, "{answer}");
        assert_eq!(code == 409, answer.get("responseEntity").is_some(), "{answer}");
    }
}
