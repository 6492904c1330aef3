//! An answer to each request, also to those whose names begin with `$/`.
//!
//! The specification lets a server pass over unknown *notifications* of that kind, and wants an error
//! for unknown *requests*. The library passes over both, and a client would wait for good.

use std::pin::Pin;
use std::task::{Context, Poll};

use tower_lsp::jsonrpc::{Error, Request, Response};
use tower_service::Service;

/// A service that answers what the one inside passes over.
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
        let id = request.id().filter(|_| request.method().starts_with("$/")).cloned();
        let answered = self.0.call(request);
        Box::pin(async move {
            let unknown = || Some(Response::from_error(id?, Error::method_not_found()));
            Ok(answered.await?.or_else(unknown))
        })
    }
}
