// Check a proof file, an older head and the proof between both with Go's own packages for signed notes and logs
// (golang.org/x/mod/sumdb), as a stranger would: go run main.go LOG-KEY WITNESS-KEY PROOF OLDER CONSISTENCY
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bytesOf(encoded string) []byte {
	found, err := base64.StdEncoding.DecodeString(encoded)
	must(err)
	return found
}

func hashOf(encoded string) tlog.Hash {
	found, err := tlog.ParseHash(encoded)
	must(err)
	return found
}

func textOf(path string) string {
	found, err := os.ReadFile(path)
	must(err)
	return string(found)
}

// witness is a key of a witness, cosignature/v1, which the package does not know by itself.
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
	at := binary.BigEndian.Uint64(signature[:8])
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func witnessOf(line string) witness {
	parts := strings.SplitN(line, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	return witness{parts[0], uint32(hash), ed25519.PublicKey(bytesOf(parts[2])[1:])}
}

// headOf opens a signed note and reads the head that it states.
func headOf(text string, known note.Verifiers, signatures int) (int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), known)
	must(err)
	if len(opened.Sigs) != signatures {
		must(fmt.Errorf("%d good signatures, not %d", len(opened.Sigs), signatures))
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return size, hashOf(lines[2])
}

func main() {
	log, err := note.NewVerifier(os.Args[1])
	must(err)
	known := note.VerifierList(log, witnessOf(os.Args[2]))

	said, head, found := strings.Cut(textOf(os.Args[3]), "\n\n")
	lines := strings.Split(said, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		must(errors.New("no proof"))
	}
	size, root := headOf(head, known, 2)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err)
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		path = append(path, hashOf(line))
	}
	entry := bytesOf(strings.TrimPrefix(lines[1], "extra "))
	must(tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry)))

	older, olderRoot := headOf(textOf(os.Args[4]), known, 1)
	var between tlog.TreeProof
	for _, line := range strings.Fields(textOf(os.Args[5])) {
		between = append(between, hashOf(line))
	}
	must(tlog.CheckTree(between, size, root, older, olderRoot))
	fmt.Println("good")
}
