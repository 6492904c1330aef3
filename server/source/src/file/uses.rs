//! Does a function use a variable?

use crate::file::SourceFile;
use crate::syntax::function::Function;
use crate::syntax::scope::Declaration;
use crate::text::Span;

impl SourceFile {
    /// Whether `function`, or a function inside it, mentions `variable` by name in a place where
    /// that name means it. `true` also when it cannot be known: where the syntax is broken, or
    /// with a direct `eval`, which may use anything.
    pub fn uses(&self, function: &Function, variable: &Declaration) -> bool {
        let within = |spans: &[Span]| {
            let (start, end) = function.span;
            let first = spans.partition_point(|span| span.0 < start);
            first..first + spans[first..].partition_point(|span| span.0 < end)
        };
        let (mentions, opaque) = (&self.index.mentions, &self.index.opaque);
        !within(opaque).is_empty()
            || mentions[within(mentions)].iter().any(|&mention| self.means(mention, variable))
    }

    fn means(&self, mention: Span, variable: &Declaration) -> bool {
        let name = self.text.slice(mention);
        if name != variable.name {
            return false;
        }
        let scope = self.index.scopes.at(mention.0);
        scope.and_then(|scope| self.index.scopes.resolve(name, scope)).is_some_and(|found| {
            self.text.range(self.index.scopes.variable(found).name) == variable.name_range
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::file::SourceFile;
    use crate::text::position::Position;

    /// Asks whether the function named `reader` uses the variable `body` of `outer`.
    #[track_caller]
    fn check(body_of_reader: &str, expected: bool) {
        let text = format!(
            "function outer() {{\n  const body = [];\n  const reader = (a) => {{ {body_of_reader} }};\n  \
             const other = () => body.length;\n}}\n"
        );
        let file = SourceFile::parse("test.js", text).expect("it parses");
        let variable = file.declaration("body", Position::new(1, 10)).expect("it is declared");
        let reader = file.functions().iter().find(|f| f.name.ends_with("reader"));
        assert_eq!(file.uses(reader.expect("it is there"), &variable), expected);
    }

    #[test]
    fn a_mention_is_a_use() {
        check("return body;", true);
        check("return { body };", true);
        check("return () => body.length;", true);
        check("body = null;", true);
    }

    #[test]
    fn another_thing_of_the_same_name_is_none() {
        check("return a.body;", false);
        check("return { body: a };", false);
        check("const body = a; return body;", false);
        check("return (body) => body;", false);
        check("return 'body';", false);
        check("", false);
    }

    #[test]
    fn what_cannot_be_known_counts_as_a_use() {
        check("return eval(a);", true);
        check("return (", true);
    }
}
