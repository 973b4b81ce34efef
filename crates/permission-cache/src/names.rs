use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};

use domain::{Project, ProjectKey, Repository, RepositoryPath};

use crate::paged::Paged;

/// Entries a shard has on average when the index is built.
const SHARD_LEN: usize = 4;
/// Average beyond which the index is built anew with more shards.
const SHARD_LEN_MAX: usize = 16;

/// Names to nodes, in the same version as the rights.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    projects: Index<Project>,
    repositories: Index<Repository>,
}

/// A hash table of immutable shards: one name added or removed copies one shard. The hash is keyed, so that nobody can
/// choose names that fall together.
#[derive(Debug, Clone)]
pub(crate) struct Index<N, S = RandomState> {
    hasher: S,
    shards: Paged<[Entry<N>]>,
    shards_mask: usize,
    len: usize,
}

/// One name, ascending by hash and id within its shard.
#[derive(Debug, Clone)]
struct Entry<N> {
    hash: u32,
    node: N,
}

/// Something found by its name.
pub(crate) trait Named: Clone {
    /// What it is called.
    type Name: Hash + Eq;
    /// Its name in this version.
    fn name(&self) -> &Self::Name;
    /// Its never-reused id.
    fn raw_id(&self) -> u32;
    /// Bytes its name takes on the heap.
    fn name_bytes(&self) -> usize;
}

impl Names {
    /// The project of this key.
    pub(crate) fn project(&self, key: &ProjectKey) -> Option<&Project> {
        self.projects.find(key)
    }

    /// The repository of this path.
    pub(crate) fn repository(&self, path: &RepositoryPath) -> Option<&Repository> {
        self.repositories.find(path)
    }

    /// Both indexes, to be changed.
    pub(crate) const fn parts_mut(&mut self) -> (&mut Index<Project>, &mut Index<Repository>) {
        (&mut self.projects, &mut self.repositories)
    }

    /// Every project and every repository, each ascending by id: what two equal snapshots agree on.
    pub(crate) fn nodes(&self) -> (Vec<&Project>, Vec<&Repository>) {
        (self.projects.nodes(), self.repositories.nodes())
    }

    /// Bytes of both indexes with the names in them.
    pub(crate) fn bytes(&self) -> usize {
        self.projects.bytes() + self.repositories.bytes()
    }
}

impl<N: Named, S: BuildHasher + Default> Index<N, S> {
    /// Indexes all of these.
    pub(crate) fn new(nodes: Vec<N>) -> Self {
        let shards = (nodes.len() / SHARD_LEN).next_power_of_two();
        let mut index = Self { shards_mask: shards - 1, len: nodes.len(), ..Self::default() };
        let mut keyed: Vec<(usize, u32, N)> = nodes
            .into_iter()
            .map(|node| {
                let (shard, hash) = index.place(node.name());
                (shard, hash, node)
            })
            .collect();
        keyed.sort_unstable_by_key(|(shard, hash, node)| (*shard, *hash, node.raw_id()));
        for group in keyed.chunk_by(|a, b| a.0 == b.0) {
            let Some((number, ..)) = group.first() else { continue };
            let entries = group.iter().map(|(_, hash, node)| Entry { hash: *hash, node: node.clone() });
            index.shards.set(*number, Some(entries.collect()));
        }
        index
    }

    /// The node of this name; of several, which no valid source has, the one with the lowest id.
    pub(crate) fn find(&self, name: &N::Name) -> Option<&N> {
        let (number, hash) = self.place(name);
        let shard = self.shards.page(number)?;
        let candidates = shard.iter().filter(|entry| entry.hash == hash);
        candidates.map(|entry| &entry.node).find(|node| node.name() == name)
    }

    /// Removes the node of this id under the name it had.
    pub(crate) fn remove(&mut self, name: &N::Name, id: u32) {
        self.edit(name, |entries, _| entries.retain(|entry| entry.node.raw_id() != id));
    }

    /// Adds a node under its name, in place of the same node under the same name.
    pub(crate) fn insert(&mut self, node: &N) {
        self.edit(node.name(), |entries, hash| {
            entries.retain(|entry| entry.node.raw_id() != node.raw_id());
            entries.push(Entry { hash, node: node.clone() });
        });
        if self.len / SHARD_LEN_MAX > self.shards_mask {
            *self = Self::new(self.nodes().into_iter().cloned().collect());
        }
    }

    fn edit(&mut self, name: &N::Name, change: impl FnOnce(&mut Vec<Entry<N>>, u32)) {
        let (number, hash) = self.place(name);
        let mut entries = self.shards.page(number).map(<[_]>::to_vec).unwrap_or_default();
        let before = entries.len();
        change(&mut entries, hash);
        self.len = self.len + entries.len() - before;
        entries.sort_unstable_by_key(|entry| (entry.hash, entry.node.raw_id()));
        self.shards.set(number, if entries.is_empty() { None } else { Some(entries.into()) });
    }

    fn nodes(&self) -> Vec<&N> {
        let mut all: Vec<&N> =
            self.shards.pages().flat_map(|(_, shard)| shard).map(|entry| &entry.node).collect();
        all.sort_unstable_by_key(|node| node.raw_id());
        all
    }

    fn place(&self, name: &N::Name) -> (usize, u32) {
        let hash = self.hasher.hash_one(name);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash")]
        ((hash >> 32) as usize & self.shards_mask, hash as u32)
    }

    fn bytes(&self) -> usize {
        let shards = self.shards.pages().map(|(_, shard)| {
            let names: usize = shard.iter().map(|entry| entry.node.name_bytes()).sum();
            ARC_BYTES + size_of_val(shard) + names
        });
        self.shards.bytes() + shards.sum::<usize>()
    }
}

impl<N, S: Default> Default for Index<N, S> {
    fn default() -> Self {
        Self { hasher: S::default(), shards: Paged::default(), shards_mask: 0, len: 0 }
    }
}

/// What an `Arc` keeps beside its value.
pub(crate) const ARC_BYTES: usize = 2 * size_of::<usize>();

impl Named for Project {
    type Name = ProjectKey;

    fn name(&self) -> &ProjectKey {
        self.key()
    }

    fn raw_id(&self) -> u32 {
        self.id().get()
    }

    fn name_bytes(&self) -> usize {
        ARC_BYTES + size_of::<ProjectKey>() + self.key().as_str().len()
    }
}

impl Named for Repository {
    type Name = RepositoryPath;

    fn name(&self) -> &RepositoryPath {
        self.path()
    }

    fn raw_id(&self) -> u32 {
        self.id().get()
    }

    fn name_bytes(&self) -> usize {
        let path = self.path();
        ARC_BYTES + size_of::<RepositoryPath>() + path.project.as_str().len() + path.repository.as_str().len()
    }
}
