// SPDX-License-Identifier: Apache-2.0
//! One document under repair: its text as it is by now, and what is read from it.

use std::sync::Arc;

use writeway_manifest::{FileId, Inventory, ObjectRef, ParsedFile, Workload};
use writeway_yaml::{Document, Edit, Node, Path, Refusal, Span, Stream};

/// Which document of the inputs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId {
    /// The file.
    pub file: FileId,
    /// Index of the document in the file's stream.
    pub document: usize,
}

impl DraftId {
    /// The document in which an object stands.
    pub fn of(object: &ObjectRef) -> Self {
        Self {
            file: object.file,
            document: object.document,
        }
    }
}

/// A document under repair, by itself: places in it are those of its own text.
#[derive(Debug, Clone)]
pub struct Draft {
    id: DraftId,
    /// Where the document stood in its file.
    home: Span,
    stream: Arc<Stream>,
    workloads: Arc<[Workload]>,
}

impl Draft {
    /// A document of the inputs as it is. `None` when it does not stand alone.
    pub(crate) fn of(inventory: &Inventory, id: DraftId) -> Option<Self> {
        let stream = &inventory.file(id.file).stream;
        let document = stream
            .documents()
            .find(|document| document.index() == id.document)?;
        let home = document.text_range();
        let text = document.text();
        if text.len() == stream.text().len() {
            return Self::read(id, home, Arc::clone(stream));
        }
        Self::read(id, home, Stream::parse(text))
    }

    fn read(id: DraftId, home: Span, stream: impl Into<Arc<Stream>>) -> Option<Self> {
        let parsed = ParsedFile::from_stream("", stream);
        if parsed.stream.documents().count() != 1 {
            return None;
        }
        let workloads = parsed.workloads().iter().cloned().map(|mut workload| {
            workload.object.file = id.file;
            workload.object.document = id.document;
            workload
        });
        Some(Self {
            id,
            home,
            workloads: workloads.collect(),
            stream: parsed.stream,
        })
    }

    /// The draft after edits, made one after the other.
    ///
    /// # Errors
    /// Why one of them cannot be made.
    pub(crate) fn edited(&self, edits: &[Edit]) -> Result<Self, Refusal> {
        let edited = match self.document() {
            Some(document) => document.edit(edits)?,
            None => return Ok(self.clone()),
        };
        // What stood alone does so after an edit.
        Ok(Self::read(self.id, self.home, edited.stream).unwrap_or_else(|| self.clone()))
    }

    /// Which document it is.
    pub fn id(&self) -> DraftId {
        self.id
    }

    /// Where the document stood in its file.
    pub(crate) fn home(&self) -> Span {
        self.home
    }

    /// The document as it is by now.
    pub(crate) fn stream(&self) -> Arc<Stream> {
        Arc::clone(&self.stream)
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        self.stream.text()
    }

    fn document(&self) -> Option<Document<'_>> {
        self.stream.documents().next()
    }

    /// The pods in the document and what makes them, in the order of its text.
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// The way from the document's root to a value of the document, by its place.
    pub fn path_to(&self, span: Span) -> Option<Path> {
        self.document()?.path_to(span)
    }

    /// The value at the end of a way from the document's root.
    pub fn node(&self, path: &Path) -> Option<Node<'_>> {
        path.find(self.document()?.root())
    }

    /// The way from the document's root to an object, by its kind and name: the first, where several have them.
    pub(crate) fn object(&self, object: &ObjectRef) -> Option<Path> {
        find(self.document()?.root(), object, Path::default())
    }
}

/// Lists hold objects, and lists.
fn find(node: Node<'_>, object: &ObjectRef, path: Path) -> Option<Path> {
    let metadata = node.get("metadata");
    let text = |key| metadata.and_then(|metadata| metadata.get(key)?.text_value());
    let name = text("name").or_else(|| text("generateName")).unwrap_or_default();
    let kind = node.get("kind").and_then(Node::text_value).unwrap_or_default();
    let namespace = text("namespace").unwrap_or_default();
    if kind == object.kind
        && name == object.name
        && namespace == object.namespace.as_deref().unwrap_or_default()
    {
        return Some(path);
    }
    let items = node.get("items")?.items().enumerate();
    let list = path.join("items");
    items
        .take(u16::MAX.into())
        .find_map(|(index, item)| find(item, object, list.join(index)))
}
