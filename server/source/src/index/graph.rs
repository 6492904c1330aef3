//! Which function of a file calls which, and what stands in each.

use rustc_hash::FxHashMap;

use super::Index;
use crate::statements::mutation::MutationKind;
use crate::syntax::function::FunctionKind;

/// So many functions are gone through from one place.
pub(super) const MAX_FUNCTIONS: usize = 100;

/// Which function calls which, and what stands in each.
pub(super) struct Graph {
    calls: FxHashMap<Option<u32>, Vec<u32>>,
    facts: FxHashMap<Option<u32>, Vec<usize>>,
    /// What each statement is about, in numbers.
    names: Vec<Option<u32>>,
    /// In which functions something is added to what has a name.
    adders: FxHashMap<u32, Vec<Option<u32>>>,
}

impl Graph {
    /// `names` tells what each of the statements is about.
    pub(super) fn of(index: &Index, names: Vec<Option<u32>>) -> Self {
        let (calls, facts, adders) = Default::default();
        let mut graph = Self { calls, facts, names, adders };
        for call in &index.calls {
            if let Some(called) = call.calls {
                graph.calls.entry(call.function).or_default().push(called);
            }
        }
        for (number, fact) in index.mutations.iter().enumerate() {
            graph.facts.entry(fact.function).or_default().push(number);
            if let Some(name) = graph.names[number]
                && fact.kind == MutationKind::Adds
            {
                graph.adders.entry(name).or_default().push(fact.function);
            }
        }
        // What is written inside a function runs in its time: `held.forEach(() => …)`.
        for function in &index.functions {
            if function.kind == FunctionKind::Arrow && function.parent.is_some() {
                graph.calls.entry(function.parent).or_default().push(function.index);
            }
        }
        graph
    }

    pub(super) fn calls(&self, caller: Option<u32>, called: Option<u32>) -> bool {
        let Some(called) = called else { return false };
        self.calls.get(&caller).is_some_and(|calls| calls.contains(&called))
    }

    /// What a statement is about.
    pub(super) fn name(&self, fact: usize) -> Option<u32> {
        self.names[fact]
    }

    /// In which functions something is added to what has a name.
    pub(super) fn adders(&self, name: u32) -> &[Option<u32>] {
        self.adders.get(&name).map_or(&[], Vec::as_slice)
    }

    /// The statements of a function and of those that it calls, so many calls away.
    pub(super) fn facts_of(&self, function: Option<u32>, most: usize) -> Vec<usize> {
        let mut functions = vec![function];
        let mut next = 0;
        for _ in 0..most {
            let end = functions.len();
            for at in next..end {
                for &called in self.calls.get(&functions[at]).into_iter().flatten() {
                    if functions.len() < MAX_FUNCTIONS && !functions.contains(&Some(called)) {
                        functions.push(Some(called));
                    }
                }
            }
            next = end;
        }
        functions.iter().flat_map(|it| self.facts.get(it).into_iter().flatten()).copied().collect()
    }
}
