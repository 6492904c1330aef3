//! A function, class, call or declaration in a file of the workspace, as findings show it.

use std::path::Path;
use std::sync::Arc;

use heapmark_source::{
    Call, Declaration, Function, Generated, Mutation, Range, SourceFile, Thing, Written,
};

use crate::report::{HopPlace, Match};

/// A function, class or declaration in a file of the workspace.
#[derive(Clone)]
pub(crate) struct Spot {
    pub(crate) file: Arc<SourceFile>,
    /// The name a person would say.
    pub(crate) name: String,
    /// What to underline.
    pub(crate) name_range: Range,
    /// All of it.
    pub(crate) range: Range,
    pub(crate) matched: Match,
    /// Where it ran, if that was made from the file.
    pub(crate) generated: Option<Generated>,
    /// The function itself, if it is one.
    pub(crate) function: Option<Function>,
}

impl Spot {
    pub(super) fn at(found: Written<Thing>) -> Self {
        let Written { file, what, fit, generated } = found;
        Spot {
            file,
            name: what.name().to_owned(),
            name_range: what.name_range(),
            range: what.range(),
            matched: fit.into(),
            generated,
            function: match what {
                Thing::Function(function) => Some(function),
                Thing::Class(_) => None,
            },
        }
    }

    /// At a call in the text that ran.
    pub(super) fn called(file: Arc<SourceFile>, call: &Call) -> Self {
        Spot {
            file,
            name: call.callee.clone(),
            name_range: call.head_range,
            range: call.range,
            matched: Match::Exact,
            generated: None,
            function: None,
        }
    }

    /// At a statement in the text that ran.
    pub(super) fn changed(file: Arc<SourceFile>, mutation: &Mutation) -> Self {
        Spot {
            file,
            name: mutation.method.clone(),
            name_range: mutation.head_range,
            range: mutation.range,
            matched: Match::Exact,
            generated: None,
            function: None,
        }
    }

    /// At a declaration, under the name that is said.
    pub(crate) fn declared(name: String, found: &Written<Declaration>) -> Self {
        Spot {
            file: Arc::clone(&found.file),
            name,
            name_range: found.what.name_range,
            range: found.what.range,
            matched: found.fit.into(),
            generated: found.generated.clone(),
            function: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The name without the functions around it: `onTick` of `handleRequest > onTick`.
    pub(crate) fn short_name(&self) -> &str {
        let last = self.name.rsplit(" > ").next().unwrap_or(&self.name);
        if is_plain_name(last) { last } else { &self.name }
    }

    /// Whether it has a name, or only a description such as "callback of …".
    pub(crate) fn is_named(&self) -> bool {
        is_plain_name(self.short_name())
    }

    pub(crate) fn hop_place(&self) -> HopPlace {
        HopPlace { name: self.name.clone(), file: self.path().to_owned(), range: self.name_range }
    }
}

/// A name like `onTick` or `Session.onTick`.
pub(crate) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#'))
}
