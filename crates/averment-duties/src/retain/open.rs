//! The stores that rules are about, opened, with their people under hold.

use std::collections::BTreeMap;

use averment_register::{Store, StoreId};

use super::holds::{self, Held};
use super::report::Report;
use super::{Rules, Task};
use crate::connect::Database;
use crate::graph::Graph;

/// A store that could be opened.
pub(super) struct Opened {
    pub(super) graph: Graph,
    pub(super) database: Box<dyn Database>,
    pub(super) held: Held,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.database.undo();
        self.held.take_away(&mut *self.database);
    }
}

impl Task<'_> {
    /// Opens every store that a rule is about; what cannot be opened was not seen.
    pub(super) fn open(&self, rules: &Rules, report: &mut Report) -> BTreeMap<StoreId, Opened> {
        let mut opened = BTreeMap::new();
        for store in self.charter.content().data.values() {
            let concerned = rules.rules.iter().filter(|rule| rule.store == store.id);
            if concerned.clone().next().is_none() || !store.engine.has_tables() {
                continue;
            }
            match self.open_one(store) {
                Ok(one) => _ = opened.insert(store.id.clone(), one),
                Err(because) => concerned.for_each(|rule| report.not_seen(rule, &because)),
            }
        }
        report.refused = self.know_held(&mut opened).err();
        opened
    }

    fn open_one(&self, store: &Store) -> Result<Opened, String> {
        let mut database = self.stores.open(store)?;
        let schema = database.schema().map_err(|error| error.to_string())?;
        let graph = Graph::of(store, schema).map_err(|error| error.to_string())?;
        Ok(Opened {
            graph,
            database,
            held: Held::default(),
        })
    }

    /// Reads who is under hold now, and puts that down in every store.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub(super) fn know_held(&self, opened: &mut BTreeMap<StoreId, Opened>) -> Result<(), String> {
        let known = self.read_held(opened).and_then(|()| self.name_held(opened));
        known.map_err(|because| format!("who is under hold cannot be known: {because}"))?;
        for store in opened.values_mut() {
            store.held.put_down(&store.graph, &mut *store.database);
        }
        Ok(())
    }

    fn read_held(&self, opened: &mut BTreeMap<StoreId, Opened>) -> Result<(), String> {
        // Also where there is no store with tables: of objects they are asked one by one.
        self.holds.version()?;
        for store in opened.values_mut() {
            store.held.take_away(&mut *store.database);
            store.held = Held::read(&store.graph, &mut *store.database, self.holds)?;
        }
        Ok(())
    }

    /// Looks up by what else tables name those under hold, also in stores that no rule is about.
    fn name_held(&self, opened: &mut BTreeMap<StoreId, Opened>) -> Result<(), String> {
        let linking = holds::linking(opened.values().map(|store| &store.graph));
        if linking.is_empty() || !self.holds.are_any()? {
            return Ok(());
        }
        let mut others = Vec::new();
        for store in self.charter.content().data.values() {
            if !opened.contains_key(&store.id) && holds::tells(store, &linking) {
                let because = |because| format!("store `{}` tells by what they are known: {because}", store.id);
                let mut other = self.open_one(store).map_err(because)?;
                other.held = Held::read(&other.graph, &mut *other.database, self.holds)?;
                others.push(other);
            }
        }
        let mut all: Vec<&mut Opened> = opened.values_mut().chain(&mut others).collect();
        holds::name(&mut all, &linking).map_err(|error| error.to_string())
    }
}
