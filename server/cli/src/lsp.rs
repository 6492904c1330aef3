//! `heapmark lsp`: runs the language server on standard input and output.
//!
//! Standard output belongs to the protocol: what the server has to say to a person who debugs it
//! goes to standard error, as loudly as `HEAPMARK_LOG` says.

use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use heapmark_lsp::Ending;
use tracing_subscriber::EnvFilter;

#[derive(Clone, Copy, Args)]
pub(crate) struct LspArgs {
    /// Accepted because editors pass it; there is no other transport
    #[arg(long, hide = true)]
    stdio: bool,

    /// Accepted because editors pass it; the process is named in `initialize` as well
    #[arg(long = "clientProcessId", value_name = "PID", hide = true)]
    client_process_id: Option<u32>,
}

pub(crate) fn run(args: LspArgs) -> anyhow::Result<ExitCode> {
    let LspArgs { stdio: _, client_process_id: _ } = args;
    let filter = EnvFilter::try_from_env("HEAPMARK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the language server")?;
    let ending = runtime.block_on(heapmark_lsp::serve(tokio::io::stdin(), tokio::io::stdout()));
    // Neither an analysis that winds down nor the read of standard input may hold the process.
    runtime.shutdown_background();
    Ok(match ending {
        Ending::Orderly => ExitCode::SUCCESS,
        Ending::Abrupt => ExitCode::FAILURE,
    })
}
