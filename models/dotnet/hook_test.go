package dotnet

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write what a test compares with")

// hookSDK is the version that has built the committed hook: another compiler writes other
// bytes.
const hookSDK = "10.0.401"

// The startup hook that is committed is what its source says. After a change of the
// source: go test ./models/dotnet -run TestHookIsBuiltFromItsSource -update
func TestHookIsBuiltFromItsSource(t *testing.T) {
	t.Parallel()
	s, err := Find()
	if err != nil {
		t.Skip(err)
	}
	if s.Version != hookSDK {
		t.Skipf("the SDK here is %s, and the hook was built with %s", s.Version, hookSDK)
	}
	work := t.TempDir()
	sources, err := filepath.Glob("hook/*.cs*")
	if err != nil || len(sources) < 2 {
		t.Fatal(sources, err)
	}
	for _, name := range sources {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, filepath.Base(name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	none, out := filepath.Join(work, "none"), filepath.Join(work, "out")
	if err := os.Mkdir(none, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), work, "build", "-c", "Release", "-o", out, "--source", none, "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false"); err != nil {
		t.Fatal(err)
	}
	const committed = "hook/Ancm.Hook.dll"
	built, err := os.ReadFile(filepath.Join(out, "Ancm.Hook.dll"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(committed, built, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	is, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built, is) {
		t.Errorf("%s (%d bytes) is not what its source builds (%d bytes); Fix: run this test with -update", committed, len(is), len(built))
	}
}
