//! Sets of the catalog's data elements as bits, so that a set is asked in a few instructions.

use std::sync::LazyLock;

use averment_catalog::{ElementId, catalog};

/// Elements of the catalog, in its order; more of them need another word of bits, which the compiler says.
const WORDS: usize = 3;

/// A set of data elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct ElementSet([u64; WORDS]);

/// Every element of the catalog, sorted.
pub(crate) fn leaves() -> &'static [ElementId] {
    static LEAVES: LazyLock<Vec<ElementId>> = LazyLock::new(|| {
        let ids: Vec<ElementId> = catalog().elements().map(|row| row.id.clone()).collect();
        assert!(
            ids.len() <= WORDS * 64,
            "the catalog has more elements than a set has bits"
        );
        ids
    });
    &LEAVES
}

impl ElementSet {
    /// No element.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// Every element.
    pub fn all() -> Self {
        (0..leaves().len()).fold(Self::EMPTY, |set, bit| set | Self::bit(bit))
    }

    /// The elements that these names, elements or categories, cover.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a ElementId>) -> Self {
        names
            .into_iter()
            .fold(Self::EMPTY, |set, name| set | Self::covered_by(name))
    }

    /// The element, or every element of the category; empty for a name that the catalog does not know.
    pub fn covered_by(name: &ElementId) -> Self {
        if let Ok(bit) = leaves().binary_search(name) {
            return Self::bit(bit);
        }
        let covered = leaves().iter().enumerate().filter(|(_, leaf)| name.covers(leaf));
        covered.fold(Self::EMPTY, |set, (bit, _)| set | Self::bit(bit))
    }

    fn bit(bit: usize) -> Self {
        let mut words = [0; WORDS];
        words[bit / 64] = 1 << (bit % 64);
        Self(words)
    }

    /// Whether no element is in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Whether all of `other` is in it.
    pub fn contains(&self, other: &Self) -> bool {
        *other - *self == Self::EMPTY
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its elements, in the order of the catalog.
    pub fn iter(&self) -> impl Iterator<Item = &'static ElementId> + use<> {
        let set = *self;
        let bits = leaves().iter().enumerate();
        bits.filter(move |(bit, _)| set.0[bit / 64] >> (bit % 64) & 1 == 1)
            .map(|(_, id)| id)
    }

    /// Its elements in the shortest names: a category where all of it is in the set.
    pub fn names(&self) -> Vec<ElementId> {
        let mut names: Vec<ElementId> = self.iter().map(|leaf| self.shortest(leaf)).collect();
        names.dedup();
        names
    }

    fn shortest(&self, leaf: &ElementId) -> ElementId {
        let dots = leaf.as_str().match_indices('.');
        let mut above = dots.filter_map(|(dot, _)| ElementId::new(&leaf.as_str()[..dot]).ok());
        above
            .find(|category| self.contains(&Self::covered_by(category)))
            .unwrap_or_else(|| leaf.clone())
    }

    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|place| with(self.0[place], other.0[place])))
    }
}

impl std::ops::BitOr for ElementSet {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
}

impl std::ops::BitAnd for ElementSet {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
}

impl std::ops::Sub for ElementSet {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ElementId {
        ElementId::new(name).unwrap()
    }

    #[test]
    fn a_category_is_all_of_its_elements() {
        let contact = ElementSet::covered_by(&id("contact"));
        assert!(contact.len() > 2);
        assert!(contact.iter().all(|leaf| leaf.as_str().starts_with("contact.")));
        assert_eq!(contact.names(), [id("contact")]);
        let rest = contact - ElementSet::covered_by(&id("contact.email"));
        assert_eq!(rest.len(), contact.len() - 1);
        assert!(!rest.names().contains(&id("contact")));
    }

    #[test]
    fn leaves_are_sorted_and_all_of_them_fit() {
        assert!(leaves().is_sorted());
        assert_eq!(ElementSet::all().len(), catalog().elements().len());
        assert!(ElementSet::covered_by(&id("nothing.of.this")).is_empty());
    }
}
