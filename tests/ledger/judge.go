// A judge of published ledgers that shares no code with them: the transparency log packages of the Go project.
//
// It opens the checkpoint with the log's key and the witnesses' keys, reads tiles as `golang.org/x/mod/sumdb/tlog` does,
// makes proofs of its own from them, and checks proofs that were made elsewhere. Ends with 0 when everything holds.
//
//	judge -dir DIR -log KEY [-witness KEY]... [-inclusion FILE]... [-consistency FILE]...
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

// Tiles in a folder, by C2SP tlog-tiles: Go's own paths have the height of tiles in them.
type folder struct{ dir string }

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.dir, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// A witness, whose signature has the time before it and is over more than the text (C2SP tlog-cosignature).
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
	return ed25519.Verify(w.key, message, signature[8:])
}

func newWitness(text string) note.Verifier {
	parts := strings.SplitN(text, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 33 || key[0] != 4 {
		log.Fatal("not the key of a witness: ", text)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		log.Fatal("the hash does not fit the key: ", text)
	}
	return witness{parts[0], hash, key[1:]}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The tree that a checkpoint is about; every key must have signed it.
func open(text []byte, keys []note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(keys...))
	must(err)
	if len(opened.Sigs) != len(keys) {
		log.Fatalf("%d signatures, expected %d", len(opened.Sigs), len(keys))
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// Makes proofs from the tiles and checks them; returns how many.
func checkTiles(tree tlog.Tree, dir string) int {
	reader := tlog.TileHashReader(tree, folder{dir})
	count := 0
	for _, index := range places(tree.N) {
		hash, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		must(err)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, hash[0]))
		older, err := tlog.TreeHash(index+1, reader)
		must(err)
		consistency, err := tlog.ProveTree(tree.N, index+1, reader)
		must(err)
		must(tlog.CheckTree(consistency, tree.N, tree.Hash, index+1, older))
		checkEntry(dir, tree.N, index, hash[0])
		count++
	}
	return count
}

// The entry in its bundle has the hash that the tree has, where bundles are published.
func checkEntry(dir string, size, index int64, hash tlog.Hash) {
	bundle := index / 256
	width := size - bundle*256
	path := strings.TrimPrefix(tlog.Tile{H: 8, L: -1, N: bundle, W: 256}.Path(), "tile/8/data/")
	if width < 256 {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "tile/entries", path))
	if os.IsNotExist(err) {
		return
	}
	must(err)
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	must(err)
	rest, err := io.ReadAll(unpacked)
	must(err)
	for at := int64(0); ; at++ {
		length := binary.BigEndian.Uint16(rest)
		entry := rest[2 : 2+length]
		rest = rest[2+length:]
		if at == index%256 {
			if tlog.RecordHash(entry) != hash {
				log.Fatalf("entry %d has another hash", index)
			}
			return
		}
	}
}

// Both ends, the borders of tiles, and some between.
func places(size int64) []int64 {
	var all []int64
	for _, place := range []int64{0, 1, 255, 256, 257, 511, 65535, 65536, 65791, size / 3, size / 2, size - 2, size - 1} {
		if place >= 0 && place < size {
			all = append(all, place)
		}
	}
	return all
}

type inclusion struct {
	Checkpoint string
	Leaf       int64
	LeafHash   tlog.Hash `json:"leaf_hash"`
	Proof      []tlog.Hash
	Content    *string
}

type consistency struct {
	Checkpoint string
	From       struct {
		Size int64
		Root tlog.Hash
	}
	Proof []tlog.Hash
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	must(err)
	must(json.Unmarshal(text, into))
}

func main() {
	log.SetFlags(0)
	var witnesses, inclusions, consistencies list
	dir := flag.String("dir", "", "folder with `checkpoint` and `tile`")
	key := flag.String("log", "", "public key of the log")
	flag.Var(&witnesses, "witness", "public key of a witness that must have signed")
	flag.Var(&inclusions, "inclusion", "file with an inclusion proof")
	flag.Var(&consistencies, "consistency", "file with a consistency proof")
	flag.Parse()

	verifier, err := note.NewVerifier(*key)
	must(err)
	keys := []note.Verifier{verifier}
	for _, key := range witnesses {
		keys = append(keys, newWitness(key))
	}
	checkpoint, err := os.ReadFile(filepath.Join(*dir, "checkpoint"))
	must(err)
	tree := open(checkpoint, keys)
	fmt.Printf("tiles of %d entries: %d places hold\n", tree.N, checkTiles(tree, *dir))
	for _, path := range inclusions {
		var found inclusion
		read(path, &found)
		tree := open([]byte(found.Checkpoint), keys[:1])
		must(tlog.CheckRecord(found.Proof, tree.N, tree.Hash, found.Leaf, found.LeafHash))
		if found.Content != nil && tlog.RecordHash([]byte(*found.Content)) != found.LeafHash {
			log.Fatalf("entry %d has another hash", found.Leaf)
		}
		fmt.Printf("entry %d of %d holds\n", found.Leaf, tree.N)
	}
	for _, path := range consistencies {
		var found consistency
		read(path, &found)
		tree := open([]byte(found.Checkpoint), keys[:1])
		must(tlog.CheckTree(found.Proof, tree.N, tree.Hash, found.From.Size, found.From.Root))
		fmt.Printf("%d entries begin %d\n", found.From.Size, tree.N)
	}
}
