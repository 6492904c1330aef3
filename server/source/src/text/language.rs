//! Which grammar a file is parsed with, and parsing within limits.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, Parser, Tree};

use crate::text::excess::is_excessive;

/// Longest time that one file may take to parse. Ordinary code takes 0.25 s a megabyte; only text
/// made to confuse the parser takes longer.
const PARSE_TIME_LIMIT: Duration = Duration::from_secs(10);

/// The languages that have a grammar here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// JavaScript with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Language {
    /// The language that Node and bundlers see behind a file's extension. Files without a known
    /// extension count as JavaScript, as Node treats them.
    pub fn of(path: &Path) -> Language {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("ts" | "mts" | "cts") => Language::TypeScript,
            Some("tsx") => Language::Tsx,
            _ => Language::JavaScript,
        }
    }

    /// Parses `text`; broken syntax gives a tree with errors in it. `None` if it takes too long, or is
    /// [nested too deeply](is_excessive) to try.
    pub(crate) fn parse(self, text: &str) -> Option<Tree> {
        if is_excessive(text) {
            return None;
        }
        self.parse_within(PARSE_TIME_LIMIT, text, None)
    }

    /// The same within a time. `before` is the tree of an earlier text with the same edits: what
    /// they do not concern is taken over from it.
    pub(crate) fn parse_within(
        self,
        limit: Duration,
        text: &str,
        before: Option<&Tree>,
    ) -> Option<Tree> {
        let grammar = match self {
            Language::JavaScript => tree_sitter_javascript::LANGUAGE,
            Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
            Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX,
        };
        let mut parser = Parser::new();
        parser.set_language(&grammar.into()).ok()?;
        let started = Instant::now();
        let mut watch = |_: &tree_sitter::ParseState| {
            if started.elapsed() < limit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let options = ParseOptions::new().progress_callback(&mut watch);
        let bytes = text.as_bytes();
        parser.parse_with_options(
            &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
            before,
            Some(options),
        )
    }
}
