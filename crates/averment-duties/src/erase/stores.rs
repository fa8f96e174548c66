//! The stores of the data map, opened.

use averment_register::{Engine, Store};
use rustls::pki_types::CertificateDer;

use super::EraseError;
use crate::connect::{Database, open};
use crate::graph::Graph;
use crate::objects::{Files, Objects};

/// A store of the data map that can be reached.
pub struct Opened {
    /// What the data map says.
    pub store: Store,
    /// What it keeps.
    pub kept: Kept,
    /// Where it is, for the files that only this engine has; none for servers.
    pub path: Option<std::path::PathBuf>,
}

/// What a store keeps.
pub enum Kept {
    /// Tables.
    Tables {
        /// The connection.
        database: Box<dyn Database>,
        /// Its tables and the ways to people.
        graph: Box<Graph>,
    },
    /// Objects by their names.
    Objects(Box<dyn Objects>),
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.store.id)
    }
}

/// Opens a store. `address`: of the server, or the path of the file or folder. Stores that speak S3 are opened by the caller.
///
/// # Errors
/// [`EraseError`]: it cannot be reached, or is not what the data map says.
pub fn open_store(store: &Store, address: &str, trust: &[CertificateDer<'static>]) -> Result<Opened, EraseError> {
    let path = matches!(store.engine, Engine::Sqlite | Engine::Files).then(|| address.trim().into());
    let kept = match store.engine {
        Engine::Files => {
            let files = Files::open(address.trim().as_ref()).map_err(EraseError::objects(&store.id))?;
            Kept::Objects(Box::new(files))
        }
        engine => {
            let mut database = open(engine, address, trust).map_err(EraseError::database(&store.id))?;
            let schema = database.schema().map_err(EraseError::database(&store.id))?;
            let graph = Box::new(Graph::of(store, schema)?);
            Kept::Tables { database, graph }
        }
    };
    Ok(Opened {
        store: store.clone(),
        kept,
        path,
    })
}
