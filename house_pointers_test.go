package ancmbench_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pointer is the name of a document or a script as a comment has it.
var pointer = regexp.MustCompile(`\b[A-Za-z][\w/-]*\.(?:md|sh)\b`)

// written are documents that the program writes where it is run.
var written = map[string]bool{"gate.md": true, "s.md": true}

// The repository must be complete: a comment, a script or a document may name only
// documents that are in it.
func TestCommentsNameExistingFiles(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") && name != ".ci" || name == "testdata" || name == "results") {
				return filepath.SkipDir
			}
			return nil
		}
		for _, name := range pointersOf(t, path) {
			found++
			if !written[name] && !somewhere(filepath.Dir(path), name) {
				t.Errorf("%s speaks of %s, which is not in this repository", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("found %d pointers, so the pattern is broken", found)
	}
}

// pointersOf returns the pointers in the comments of a Go file, or in a whole text file.
func pointersOf(t *testing.T, path string) []string {
	switch filepath.Ext(path) {
	case ".go":
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return nil
		}
		return pointer.FindAllString(commentsOf(f), -1)
	case ".md", ".sh", ".yaml", ".yml", ".tmpl", ".css", ".js", ".cs", ".c", ".h":
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return nil
		}
		return pointer.FindAllString(string(text), -1)
	}
	return nil
}

func commentsOf(f *ast.File) string {
	var b strings.Builder
	for _, c := range f.Comments {
		b.WriteString(c.Text())
	}
	return b.String()
}

// somewhere looks where a reader would: from the root, beside the file, in docs.
func somewhere(dir, name string) bool {
	for _, at := range []string{".", dir, "docs", filepath.Dir(dir)} {
		if _, err := os.Stat(filepath.Join(at, filepath.FromSlash(name))); err == nil {
			return true
		}
	}
	return false
}
