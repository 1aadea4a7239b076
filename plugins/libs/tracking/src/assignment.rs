// SPDX-License-Identifier: MIT OR Apache-2.0
//! Optimal assignment of rows to columns under a gate.
//!
//! Successive shortest augmenting paths with dual prices (Jonker and Volgenant, Computing 38,
//! 1987; rectangular form after Crouse, IEEE TAES 52(4), 2016). Being left over costs exactly the
//! gate, so the result minimises Σ(cost − gate) over the pairs, which is what ByteTrack's
//! `cost_limit` means. To that end each row owns a way out of cost 0, and only pairs cheaper than
//! the gate are edges. Rows of a picture mostly see few columns, so paths are short; the worst
//! case is O(rows · (rows + columns) · columns).

/// Solver and its buffers, which are kept from call to call.
#[derive(Debug, Default)]
pub(crate) struct Assignment {
    /// Column and cost − gate (< 0) of each pair under the gate, row after row.
    edges: Vec<(usize, f64)>,
    /// Where each row's edges start; one more than rows.
    starts: Vec<usize>,
    row_price: Vec<f64>,
    column_price: Vec<f64>,
    column_of: Vec<Option<usize>>,
    row_of: Vec<Option<usize>>,
    /// Of the search under way: length of the path to each column, the row it comes from, and
    /// whether the column is settled.
    distance: Vec<f64>,
    from_row: Vec<usize>,
    settled: Vec<bool>,
    /// Columns that the search has reached.
    reached: Vec<usize>,
}

impl Assignment {
    /// Finds the pairs of least Σ(cost − gate); entry `r` of the result is the column of row `r`.
    /// No pair has a cost at or above `gate`; a cost that is no number is no pair.
    pub(crate) fn solve(
        &mut self,
        rows: usize,
        columns: usize,
        gate: f32,
        cost: impl Fn(usize, usize) -> f32,
    ) -> &[Option<usize>] {
        self.edges.clear();
        self.starts.clear();
        self.starts.push(0);
        for row in 0..rows {
            for column in 0..columns {
                let over = f64::from(cost(row, column)) - f64::from(gate);
                if over < 0.0 && over.is_finite() {
                    self.edges.push((column, over));
                }
            }
            self.starts.push(self.edges.len());
        }
        refill(&mut self.row_price, rows, 0.0);
        refill(&mut self.column_price, columns, 0.0);
        refill(&mut self.column_of, rows, None);
        refill(&mut self.row_of, columns, None);
        refill(&mut self.distance, columns, f64::INFINITY);
        refill(&mut self.from_row, columns, 0);
        refill(&mut self.settled, columns, false);
        for row in 0..rows {
            self.augment(row);
        }
        &self.column_of
    }

    /// Brings one more row in, moving earlier rows where that is cheaper.
    fn augment(&mut self, source: usize) {
        let mut row = source;
        let mut length = 0.0;
        let mut way_out = (f64::INFINITY, source);
        let end = loop {
            if length - self.row_price[row] < way_out.0 {
                way_out = (length - self.row_price[row], row);
            }
            self.relax(row, length);
            let nearest = self.nearest();
            match nearest {
                Some(column) if self.distance[column] < way_out.0 => {
                    length = self.distance[column];
                    let Some(owner) = self.row_of[column] else {
                        break Some(column);
                    };
                    self.settled[column] = true;
                    row = owner;
                }
                _ => {
                    length = way_out.0;
                    break None;
                }
            }
        };

        self.row_price[source] += length;
        for &column in &self.reached {
            if let (true, Some(owner)) = (self.settled[column], self.row_of[column]) {
                self.row_price[owner] += length - self.distance[column];
                self.column_price[column] -= length - self.distance[column];
            }
        }

        // Either a free column ends the path, or a row takes its way out and frees its own.
        let freed = end.or_else(|| self.column_of[way_out.1].take());
        if let Some(mut column) = freed {
            loop {
                let row = self.from_row[column];
                let given_up = self.column_of[row].replace(column);
                self.row_of[column] = Some(row);
                match given_up {
                    Some(next) => column = next,
                    None => break, // the source, which had none
                }
            }
        }

        for column in self.reached.drain(..) {
            self.distance[column] = f64::INFINITY;
            self.settled[column] = false;
        }
    }

    /// Shortens the paths to the columns that `row`, itself `length` away, can take.
    fn relax(&mut self, row: usize, length: f64) {
        for &(column, over) in &self.edges[self.starts[row]..self.starts[row + 1]] {
            if self.settled[column] {
                continue;
            }
            let reduced = over - self.row_price[row] - self.column_price[column];
            if length + reduced < self.distance[column] {
                if self.distance[column].is_infinite() {
                    self.reached.push(column);
                }
                self.distance[column] = length + reduced;
                self.from_row[column] = row;
            }
        }
    }

    fn nearest(&self) -> Option<usize> {
        let open = self
            .reached
            .iter()
            .copied()
            .filter(|&column| !self.settled[column]);
        open.min_by(|&a, &b| self.distance[a].total_cmp(&self.distance[b]))
    }
}

fn refill<T: Clone>(buffer: &mut Vec<T>, len: usize, value: T) {
    buffer.clear();
    buffer.resize(len, value);
}

#[cfg(test)]
mod tests {
    use super::Assignment;
    use proptest::prelude::*;

    /// Σ(cost − gate) of the best partial assignment, by trying all.
    fn brute_force(costs: &[Vec<f32>], gate: f32, row: usize, taken: &mut Vec<bool>) -> f64 {
        let Some(row_costs) = costs.get(row) else {
            return 0.0;
        };
        let mut best = brute_force(costs, gate, row + 1, taken);
        for (column, &cost) in row_costs.iter().enumerate() {
            if !taken[column] && cost < gate {
                taken[column] = true;
                let rest = brute_force(costs, gate, row + 1, taken);
                taken[column] = false;
                best = best.min(f64::from(cost) - f64::from(gate) + rest);
            }
        }
        best
    }

    fn costs() -> impl Strategy<Value = (Vec<Vec<f32>>, usize)> {
        // A coarse grid makes ties, the rest makes generic matrices.
        let cost = prop_oneof![(0u8..=4).prop_map(|c| f32::from(c) / 4.0), -0.5f32..1.5];
        (0usize..=6, 0usize..=6).prop_flat_map(move |(rows, columns)| {
            let row = proptest::collection::vec(cost.clone(), columns);
            (proptest::collection::vec(row, rows), Just(columns))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn is_as_good_as_trying_everything((costs, columns) in costs(), gate in 0.2f32..1.2) {
            let mut solver = Assignment::default();
            // A first, larger problem: what it leaves in the buffers must not matter.
            solver.solve(9, 9, 1.0, |r, c| (r * c) as f32 / 90.0);
            let found = solver.solve(costs.len(), columns, gate, |r, c| costs[r][c]);
            prop_assert_eq!(found.len(), costs.len());
            let mut taken = vec![false; columns];
            let mut total = 0.0;
            for (row, column) in found.iter().enumerate() {
                if let Some(column) = *column {
                    prop_assert!(!taken[column], "column given twice");
                    prop_assert!(costs[row][column] < gate);
                    taken[column] = true;
                    total += f64::from(costs[row][column]) - f64::from(gate);
                }
            }
            let best = brute_force(&costs, gate, 0, &mut vec![false; columns]);
            prop_assert!((total - best).abs() < 1e-6, "found {}, best {}", total, best);
        }
    }

    #[test]
    fn no_rows_or_no_columns_is_no_pair() {
        let mut solver = Assignment::default();
        assert!(solver.solve(0, 5, 1.0, |_, _| 0.0).is_empty());
        assert_eq!(solver.solve(2, 0, 1.0, |_, _| 0.0), [None, None]);
    }

    #[test]
    fn a_cost_that_is_no_number_is_no_pair() {
        let costs = [f32::NAN, f32::NEG_INFINITY, f32::INFINITY];
        assert_eq!(
            Assignment::default().solve(1, 3, 1.0, |_, c| costs[c]),
            [None]
        );
    }

    #[test]
    fn the_cheapest_pair_yields_where_the_whole_gains() {
        // Greedy would pair (0, 0) for 0.1 and leave row 1 with nothing.
        let costs = [[0.1, 0.2], [0.2, 0.9]];
        assert_eq!(
            Assignment::default().solve(2, 2, 0.8, |r, c| costs[r][c]),
            [Some(1), Some(0)]
        );
    }
}
