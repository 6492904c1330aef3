//! Keys that are looked up before they are used. Who lets only those in that a fixed table has keeps no more than
//! that has:
//!
//! ```js
//! const known = new Set(["name", "price"]);
//! if (!known.has(column)) throw new TypeError(column);
//! described.set(column, describe(column));
//! ```
//!
//! Not here: keys that repeat by arithmetic ([`super::repeating`]).

use rustc_hash::{FxHashMap, FxHashSet};
use tree_sitter::Node;

use super::Walk;
use super::bounds::Name;
use super::noted::{Checked, Noted};
use crate::statements::condition;
use crate::statements::form::Method;
use crate::statements::mutation::{MutationFact, MutationKind};
use crate::syntax::receiver::{Base, Receiver};
use crate::syntax::{arguments, is_function, span, unwrapped};
use crate::text::Span;

/// Bytes: a key that is written with more is none that this understands.
const LONGEST_KEY: usize = 200;

/// A budget: so many parts of a condition are looked at.
const MAX_PARTS: usize = 20;

impl<'a> Walk<'a> {
    /// Notes what a condition looks up before something is done, or so that it is left.
    pub(super) fn note_checks(&mut self, node: Node<'a>) {
        let Some(conditional) = condition::of(node) else { return };
        let mut open = vec![(unwrapped(conditional.condition), false)];
        let mut parts = 0;
        while let Some((part, is_negated)) = open.pop() {
            parts += 1;
            if parts > MAX_PARTS {
                return;
            }
            let operator = part.child_by_field_name("operator").map(|operator| operator.kind());
            let sides = ["left", "right"].map(|side| part.child_by_field_name(side).map(unwrapped));
            match (operator, sides) {
                (Some("!"), _) => {
                    let inner = part.child_by_field_name("argument").map(unwrapped);
                    open.extend(inner.map(|inner| (inner, !is_negated)));
                    continue;
                }
                (Some("&&" | "||"), [Some(left), Some(right)]) => {
                    open.extend([(left, is_negated), (right, is_negated)]);
                    continue;
                }
                _ => {}
            }
            let Some((table, key)) = self.looked_up(part) else { continue };
            let key = self.text.slice(span(key)).to_owned();
            let body = conditional.body;
            let within = match is_negated {
                false => span(body),
                true if condition::leaves(body) || self.replaces(body, &key) => {
                    (span(node).1, self.end_of_function())
                }
                true => continue,
            };
            let Some(table) = self.named(table) else { continue };
            let function = self.functions.last().copied();
            self.noted.checked.push(Checked { key, table, function, within });
        }
    }

    /// The table and the key in `table.has(key)`, `table.includes(key)`, `key in table`,
    /// `Object.hasOwn(table, key)`.
    fn looked_up(&self, node: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
        if node.kind() == "binary_expression" {
            let side = |side| node.child_by_field_name(side).map(unwrapped);
            let is_in = node.child_by_field_name("operator")?.kind() == "in";
            return side("right").filter(|_| is_in).zip(side("left"));
        }
        if node.kind() != "call_expression" {
            return None;
        }
        let callee = unwrapped(node.child_by_field_name("function")?);
        let given = arguments(node);
        if let ("Object.hasOwn", [table, key]) = (self.text.slice(span(callee)), &given[..]) {
            return Some((unwrapped(*table), unwrapped(*key)));
        }
        let method = callee.child_by_field_name("property")?;
        let asks = matches!(self.text.slice(span(method)), "has" | "includes" | "hasOwnProperty");
        let [key] = given[..] else { return None };
        let table = callee.child_by_field_name("object").map(unwrapped).filter(|_| asks)?;
        Some((table, unwrapped(key)))
    }

    /// Whether a branch gives a key another value: `locale = "en"`.
    fn replaces(&self, branch: Node<'a>, key: &str) -> bool {
        let branch = self.text.slice(span(branch)).trim_start_matches(['{', ' ', '\n', '\t']);
        let value = branch.strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| !value.starts_with('='))
    }

    fn end_of_function(&self) -> u32 {
        let around = self.ancestors.iter().rev().find(|it| is_function(it.kind()));
        around.map_or(u32::MAX, |around| span(*around).1)
    }

    /// What adds only under keys that fixed tables of this file have.
    pub(super) fn bounds_by_checks(&self, noted: &Noted) -> Vec<MutationFact> {
        if noted.checked.is_empty() {
            return Vec::new();
        }
        let adds = |fact: &&MutationFact| fact.kind == MutationKind::Adds;
        let names = self.index.mutations.iter().filter(adds);
        let growing: FxHashSet<Name> =
            names.clone().filter_map(|fact| self.name_of(&fact.receiver)).collect();
        let fixed: Vec<&Checked> = noted
            .checked
            .iter()
            .filter(|it| self.is_made_here(&it.table))
            .filter(|it| self.name_of(&it.table).is_some_and(|name| !growing.contains(&name)))
            .collect();
        let is_checked = |fact: &MutationFact, key: &str| {
            fixed.iter().any(|it| {
                let is_within = it.within.0 <= fact.span.0 && fact.span.1 <= it.within.1;
                it.function == fact.function && is_within && it.key == key
            })
        };
        let keys: FxHashMap<Span, Span> = noted.written_keys.iter().copied().collect();
        let bounded = names.filter(|fact| {
            keys.get(&fact.span).and_then(|&key| self.changing_in(key)).is_some_and(|parts| {
                !parts.is_empty() && parts.iter().all(|part| is_checked(fact, part))
            })
        });
        bounded.map(|fact| fact.guarded_by(Method::CHECKS_KEY)).collect()
    }

    /// Whether a table gets its value in this file: what others export may grow there.
    fn is_made_here(&self, table: &Receiver) -> bool {
        let Base::Variable { name, scope } = table.base else { return false };
        let variable = self.index.scopes.resolve(self.text.slice(name), scope);
        let value = variable.and_then(|it| self.index.scopes.variable(it).initializer);
        value.is_some_and(|value| table.steps.is_empty() && !self.text.slice(value).is_empty())
    }

    /// What changes in a key, as it is written: of `${locale}/${id}` the names `locale` and `id`. `None` if it is
    /// anything else than names and texts.
    fn changing_in(&self, key: Span) -> Option<Vec<String>> {
        let is_name = |text: &str| {
            let is_part = |c: char| c.is_alphanumeric() || "_$.".contains(c);
            !text.is_empty() && text.chars().all(is_part)
        };
        let written = self.text.slice(key).trim();
        if written.len() > LONGEST_KEY {
            return None;
        }
        let Some(mut rest) = written.strip_prefix('`').and_then(|it| it.strip_suffix('`')) else {
            return is_name(written).then(|| vec![written.to_owned()]);
        };
        let mut parts = Vec::new();
        while let Some((_, gap)) = rest.split_once("${") {
            let (name, behind) = gap.split_once('}')?;
            parts.push(is_name(name.trim()).then(|| name.trim().to_owned())?);
            rest = behind;
        }
        Some(parts)
    }
}
