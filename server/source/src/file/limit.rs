//! What number a limit is, where the same file says so: `1_000`, `const MAX = 60 * 10`.

use super::SourceFile;
use crate::statements::mutation::Limit;
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

/// A whole number, or a product of some: `5_000`, `60 * 1000`, `2 ** 10`, `1e4`.
fn number(written: &str) -> Option<u64> {
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
