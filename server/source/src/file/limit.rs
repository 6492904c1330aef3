//! What number a limit is, where the same file says so (`1_000`, `const MAX = 60 * 10`), and where it stands
//! in memory.

use super::SourceFile;
use crate::statements::mutation::LimitAt;
use crate::statements::number::Limit;
use crate::syntax::scope::DeclarationKind;
use crate::text::Span;

/// Longest chain of names for a number that is followed.
const LONGEST_CHAIN: usize = 4;
/// Bytes: an expression that is a limit is shorter.
const LONGEST_LIMIT: u32 = 100;

impl SourceFile {
    /// The number that an expression is.
    pub(crate) fn limit(&self, expression: Span) -> Option<Limit> {
        let name = self.text.slice(expression).to_owned();
        let mut expression = expression;
        for _ in 0..LONGEST_CHAIN {
            if expression.1 - expression.0 > LONGEST_LIMIT {
                return None;
            }
            let written = self.text.slice(expression);
            if let Some(value) = number(written) {
                return Some(Limit { value, name, range: self.text.range(expression) });
            }
            let scope = self.index.scopes.at(expression.0)?;
            let variable = self.index.scopes.resolve(written, scope)?;
            let variable = self.index.scopes.variable(variable);
            expression =
                variable.initializer.filter(|_| variable.kind == DeclarationKind::Const)?;
        }
        None
    }
}

impl LimitAt {
    /// Reads `this.options.max` or `max`; `None` for anything else.
    pub(crate) fn written(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            let name = name.strip_prefix('#').unwrap_or(name);
            let mut letters = name.chars();
            letters.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '$'))
                && letters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
        };
        match text.strip_prefix("this.") {
            Some(path) => {
                let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                path.iter().all(|name| is_name(name)).then_some(Self::Instance(path))
            }
            None => is_name(text).then(|| Self::Variable(text.to_owned())),
        }
    }
}

/// A whole number, or a product of some: `5_000`, `60 * 1000`, `2 ** 10`, `1e4`.
pub(super) fn number(written: &str) -> Option<u64> {
    if let Some((base, exponent)) = written.split_once("**") {
        return number(base)?.checked_pow(u32::try_from(number(exponent)?).ok()?);
    }
    written.split('*').map(factor).try_fold(1_u64, |product, it| product.checked_mul(it?))
}

fn factor(written: &str) -> Option<u64> {
    let written = written.trim().replace('_', "");
    if let Some((digits, zeros)) = written.split_once(['e', 'E']) {
        let power = 10_u64.checked_pow(zeros.parse().ok()?)?;
        return digits.parse::<u64>().ok()?.checked_mul(power);
    }
    written.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_stands_in_a_property_or_a_variable() {
        let path = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let instance = |names| Some(LimitAt::Instance(path(names)));
        assert_eq!(LimitAt::written("this.max"), instance(&["max"]));
        assert_eq!(LimitAt::written("this.#options.max"), instance(&["#options", "max"]));
        assert_eq!(LimitAt::written("MAX_2"), Some(LimitAt::Variable("MAX_2".to_owned())));
        for other in ["100", "max * 2", "this.max()", "limits[0]", ""] {
            assert_eq!(LimitAt::written(other), None, "{other}");
        }
    }

    #[test]
    fn a_limit_is_a_whole_number_however_it_is_written() {
        assert_eq!(number("5000"), Some(5_000));
        assert_eq!(number("5_000"), Some(5_000));
        assert_eq!(number("1e4"), Some(10_000));
        assert_eq!(number("60 * 1000"), Some(60_000));
        assert_eq!(number("2 ** 10"), Some(1_024));
        for no_number in ["MAX", "1.5", "-1", "", "10 ** 99", "f(3)"] {
            assert_eq!(number(no_number), None, "{no_number}");
        }
    }
}
