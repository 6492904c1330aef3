//! What ends what a call began: `clearInterval(beat)` for `const beat = setInterval(…)`.
//!
//! Only within one file, by the name under which the result is kept; values are not followed.

use crate::file::SourceFile;
use crate::file::making::Found;
use crate::statements::call::Call;
use crate::syntax::arguments;
use crate::syntax::receiver::Step;
use crate::text::position::Range;

/// When a listener goes that nobody takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// When its event comes: `once`, `{ once: true }`.
    WhenItFires,
    /// When the signal that it was given aborts: `{ signal }`.
    WithItsSignal,
}

impl SourceFile {
    /// When what a call registers goes by itself; the call is the one with this head, `bus.once`.
    pub fn leaves_by_itself(&self, head: Range) -> Option<Leaves> {
        let call = self.index.calls.iter().find(|call| self.text.range(call.head) == head)?;
        if matches!(self.text.slice(call.name), "once" | "prependOnceListener") {
            return Some(Leaves::WhenItFires);
        }
        let piece = self.piece(call.span)?;
        let options = arguments(piece.value()?).into_iter().next_back()?;
        let has = |name: &str| match piece.property(options, name) {
            Found::Value(value) => !matches!(piece.written(value), "false" | "undefined" | "null"),
            Found::Absent | Found::Unknown => false,
        };
        match options.kind() {
            "object" if has("once") => Some(Leaves::WhenItFires),
            "object" if has("signal") => Some(Leaves::WithItsSignal),
            _ => None,
        }
    }

    /// The calls of one of `names` that are handed what `begun` returned, by the last name of the variable
    /// or property that it was kept in. If it is kept in none (it is returned, or put into a collection),
    /// every call of those names may mean it.
    pub fn ended_by(&self, begun: &Call, names: &[&str]) -> Vec<Call> {
        let kept = self.kept_as(begun);
        let mut calls = self.calls(names);
        calls.retain(|call| {
            let handed = call.callback.as_ref().and_then(|it| it.reference.as_deref());
            kept.is_empty()
                || handed.is_some_and(|it| kept.iter().any(|kept| kept == last_name(it)))
        });
        calls
    }

    /// The names of the variables and properties that get what a call returns.
    fn kept_as(&self, call: &Call) -> Vec<String> {
        let Some(start) = self.text.offset(call.range.start) else {
            return Vec::new();
        };
        let variables = self.index.scopes.variables();
        let variables = variables.filter(|(_, it)| it.initializer.is_some_and(|it| it.0 == start));
        let variables = variables.map(|(_, it)| self.text.slice(it.name));
        let assigned = self.index.mutations.iter();
        let assigned = assigned.filter(|it| it.assigns.is_some_and(|it| it.value.0 == start));
        let assigned = assigned.map(|fact| match fact.receiver.steps.last() {
            Some(Step::Property(name)) => self.text.slice(*name),
            _ => last_name(self.text.slice(fact.head)),
        });
        variables.chain(assigned).map(str::to_owned).collect()
    }
}

/// `beat` of `this.beat`.
fn last_name(written: &str) -> &str {
    written.rsplit('.').next().unwrap_or(written).trim()
}

#[cfg(test)]
mod tests {
    use super::Leaves;
    use crate::file::SourceFile;

    /// The lines on which an interval that begins on line 1 is cleared.
    fn cleared(text: &str) -> Vec<u32> {
        let file = SourceFile::parse("main.js", text.to_owned()).expect("it is JavaScript");
        let begun = file.calls(&["setInterval"]).into_iter().next().expect("it begins one");
        let ended = file.ended_by(&begun, &["clearInterval"]);
        ended.iter().map(|call| call.range.start.line + 1).collect()
    }

    #[test]
    fn what_is_kept_in_a_variable_or_a_property_is_cleared_by_its_name() {
        let text =
            "const beat = setInterval(f, 9).unref();\nclearInterval(other);\nclearInterval(beat);";
        assert_eq!(cleared(text), [3]);
        let text =
            "this.beat = setInterval(f, 9);\nclearInterval(this.beat);\nclearInterval(beats);";
        assert_eq!(cleared(text), [2]);
    }

    #[test]
    fn what_is_kept_in_a_collection_may_be_cleared_by_any() {
        assert_eq!(cleared("timers.push(setInterval(f, 9));\nclearInterval(timers.pop());"), [2]);
        assert_eq!(cleared("setInterval(f, 9);\ndone();"), [0; 0]);
    }

    #[test]
    fn some_listeners_go_by_themselves() {
        let leaves = |text: &str| {
            let file = SourceFile::parse("main.js", text.to_owned()).expect("it is JavaScript");
            let names = ["on", "once", "addEventListener"];
            let call = file.calls(&names).into_iter().next().expect("it registers one");
            file.leaves_by_itself(call.head_range)
        };
        assert_eq!(leaves("bus.once('end', f);"), Some(Leaves::WhenItFires));
        assert_eq!(leaves("await once(bus, 'end');"), Some(Leaves::WhenItFires));
        let with =
            |options: &str| leaves(&format!("signal.addEventListener('abort', f, {options});"));
        assert_eq!(with("{ once: true }"), Some(Leaves::WhenItFires));
        assert_eq!(with("{ signal: own.signal }"), Some(Leaves::WithItsSignal));
        assert_eq!(with("{ signal }"), Some(Leaves::WithItsSignal));
        assert_eq!(with("{ once: false }"), None);
        assert_eq!(leaves("bus.on('end', f);"), None);
    }
}
