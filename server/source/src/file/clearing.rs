//! What ends what a call began: `clearInterval(beat)` for `const beat = setInterval(…)`.
//!
//! Only within one file, by the name under which the result is kept; values are not followed.

use crate::file::SourceFile;
use crate::statements::call::Call;
use crate::syntax::receiver::Step;

impl SourceFile {
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
}
