//! An answer to each request, whatever its name and whatever becomes of its handler.
//!
//! The specification lets a server pass over unknown *notifications* whose names begin with `$/`, and wants an
//! error for unknown *requests*. The library passes over both, and a client would wait for good. A handler that
//! panics would take the server with it: all of them run in one task.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tower_lsp::jsonrpc::{Error, ErrorCode, Request, Response};
use tower_service::Service;

/// The answer to a request that ran into a bug of ours, with the sentence that people read.
pub(crate) fn bug() -> Error {
    Error {
        code: ErrorCode::InternalError,
        message: "Heapmark ran into a bug of its own; please report it with the server's log"
            .into(),
        data: None,
    }
}

/// A service that answers what the one inside passes over, or fails in.
#[derive(Debug)]
pub(crate) struct AnswersAll<S>(pub(crate) S);

impl<S> Service<Request> for AnswersAll<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = request.id().cloned();
        let method = request.method().to_owned();
        let answered = self.0.call(request);
        Box::pin(async move {
            let refused = |error| Some(Response::from_error(id?, error));
            // What a panic leaves behind is whole: each change of the session's state is complete in itself.
            let Ok(answer) = AssertUnwindSafe(answered).catch_unwind().await else {
                tracing::error!("the handler of {method} panicked");
                return Ok(refused(bug()));
            };
            let answer = answer?;
            let is_unknown = answer.is_none() && method.starts_with("$/");
            Ok(if is_unknown { refused(Error::method_not_found()) } else { answer })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};

    use tower_lsp::jsonrpc::Id;

    use super::*;

    /// Passes over what it does not know, and panics as it is told.
    struct Handlers;

    impl Service<Request> for Handlers {
        type Response = Option<Response>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            let passed_over: Ready<Result<_, _>> = ready(Ok(None));
            Box::pin(async move {
                assert_ne!(request.method(), "panic", "on purpose");
                passed_over.await
            })
        }
    }

    async fn answer(request: Request) -> Option<(Id, Error)> {
        let Ok(answer) = AnswersAll(Handlers).call(request).await;
        let (id, result) = answer?.into_parts();
        Some((id, result.expect_err("nothing succeeds here")))
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_and_asks_for_a_report() {
        let (id, error) = answer(Request::build("panic").id(7).finish()).await.expect("an answer");
        assert_eq!((id, error.code), (Id::Number(7), ErrorCode::InternalError));
        assert!(error.message.contains("please report it"), "{error}");
        assert_eq!(answer(Request::build("panic").finish()).await, None, "a notification has none");
    }

    #[tokio::test]
    async fn an_unknown_request_is_answered_whatever_its_name() {
        let (_, error) = answer(Request::build("$/x").id(7).finish()).await.expect("an answer");
        assert_eq!(error.code, ErrorCode::MethodNotFound);
        assert_eq!(answer(Request::build("$/x").finish()).await, None);
    }
}
